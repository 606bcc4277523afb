"""The synchronised layers of both APIs on the arrays of a batch, and their steps."""

from collections.abc import Sequence
from typing import Any

from bnparity.layers import mindspore_api, ranks, torch_api
from bnparity_suites.shards import EPS, MOMENTUM, Batch
from numpy.typing import NDArray

Array = NDArray[Any]


def torch_layer(batch: Batch, group: ranks.Group | None = None) -> Any:
    """Return a layer with the arrays of `batch`, for one rank."""
    channels, dtype = len(batch.weight), batch.weight.dtype
    layer = torch_api.SyncBatchNorm(
        channels, eps=EPS, momentum=MOMENTUM, process_group=group, dtype=dtype
    )
    state = {name: getattr(batch, name) for name, _ in layer.named_parameters()}
    state |= {"running_mean": batch.running_mean, "running_var": batch.running_var}
    layer.load_state_dict(state, strict=False)
    return layer


def mindspore_layer(batch: Batch, group: ranks.Group | None = None) -> Any:
    """Return a layer with the arrays of `batch`, for one rank."""
    kind: Any = mindspore_api.SyncBatchNorm
    return (kind if group is None else kind.on(group))(
        len(batch.weight),
        eps=EPS,
        momentum=1.0 - MOMENTUM,
        gamma_init=batch.weight,
        beta_init=batch.bias,
        moving_mean_init=batch.running_mean,
        moving_var_init=batch.running_var,
    ).set_train()


def statistics(layer: Any) -> dict[str, Array]:
    """Return copies of the running statistics, by PyTorch's names."""
    if isinstance(layer, torch_api.SyncBatchNorm):
        assert layer.running_mean is not None
        assert layer.running_var is not None
        return {"running_mean": layer.running_mean.copy(), "running_var": layer.running_var.copy()}
    return {
        "running_mean": layer.moving_mean.copy(),
        "running_var": layer.moving_variance.copy(),
    }


def stepped(replicas: Sequence[Any], batch: Batch) -> list[dict[str, Array]]:
    """Return the outputs of every replica for one step forward and back."""
    outputs = ranks.forward(replicas, batch.shards)
    gradients = ranks.backward(replicas, batch.grad_outputs)
    return [
        {"output": output, **statistics(replica), **vars(found)}
        for replica, output, found in zip(replicas, outputs, gradients, strict=True)
    ]
