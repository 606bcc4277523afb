"""What a session is asked to do, and what that means for a backend, by what it says of itself."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bnparity import backends
from bnparity.cases import DRAWN_ELEMENTS, declaration
from bnparity.results import Judgement
from bnparity.sessions.part import EVERYTHING, Part

#: Averages that only the first batches tell from one that blends.
_OF_FIRST_BATCHES = ("running_average=first_batch", "running_average=debiased")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a session is asked to do.

    Parameters
    ----------
    seed
        Of everything that is drawn.
    examples
        Cases for each backend; None for as many as fit into `seconds`.
    seconds
        For the whole session, shared evenly among the backends; None for no limit.
    least
        Cases that each backend is to have, within reason, even if they take more than its share of
        a time that nobody has given.
    dialect
        Judge by this one instead of what each backend declares.
    dtypes
        Formats of the data; None for all that a backend declares.
    max_elements
        The most elements of a case's data.
    limits
        What a backend may take before it is stopped.
    in_process
        Call backends in this process: faster, and without protection against them.
    maxfail
        Failing cases after which a backend is asked no more, 0 for none; None gives up one that
        is never answered by: its first cases all raise the same, crash or hang.
    measuring
        Keep enough evidence to measure every convention, rare ones too.
    earlier
        A folder of kept findings, whose cases are asked first; None asks no such case.
    part
        The modes, ranks and outputs that are asked; all of them if it names none.
    stopped
        Says when to draw no more cases, and to judge no other backend.
    """

    seed: int = 0
    examples: int | None = None
    seconds: float | None = None
    least: int = 0
    dialect: str | None = None
    dtypes: tuple[str, ...] | None = None
    max_elements: int = DRAWN_ELEMENTS
    limits: backends.Limits = backends.DEFAULT_LIMITS
    in_process: bool = False
    maxfail: int | None = None
    measuring: bool = False
    earlier: Path | None = None
    part: Part = EVERYTHING
    stopped: Callable[[], bool] = lambda: False

    @contextmanager
    def opened(self, name: backends.Name) -> Iterator[backends.Opened]:
        """Open a backend within the limits, for the part of it that is asked."""
        with backends.opened(name, limits=self.limits, in_process=self.in_process) as found:
            yield self.part.of_backend(found)

    def dialect_of(self, capabilities: backends.Capabilities) -> str:
        """Return the dialect to judge a backend's cases by.

        What is said of the first batches concerns none of them where given statistics are under
        way.
        """
        text = self.dialect or capabilities.dialect
        average = f"running_average={declaration(text).dialect.running_average}"
        if not capabilities.under_way or average not in _OF_FIRST_BATCHES:
            return text
        kept = [word for word in text.split(",") if word.strip() != average]
        return ",".join([*kept, "running_average=blended"])

    def dtypes_of(self, capabilities: backends.Capabilities) -> tuple[str, ...]:
        """Return the formats to judge: of those that a backend takes all, or those wanted."""
        wanted = capabilities.dtypes if self.dtypes is None else self.dtypes
        return tuple(dtype for dtype in wanted if dtype in capabilities.dtypes)

    def not_asked(self, capabilities: backends.Capabilities) -> dict[str, str]:
        """Return what other backends are asked and this one is not, and why."""
        asked = self.dtypes_of(capabilities)
        unwanted = [dtype for dtype in capabilities.dtypes if dtype not in asked]
        others = [dtype for dtype in backends.FORMATS if dtype not in capabilities.dtypes]
        refused = [dtype for dtype in others if dtype not in (self.dtypes or ())]
        cumulative = declaration(self.dialect_of(capabilities)).dialect.momentum_none
        why = {
            ", ".join(unwanted): "--dtype leaves it out",
            ", ".join(refused): f"it takes {', '.join(capabilities.dtypes)}",
        }
        if cumulative == "cumulative" and not capabilities.momentum_none:
            why["momentum=None"] = "it does not say momentum_none = True"
        return {what: reason for what, reason in why.items() if what}

    @property
    def takes_none(self) -> str:
        """Why a backend that takes none of the formats is not judged."""
        return f"it takes no {', '.join(self.dtypes or ())}"


class OpenBackends(dict[str, backends.Opened]):
    """Backends by name, each opened by a plan when it is first asked for."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.plan = plan
        self._stacks: dict[str, ExitStack] = {}

    def __missing__(self, text: str) -> backends.Opened:
        stack = self._stacks[text] = ExitStack()
        self[text] = stack.enter_context(self.plan.opened(backends.parse(text)))
        return self[text]

    def close(self, *texts: str) -> None:
        """Close those of the backends that are open, all if none is named.

        They begin with all their restarts ahead.
        """
        for text in self.keys() & (texts or self.keys()):
            del self[text]
            self._stacks.pop(text).close()


def loadable(names: Iterable[backends.Name]) -> None:
    """Check that names that are anybody's own lead to backends; a `UsageError` if one does not.

    A session asks before it begins, so that a typo does not show after minutes of work.
    """
    for name in names:
        if name.framework not in backends.listed():
            with backends.opened(name) as backend:
                known(backend.capabilities)


def known(capabilities: backends.Capabilities) -> None:
    """Raise a `UsageError` if a backend says words of its dialect or formats that nobody knows."""
    declaration(capabilities.dialect)
    for dtype in capabilities.dtypes:
        backends.format_of(dtype)


def least_values(capabilities: backends.Capabilities) -> int:
    """Return how few values a channel of a case may have."""
    return 0 if capabilities.degenerate else 2


def unjudged(name: backends.Name, reason: str = "") -> Judgement:
    """Return the judgement of a backend that has not been asked yet, or cannot be for `reason`."""
    return Judgement(name=name.text, interpreter=name.interpreter, reason=reason)
