"""mindspore.nn.BatchNorm1d, BatchNorm2d and BatchNorm3d on the CPU, in PyNative or Graph mode."""

import os
import sys
import tempfile
from dataclasses import dataclass

from bnparity.backends.call import Call, Outputs, takes_call
from bnparity.backends.layer_api import CLASS_OF_RANK
from bnparity.backends.mindspore_layers import MindSporeAPI, inner


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
    def layer_api(self) -> MindSporeAPI:
        """The layers themselves, in this mode."""
        return MindSporeAPI(graph=self.graph)

    @property
    def variants(self) -> dict[str, "MindSporeBatchNorm"]:
        """The other ways to run it, by the name that stands in brackets."""
        return {"graph": MindSporeBatchNorm(graph=True)}

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
