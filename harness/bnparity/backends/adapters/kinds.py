"""What a target is, seen from its type and its signature; no framework is imported for it."""

import inspect
import sys
from collections.abc import Callable, Sequence
from typing import Any

#: The class of all layers of a framework: the package that has it, its name, and its kind.
#: Keras comes first: on PyTorch its layers are PyTorch's too.
_LAYERS = (
    ("keras", "Layer", "keras-layer"),
    ("torch", "Module", "torch-module"),
    ("mindspore", "Cell", "mindspore-cell"),
    ("flax.linen", "Module", "flax-linen"),
    ("flax.nnx", "Module", "flax-nnx"),
    ("equinox", "Module", "equinox-module"),
    ("haiku", "TransformedWithState", "haiku-transformed"),
    ("haiku", "Transformed", "haiku-transformed"),
    ("haiku", "Module", "haiku-module"),
)

#: The parameters of a function of tensors that it has besides its data, and of the textbook pair.
_OF_TENSORS = {"running_mean", "running_var", "training", "eps"}
_OF_PAIR = ("x", "gamma", "beta")


def kind_of_layer(target: object) -> str:
    """Return the kind of a layer, or of a class of layers; nothing if it is none."""
    bases = inspect.getmro(target if inspect.isclass(target) else type(target))
    for package, name, kind in _LAYERS:
        for base in bases:
            if base.__name__ == name and f"{base.__module__}.".startswith(f"{package}."):
                return kind
    return ""


def is_layer(target: object) -> bool:
    """Return whether a target is a layer of some framework, or a class of them."""
    return bool(kind_of_layer(target))


def kind_of_function(target: Callable[..., Any]) -> str:
    """Return the kind of something that can be called and is no layer; nothing if it is none."""
    names = parameters(target)
    if fits(target) and not _is_open(target):
        return "function"
    if names is not None and set(names) >= _OF_TENSORS and "grad_output" not in names:
        return f"{_framework(target)}-function"
    if names is not None and tuple(names[:3]) == _OF_PAIR and "param" in "".join(names[3:4]):
        return "forward-backward"
    return "function" if fits(target) else ""


def parameters(target: Callable[..., Any]) -> list[str] | None:
    """Return the names of the parameters; None where they cannot be known."""
    try:
        return list(inspect.signature(target).parameters)
    except (TypeError, ValueError):
        return None


def fits(target: Callable[..., Any]) -> bool:
    """Return whether a call as the contract has it can be made; what cannot be known can."""
    try:
        signature = inspect.signature(target, follow_wrapped=False)
    except (TypeError, ValueError):
        return True
    arrays, settings = [None] * 5, dict.fromkeys(("training", "momentum", "eps", "grad_output"))
    try:
        signature.bind(*arrays, **settings)
    except TypeError:
        return False
    return True


def _is_open(target: Callable[..., Any]) -> bool:
    """Return whether a function takes whatever comes, as one in a wrapper does."""
    named = inspect.signature(target, follow_wrapped=False).parameters.values()
    return any(p.kind is p.VAR_POSITIONAL for p in named)


def _framework(target: Callable[..., Any]) -> str:
    """Return whose tensors a function of tensors takes: by where it is, else by what it names."""
    code = getattr(inspect.unwrap(target), "__code__", None)
    names: Sequence[str] = () if code is None else code.co_names
    used = [getattr(inspect.unwrap(target), "__globals__", {}).get(name) for name in names]
    homes = [str(getattr(target, "__module__", ""))]
    homes += [str(getattr(value, "__name__", "")) for value in used]
    homes += [str(getattr(value, "__module__", "")) for value in used]
    packages = {home.partition(".")[0] for home in homes}
    found = [name for name in ("torch", "jax") if name in packages]
    return found[0] if found else "jax" if "torch" not in sys.modules else "torch"
