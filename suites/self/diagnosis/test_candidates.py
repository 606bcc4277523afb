"""What a backend may do instead: a change, what was declared not to count, a whole framework."""

from bnparity.cases.dialects import declaration
from bnparity.diagnosis.candidates import of_frameworks, values_of
from bnparity.diagnosis.readings import Readings

TORCH = declaration("torch").dialect


def test_what_a_framework_does_otherwise_is_one_question() -> None:
    """It has the changes that show in the output, and no single ones."""
    found = of_frameworks(TORCH, "running_var")
    keras = {"momentum": "old", "running_variance": "biased", "empty_batch": "computed"}
    assert any(dict(changes) == {**keras, "single_value": "computed"} for changes in found)
    assert min(map(len, found)) > 1


def test_constant_momentum_of_a_framework_is_told_in_the_meaning_that_is_declared() -> None:
    """0.01 of the batch is 0.99 of the old, and no other meaning has to be told."""
    found = of_frameworks(declaration("paddle").dialect, "running_mean")
    assert any(("momentum_value", 0.99) in changes for changes in found)
    assert not any({"momentum_value", "momentum"} <= dict(changes).keys() for changes in found)


def test_constant_that_is_declared_may_not_be_one() -> None:
    """That what is asked counts is worth a try, and nothing solves for that."""
    assert None in values_of("eps_value", (), Readings(dialect=declaration("darknet").dialect))
