"""How each framework names the arrays of a model: BatchNorm's by rule, the others by few changes.

A name is a layer's path and what the array is called there. Paths are kept as they are but for
what joins their parts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

#: Ours for the arrays of a BatchNorm.
ARRAYS = ("weight", "bias", "running_mean", "running_var")
#: The number of training batches, which only PyTorch keeps.
COUNT = "num_batches_tracked"


@dataclass(frozen=True, kw_only=True)
class Naming:
    """The names of one framework.

    ``taken`` gives a layer and our name for an array of a BatchNorm, None for what cannot be one;
    ``given`` is its inverse. ``kernels`` says where a kernel has its channels, and ``named`` gives
    the names of other arrays, from PyTorch's; ``plain`` gives PyTorch's from them.
    """

    taken: Callable[[str], tuple[str, str] | None]
    given: Callable[[str, str], str]
    kernels_last: bool = False
    named: Callable[[str, int], str] = lambda name, _: name
    plain: Callable[[str], str] = lambda name: name


def _leaves(leaves: Mapping[str, str]) -> Callable[[str], tuple[str, str] | None]:
    ours = {theirs: name for name, theirs in leaves.items()}

    def taken(name: str) -> tuple[str, str] | None:
        layer, _, leaf = name.rpartition(".")
        return (layer, ours[leaf]) if leaf in ours else None

    return taken


def _joined(layer: str, leaf: str) -> str:
    return f"{layer}.{leaf}" if layer else leaf


_TORCH = {name: name for name in (*ARRAYS, COUNT)}
_MINDSPORE = {
    "weight": "gamma",
    "bias": "beta",
    "running_mean": "moving_mean",
    "running_var": "moving_variance",
    COUNT: COUNT,
}
#: What MindSpore calls two arrays of a layer that is no part of a network.
_ALONE = {"mean": "running_mean", "variance": "running_var"}


def _taken_of_mindspore(name: str) -> tuple[str, str] | None:
    if name in _ALONE:
        return "", _ALONE[name]
    return _leaves(_MINDSPORE)(name.replace(".bn2d.", "."))


def _given_to_mindspore(layer: str, ours: str) -> str:
    alone = {own: theirs for theirs, own in _ALONE.items()}
    return _joined(layer, _MINDSPORE[ours]) if layer else alone.get(ours, _MINDSPORE[ours])


#: The collections of Flax's tree that a BatchNorm is in, and its names there.
_FLAX = {
    "weight": ("params", "scale"),
    "bias": ("params", "bias"),
    "running_mean": ("batch_stats", "mean"),
    "running_var": ("batch_stats", "var"),
}


def _taken_of_flax(name: str) -> tuple[str, str] | None:
    collection, _, path = name.partition("/")
    layer, _, leaf = path.rpartition("/")
    ours = {theirs: own for own, theirs in _FLAX.items()}.get((collection, leaf))
    return None if ours is None else (layer.replace("/", "."), ours)


def _given_to_flax(layer: str, ours: str) -> str:
    collection, leaf = _FLAX[ours]
    return "/".join([collection, *filter(None, layer.split(".")), leaf])


def _named_by_flax(name: str, axes: int) -> str:
    *path, leaf = name.split(".")
    return "/".join(["params", *path, "kernel" if leaf == "weight" and axes > 1 else leaf])


def _plain_of_flax(name: str) -> str:
    path = name.removeprefix("params/").replace("/", ".")
    layer, _, leaf = path.rpartition(".")
    return _joined(layer, {"kernel": "weight", "scale": "weight"}.get(leaf, leaf))


#: Keras's names are numbers: `found` says what they mean from how many there are.
KERAS_VARIABLES = "vars"


def _taken_of_keras(name: str) -> tuple[str, str] | None:
    layer, _, number = name.rpartition("/")
    path = layer.removesuffix(KERAS_VARIABLES)
    return (path.rstrip("/"), number) if path != layer and number.isdigit() else None


#: What `caffe` calls the arrays that it makes of the blobs of a BatchNorm and of its Scale.
CAFFE = {
    "weight": "scale_weight",
    "bias": "scale_bias",
    "running_mean": "mean_of_sums",
    "running_var": "variance_of_sums",
}


#: What ONNX calls what a BatchNormalization takes behind its data; it has no count of its own.
_ONNX = {
    "weight": "scale",
    "bias": "B",
    "running_mean": "input_mean",
    "running_var": "input_var",
    COUNT: COUNT,
}


#: By framework. Of MindSpore's BatchNorm3d the arrays are those of a layer bn2d within.
NAMINGS: Mapping[str, Naming] = MappingProxyType(
    {
        "torch": Naming(taken=_leaves(_TORCH), given=_joined),
        "mindspore": Naming(
            taken=_taken_of_mindspore,
            given=_given_to_mindspore,
        ),
        "flax": Naming(
            taken=_taken_of_flax,
            given=_given_to_flax,
            kernels_last=True,
            named=_named_by_flax,
            plain=_plain_of_flax,
        ),
        "keras": Naming(
            taken=_taken_of_keras,
            given=lambda layer, number: f"{layer}/{KERAS_VARIABLES}/{number}",
            kernels_last=True,
        ),
        "onnx": Naming(taken=_leaves(_ONNX), given=lambda layer, ours: _joined(layer, _ONNX[ours])),
        "caffe": Naming(
            taken=_leaves(CAFFE), given=lambda layer, ours: _joined(layer, CAFFE[ours])
        ),
    }
)
