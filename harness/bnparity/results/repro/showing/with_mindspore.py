"""The lines of a script that calls a layer of MindSpore's."""

from collections.abc import Iterator

from bnparity.results.reasons import kind_of_layer
from bnparity.results.repro.showing.shown import Shown, imports, numpy_text, told, values

#: The arguments of a layer that set its state.
_INITIAL = {
    "weight": "gamma_init",
    "bias": "beta_init",
    "running_mean": "moving_mean_init",
    "running_var": "moving_var_init",
}

_LOSS = """
def loss(x, grad_output):
    output = layer(x)
    return (output * grad_output).sum(), output

parameters = layer.trainable_params()
with_gradients = mindspore.value_and_grad(loss, 0, weights=parameters or None, has_aux=True)
(_, output), gradients = with_gradients(Tensor(x), Tensor(grad_output))
""".splitlines()


def lines_of_mindspore(shown: Shown) -> Iterator[str]:
    """Yield the lines: the layer is made with its state, and it is called."""
    case, given = shown.case_result.case, shown.arrays
    modules = ("import mindspore", "import numpy as np", "from mindspore import Tensor, nn")
    yield from imports(shown, modules, "laid_out")
    mode = "GRAPH_MODE" if shown.accused.name.variant == "graph" else "PYNATIVE_MODE"
    yield f"mindspore.set_context(mode=mindspore.{mode})"
    yield from values(shown, numpy_text, "{}")
    yield f"layer = nn.{kind_of_layer(case)}("
    yield f"    {case.shape[1]}, eps={case.eps!r}, momentum={case.momentum!r},"
    yield f"    affine={'weight' in given}, dtype=Tensor(running_mean).dtype,"
    yield from (f"    {_INITIAL[name]}=Tensor({name})," for name in _INITIAL if name in given)
    yield ")"
    yield f"layer.set_train({case.training})"
    yield from _LOSS if "grad_output" in given else ["output = layer(Tensor(x))"]
    state = "layer.bn2d" if len(case.shape) == 5 else "layer"
    of_parameters = "gradients[1]" if "weight" in given else ""
    yield from told(
        shown,
        {
            "output": "output",
            "running_mean": f"{state}.moving_mean",
            "running_var": f"{state}.moving_variance",
            "grad_input": "gradients[0]" if of_parameters else "gradients",
            "grad_weight": f"{of_parameters}[0]",
            "grad_bias": f"{of_parameters}[1]",
        },
        "output",
    )
