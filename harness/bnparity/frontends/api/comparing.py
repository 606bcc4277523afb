"""Two backends against each other: where they differ by convention, and where by accuracy."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Generic, Literal, TypeVar

from bnparity_reference import Dialect

from bnparity.backends import DEFAULT_LIMITS
from bnparity.cases import declaration
from bnparity.frontends.api.checking import check
from bnparity.frontends.api.given import Given
from bnparity.frontends.api.verdict import Verdict, figures, unavailable
from bnparity.judging import TIGHT, ratio_text

#: What is compared: the value of a convention, or a ratio.
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Difference(Generic[T]):
    """One convention or one output, and what it is of either backend."""

    of: str
    a: T
    b: T


@dataclass(frozen=True, kw_only=True, repr=False)
class Comparison:
    """What parts two backends.

    Parameters
    ----------
    a, b
        The verdict on each, by its own dialect.
    conventions
        The conventions in which they differ: as declared, or as the outputs show.
    accuracy
        The largest error / bound of each output where one is accurate and the other is not.
    """

    a: Verdict
    b: Verdict
    conventions: tuple[Difference[str], ...]
    accuracy: tuple[Difference[float], ...]

    @property
    def status(self) -> Literal["same", "convention", "accuracy", "both", "unknown"]:
        """What they differ by; ``unknown`` where one was not judged, or nothing explains it."""
        if any(v.status in ("unavailable", "untrusted") or _unexplained(v) for v in self._both):
            return "unknown"
        if self.conventions:
            return "both" if self.accuracy else "convention"
        return "accuracy" if self.accuracy else "same"

    @property
    def _both(self) -> tuple[Verdict, Verdict]:
        return self.a, self.b

    def __repr__(self) -> str:
        """Return a line."""
        names = " and ".join(verdict.backend for verdict in self._both)
        told = [each.of for each in self.conventions] + [each.of for each in self.accuracy]
        return f"<Comparison {names}: {': '.join([self.status, ', '.join(told)]).rstrip(': ')}>"

    def explain(self) -> str:
        """Return the differences in words, a line each."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        one, other = (verdict.backend for verdict in self._both)
        for field in self.conventions:
            yield f"convention {field.of}: {field.a} in {one}, {field.b} in {other}"
        for output in self.accuracy:
            ratios = f"{ratio_text(output.a)} in {one}, {ratio_text(output.b)} in {other}"
            yield f"accuracy of {output.of}: worst error / bound {ratios}"
        for verdict in self._both:
            if verdict.status == "unavailable":
                yield unavailable(verdict.judgement)
            for text in _unexplained(verdict):
                yield f"{verdict.backend}: {text}"
        if self.status == "same":
            yield f"{one} and {other} follow the same conventions, as accurately"


def compare(
    a: Given,
    b: Given,
    *,
    dialect: str | Dialect | None = None,
    examples: int = 200,
    dtypes: Sequence[str] | None = None,
    seed: int = 0,
    timeout: float = DEFAULT_LIMITS.seconds,
) -> Comparison:
    """Judge two backends, each by its dialect, and return in what they differ.

    Parameters
    ----------
    a, b
        Backends, as `bnparity.check` takes them.
    dialect, examples, dtypes, seed, timeout
        As `bnparity.check` takes them, for both.
    """
    one, other = (
        check(
            backend, dialect=dialect, examples=examples, dtypes=dtypes, seed=seed, timeout=timeout
        )
        for backend in (a, b)
    )
    judged = "unavailable" not in (one.status, other.status)
    return Comparison(
        a=one,
        b=other,
        conventions=_conventions(one, other) if judged else (),
        accuracy=tuple(_accuracy(one, other)),
    )


def _conventions(one: Verdict, other: Verdict) -> tuple[Difference[str], ...]:
    a, b = _followed(one), _followed(other)
    return tuple(
        Difference(of=field, a=a[field], b=b[field]) for field in a if a[field] != b[field]
    )


def _followed(verdict: Verdict) -> Mapping[str, str]:
    """Return the conventions of a backend: what it declares, but for what its outputs show."""
    declared = declaration(verdict.dialect).dialect
    values = {field.name: str(getattr(declared, field.name)) for field in fields(declared)}
    codes = [code for finding in verdict.findings for code in finding.codes]
    shown = {field: value for field, _, value in (code.partition("=") for code in codes)}
    return values | {field: value for field, value in shown.items() if field in values}


def _accuracy(one: Verdict, other: Verdict) -> Iterator[Difference[float]]:
    """Yield the outputs of which one backend alone is accurate, conventions apart."""
    a, b = _ratios(one), _ratios(other)
    for output in a.keys() & b.keys():
        if (a[output] <= TIGHT) != (b[output] <= TIGHT):
            yield Difference(of=output, a=a[output], b=b[output])


def _ratios(verdict: Verdict) -> Mapping[str, float]:
    """Return the worst ratio of each output that follows the conventions of its dialect."""
    others = {o for f in verdict.findings if f.kind == "semantics" for o in (*f.outputs, f.output)}
    return {o: of["worst_ratio"] for o, of in figures(verdict).items() if o not in others}


def _unexplained(verdict: Verdict) -> list[str]:
    return [f.text for f in verdict.findings if f.kind == "semantics" and not f.codes]
