"""Each ported BatchNorm in both frameworks: inference, then ten training steps, all judged.

The source's layer has the source's arrays and the target's those that were written; the oracle has
the source's for both, so that an array which went astray is seen, and each follows the conventions
of its own framework.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from bnparity.backends import Array, Ask, UsageError, opened, parse
from bnparity.cases import FRAMEWORKS, Case, Inputs
from bnparity.diagnosis import diagnose
from bnparity.judging import (
    TIGHT,
    CaseResult,
    Check,
    expected,
    judge,
    ratio_text,
    settings_of,
)
from bnparity.porting import (
    Port,
    PortedNorm,
    PortSettings,
    Tensor,
    batch_norms,
    conventions_apart,
    multiplied,
)

#: Training steps that a layer is followed for.
STEPS = 10
#: Images, and sizes of the other axes, by the class of the layer.
_BATCH, _AXES = 4, {"BatchNorm1d": (), "BatchNorm2d": (3, 2), "BatchNorm3d": (2, 3, 2)}
#: The arrays of a layer's state, as they are handed on.
_STATISTICS = ("running_mean", "running_var")
_STATE = ("weight", "bias", *_STATISTICS)

_HERE = Path(__file__).parent
#: The backend that has a framework's layer.
_BACKENDS: Mapping[str, str] = {
    "torch": "torch",
    "mindspore": "mindspore",
    "keras": f"{_HERE / 'keras_layer.py'}:BatchNormalization",
    "flax": f"{_HERE / 'flax_layer.py'}:BatchNorm",
    "onnx": "onnxruntime",
}


@dataclass(frozen=True, kw_only=True)
class LayerParity:
    """What was seen of a layer in both frameworks; ``reason`` says why it is no parity.

    ``worst`` is the largest error / bound by framework, and ``conventions`` name those that part
    the two where no argument could change that.
    """

    layer: str
    worst: Mapping[str, float]
    conventions: tuple[str, ...] = ()
    reason: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return asdict(self)

    def in_words(self) -> str:
        """Return a sentence."""
        layer = self.layer or "the layer"
        if self.reason:
            return f"{layer}: no parity: {self.reason}"
        told = ", ".join(f"{ratio_text(r)} in {name}" for name, r in self.worst.items())
        apart = f"; by convention apart: {', '.join(self.conventions)}" if self.conventions else ""
        return (
            f"{layer}: parity in inference and {STEPS} training steps, worst error / bound "
            f"{told}{apart}"
        )


@dataclass(kw_only=True)
class _Side:
    """A layer in one framework: what answers for it, what it holds, and what it should hold."""

    framework: str
    ask: Ask
    eps: float
    momentum: float
    held: dict[str, Array]
    meant: dict[str, Array]
    worst: float = 0.0
    failing: CaseResult | None = field(default=None, repr=False)


@contextmanager
def layers_running(frameworks: Iterable[str]) -> Iterator[Mapping[str, Ask]]:
    """Give what answers for the layer of each framework, which ends with the context.

    Raises
    ------
    UsageError
        If one is not run here, or not installed.
    """
    with ExitStack() as stack:
        yield {
            name: _ask(stack, name, backend)
            for name, backend in [(name, _backend(name)) for name in frameworks]
        }


def verify_port(
    port: Port, settings: Mapping[str, PortSettings], asks: Mapping[str, Ask]
) -> Iterator[LayerParity]:
    """Yield the parity of each ported layer; `asks` answer for both frameworks.

    `settings` are those of each layer of the source.
    """
    written = {tensor.name: tensor for tensor in port.tensors}
    there = {norm.layer: norm for norm in batch_norms(port.to, written)}
    for ported in port.norms:
        held = _read(there[ported.layer].names, written)
        yield _verified(port, ported, settings[ported.norm.layer], asks, held)


def _backend(framework: str) -> str:
    if framework not in _BACKENDS:
        runs = ", ".join(_BACKENDS)
        raise UsageError(f"--verify runs layers of {runs}: leave it out for {framework}")
    return _BACKENDS[framework]


def _ask(stack: ExitStack, framework: str, backend: str) -> Ask:
    found = stack.enter_context(opened(parse(backend)))
    if found.ask is None:
        raise UsageError(f"--verify runs {framework}, which is not available: {found.reason}")
    return found.ask


def _verified(
    port: Port,
    ported: PortedNorm,
    settings: PortSettings,
    asks: Mapping[str, Ask],
    held: Mapping[str, Array],
) -> LayerParity:
    source, target = port.source.framework, port.to
    meant = _read(ported.norm.names, port.source.tensors)
    there = meant
    if ported.factor != 1.0:
        there = meant | {"running_var": multiplied(meant["running_var"], ported.factor)}
    sides = (
        _side(source, asks, settings.eps, settings.momentum, meant, meant),
        _side(target, asks, settings.eps, settings.target_momentum, held, {**held, **there}),
    )
    apart: tuple[str, ...] = ()
    for step in range(STEPS + 1):
        case = _case(ported, meant, training=step > 0, step=step)
        data = _data(case, meant)
        if step == 1:
            apart = tuple(_apart(sides, case, data))
        for side in sides:
            if reason := _stepped(side, case, data, "inference" if step == 0 else f"step {step}"):
                astray = _astray(sides)
                return _parity(ported, sides, reason=f"{astray}{side.framework} at {reason}")
    return _parity(ported, sides, conventions=apart)


def _read(names: Mapping[str, str], tensors: Mapping[str, Tensor]) -> dict[str, Array]:
    """Return the state of a layer, as the framework that has these names reads it."""
    return {ours: tensors[names[ours]].read() for ours in _STATE if ours in names}


def _side(
    framework: str,
    asks: Mapping[str, Ask],
    eps: float,
    momentum: float,
    held: Mapping[str, Array],
    meant: Mapping[str, Array],
) -> _Side:
    return _Side(
        framework=framework,
        ask=asks[framework],
        eps=eps,
        momentum=momentum,
        held=dict(held),
        meant=dict(meant),
    )


def _parity(ported: PortedNorm, sides: tuple[_Side, _Side], **said: Any) -> LayerParity:
    worst = {side.framework: side.worst for side in sides}
    return LayerParity(layer=ported.norm.layer, worst=worst, **said)


def _case(ported: PortedNorm, state: Mapping[str, Array], *, training: bool, step: int) -> Case:
    """Return a case of the layer's own shape; of the numbers that make its data the step is one."""
    axes = _AXES.get(ported.norm.kind, _AXES["BatchNorm2d"])
    batch = _BATCH if axes else 4 * _BATCH
    dtype = state["running_mean"].dtype.name
    return replace(
        Case(),
        shape=(batch, ported.norm.channels, *axes),
        dtype=dtype,
        param_dtype=dtype,
        training=training,
        recipe=replace(Case().recipe, seed=step),
    )


