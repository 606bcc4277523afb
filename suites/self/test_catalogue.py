"""Every planted fault is found, and gets its name and no other; a table shows what it took."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from bnparity.backends.call import in_process
from bnparity.results.findings import Finding
from hunting.evaluations import Hunt, hunted
from hunting.share import Share
from planted.catalogue import CATALOGUE, NAMED, Fault
from planted.fault import VALUES

Keep = Callable[[str, dict[str, Any]], None]

NAMELESS = tuple(fault for fault in CATALOGUE if not fault.codes)


def each(faults: Iterable[Fault]) -> pytest.MarkDecorator:
    """Return a decorator that runs a test on each fault."""
    return pytest.mark.parametrize("fault", [pytest.param(f, id=f.name) for f in faults])


#: Enough to look for a name of one change; for one of several a soak looks.
GLANCE = 1000.0


def hunt_for(
    fault: Fault, seed: int, examples: int, **effort: float
) -> tuple[Hunt, tuple[Finding, ...]]:
    """Hunt for `fault` in a kernel in this process."""
    return hunted(
        fault.name,
        in_process(fault.make()),
        seed=seed,
        examples=examples,
        dtypes=fault.dtypes,
        ranks=fault.ranks,
        **effort,
    )


@each(NAMED)
def test_fault_with_a_name_gets_it_and_no_other(
    fault: Fault, hunting_seed: int, share: Share, keep: Keep
) -> None:
    """Every finding of a value says what the kernel does instead, and nothing else."""
    hunt, findings = hunt_for(fault, hunting_seed, share.told)
    keep("hunt", hunt.to_json())
    assert {finding.kind for finding in findings} <= fault.kinds, findings
    assert {code for finding in findings for code in finding.codes} == fault.codes, findings
    assert all(finding.codes for finding in findings if finding.kind != "error"), findings


@each(NAMELESS)
def test_fault_without_a_name_is_found(
    fault: Fault, hunting_seed: int, share: Share, keep: Keep
) -> None:
    """It is a finding of the kind that it should be, with the smallest case of a wrong value.

    A value is called wrong where the fault is one of values, and nowhere else.
    """
    hunt, findings = hunt_for(fault, hunting_seed, share.nameless, effort=GLANCE)
    keep("hunt", hunt.to_json())
    kinds = {finding.kind for finding in findings}
    assert fault.kinds & kinds, findings
    assert kinds & set(VALUES) <= fault.kinds, findings
    assert all(finding.case for finding in findings if finding.kind in VALUES), findings


@pytest.mark.soak
@each(NAMELESS)
def test_fault_without_a_name_gets_none(fault: Fault, hunting_seed: int, share: Share) -> None:
    """What no convention explains is put down to none, once enough has been seen of it."""
    _, findings = hunt_for(fault, hunting_seed, share.told)
    assert {code for finding in findings for code in finding.codes} <= fault.of_some, findings
