"""A kernel that does what a framework documents follows that dialect, and differs from others."""

import math
from itertools import product

import pytest
from bnparity.backends.call import in_process
from bnparity.cases.dialects import declaration
from bnparity.results.findings import Finding
from bnparity.sessions.findings import findings_of
from bnparity_reference.dialect import OF_MASKS, OF_STATISTICS_GRADIENTS
from hunting.evaluations import evaluation_of
from ported.kernel import PORTS, ported

#: What a kernel that provides no gradients promises.
FORWARD = ("output", "running_mean", "running_var")
#: Conventions of calls of which not every dialect has any, or of arguments that no port takes.
OF_RARE = {*OF_MASKS, *OF_STATISTICS_GRADIENTS}
SELDOM = {"momentum_none", "empty_batch", "single_value", *OF_RARE}
#: A function without a counter takes each batch for the first, of which these all say the share.
ALWAYS_FIRST = {"equinox", "haiku"}
OF_SHARE = {"momentum", "momentum_value", "running_average"}


def found(name: str, dialect: str, *, examples: int = 150, dtype: str = "float32") -> list[Finding]:
    """Return what is wrong with the port of a framework, held to a dialect."""
    drawn = {"momentum_none": False, "dtypes": (dtype,), "min_values": 0}
    evaluation = evaluation_of(in_process(ported(PORTS[name])), dialect=dialect, **drawn)
    evaluation.run(seed=1, examples=examples, deadline=math.inf, report=lambda: None)
    return [f for f in findings_of(evaluation, FORWARD) if f.kind in ("semantics", "accuracy")]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", PORTS)
def test_port_follows_its_own_dialect(name: str, dtype: str) -> None:
    """What is documented is what the table says: nothing deviates."""
    assert found(name, name, dtype=dtype) == []


def differing(name: str, dialect: str) -> set[str]:
    """Return the conventions in which two dialects differ, but for those that are seldom met."""
    one, other = (declaration(text).dialect for text in (name, dialect))
    found = {field for field in vars(one) if getattr(one, field) != getattr(other, field)}
    if one.momentum_value is not None:
        found.discard("momentum")  # a constant share of the batch is one in either meaning
    return _told(name, dialect, found)


def named(name: str, dialect: str, examples: int) -> set[str]:
    """Return the conventions that a port of a framework is told to mistake in a dialect."""
    findings = found(name, dialect, examples=examples, dtype="float64")
    fields = {code.partition("=")[0] for finding in findings for code in finding.codes}
    return _told(name, dialect, fields)


def _told(name: str, dialect: str, fields: set[str]) -> set[str]:
    """Return the conventions that always show, those that say the share of a first batch as one."""
    fields = fields - SELDOM
    if "equinox" in (name, dialect):
        fields.discard("train_statistics")  # a first update is the batch, unless there is infinity
    of_share = fields & OF_SHARE
    return fields - of_share | {"share"} if name in ALWAYS_FIRST and of_share else fields


@pytest.mark.parametrize("name", [name for name in PORTS if name != "torch"])
def test_port_differs_from_torch_in_what_the_table_says(name: str) -> None:
    """Held to PyTorch's dialect it is told every convention that differs, and no other."""
    assert named(name, "torch", 200) == differing(name, "torch")


@pytest.mark.soak
@pytest.mark.parametrize(("name", "dialect"), [p for p in product(PORTS, PORTS) if p[0] != p[1]])
def test_port_differs_from_every_other_framework(name: str, dialect: str) -> None:
    """The whole matrix: whatever differs is named, and no other."""
    assert named(name, dialect, 300) == differing(name, dialect)
