"""Names of backends, right and wrong."""

from pathlib import Path
from typing import Any

import pytest
from bnparity.backends.errors import UsageError
from bnparity.backends.load import capabilities, load_target
from bnparity.backends.names import listed, parse


def test_listing_imports_nothing() -> None:
    """The names of all backends are known without their frameworks."""
    kernels, layers = {"numpy", "numba", "triton"}, {"torch_api", "mindspore_api"}
    assert set(listed()) >= kernels | layers | {"torch", "torch-cuda", "mindspore"}


def test_variant_stands_in_brackets() -> None:
    """The base of a name is what shares an interpreter."""
    name = parse("torch[channels_last]")
    assert (name.base, name.variant) == ("torch", "channels_last")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("torhc", "did you mean torch"),
        ("nowhere/kernel.py:batch_norm", "no file 'nowhere/kernel.py'"),
        ("kernel.py", "there is no file 'kernel.py'"),
        (":f", "file.py:function"),
        ("module:", "file.py:function"),
        ("", "not a backend"),
        ("torch[", "not a backend"),
    ],
)
def test_wrong_name_is_a_mistake(text: str, said: str) -> None:
    """The message names the value and the remedy."""
    with pytest.raises(UsageError, match=said):
        parse(text)


@pytest.mark.parametrize(
    ("source", "attribute", "said"),
    [
        ("batch_norm = 3", "batch_norm", "of type int"),
        ("def batchnorm(): ...", "batch_norm", "did you mean batchnorm"),
        ("import nowhere_to_be_found", "f", "No module named 'nowhere_to_be_found'"),
        ("def f(:", "f", "SyntaxError"),
    ],
)
def test_file_without_the_function_is_a_mistake(
    tmp_path: Path, source: str, attribute: str, said: str
) -> None:
    """What is wrong with the file is said in one line."""
    path = tmp_path / "kernel.py"
    path.write_text(source)
    with pytest.raises(UsageError, match=said) as error:
        load_target(f"{path}:{attribute}")
    assert "\n" not in str(error.value)


def test_accumulation_is_one_of_the_grades() -> None:
    """The message names the value and the choices; without the attribute nothing is promised."""

    def backend() -> dict[str, Any]:
        return {}

    assert capabilities(backend)["accumulation"] is None
    backend.__dict__["accumulation"] = "pairwise"
    assert capabilities(backend)["accumulation"] == "pairwise"
    backend.__dict__["accumulation"] = "kahan"
    with pytest.raises(UsageError, match="'kahan': choose from wide, pairwise, serial"):
        capabilities(backend)


def test_unknown_variant_is_a_mistake() -> None:
    """The message lists the variants there are."""
    with pytest.raises(UsageError, match="it has channels_last, compile"):
        load_target("bnparity.backends.torch:BACKEND", "channels_lost")


def test_file_may_import_its_neighbours(tmp_path: Path) -> None:
    """A kernel in two files works as a script would."""
    (tmp_path / "neighbour_of_kernel.py").write_text("VALUE = 7")
    (tmp_path / "kernel.py").write_text(
        "from neighbour_of_kernel import VALUE\ndef f(*_, **__): return VALUE"
    )
    assert load_target(f"{tmp_path / 'kernel.py'}:f")() == 7  # type: ignore[comparison-overlap]
