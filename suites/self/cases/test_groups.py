"""Cases in groups of one program."""

from bnparity.cases.groups import GROUP, in_groups


def test_group_shares_what_is_compiled_and_nothing_else() -> None:
    """Each group has one choice of what is shared, and as many of the rest as there are draws."""
    draws = [(number, number) for number in range(2 * GROUP)]
    grouped = list(in_groups(draws, shared=[0]))
    assert [shape for shape, _ in grouped] == [0] * GROUP + [GROUP] * GROUP
    assert [data for _, data in grouped] == list(range(2 * GROUP))
