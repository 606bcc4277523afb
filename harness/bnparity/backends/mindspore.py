"""mindspore.nn.BatchNorm1d, BatchNorm2d and BatchNorm3d on the CPU, in PyNative or Graph mode."""

import os
import sys
import tempfile
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from bnparity.backends.call import Call, Outputs, takes_call
from bnparity.backends.mindspore_layers import MindSporeAPI, inner, with_gradients

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
    def layer_api(self) -> MindSporeAPI:
        """The layers themselves, in this mode."""
        return MindSporeAPI(graph=self.graph)

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

    @takes_call
    def __call__(self, call: Call) -> Outputs:
        """Return the results of a layer made for this call.

        Raises
        ------
        NotImplementedError
            For what the layer has no words for: no running statistics, one affine parameter alone.
        """
        import mindspore

        if call.running_mean is None or call.running_var is None:
            raise NotImplementedError("mindspore.nn.BatchNorm always has running statistics")
        if (call.weight is None) != (call.bias is None):
            raise NotImplementedError("mindspore.nn.BatchNorm has both gamma and beta or neither")
        mindspore.set_context(mode=mindspore.GRAPH_MODE if self.graph else mindspore.PYNATIVE_MODE)
        layer = _layer_class(call.x.ndim)(
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
        gradients: dict[str, Array | None] = {}
        if call.grad_output is None:
            output = layer(mindspore.Tensor(call.x))
        else:
            output, gradients = with_gradients(layer, call.x, call.grad_output)
        return {
            "output": output.asnumpy(),
            "running_mean": inner(layer).moving_mean.asnumpy(),
            "running_var": inner(layer).moving_variance.asnumpy(),
            **gradients,
        }


def _layer_class(rank: int) -> Any:
    from mindspore import nn

    classes = {2: nn.BatchNorm1d, 3: nn.BatchNorm1d, 4: nn.BatchNorm2d, 5: nn.BatchNorm3d}
    return classes[rank]


BACKEND = MindSporeBatchNorm()
