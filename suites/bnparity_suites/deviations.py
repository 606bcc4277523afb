"""Deviations of frameworks that are known, each with what has to hold for a finding to be one."""

from dataclasses import replace

from bnparity.backends import Name, Opened
from bnparity.cases import declaration
from bnparity.judging import run_case
from bnparity.results import Finding, Judgement

GRADIENTS = ("grad_input", "grad_weight", "grad_bias")

#: `test_known` shows it in its smallest cases.
MISREADS_GRADIENTS = (
    "torch takes an image whose strides are ambiguous for channels-last, and reads gradients in "
    "the order of the data"
)


def known_deviation(name: Name, backend: Opened, judgement: Judgement) -> str:
    """Return what explains every finding of a judgement; nothing if one of them is news."""
    known = name.base == "torch" and all(
        _misreads_gradients(backend, finding) for finding in judgement.findings
    )
    return MISREADS_GRADIENTS if known else ""


def _misreads_gradients(backend: Opened, finding: Finding) -> bool:
    """Return whether only gradients of a batch of one are wrong, and right in plain memory."""
    case = finding.case
    if case is None or case.shape[0] != 1 or not set(finding.outputs) <= set(GRADIENTS):
        return False
    assert backend.ask is not None
    plain = replace(case, layout="contiguous", grad_layout="contiguous")
    dialect = declaration(backend.capabilities.dialect).dialect
    return not run_case(backend.ask, plain, dialect).failed
