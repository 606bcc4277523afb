"""Other ways to PyTorch's BatchNorm than its layers: variants of `torch` and `torch-cuda`."""

import warnings
from collections.abc import Callable
from functools import partial
from tempfile import TemporaryDirectory
from typing import Any

from bnparity.backends.adapters import Adapted
from bnparity.backends.adapters.places import place_of
from bnparity.backends.call import Call, Outputs
from bnparity.backends.layer_api import CLASS_OF_RANK
from bnparity.backends.libraries.library import Library
from bnparity.backends.tensors import arrays_of, gradients, tensor_of

_STATE = ("weight", "bias", "running_mean", "running_var")
_FORMATS = ("float32", "float64", "float16", "bfloat16")
#: A form of the operation: called with data, the state by our names, and the call.
_Form = Callable[[Any, dict[str, Any], Call], Any]


def _answered(form: _Form, device: str, call: Call) -> Outputs:
    """Return the output of a form, the statistics that it wrote to, and its gradients.

    Its tensors are on a device.
    """
    import torch

    given = {"x": call.x, **{name: getattr(call, name) for name in _STATE}}
    tensors = {name: None if a is None else tensor_of(a, device) for name, a in given.items()}
    tensors |= {n: t.clone() for n in _STATE[2:] if (t := tensors[n]) is not None}  # written to
    names = {"grad_input": "x", "grad_weight": "weight", "grad_bias": "bias"}
    wanted = {grad: tensor for grad, n in names.items() if (tensor := tensors[n]) is not None}
    for tensor in wanted.values():
        tensor.requires_grad_(call.grad_output is not None)
    with torch.set_grad_enabled(call.grad_output is not None):
        output = form(tensors.pop("x"), tensors, call)
    found = {"output": output, **{name: tensors[name] for name in _STATE[2:]}}
    if call.grad_output is not None and output.requires_grad:
        found |= gradients(output, wanted, call.grad_output)
    return arrays_of(found)


def _functional(x: Any, state: dict[str, Any], call: Call) -> Any:
    import torch

    of_batch = call.training or call.running_mean is None
    settings: dict[str, Any] = {"momentum": call.momentum, "eps": call.eps}
    return torch.nn.functional.batch_norm(x, **state, training=of_batch, **settings)


def _native(x: Any, state: dict[str, Any], call: Call) -> Any:
    import torch

    if not x.numel():
        raise NotImplementedError("torch.native_batch_norm refuses data without elements")
    of_batch = call.training or call.running_mean is None
    tensors = [state[name] for name in _STATE]
    return torch.ops.aten.native_batch_norm(x, *tensors, of_batch, call.momentum, call.eps)[0]


def _mapped(x: Any, state: dict[str, Any], call: Call) -> Any:
    import torch

    batches = [tensor for tensor in (x, *state.values()) if tensor is not None]
    names = ["x", *(name for name, tensor in state.items() if tensor is not None)]

    def run(*tensors: Any) -> Any:
        one = dict(zip(names, tensors, strict=True))
        return _functional(one.pop("x"), dict.fromkeys(_STATE) | one, call)

    return torch.func.vmap(run)(*(tensor.unsqueeze(0) for tensor in batches)).squeeze(0)


def _autocast(x: Any, state: dict[str, Any], call: Call) -> Any:
    import torch

    # In the format that is each device's own choice: bfloat16, and float16 on CUDA.
    with torch.autocast(x.device.type):
        return _functional(x, state, call)


def _module(x: Any, state: dict[str, Any], call: Call) -> Any:
    """Return a layer with the state of a call."""
    from torch import nn

    layer = getattr(nn, CLASS_OF_RANK[x.ndim])(
        x.shape[1],
        eps=call.eps,
        momentum=call.momentum,
        affine=False,
        track_running_stats=call.running_mean is not None,
    )
    for name in _STATE[:2]:
        setattr(layer, name, None if state[name] is None else nn.Parameter(state[name].detach()))
    for name in _STATE[2:]:
        setattr(layer, name, state[name])
    return layer.train(call.training)


