"""Part of the ``repro.py`` of a finding in MindSpore: the layer, used as anybody uses it."""

from collections.abc import Callable, Mapping
from typing import Any

from bnparity.backends import Array


def opened(finding: Mapping[str, Any]) -> tuple[Callable[..., Any], str]:
    """Return the call, in the mode that the finding is about, and the version."""
    import mindspore

    graph = finding["variant"] == "graph"
    mindspore.set_context(mode=mindspore.GRAPH_MODE if graph else mindspore.PYNATIVE_MODE)
    return batch_norm, f"mindspore {mindspore.__version__}"


def batch_norm(
    x: Array,
    weight: Array | None,
    bias: Array | None,
    running_mean: Array,
    running_var: Array,
    *,
    training: bool,
    momentum: float,
    eps: float,
    grad_output: Array | None,
) -> dict[str, Array | None]:
    """Make a layer with this state, call it, and return what it leaves behind."""
    from mindspore import Tensor, nn

    kinds = {2: nn.BatchNorm1d, 3: nn.BatchNorm1d, 4: nn.BatchNorm2d, 5: nn.BatchNorm3d}
    layer = kinds[x.ndim](
        x.shape[1],
        eps=eps,
        momentum=momentum,
        affine=weight is not None,
        gamma_init="ones" if weight is None else Tensor(weight),
        beta_init="zeros" if bias is None else Tensor(bias),
        moving_mean_init=Tensor(running_mean),
        moving_var_init=Tensor(running_var),
        dtype=Tensor(running_mean).dtype,
    )
    layer.set_train(training)
    state = getattr(layer, "bn2d", layer)  # BatchNorm3d has its state in a BatchNorm2d
    found: dict[str, Array | None] = {}
    if grad_output is None:
        output = layer(Tensor(x))
    else:
        output, found = with_gradients(layer, state, x, grad_output)
    return {
        **found,
        "output": output.asnumpy(),
        "running_mean": state.moving_mean.asnumpy(),
        "running_var": state.moving_variance.asnumpy(),
    }


def with_gradients(
    layer: Any, state: Any, x: Array, grad_output: Array
) -> tuple[Any, dict[str, Array | None]]:
    """Return the output, and the gradients of its sum with `grad_output`, from one call."""
    import mindspore

    def loss(data: Any, weights: Any) -> tuple[Any, Any]:
        output = layer(data)
        return (output * weights).sum(), output

    parameters = layer.trainable_params()
    differentiated = mindspore.value_and_grad(loss, 0, weights=parameters or None, has_aux=True)
    tensors = mindspore.Tensor(x), mindspore.Tensor(grad_output)
    (_, output), gradients = differentiated(*tensors)
    if not parameters:
        return output, {"grad_input": gradients.asnumpy()}
    of_parameters = dict(zip((id(p) for p in parameters), gradients[1], strict=True))
    return output, {
        "grad_input": gradients[0].asnumpy(),
        "grad_weight": of_parameters[id(state.gamma)].asnumpy(),
        "grad_bias": of_parameters[id(state.beta)].asnumpy(),
    }
