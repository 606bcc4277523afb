"""A part of what a backend is asked: some modes, ranks and outputs, and nothing else."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from bnparity.backends import Arrays, Ask, Opened, Reply, Settings
from bnparity.cases import Declaration
from bnparity.judging import STATISTICS


@dataclass(frozen=True, kw_only=True)
class Part:
    """What is asked; a field that is empty leaves nothing out."""

    modes: tuple[str, ...] = ()
    ranks: tuple[int, ...] = ()
    outputs: tuple[str, ...] = ()

    def of_backend(self, backend: Opened) -> Opened:
        """Return `backend` as one that takes and provides this part alone, without its layers."""
        if self == EVERYTHING:
            return backend
        takes = backend.capabilities
        ranks = tuple(rank for rank in takes.ranks if rank in (self.ranks or takes.ranks))
        outputs = tuple(o for o in takes.outputs if o in (self.outputs or takes.outputs))
        if self.modes == ("inference",):  # where running statistics do not move
            outputs = tuple(output for output in outputs if output not in STATISTICS)
        if backend.ask is None:
            return backend
        if not ranks or not outputs:
            reason = "it has nothing of the part that -k names"
            return replace(backend, ask=None, remote=None, reason=reason)
        return replace(
            backend,
            ask=_answering(backend.ask, outputs),
            remote=None,
            capabilities=replace(takes, ranks=ranks, outputs=outputs),
        )

    def of_dialect(self, declared: Declaration) -> Declaration:
        """Return `declared` with the rows of its mode table that are asked."""
        rows = [row for row in declared.modes if not self.modes or _mode(row[0]) in self.modes]
        return replace(declared, modes=tuple(rows))


EVERYTHING = Part()


def _mode(training: bool) -> str:
    return "training" if training else "inference"


def _answering(ask: Ask, outputs: tuple[str, ...]) -> Ask:
    """Return `ask` with these outputs alone in its replies."""

    def answer(
        arrays: Arrays, settings: Settings, meanwhile: Callable[[], object] = lambda: None
    ) -> Reply:
        reply = ask(arrays, settings, meanwhile)
        return replace(reply, outputs={o: a for o, a in reply.outputs.items() if o in outputs})

    return answer
