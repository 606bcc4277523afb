"""One arithmetic is told of all outputs that are coarse, of what is left of them as well."""

from bnparity.backends.call import in_process
from bnparity.cases.case import Case, Recipe
from bnparity.cases.dialects import declaration
from bnparity.diagnosis.accuracy import Bearing
from bnparity.diagnosis.arithmetic import put_down_to_arithmetic
from bnparity.diagnosis.evidence import Rejudging
from bnparity.diagnosis.rules import Lists, Rule, Told
from bnparity.judging.case_result import CaseResult, run_case
from planted.catalogue import planted
from planted.fault import grafted

TORCH = declaration("torch").dialect
CASES = [Case(shape=(n, 3), recipe=Recipe(seed=n)) for n in (5, 6, 7, 9)]
COARSE = Rule(changes=(("arithmetic", "bfloat16"),))
#: Its output has 8 bits, and its gradient was computed with 11.
ODD = grafted(
    planted("bfloat16-output").make(), planted("arithmetic=tfloat32").make(), "grad_input"
)


def put(case: Case) -> CaseResult:
    """Return what the kernel makes of a case."""
    return run_case(in_process(ODD), case, TORCH)


def test_rest_of_one_output_takes_no_name_from_the_others() -> None:
    """A finer format that fits what is left of a gradient does not fit the output."""
    seen = [put(case) for case in CASES]
    told = {o: Told(rule=COARSE, failures=tuple(seen[:3])) for o in ("output", "grad_input")}
    left = {"output": list[CaseResult](), "grad_input": seen[3:]}
    lists = Lists(told={output: [part] for output, part in told.items()}, left=left)
    bearing = Bearing(put=put, rejudging=Rejudging(dialect=TORCH), like=CASES)
    assert put_down_to_arithmetic(lists, seen, bearing, Lists()).rules() == [COARSE]


def test_what_has_been_established_is_kept_where_no_time_is_left() -> None:
    """It accounts for what was seen since, and nobody has to be asked for that."""
    seen = [put(case) for case in CASES]
    before = Lists(
        told={"output": [Told(rule=COARSE, failures=tuple(seen[:2]))]}, left={"output": []}
    )
    now = Lists(told={"output": []}, left={"output": seen})
    rejudging = Rejudging(dialect=TORCH, most_effort=-1.0)
    found = put_down_to_arithmetic(
        now, seen, Bearing(put=put, rejudging=rejudging, like=CASES), before
    )
    assert (found.rules(), found.left["output"]) == ([COARSE], [])


def test_what_has_been_established_is_not_kept_where_it_is_denied() -> None:
    """A finer format than the cause accounts for less than most."""
    seen = [put(case) for case in CASES]
    fine = Rule(changes=(("arithmetic", "float32"),))
    before = Lists(
        told={"output": [Told(rule=fine, failures=tuple(seen[:2]))]}, left={"output": []}
    )
    now = Lists(told={"output": []}, left={"output": seen})
    rejudging = Rejudging(dialect=TORCH, most_effort=-1.0)
    bearing = Bearing(put=put, rejudging=rejudging, like=CASES)
    assert put_down_to_arithmetic(now, seen, bearing, before).rules() == []
