"""The BatchNorm constructors and functions that are known, by what a file imports them as."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bnparity.cases import FRAMEWORKS, Declaration
from bnparity.porting.translation.signatures import APIS, KINDS, signature


@dataclass(frozen=True, kw_only=True)
class Constructor:
    """A constructor: its framework in the table, its path, and its parameters in order.

    Of the parameters, ``eps`` and ``momentum`` are what it calls these two.
    """

    framework: str
    path: str
    parameters: tuple[str, ...]
    eps: str = "epsilon"
    momentum: str = "momentum"

    @property
    def declared(self) -> Declaration:
        """What its framework means by its arguments."""
        return FRAMEWORKS[self.framework]

    @property
    def kind(self) -> str:
        """The name of the class or function."""
        return self.path.rpartition(".")[2]

    @property
    def rank(self) -> int:
        """The rank of the data that it takes, 0 for any."""
        match = re.search(r"BatchNorm([23])[dD]$", self.kind)
        return int(match[1]) + 2 if match else 0


def _of_translated() -> list[Constructor]:
    """Return those of the two APIs whose signatures are known for translations."""
    return [
        Constructor(
            framework=api,
            path=f"{api}.nn.{kind}",
            parameters=tuple(signature(api, kind).parameters),
            eps="eps",
        )
        for api in APIS
        for kind in KINDS
    ]


_PADDLE = ("num_features", "momentum", "epsilon", "weight_attr", "bias_attr", "data_format")
_LAZY = tuple(signature("torch", "BatchNorm2d").parameters)[1:]

#: The other layers, and functions that update running statistics.
_OTHERS = (
    *(
        Constructor(
            framework="torch", path=f"torch.nn.LazyBatchNorm{n}d", parameters=_LAZY, eps="eps"
        )
        for n in (1, 2, 3)
    ),
    Constructor(
        framework="torch",
        path="torch.nn.functional.batch_norm",
        parameters=(
            *("input", "running_mean", "running_var", "weight", "bias"),
            *("training", "momentum", "eps"),
        ),
        eps="eps",
    ),
    Constructor(
        framework="keras",
        path="keras.layers.BatchNormalization",
        parameters=("axis", "momentum", "epsilon", "center", "scale"),
    ),
    Constructor(
        framework="flax",
        path="flax.linen.BatchNorm",
        parameters=("use_running_average", "axis", "momentum", "epsilon"),
    ),
    Constructor(
        framework="flax",
        path="flax.nnx.BatchNorm",
        parameters=("num_features", "use_running_average", "axis", "momentum", "epsilon"),
    ),
    Constructor(
        framework="equinox",
        path="equinox.nn.BatchNorm",
        parameters=("input_size", "axis_name", "eps", "channelwise_affine", "momentum"),
        eps="eps",
    ),
    Constructor(
        framework="haiku",
        path="haiku.BatchNorm",
        parameters=("create_scale", "create_offset", "decay_rate", "eps"),
        eps="eps",
        momentum="decay_rate",
    ),
    *(
        Constructor(framework="paddle", path=f"paddle.nn.BatchNorm{n}D", parameters=_PADDLE)
        for n in (1, 2, 3)
    ),
    Constructor(
        framework="mxnet",
        path="mxnet.gluon.nn.BatchNorm",
        parameters=("axis", "momentum", "epsilon", "center", "scale"),
    ),
    Constructor(
        framework="mlx",
        path="mlx.nn.BatchNorm",
        parameters=("num_features", "eps", "momentum", "affine", "track_running_stats"),
        eps="eps",
    ),
    Constructor(
        framework="tinygrad",
        path="tinygrad.nn.BatchNorm",
        parameters=("sz", "eps", "affine", "track_running_stats", "momentum"),
        eps="eps",
    ),
)

CONSTRUCTORS: Mapping[str, Constructor] = {
    constructor.path: constructor for constructor in (*_of_translated(), *_OTHERS)
}

#: Where else frameworks keep the same things: what is found there, and the path it is known by.
_ELSEWHERE = (
    (re.compile(r"^torch\.nn\.modules\.batchnorm\."), "torch.nn."),
    (re.compile(r"^mindspore\.nn\.layer(\.normalization)?\."), "mindspore.nn."),
    (
        re.compile(r"^(tensorflow|tf_keras)\.(compat\.v\d\.|python\.)?(keras\.)?layers\."),
        "keras.layers.",
    ),
    (
        re.compile(r"^keras\.(src\.)?layers\.(normalization\.)?(batch_normalization\.)?"),
        "keras.layers.",
    ),
    (re.compile(r"^flax\.linen\.normalization\."), "flax.linen."),
)


def constructor_at(path: str) -> Constructor | None:
    """Return the constructor that a dotted path leads to.

    Examples
    --------
    >>> constructor_at("tensorflow.keras.layers.BatchNormalization").framework
    'keras'
    """
    for elsewhere, known in _ELSEWHERE:
        path = elsewhere.sub(known, path)
    return CONSTRUCTORS.get(path)
