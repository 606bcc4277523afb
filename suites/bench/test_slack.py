"""How small an error is found, by size: the table, and that it does not grow with n."""

import pytest
from bench.slack import SIZES, Slack, case_of, slacks, table

#: The largest change that may escape where every sum is exact, in u.
MOST = 30.0


@pytest.fixture(scope="module")
def found(shown: dict[str, list[str]]) -> dict[str, dict[int, tuple[Slack, ...]]]:
    """Return the slack of each output by data and size; the table is made from the same."""
    rows = {
        values: {n: tuple(slacks(case_of(n, values))) for n in SIZES}
        for values in ("exact", "normal")
    }
    shown["slack"] = list(table(rows))
    return rows


@pytest.mark.parametrize("n", SIZES)
def test_exact_data_leave_no_slack(found: dict[str, dict[int, tuple[Slack, ...]]], n: int) -> None:
    """Wherever sums are exact, a change by a few units in the last place is found, at any size."""
    assert {slack.output: slack.ours for slack in found["exact"][n] if slack.ours > MOST} == {}
