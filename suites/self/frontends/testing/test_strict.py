"""A verdict that a test run is asked to fail at fails it, and the message says why."""

import pytest

pytest_plugins = ("pytester",)

TEST = """
from collections import Counter

from bnparity.results import Figures, Judgement

def test_loose(bn_accept):
    judgement = Judgement(name="numpy", interpreter="python", dialect="torch")
    verdicts = Counter(loose=3)
    judgement.totals.outputs["grad_bias"] = Figures(verdicts=verdicts, worst_ratio=303.0)
    bn_accept(judgement)
"""


@pytest.mark.parametrize(("options", "failed"), [((), 0), (("--bn-fail-on", "loose"), 1)])
def test_loose_fails_where_it_is_asked_to(
    options: tuple[str, ...], failed: int, pytester: pytest.Pytester
) -> None:
    """It is accepted otherwise; the failure names the output and its worst ratio."""
    pytester.makepyfile(TEST)
    result = pytester.runpytest_subprocess("-p", "bnparity.pytest_plugin", *options)
    assert result.parseoutcomes().get("failed", 0) == failed
    told = "*numpy is loose in grad_bias (worst ratio 303)"
    assert bool(failed) == any(told.strip("*") in line for line in result.outlines)
