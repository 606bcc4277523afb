"""mindspore.nn.BatchNorm1d, BatchNorm2d and BatchNorm3d on the CPU, in PyNative or Graph mode."""

import os
import sys
import tempfile
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from bnparity.drivers.mindspore_style import MindSporeDriver

Array = NDArray[Any]


@dataclass(frozen=True, kw_only=True)
class MindSporeBatchNorm:
    """A layer made for each call, with the parameters and the statistics of the call.

    Parameters
    ----------
    graph
        Compile the layer (Graph mode) instead of running it op by op (PyNative mode).
    """

    graph: bool = False
    dialect: str = "mindspore"
    dtypes: tuple[str, ...] = ("float32", "float16")
    degenerate: bool = True

    @property
    def driver(self) -> MindSporeDriver:
        """The layers themselves, in this mode."""
        return MindSporeDriver(graph=self.graph)

    @property
    def variants(self) -> dict[str, "MindSporeBatchNorm"]:
        """The other ways to run it, by the name that stands in brackets."""
        return {
            "graph": MindSporeBatchNorm(graph=True),
        }

    def probe(self) -> dict[str, str]:
        """Return MindSpore's version, or why it cannot be used."""
        try:
            import mindspore
        except ImportError as error:
            return {"reason": f"mindspore cannot be imported in {sys.executable}: {error}"}
        # Where its compiler leaves what it could not compile; else in the user's folder.
        os.environ.setdefault("MS_OM_PATH", tempfile.gettempdir())
        return {"version": str(mindspore.__version__), "device": "cpu"}

    def __call__(
        self,
        x: Array,
        weight: Array | None,
        bias: Array | None,
        running_mean: Array | None,
        running_var: Array | None,
        *,
        training: bool,
        momentum: float | None,
        eps: float,
        grad_output: Array | None = None,
    ) -> dict[str, Array | None]:
        """Call the layer as `bnparity.kernels.numpy_kernel.batch_norm` is called.

        Raises
        ------
        NotImplementedError
            For what the layer has no words for: no running statistics, one affine parameter alone.
        """
        import mindspore

        if running_mean is None or running_var is None:
            raise NotImplementedError("mindspore.nn.BatchNorm always has running statistics")
        if (weight is None) != (bias is None):
            raise NotImplementedError("mindspore.nn.BatchNorm has both gamma and beta or neither")
        mindspore.set_context(mode=mindspore.GRAPH_MODE if self.graph else mindspore.PYNATIVE_MODE)
        layer = _layer_class(x.ndim)(
            x.shape[1],
            eps=eps,
            momentum=momentum,
            affine=weight is not None,
            gamma_init="ones" if weight is None else mindspore.Tensor(weight),
            beta_init="zeros" if bias is None else mindspore.Tensor(bias),
            moving_mean_init=mindspore.Tensor(running_mean),
            moving_var_init=mindspore.Tensor(running_var),
            dtype=mindspore.Tensor(running_mean).dtype,
        )
        layer.set_train(training)
        gradients: dict[str, Array | None] = {}
        if grad_output is None:
            output = layer(mindspore.Tensor(x))
        else:
            output, gradients = with_gradients(layer, x, grad_output)
        return {
            "output": output.asnumpy(),
            "running_mean": _inner(layer).moving_mean.asnumpy(),
            "running_var": _inner(layer).moving_variance.asnumpy(),
            **gradients,
        }


def with_gradients(layer: Any, x: Array, grad_output: Array) -> tuple[Any, dict[str, Array | None]]:
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
        return output, {"grad_input": gradients.asnumpy()}
    grads = dict(zip((id(p) for p in parameters), gradients[1], strict=True))
    return output, {
        "grad_input": gradients[0].asnumpy(),
        "grad_weight": grads[id(_inner(layer).gamma)].asnumpy(),
        "grad_bias": grads[id(_inner(layer).beta)].asnumpy(),
    }


def _inner(layer: Any) -> Any:
    """Return the layer that holds the state: BatchNorm3d wraps a BatchNorm2d."""
    return getattr(layer, "bn2d", layer)


def _layer_class(rank: int) -> Any:
    from mindspore import nn

    classes = {2: nn.BatchNorm1d, 3: nn.BatchNorm1d, 4: nn.BatchNorm2d, 5: nn.BatchNorm3d}
    return classes[rank]


BACKEND = MindSporeBatchNorm()
