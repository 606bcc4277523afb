"""Cases in groups of one program."""

from bnparity.cases.groups import GROUP, in_groups


def test_group_shares_what_is_compiled_and_nothing_else() -> None:
    """Each group has one choice of what is shared, and as many of the rest as there are draws."""
    draws = [(number, number) for number in range(2 * GROUP)]
    grouped = list(in_groups(draws, shared=[0], turns={}))
    assert [shape for shape, _ in grouped] == [0] * GROUP + [GROUP] * GROUP
    assert [data for _, data in grouped] == list(range(2 * GROUP))


def test_each_choice_has_its_turn() -> None:
    """No mode is left out of as many groups as there are."""
    draws = [(5, number) for number in range(4 * GROUP)]
    grouped = list(in_groups(draws, shared=[0], turns={0: 3}))
    assert [place for place, _ in grouped[::GROUP]] == [0, 1, 2, 0]
