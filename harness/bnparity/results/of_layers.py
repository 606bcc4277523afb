"""What is wrong with a layer over steps of its own state, in words; no case belongs to it."""

from collections.abc import Collection, Sequence

from bnparity.backends import LayerError
from bnparity.judging import Drift
from bnparity.results.findings import Finding, identity


def over_time(drift: Drift, shown: Collection[str]) -> tuple[Finding, ...]:
    """Return what is wrong with a layer over its own steps and is not `shown` by cases already."""
    far = [name for name in drift.beyond if name not in shown]
    wrong = [name for name in drift.wrong if name not in {*shown, *far}]
    return (
        *([_of_drift(drift, far)] if far else []),
        *(_of_wrong(drift, name) for name in wrong),
    )


def _of_drift(drift: Drift, names: Sequence[str]) -> Finding:
    """Return the finding that running statistics drift further than rounding takes them."""
    found = {name: drift.statistics[name] for name in names}
    shares = [f"{name} {of.share:.3g} times as far" for name, of in found.items()]
    told = [of.worst.told() for of in found.values() if of.worst is not None]
    ends = [of.last.told() for of in found.values() if of.last is not None]
    text = (
        f"over {drift.steps} steps from its own state the layer drifts from exact by more than the "
        f"bounds of the steps add up to: {', '.join(shares)}; at the worst {', '.join(told)}, at "
        f"the end {', '.join(ends)}"
    )
    return _of_layer("semantics", text, drift.steps, names[0])


def _of_wrong(drift: Drift, name: str) -> Finding:
    found = drift.wrong[name]
    text = (
        f"over {drift.steps} steps from its own state the layer is wrong at {found.steps}, first "
        f"at step {found.first}: {found.check.told()}; no case showed it"
    )
    return _of_layer("semantics", text, found.steps, name)


def of_layer_error(refused: LayerError) -> Finding:
    """Return the finding that a layer raised something on its way over ordinary steps."""
    kind = refused.type if refused.type in ("crash", "hang") else "error"
    return _of_layer(kind, f"driven step by step, the layer raised {refused}", 1)


def _of_layer(kind: str, text: str, count: int, output: str = "") -> Finding:
    named = identity("drift", kind, output)
    return Finding(id=named, output=output, kind=kind, text=text, count=count)
