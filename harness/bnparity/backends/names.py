"""The names of backends: built in, of installed distributions, and anybody's file."""

from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from types import MappingProxyType

from bnparity.backends.errors import UsageError, did_you_mean

#: Where each built-in backend is found. Nothing is imported to list them.
BUILT_IN: MappingProxyType[str, str] = MappingProxyType(
    {
        "numpy": "bnparity.kernels.numpy_kernel:batch_norm",
        "numba": "bnparity.kernels.numba_kernel:batch_norm",
        "triton": "bnparity.kernels.triton:batch_norm",
        "torch_api": "bnparity.layers.backends:TORCH_API",
        "mindspore_api": "bnparity.layers.backends:MINDSPORE_API",
        "torch": "bnparity.backends.torch:BACKEND",
        "torch-cuda": "bnparity.backends.torch:CUDA",
        "mindspore": "bnparity.backends.mindspore:BACKEND",
    }
)

#: What a session judges when it is not told: every built-in backend, and the variant without
#: which half of MindSpore would go unseen.
DEFAULT = (*BUILT_IN, "mindspore[graph]")


@dataclass(frozen=True, kw_only=True)
class Name:
    """A backend's name taken apart: ``text`` as it was written, ``"mindspore[graph]"``.

    ``base`` is without the ``variant``, which stands in brackets, or nothing; backends of one base
    share an interpreter. ``target`` is ``"package.module:attribute"`` or
    ``"path/to/file.py:attribute"``.
    """

    text: str
    base: str
    target: str
    variant: str = ""

    @property
    def is_file(self) -> bool:
        """Whether the target is a file rather than a module."""
        return self.target.rpartition(":")[0].endswith(".py")


def parse(text: str) -> Name:
    """Return the parts of the backend name `text`.

    Raises
    ------
    UsageError
        If it is no name of a backend, or names a file that is not there.

    Examples
    --------
    >>> parse("mindspore[graph]").variant
    'graph'
    """
    base, variant = text, ""
    if text.endswith("]") and "[" in text:
        base, _, variant = text[:-1].partition("[")
    known = listed()
    if base in known:
        return Name(text=text, base=base, target=known[base], variant=variant)
    if ".py::" in base:
        raise UsageError(f"{base!r} is not a backend: write {base.replace('::', ':')}")
    path, colon, attribute = base.rpartition(":")
    if not colon:
        raise UsageError(_unknown(base, known))
    if not path or not attribute:
        raise UsageError(
            f"{base!r} is not a backend: write file.py:function or package.module:name"
        )
    if path.endswith(".py") and not Path(path).is_file():
        raise UsageError(f"there is no file {path!r}: give the path of the kernel's file")
    return Name(text=text, base=base, target=base, variant=variant)


def listed() -> dict[str, str]:
    """Return the target of each named backend: built in, or of an installed distribution."""
    installed = {point.name: point.value for point in entry_points(group="bnparity.backends")}
    return {**installed, **BUILT_IN}


def _unknown(base: str, known: dict[str, str]) -> str:
    if base.endswith(".py"):
        return f"{base!r} names no function: write {base}:batch_norm"
    names, hint = ", ".join(known), did_you_mean(base, known)
    return f"{base!r} is not a backend: choose from {names}, or give file.py:function{hint}"
