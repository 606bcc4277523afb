"""The parameters of both constructors side by side, by what they are for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from bnparity.porting.claims.claim import Answer
from bnparity.porting.differences.asking import Seen
from bnparity.porting.differences.side import Side

#: Parameters that are for the same, by the names that frameworks give them.
_ALIKE = (
    ("num_features", "input_size", "sz"),
    ("eps", "epsilon"),
    ("momentum", "decay_rate"),
    ("affine", "scale", "use_scale", "create_scale", "channelwise_affine"),
    ("track_running_stats", "use_batch_statistics", "use_running_average", "inference"),
    ("axis", "data_format"),
    ("gamma_init", "gamma_initializer", "scale_init"),
    ("beta_init", "beta_initializer", "bias_init", "offset_init"),
    ("moving_mean_init", "moving_mean_initializer"),
    ("moving_var_init", "moving_variance_initializer"),
    ("process_group", "process_groups", "axis_name", "cross_replica_axis"),
)


@dataclass(frozen=True, kw_only=True)
class Known:
    """A side, what was seen of it, and what was measured of the claims about it."""

    side: Side
    seen: Seen | None
    answers: tuple[Answer, ...] = ()

    @property
    def measured(self) -> bool:
        """Whether its example was run."""
        return self.seen is not None and bool(self.seen.arrays)

    @property
    def whence(self) -> str:
        """Where its parameters are from."""
        if self.seen is not None and not self.seen.refused:
            return f"the signature of {self.seen.version}"
        return f"the table, {self.side.declared.versions}"

    @property
    def parameters(self) -> tuple[tuple[str, str], ...]:
        """Name and default of each parameter, of what is installed or else as the table has it."""
        if self.seen is not None and self.seen.parameters:
            return self.seen.parameters
        made, declared = self.side.constructor, self.side.declared
        if made is None:
            return ()
        values = {made.eps: declared.default_eps, made.momentum: declared.default_momentum}
        return tuple((p, repr(values[p]) if p in values else "") for p in made.parameters)

    def written(self, of: Literal["eps", "momentum"]) -> str:
        """Return a default as the installed signature has it, nothing if it has none."""
        made, seen = self.side.constructor, self.seen
        if made is None or seen is None:
            return ""
        return dict(seen.parameters).get(made.eps if of == "eps" else made.momentum, "")

    def default(self, of: Literal["eps", "momentum"]) -> float:
        """Return a default as the installed signature has it, or else the table."""
        declared = self.side.declared
        table = declared.default_eps if of == "eps" else declared.default_momentum
        return float(self.written(of) or table)

    @property
    def signature(self) -> str:
        """The constructor with its parameters."""
        written = [f"{name}={default}" if default else name for name, default in self.parameters]
        return f"{self.side.title}(\n    " + ",\n    ".join(written) + ",\n)"


def rows(one: Known, other: Known) -> Iterator[tuple[str, ...]]:
    """Yield a row for each parameter of either: both names with defaults, and what differs."""
    theirs = dict(other.parameters)
    for name, default in one.parameters:
        match = _match(name, theirs)
        yield (
            _written(name, default),
            _written(match, theirs[match]) if match else "-",
            _differs(name, default, match, theirs.pop(match) if match else "", other.side.title),
            _behind(name, match, one, other),
        )
    for name, default in theirs.items():
        told = f"`{one.side.title}` has no such parameter"
        yield "-", _written(name, default), told, _behind("", name, one, other)


def _match(name: str, others: dict[str, str]) -> str:
    """Return the parameter among `others` that is for the same, nothing if none is."""
    if name in others:
        return name
    alike = next((group for group in _ALIKE if name in group), ())
    return next((candidate for candidate in alike if candidate in others), "")


def _written(name: str, default: str) -> str:
    return f"`{name}={default}`" if default else f"`{name}`"


def _differs(name: str, default: str, match: str, its: str, other: str) -> str:
    if not match:
        return f"`{other}` has no such parameter"
    parts = [] if name == match else ["another name"]
    parts += [] if default == its or not default or not its else ["another default"]
    if name in ("momentum", "decay_rate"):
        parts.append("see Momentum")
    return ", ".join(parts) or "none"


def _behind(name: str, match: str, one: Known, other: Known) -> str:
    """Return what a row is founded on: the claims about it, and the signatures."""
    claims = [*claimed(one.answers, _topic(name or match))]
    claims += claimed(other.answers, _topic(match or name))
    whence = [known.whence for known, own in ((one, name), (other, match)) if own]
    return "; ".join([*dict.fromkeys(whence), *claims])


def _topic(name: str) -> str:
    return "statistics" if name in ("track_running_stats", "use_batch_statistics") else name


def claimed(answers: Sequence[Answer], *topics: str) -> Iterator[str]:
    """Yield the claims of some topics, each with what was measured of it."""
    for answer in answers:
        if answer.claim.id.partition(f"-{answer.claim.api}-")[2] in topics:
            yield f"`{answer.claim.id}` {answer.measurement.verdict}"
