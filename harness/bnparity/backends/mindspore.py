"""mindspore.nn.BatchNorm1d, BatchNorm2d and BatchNorm3d on the CPU, in PyNative or Graph mode."""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from bnparity.backends.call import Array, Arrays, Call, Outputs, takes_call
from bnparity.backends.errors import not_imported
from bnparity.backends.layer_api import CLASS_OF_RANK, decoded
from bnparity.backends.libraries.library import Library
from bnparity.backends.libraries.mindspore_ops import FORMS


@dataclass(frozen=True)
class MindSporeAPI:
    """MindSpore's layers, driven with arrays; compiled in Graph mode, or op by op."""

    graph: bool = False

    def layer_class(self, kind: str) -> Any:
        """Return the class of `mindspore.nn` called `kind`."""
        import mindspore

        mindspore.set_context(mode=mindspore.GRAPH_MODE if self.graph else mindspore.PYNATIVE_MODE)
        return getattr(mindspore.nn, kind)

    def value(self, encoded: Any, arrays: Arrays) -> Any:
        """Return an argument with tensors for arrays, and formats of MindSpore's."""
        import mindspore

        return decoded(encoded, arrays, array=mindspore.Tensor, dtype=partial(getattr, mindspore))

    def call(self, layer: Any, x: Array, grad_output: Array | None) -> Outputs:
        """Return what ``layer(x)`` returns, and the gradients of its sum with `grad_output`."""
        import mindspore

        if grad_output is None:
            return {"output": layer(mindspore.Tensor(x)).asnumpy()}
        return _with_gradients(layer, x, grad_output)

    def train(self, layer: Any, mode: bool) -> None:
        """Call ``layer.set_train(mode)``."""
        layer.set_train(mode)

    def state(self, layer: Any) -> dict[str, Array]:
        """Return ``layer.parameters_dict()``."""
        return {name: p.asnumpy().copy() for name, p in layer.parameters_dict().items()}

    def load(self, layer: Any, state: Mapping[str, Array]) -> None:
        """Call ``mindspore.load_param_into_net``."""
        import mindspore

        parameters = {
            name: mindspore.Parameter(mindspore.Tensor(array), name=name)
            for name, array in state.items()
        }
        mindspore.load_param_into_net(layer, parameters)


def _with_gradients(layer: Any, x: Array, grad_output: Array) -> Outputs:
    """Return the output and its gradients from one run of the layer.

    ``mindspore.vjp`` would run the layer twice in Graph mode and update the statistics twice.
    """
    import mindspore

    def loss(data: Any, weights: Any) -> tuple[Any, Any]:
        output = layer(data)
        return (output * weights).sum(), output

    parameters = layer.trainable_params()
    differentiated = mindspore.value_and_grad(loss, 0, weights=parameters or None, has_aux=True)
    (_, output), gradients = differentiated(mindspore.Tensor(x), mindspore.Tensor(grad_output))
    if not parameters:
        return {"output": output.asnumpy(), "grad_input": gradients.asnumpy()}
    grads = dict(zip((id(p) for p in parameters), gradients[1], strict=True))
    return {
        "output": output.asnumpy(),
        "grad_input": gradients[0].asnumpy(),
        "grad_weight": grads[id(inner(layer).gamma)].asnumpy(),
        "grad_bias": grads[id(inner(layer).beta)].asnumpy(),
    }


def inner(layer: Any) -> Any:
    """Return the layer that holds the state: BatchNorm3d wraps a BatchNorm2d."""
    return getattr(layer, "bn2d", layer)


@dataclass(frozen=True, kw_only=True)
class MindSporeBatchNorm:
    """A layer made for each call, with the parameters and the statistics of the call.

    In Graph mode (``graph``) it is compiled, in PyNative mode run op by op.
    """

    graph: bool = False
    dialect: str = "mindspore"
    dtypes: tuple[str, ...] = ("float32", "float16")
    degenerate: bool = True

    @property
    def compiles(self) -> str:
        """For what it is compiled anew."""
        return "shape" if self.graph else ""

    @property
    def layer_api(self) -> MindSporeAPI:
        """The layers themselves, in this mode."""
        return MindSporeAPI(graph=self.graph)

    @property
    def variants(self) -> dict[str, "MindSporeBatchNorm | Library"]:
        """The other ways to run it, by the name that stands in brackets."""
        return {"graph": MindSporeBatchNorm(graph=True), **dict.fromkeys(FORMS.ways, FORMS)}

    def probe(self) -> dict[str, str]:
        """Return MindSpore's version, or why it cannot be used."""
        try:
            import mindspore
        except ImportError as error:
            return not_imported(
                "mindspore", error, "make it an interpreter: bnparity env create mindspore"
            )
        # Where its compiler leaves what it could not compile; else in the user's folder.
        os.environ.setdefault("MS_OM_PATH", tempfile.gettempdir())
        return {"version": str(mindspore.__version__), "device": "cpu"}

    @takes_call
    def __call__(self, call: Call) -> Outputs:
        """Return the results of a layer made for this call.

        Raise NotImplementedError for what the layer has no words for: no running statistics, one
        affine parameter alone.
        """
        import mindspore

        if call.running_mean is None or call.running_var is None:
            raise NotImplementedError("mindspore.nn.BatchNorm always has running statistics")
        if (call.weight is None) != (call.bias is None):
            raise NotImplementedError("mindspore.nn.BatchNorm has both gamma and beta or neither")
        layer = self.layer_api.layer_class(CLASS_OF_RANK[call.x.ndim])(
            call.x.shape[1],
            eps=call.eps,
            momentum=call.momentum,
            affine=call.weight is not None,
            gamma_init="ones" if call.weight is None else mindspore.Tensor(call.weight),
            beta_init="zeros" if call.bias is None else mindspore.Tensor(call.bias),
            moving_mean_init=mindspore.Tensor(call.running_mean),
            moving_var_init=mindspore.Tensor(call.running_var),
            dtype=mindspore.Tensor(call.running_mean).dtype,
        )
        layer.set_train(call.training)
        return {
            **self.layer_api.call(layer, call.x, call.grad_output),
            "running_mean": inner(layer).moving_mean.asnumpy(),
            "running_var": inner(layer).moving_variance.asnumpy(),
        }


BACKEND = MindSporeBatchNorm()
