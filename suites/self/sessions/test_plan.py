"""What a plan asks of a backend, and what it says that it does not ask."""

from bnparity.backends.open import Capabilities
from bnparity.sessions.plan import Plan

TWO = Capabilities(dtypes=("float32", "float16"))


def test_every_declared_format_is_asked() -> None:
    """Nobody has to name them."""
    assert Plan().dtypes_of(TWO) == ("float32", "float16")
    assert Plan(dtypes=("float16", "float64")).dtypes_of(TWO) == ("float16",)


def test_what_is_not_asked_is_told_with_the_reason() -> None:
    """A format that was left out, one that is not declared, and momentum None."""
    assert Plan(dtypes=("float32",)).not_asked(TWO) == {
        "float16": "--dtype leaves it out",
        "float64, bfloat16": "it takes float32, float16",
        "momentum=None": "it does not say momentum_none = True",
    }


def test_nothing_is_told_of_who_is_asked_everything() -> None:
    """A dialect that refuses momentum None is not asked for it either."""
    formats = ("float32", "float64", "float16", "bfloat16")
    assert Plan().not_asked(Capabilities(dtypes=formats, momentum_none=True)) == {}
    assert Plan().not_asked(Capabilities(dtypes=formats, dialect="mindspore")) == {}
