"""Dialects as they are stated: names, conventions, both; and what is wrong with them, told."""

from dataclasses import replace

import pytest
from bnparity.backends import UsageError
from bnparity.backends.load import capabilities
from bnparity.cases.dialects import declaration, dialect_text, value_text
from bnparity.cases.frameworks import FRAMEWORKS
from bnparity_reference import CONVENTIONS, Dialect

TORCH = FRAMEWORKS["torch"]


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_name_states_its_framework(name: str) -> None:
    """A name alone is the row of the table."""
    assert declaration(name) is FRAMEWORKS[name]


def test_conventions_change_their_base() -> None:
    """What is stated counts, the rest is the base's, and the defaults follow the momentum."""
    stated = declaration("torch,running_variance=biased,momentum=old")
    wanted = replace(TORCH.dialect, running_variance="biased", momentum="old")
    assert (stated.dialect, stated.default_momentum) == (wanted, 0.9)
    assert stated.modes == TORCH.modes


def test_conventions_alone_change_the_default_dialect() -> None:
    """Without a name the base is PyTorch, whose dialect is the default one."""
    assert declaration("eps_value=1e-6").dialect == Dialect(eps_value=1e-6)


def test_defaults_of_layers_can_be_stated() -> None:
    """They are what cases shrink to."""
    stated = declaration("keras,default_eps=0.5,default_momentum=0.25")
    assert (stated.default_eps, stated.default_momentum) == (0.5, 0.25)


@pytest.mark.parametrize(
    ("field", "value"),
    [(field, value) for field, values in CONVENTIONS.items() for value in values],
)
def test_every_convention_can_be_stated(field: str, value: str | float) -> None:
    """What a diagnosis may say of a backend can be declared of it."""
    assert getattr(declaration(f"torch,{field}={value_text(value)}").dialect, field) == value


def test_text_of_changes_states_them() -> None:
    """The text that is printed for a measured dialect reads back as it."""
    text = dialect_text("torch,momentum=old", {"eps_value": 1e-6, "momentum": "new"})
    assert declaration(text).dialect == Dialect(eps_value=1e-6)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("kears", "'kears' is not a dialect .*did you mean keras"),
        ("torch,running_varianc=biased", "did you mean running_variance"),
        ("torch,running_variance=baised", "choose from unbiased, biased .did you mean biased"),
        ("torch,eps_value=-1", "eps_value=-1 is not a value of this convention: .* number from 0"),
        ("torch,eps_value=small", "number from 0"),
        ("torch,momentum", "write FIELD=VALUE"),
        ("torch,momentum=old,momentum=new", "states momentum twice"),
        ("torch,momentum_value=0.1,momentum_none=refused", "momentum_value leaves momentum_none"),
        ("torch,eps_value=1e-6,eps=ignored", "eps_value leaves eps nothing to say"),
        ("", "'' is not a dialect"),
    ],
)
def test_wrong_words_are_told_in_a_line(text: str, words: str) -> None:
    """The message shows the word and what there is instead."""
    with pytest.raises(UsageError, match=words) as raised:
        declaration(text)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("stated", "text"),
    [
        ("keras", "keras"),
        (
            {"base": "torch", "momentum": "old", "eps_value": 1e-6},
            "torch,momentum=old,eps_value=1e-06",
        ),
        ({"running_variance": "biased"}, "torch,running_variance=biased"),
        (Dialect(), "torch"),
        (Dialect(momentum="old"), "torch,momentum=old"),
    ],
)
def test_backend_states_its_dialect_in_any_form(stated: object, text: str) -> None:
    """A name, a mapping or a record: all of them become the one text."""

    def batch_norm() -> None: ...

    batch_norm.__dict__["dialect"] = stated
    assert capabilities(batch_norm)["dialect"] == text


def test_what_states_no_dialect_is_refused() -> None:
    """The line shows what was given and what can be."""

    def batch_norm() -> None: ...

    batch_norm.__dict__["dialect"] = 5
    with pytest.raises(UsageError, match="the attribute dialect is 5: give a name"):
        capabilities(batch_norm)
