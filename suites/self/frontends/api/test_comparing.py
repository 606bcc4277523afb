"""Two backends against each other."""

import bnparity
import judgeable
from bnparity.layers.backends import MINDSPORE_API


def test_a_backend_is_as_itself() -> None:
    """No convention and no accuracy parts it from itself."""
    found = bnparity.compare(judgeable.right, judgeable.right, examples=60)
    assert (found.status, found.conventions, found.accuracy) == ("same", (), ())


def test_a_convention_parts_two() -> None:
    """It is named, with the value of either."""
    found = bnparity.compare(judgeable.right, judgeable.other_way_round, examples=60)
    assert found.status == "convention"
    assert [(c.of, c.a, c.b) for c in found.conventions] == [("momentum", "new", "old")]
    assert "convention momentum: new in" in found.explain()


def test_declared_conventions_part_two_that_keep_them() -> None:
    """Both are right by their own dialects, and what these say differs."""
    found = bnparity.compare(judgeable.right, MINDSPORE_API, examples=60)
    assert "momentum" in {c.of for c in found.conventions}
    assert (found.a.status, found.b.status) == ("pass", "pass")


def test_accuracy_parts_two() -> None:
    """Where one computes the same less accurately, the output and both ratios are told."""
    found = bnparity.compare(judgeable.right, judgeable.one_pass, examples=80)
    assert {difference.of for difference in found.accuracy} == {"running_var"}
    assert "accuracy of running_var" in found.explain()
