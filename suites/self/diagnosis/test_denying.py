"""What denies a coarse arithmetic is asked last, and only of what ordinary cases let stand."""

from itertools import groupby
from typing import Any

import numpy as np
from bnparity.backends.call import in_process
from bnparity.cases.case import Case, Recipe
from bnparity.cases.dialects import declaration
from bnparity.diagnosis.accuracy import Bearing
from bnparity.diagnosis.arithmetic import put_down_to_arithmetic
from bnparity.diagnosis.evidence import Rejudging
from bnparity.diagnosis.rules import Lists
from bnparity.judging.case_result import CaseResult, run_case
from planted.catalogue import planted
from planted.kernel import Kernel, kernel

TORCH = declaration("torch").dialect
CASES = [Case(shape=(n, 3), recipe=Recipe(seed=n)) for n in (5, 6, 7)]


def asked_of(backend: Kernel, cases: list[Case]) -> list[Case]:
    """Return what is asked of `backend` to put what it fails of `cases` down to an arithmetic."""
    asked: list[Case] = []

    def put(case: Case) -> CaseResult:
        asked.append(case)
        return run_case(in_process(backend), case, TORCH)

    seen = [run_case(in_process(backend), case, TORCH) for case in cases]
    bearing = Bearing(put=put, rejudging=Rejudging(dialect=TORCH), like=cases)
    put_down_to_arithmetic(lists_of(seen), seen, bearing, Lists())
    return asked


def lists_of(seen: list[CaseResult]) -> Lists:
    """Return lists that tell nothing of what failed."""
    failing = {output for e in seen for output in e.failed}
    left = {output: [e for e in seen if output in e.failed] for output in failing}
    return Lists(told={output: [] for output in failing}, left=left)


def kinds_of(asked: list[Case]) -> list[str]:
    """Return what kinds of cases were asked, in turn."""

    def kind(case: Case) -> str:
        many = "many" if case.values_per_channel >= 1024 else "plain"
        return "exact" if case.recipe.values == "exact" else many

    return [kind for kind, _ in groupby(asked, key=kind)]


def test_what_is_cheap_is_asked_first() -> None:
    """Time may end at any question: what few answers decide comes before what takes many."""
    kinds = kinds_of(asked_of(planted("arithmetic=float16").make(), CASES))
    assert kinds[0] == "plain"
    assert kinds[-2:] == ["many", "exact"]
    assert (kinds.count("many"), kinds.count("exact")) == (1, 1)


def test_what_fits_no_arithmetic_is_not_asked_for_more() -> None:
    """Of many values, and of numbers of few bits, nobody is asked whom ordinary cases refute."""

    def far_off(*args: Any, **kwargs: Any) -> Any:
        results = kernel()(*args, **kwargs)
        up = results["output"].view(np.uint32) & 64 != 0
        results["output"] *= np.where(up, np.float32(1 + 2.0**-5), np.float32(1 - 2.0**-5))
        return results

    assert kinds_of(asked_of(far_off, CASES)) == ["plain"]


def test_formats_that_a_rule_leaves_alone_are_not_asked_to_deny_it() -> None:
    """Of who computes in the format of the data, float32 data tell nothing."""
    cases = [
        Case(shape=(5, 3), dtype=dtype, param_dtype="float32", recipe=Recipe(seed=seed))
        for dtype in ("float32", "float16", "bfloat16")
        for seed in range(3)
    ]
    asked = asked_of(planted("arithmetic=data").make(), cases)
    dear = [case for case in asked if kinds_of([case]) != ["plain"]]
    assert {case.dtype for case in dear} == {"float16", "bfloat16"}


def test_each_case_is_asked_once() -> None:
    """Most conditions are met by the same cases, which say no more when they are asked again."""
    asked = asked_of(planted("bfloat16-output").make(), CASES)
    assert len(asked) == len(set(asked))