def _exported(x: Any, state: dict[str, Any], call: Call) -> Any:
    """Return the output of a layer that was exported; statistics are copied back."""
    import torch

    program = torch.export.export(_module(x, state, call), (x.detach(),)).module()
    learned = {name: state[name] for name in _STATE[:2] if state[name] is not None}
    kept = {n: t for n, t in program.named_buffers() if n in _STATE}
    output = torch.func.functional_call(program, {**learned, **kept}, (x,))
    state.update(kept)
    return output


def _through_onnx(x: Any, state: dict[str, Any], call: Call) -> Any:
    """Return the output of a layer that became an ONNX model, which ONNX Runtime runs."""
    import torch

    if call.training:
        raise NotImplementedError("it is exported in eval, as models are for ONNX Runtime")
    try:
        import onnxruntime
    except ImportError as error:
        raise NotImplementedError("ONNX Runtime runs the model: install onnxruntime") from error
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        # The exporter that needs no other package; it says that there is a newer one.
        warnings.simplefilter("ignore", DeprecationWarning)
        model = f"{folder}/layer.onnx"
        torch.onnx.export(_module(x, state, call), (x,), model, dynamo=False)
        session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    (output,) = session.run(None, {session.get_inputs()[0].name: x.detach().numpy()})
    return torch.from_numpy(output)


def _folded(x: Any, state: dict[str, Any], call: Call, *, transposed: bool = False) -> Any:
    """Return the output of a convolution by one, or a transposed one, with the layer in it."""
    from torch import nn
    from torch.nn.utils import fusion

    if call.training or call.running_mean is None:
        raise NotImplementedError("it is folded in eval, with the running statistics")
    if x.ndim == 2:
        raise NotImplementedError("a convolution has data of rank 3 or more")
    kind = "ConvTranspose" if transposed else "Conv"
    made, channels = getattr(nn, f"{kind}{x.ndim - 2}d"), x.shape[1]
    convolution = made(
        channels, channels, 1, groups=channels, bias=False, dtype=x.dtype, device=x.device
    )
    nn.init.ones_(convolution.weight)
    layer = _module(x, state, call)
    return fusion.fuse_conv_bn_eval(convolution.eval(), layer, transposed)(x)


#: A way to make a form's backend, for tensors on a device.
_Made = Callable[[str], Adapted]


def _form(form: _Form, taken_for: str, **said: Any) -> _Made:
    return lambda device: Adapted(
        answer=partial(_answered, form, device),
        taken_for=taken_for,
        place=place_of("torch-function", device),
        **{"dialect": "torch", "dtypes": _FORMATS, **said},
    )


#: What is said of layers that only infer.
_OF_EVAL: dict[str, Any] = {
    "dtypes": ("float32", "float64"),
    "outputs": ("output",),
    "tracked": (True,),
}

_ANYWHERE: dict[str, _Made] = {
    "functional": _form(_functional, "torch.nn.functional.batch_norm"),
    "native_batch_norm": _form(
        _native, "torch.native_batch_norm", dialect="torch,single_value=computed"
    ),
    "vmap": _form(_mapped, "torch.nn.functional.batch_norm under torch.func.vmap"),
    "autocast": _form(_autocast, "torch.nn.functional.batch_norm under torch.autocast"),
    "folded": _form(
        _folded,
        "a layer folded into a convolution by one, by torch.nn.utils.fusion",
        **_OF_EVAL,
    ),
    "folded,transposed": _form(
        partial(_folded, transposed=True),
        "a layer folded into a transposed convolution, by torch.nn.utils.fusion",
        **_OF_EVAL,
    ),
    "exported": _form(_exported, "a layer exported by torch.export", compiles="shape"),
}
_ON_CPU: dict[str, _Made] = {
    "onnx": _form(
        _through_onnx,
        "a layer exported by torch.onnx.export, in ONNX Runtime",
        **_OF_EVAL,
    ),
}


def forms(device: str) -> Library:
    """Return the other ways, for tensors on a device: ``"cpu"`` or ``"cuda"``."""
    ways = _ANYWHERE | (_ON_CPU if device == "cpu" else {})
    return Library(
        package="torch",
        environment="torch==2.13.0",
        ways={name: partial(made, device) for name, made in ways.items()},
        said={"degenerate": True},
    )
