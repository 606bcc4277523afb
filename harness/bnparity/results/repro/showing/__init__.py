"""``show.py``: a finding in a few lines that call the framework or the function in plain sight."""

import textwrap
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from bnparity.results.findings import Finding
from bnparity.results.repro.accused import Accused
from bnparity.results.repro.readme import one_line
from bnparity.results.repro.showing.shown import Shown
from bnparity.results.repro.showing.with_function import lines_of_function
from bnparity.results.repro.showing.with_mindspore import lines_of_mindspore
from bnparity.results.repro.showing.with_torch import lines_of_torch

#: What writes the lines about a framework's layers; all others are functions to import.
_OF_LAYERS: Mapping[str, Callable[[Shown], Iterator[str]]] = MappingProxyType(
    {"torch": lines_of_torch, "torch-cuda": lines_of_torch, "mindspore": lines_of_mindspore}
)


def show(finding: Finding, accused: Accused) -> str:
    """Return the text of the script about `finding`; what it says of it is a comment."""
    assert finding.case_result is not None, finding
    shown = Shown(case_result=finding.case_result, check=finding.check, accused=accused)
    about = textwrap.wrap(one_line(finding.text), 96, break_on_hyphens=False)
    of_layers = _OF_LAYERS.get(accused.name.framework, lines_of_function)
    lines = (lines_of_function if accused.adapted else of_layers)(shown)
    return "\n".join([*(f"# {line}" for line in about), *lines]) + "\n"
