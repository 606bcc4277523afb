"""What makes a run fail beside its findings: each problem in one line, with where it belongs."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

from bnparity_reference import OUTPUTS

from bnparity.results.comparison import Change
from bnparity.results.document import Backend

#: Verdicts that a user can have fail whatever is known.
Strict: TypeAlias = Literal["loose", "untrusted"]


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A reason why a run fails that is no finding.

    Parameters
    ----------
    kind
        ``required``, ``status``, ``fails`` (an output, without a finding), ``regressed`` (since
        the baseline), or ``known`` (a declared deviation that is none).
    text
        What is wrong, and how to mend it, in one line.
    backend, outputs
        Whose problem it is, and in which outputs; empty where it is nobody's.
    file
        The file in which it is to be mended, if it is no backend's.
    """

    kind: Literal["required", "status", "fails", "regressed", "known"]
    text: str
    backend: str = ""
    outputs: tuple[str, ...] = ()
    file: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the problem as results have it."""
        return {**asdict(self), "outputs": list(self.outputs)}


def missing(backend: Backend, required: Collection[str]) -> Iterator[Problem]:
    """Yield the problem of a backend that has to be there, and is not."""
    name = backend["name"]
    if backend["status"] == "unavailable" and name in required:
        text = f"{name} is required, but {backend['reason']}"
        yield Problem(kind="required", backend=name, text=text)


def refused(backend: Backend, strict: Collection[Strict]) -> Iterator[Problem]:
    """Yield the problems of a backend with a verdict that is not accepted."""
    name = backend["name"]
    loose = loose_outputs(backend)
    if "loose" in strict and loose:
        text = f"{too_loose(name, loose)}; --fail-on loose does not accept that"
        yield Problem(kind="status", backend=name, outputs=tuple(loose), text=text)
    if "untrusted" in strict and backend["status"] == "untrusted":
        text = f"{name} is untrusted; --fail-on untrusted does not accept that"
        yield Problem(kind="status", backend=name, text=text)


def loose_outputs(backend: Backend) -> dict[str, float]:
    """Return the outputs that are loose, each with its worst ratio."""
    return {
        name: figures["worst_ratio"]
        for name, figures in backend["outputs"].items()
        if figures.get("verdicts", {}).get("loose") and not figures["verdicts"].get("fail")
    }


def too_loose(name: str, outputs: Mapping[str, float]) -> str:
    """Return in words that a backend is loose in these outputs, with their worst ratios."""
    worst = ", ".join(f"{output} (worst ratio {ratio:.3g})" for output, ratio in outputs.items())
    return f"{name} is loose in {worst}"


def untold(backend: Backend) -> Iterator[Problem]:
    """Yield what is wrong with a backend of which no finding tells."""
    name = backend["name"]
    told = {output for finding in backend["findings"] for output in finding["outputs"]}
    for output, figures in backend["outputs"].items():
        fails = figures.get("verdicts", {}).get("fail", 0)
        if fails and output not in told:
            text = f"{name}: {output} fails ({fails} of {figures['checks']} checks), unexplained"
            yield Problem(kind="fails", backend=name, outputs=(output,), text=text)
    if backend["status"] == "untrusted" and not backend["findings"]:
        yield Problem(kind="status", backend=name, text=f"{name}: nothing of it was checked")


def of_change(change: Change) -> Problem:
    """Return the problem that something is worse than in a baseline."""
    where = change.where.partition(" of ")[0]
    said = f"{change.old} -> {change.new}" if change.old and change.new else change.old + change.new
    parts = (change.backend, f"{change.subject} {change.where}".strip(), said, change.note)
    return Problem(
        kind="regressed",
        backend=change.backend,
        outputs=(where,) if where in OUTPUTS else (),
        text=f"worse than in the baseline: {': '.join(filter(None, parts))}",
    )
