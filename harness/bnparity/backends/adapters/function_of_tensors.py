"""What the adapters of functions of tensors share: arguments by name, and what comes back."""

from collections.abc import Callable, Mapping
from typing import Any

from bnparity.backends.adapters.adapted import Adapted, affines_of
from bnparity.backends.adapters.known_names import KNOWN, is_called
from bnparity.backends.adapters.source import parameters_of
from bnparity.backends.adapters.told import SETTINGS, STATE
from bnparity.backends.call import Call, Outputs

#: The formats that whoever writes for these frameworks means; halves are for who says so.
_DTYPES = ("float32", "float64")


def backend_of_function(
    target: Callable[..., Any], answer: Callable[[Call], Outputs], taken_for: str
) -> Adapted:
    """Return the backend of a function whose calls are answered by `answer`."""
    names = own_names(target)
    return Adapted(
        answer=answer,
        taken_for=taken_for,
        dialect="torch",
        dtypes=_DTYPES,
        affines=affines_of(names.keys() & {"weight", "bias"}),
        fixed=tuple(name for name in SETTINGS if name not in names),
        takes_mask="mask" in names,
    )


def arguments(names: Mapping[str, str], call: Call, tensor: Callable[[Any], Any]) -> dict[str, Any]:
    """Return what a function takes besides the data, by our names.

    Without running statistics it is asked for those of the batch, as a layer asks it.
    """
    settings = {
        "training": call.training or call.running_mean is None,
        "momentum": call.momentum,
        "eps": call.eps,
    }
    state = {name: getattr(call, name) for name in (*STATE, "mask")}
    tensors = {name: None if array is None else tensor(array) for name, array in state.items()}
    return {ours: value for ours, value in (tensors | settings).items() if ours in names}


def parted(returned: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the output and the statistics: returned after it, or written where they were given."""
    output, *statistics = returned if isinstance(returned, tuple) else (returned,)
    names = ("running_mean", "running_var")
    kept = statistics if len(statistics) == len(names) else [given.get(name) for name in names]
    return {"output": output, **dict(zip(names, kept, strict=True))}


def own_names(target: Callable[..., Any]) -> dict[str, str]:
    """Return how a function calls what it takes besides the data, by our names."""
    theirs = list(parameters_of(target))[1:]
    found: dict[str, str] = {}
    for ours in (*STATE, "training", *SETTINGS, "mask"):
        known = [n for n in theirs if n == ours or (ours in KNOWN and is_called(ours, n))]
        if known:
            found[ours] = known[0]
    return found
