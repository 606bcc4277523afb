"""The masks of cases: what each leaves in, and who is asked with which."""

from typing import Any, get_args

import numpy as np
import pytest
from bnparity.backends import Capabilities, UsageError
from bnparity.cases import case_from_json, declaration, in_words, mask_asked
from bnparity.cases.case import Case, Mask, Recipe
from bnparity.cases.inputs import make_inputs
from bnparity.sessions.askable import askable
from bnparity.sessions.plan import Plan

KINDS: tuple[Mask, ...] = get_args(Mask)[1:]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(4, 3, 5), (2, 1), (0, 2, 3), (1, 2)])
def test_mask_leaves_in_what_it_says(kind: Mask, shape: tuple[int, ...]) -> None:
    """It is for positions or for elements, and the same every time; the data are as without."""
    case, plain = Case(shape=shape, mask=kind), make_inputs(Case(shape=shape))
    inputs, again = make_inputs(case), make_inputs(case).mask
    mask, n = inputs.mask, case.values_per_channel
    assert mask is not None
    assert np.array_equal(mask, again)  # type: ignore[arg-type]  # it is there, as before
    assert mask.shape in (shape, (shape[0], 1, *shape[2:]))
    assert all(np.array_equal(a, vars(inputs)[k]) for k, a in vars(plain).items() if k != "mask")
    rows = np.moveaxis(np.broadcast_to(mask, shape), 1, 0).reshape(shape[1], -1)
    counts = rows.sum(axis=1)
    if kind == "empty_channel":
        assert counts[0] == 0
        counts = counts[1:]
    exact = {"all": n, "one": min(n, 1), "nothing": 0}
    assert all(count == exact[kind] if kind in exact else count >= min(n, 2) for count in counts)


@pytest.mark.parametrize("kind", ["none", *KINDS])
def test_mask_goes_through_json(kind: Mask) -> None:
    """A case without one says nothing of it, as before there were any."""
    case = Case(mask=kind)
    assert case_from_json(case.to_json()) == case
    assert ("mask" in case.to_json()) is (kind != "none")
    assert ("a mask" in in_words(case, declaration("torch"))) is (kind != "none")


def test_unknown_mask_is_refused() -> None:
    """The message has those that there are."""
    with pytest.raises(UsageError, match="mask of a case is 'half': give one of none, positions"):
        case_from_json({"mask": "half"})


@pytest.mark.parametrize(
    ("taken", "least", "asked"),
    [
        ("", 0, set()),
        ("positions", 2, {"positions", "all"}),
        ("positions", 0, {"positions", "all", "one", "nothing"}),
        ("elements", 2, {"positions", "elements", "all"}),
        ("elements", 0, set(KINDS)),
    ],
)
def test_who_takes_masks_is_asked_with_some(taken: str, least: int, asked: set[str]) -> None:
    """Most cases have none, and none leaves fewer values than are asked for."""
    masks = [mask_asked(Case(recipe=Recipe(seed=s)), taken, least) for s in range(0, 2**13, 16)]
    assert set(masks) == {"none", *asked}
    assert masks.count("none") > len(masks) // 2


def test_exact_data_stay_whole() -> None:
    """Sums of a part of them would be rounded."""
    whole = (Case(recipe=Recipe(seed=s, values="exact")) for s in range(0, 2**13, 16))
    assert {mask_asked(case, "elements", 0) for case in whole} == {"none"}


def test_cases_are_those_of_everybody_but_for_their_masks() -> None:
    """Who takes no mask is asked what it was asked before, and who does the same with masks."""

    def first(**capabilities: Any) -> list[dict[str, Any]]:
        space = askable(declaration("torch"), Capabilities(**capabilities), Plan())
        drawn = (case.to_json() for _, case in space.drawn(0))
        return [case for case, _ in zip(drawn, range(200), strict=False)]

    without, masked = first(), first(takes_mask="elements")
    assert all("mask" not in case for case in without)
    assert sum("mask" in case for case in masked) > 10
    assert [{k: v for k, v in case.items() if k != "mask"} for case in masked] == without
