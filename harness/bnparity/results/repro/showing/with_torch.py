"""The lines of a script that calls a layer of PyTorch's."""

from collections.abc import Iterator

from bnparity.backends import Array
from bnparity.results.reasons import kind_of_layer
from bnparity.results.repro.showing.shown import STATE, Shown, imports, nested, told, values


def lines_of_torch(shown: Shown) -> Iterator[str]:
    """Yield the lines: the layer is made, its state is set, and it is called."""
    case, given = shown.case_result.case, shown.arrays
    device = "cuda" if shown.accused.name.base == "torch-cuda" else "cpu"
    yield from imports(shown, ("import torch",), "to_tensor")
    if case.threads is not None:
        yield f"torch.set_num_threads({case.threads})"
    yield from values(shown, lambda array: _tensor(array, device), f"to_tensor({{}}, '{device}')")
    settings = f"eps={case.eps!r}, momentum={case.momentum!r}, affine=False"
    tracked = f"track_running_stats={'running_mean' in given}"
    yield f"layer = torch.nn.{kind_of_layer(case)}({case.shape[1]}, {settings}, {tracked})"
    for name in STATE:
        if name in given:
            parameter = name in ("weight", "bias")
            yield f"layer.{name} = {f'torch.nn.Parameter({name})' if parameter else name}"
    yield f"layer.train({case.training})"
    yield from _called(shown, shown.accused.name.variant.split(","))
    yield from told(
        shown,
        {
            "output": "output",
            "running_mean": "layer.running_mean",
            "running_var": "layer.running_var",
            "grad_input": "x.grad",
            "grad_weight": "layer.weight.grad",
            "grad_bias": "layer.bias.grad",
        },
        "output",
    )


def _called(shown: Shown, variant: list[str]) -> Iterator[str]:
    """Yield the lines of the call itself, in a variant of the backend."""
    if "channels_last" in variant:
        last = "channels_last_3d" if len(shown.case_result.case.shape) == 5 else "channels_last"
        for name in [name for name in ("x", "grad_output") if name in shown.arrays]:
            yield f"{name} = {name}.contiguous(memory_format=torch.{last})"
    if "native" in variant:
        yield "torch.backends.cudnn.enabled = False"
    if "grad_output" in shown.arrays:
        yield "x.requires_grad_()"
    whole = ", fullgraph=True" if "fullgraph" in variant else ""
    yield f"output = {f'torch.compile(layer{whole})' if 'compile' in variant else 'layer'}(x)"
    if "grad_output" in shown.arrays:
        yield "output.backward(grad_output)"


def _tensor(array: Array, device: str) -> str:
    where = f"dtype=torch.{array.dtype.name}" + ("" if device == "cpu" else ', device="cuda"')
    if not array.size:
        return f"torch.zeros({array.shape}, {where})"
    return f"torch.tensor({nested(array)}, {where})"