def _data(case: Case, state: Mapping[str, Array]) -> dict[str, Array]:
    """Return data as the layer has seen them in training, by its statistics, and a gradient."""
    rng = np.random.Generator(np.random.PCG64(case.recipe.seed))
    along = (-1,) + (1,) * (len(case.shape) - 2)
    mean, var = (state[name].astype(np.float64).reshape(along) for name in _STATISTICS)
    x = rng.standard_normal(case.shape) * np.sqrt(np.abs(var)) + mean
    dtype = state["running_mean"].dtype
    return {"x": x.astype(dtype), "grad_output": rng.standard_normal(case.shape).astype(dtype)}


def _inputs(data: Mapping[str, Array], state: Mapping[str, Array]) -> Inputs:
    arrays = {name: state.get(name) for name in _STATE}
    return Inputs(x=data["x"], **arrays, grad_output=data["grad_output"])


def _stepped(side: _Side, case: Case, data: Mapping[str, Array], when: str) -> str:
    """Make a call and judge it; hand on what it left, and return what is wrong, if anything is."""
    case = replace(case, eps=side.eps, momentum=side.momentum)
    dialect = FRAMEWORKS[side.framework].dialect
    reply = side.ask(vars(_inputs(data, side.held)), settings_of(case))
    if reply.fault is not None:
        return f"{when}: {reply.fault.text}"
    meant = _inputs(data, side.meant)
    checks = judge(reply.outputs, expected(case, meant, dialect), dialect=dialect, dtype=case.dtype)
    side.worst = max([side.worst, *(check.ratio for check in checks)])
    failed = [check for check in checks if check.verdict == "fail"]
    if failed:
        return f"{when}: {_told(failed[0])}{_instead(side, case, data, reply.outputs)}"
    moved = {name: reply.outputs[name] for name in _STATISTICS if name in reply.outputs}
    side.held |= moved
    side.meant |= moved
    return ""


def _told(check: Check) -> str:
    return f"{check.told()}, {ratio_text(check.ratio)} times the bound"


def _instead(
    side: _Side, case: Case, data: Mapping[str, Array], outputs: Mapping[str, Array]
) -> str:
    """Return what the layer does instead, if it does not follow the arrays that it has."""
    dialect, inputs = FRAMEWORKS[side.framework].dialect, _inputs(data, side.held)
    checks = judge(outputs, expected(case, inputs, dialect), dialect=dialect, dtype=case.dtype)
    result = CaseResult(
        case=case, inputs=inputs, outputs=outputs, checks=checks, fault=None, asked=tuple(outputs)
    )
    if not result.failed:
        return ""
    codes = [code for found in diagnose([result], dialect) for code in found.codes]
    return f"; it computes with {', '.join(dict.fromkeys(codes)) or 'nothing that was tried'}"


def _astray(sides: tuple[_Side, _Side]) -> str:
    """Return which arrays of the target are not the source's, where they should be."""
    held, meant = sides[1].held, sides[1].meant
    texts = []
    for ours in (o for o in held if held[o].tobytes() != meant[o].tobytes()):
        others = [o for o in meant if o != ours and held[ours].tobytes() == meant[o].tobytes()]
        what = f"is the source's {others[0]}" if others else "is not the source's"
        texts.append(f"its {ours} {what}")
    return f"{', '.join(texts)}; " if texts else ""


def _apart(sides: tuple[_Side, _Side], case: Case, data: Mapping[str, Array]) -> Iterator[str]:
    """Yield each convention by which the two differ in a call, beyond all rounding."""
    source, target = sides
    case = replace(case, eps=source.eps, momentum=source.momentum)
    dialect, inputs = FRAMEWORKS[source.framework].dialect, _inputs(data, source.meant)
    exact = expected(case, inputs, dialect)
    for name, here, there in conventions_apart(source.framework, target.framework):
        other = expected(case, inputs, replace(dialect, **dict[str, Any]({name: there})))
        outputs = {
            key: np.asarray(array).astype(case.dtype)
            for key, array in vars(other).items()
            if isinstance(array, np.ndarray)
        }
        checks = judge(outputs, exact, dialect=dialect, dtype=case.dtype)
        if any(check.ratio > TIGHT for check in checks):
            yield f"{name} ({here} in {source.framework}, {there} in {target.framework})"
