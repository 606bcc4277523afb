"""The page of two sides, section by section."""

from collections.abc import Iterator, Sequence
from typing import Literal

from bnparity.judging import ratio_text
from bnparity.porting.differences import conventions, parameters
from bnparity.porting.differences.blocks import Block, Code, Heading, Items, Page, Paragraph, Table
from bnparity.porting.differences.conventions import CHECKED
from bnparity.porting.differences.converting import meaning, relation, steps
from bnparity.porting.differences.judging import EPS, SHARE, checks
from bnparity.porting.differences.parameters import Known

_NUMBERS: tuple[Literal["eps", "momentum"], ...] = ("eps", "momentum")
#: Rows of a mode table in words, and the topics of the claims about them.
_MODES = {
    (True, True): (
        "training: the batch normalises itself, running statistics move",
        ("true-true", "true", "set_train"),
    ),
    (False, True): (
        "inference: running statistics normalise, and stay",
        ("false-true", "false"),
    ),
    (True, False): (
        "training without running statistics: the batch normalises itself",
        ("true-false",),
    ),
    (False, False): (
        "inference without running statistics: the batch normalises itself",
        ("false-false", "learning"),
    ),
}


def page_of(one: Known, other: Known) -> Page:
    """Return the page on what differs between two sides."""
    return Page(
        command=f"bnparity differences {one.side.name} {other.side.name}",
        blocks=(
            Heading(text=f"{one.side.title} and {other.side.title}", level=1),
            Paragraph(text=" ".join(_intro(known) for known in (one, other))),
            *_declared(one, other),
            *_signatures(one, other),
            *_examples(one, other),
            *_claims(one, other),
        ),
    )


def _intro(known: Known) -> str:
    side, seen = known.side, known.seen
    title = f"`{side.title}` ({side.declared.title})"
    if seen is None:
        return f"{title} is a row of bnparity's table, {side.declared.versions}."
    if seen.refused:
        reason = seen.refused.partition(": ")[2] or seen.refused
        return f"{title} could not be asked ({reason}): what is said of it is from the table."
    return f"{title} was asked as {seen.version} has it."


def _declared(one: Known, other: Known) -> Iterator[Block]:
    """Yield what is known without calling anything: the momentum, conventions, modes, refusals."""
    yield Heading(text="Momentum")
    for known in (one, other):
        yield Code(text=f"{known.side.title}: {meaning(known.side)}")
    yield Paragraph(text=relation(one, other))
    yield Paragraph(text=f"Behind it: {_behind(one, other, 'relation', 'momentum-default')}.")
    yield Heading(text="What they compute differently")
    rows = tuple(conventions.rows(one, other))
    if rows:
        titles = (one.side.title, other.side.title)
        yield Table(columns=("convention", *titles, "behind it"), rows=rows)
    else:
        yield Paragraph(text="Nothing: both follow the same conventions.")
    yield Heading(text="Defaults, modes and refusals")
    columns = ("", one.side.title, other.side.title, "behind it")
    yield Table(columns=columns, rows=tuple(_defaults(one, other)))
    yield Heading(text=f"How to convert {one.side.title} to {other.side.title}")
    yield Items(texts=tuple(steps(one, other)) or ("Nothing is to be done.",))


def _defaults(one: Known, other: Known) -> Iterator[tuple[str, ...]]:
    """Yield a row for each fact of both: what it is, both values, and the claims behind it."""
    declared = (one.side.declared, other.side.declared)
    facts: list[tuple[str, Sequence[str], tuple[str, ...]]] = [
        *(
            (f"default {name}", [f"{known.default(name):g}" for known in (one, other)], (name,))
            for name in _NUMBERS
        ),
        ("a new layer is in", [d.starts_in for d in declared], ("starts", "usage")),
        *(
            (told, ["yes" if mode in d.modes else "no such mode" for d in declared], topics)
            for mode, (told, topics) in _MODES.items()
        ),
        ("weight and bias", [", ".join(d.affines) for d in declared], ("affine",)),
        (
            "what is refused, and more",
            [" ".join(d.notes) or "-" for d in declared],
            ("eps-range", "momentum-function", "ranks"),
        ),
    ]
    for told, values, topics in facts:
        yield (told, *values, _behind(one, other, *topics))


def _behind(one: Known, other: Known, *topics: str) -> str:
    """Return the claims of some topics, or how the table was checked where there is none."""
    told: list[str] = []
    for known in (one, other):
        declared = known.side.declared
        table = f"{known.side.framework} {declared.versions}, {CHECKED[declared.checked]}"
        if any(name in topics and known.written(name) for name in _NUMBERS):
            table = known.whence
        told += list(parameters.claimed(known.answers, *topics)) or [table]
    return "; ".join(told)


def _signatures(one: Known, other: Known) -> Iterator[Block]:
    known = [k for k in (one, other) if k.parameters]
    if not known:
        return
    yield Heading(text="Signatures")
    for k in known:
        yield Code(text=k.signature, language="python")
    if len(known) == 2:
        yield Heading(text="Parameters")
        titles = (one.side.title, other.side.title)
        rows = tuple(parameters.rows(one, other))
        yield Table(columns=(*titles, "difference", "behind it"), rows=rows)


def _examples(one: Known, other: Known) -> Iterator[Block]:
    measured = [known for known in (one, other) if known.measured]
    if not measured:
        return
    yield Heading(text="The same in code")
    yield Paragraph(
        text=f"One step of training from new statistics, then inference: the batch's share is "
        f"{SHARE:g}, eps is {EPS:g}. Below the code is what it printed."
    )
    for known in measured:
        if known.seen is not None:
            yield Code(text=known.side.example, language="python")
            yield Code(text=known.seen.printed)
    yield Heading(text="Accuracy")
    yield Paragraph(
        text="The training step above against the exact result under each side's own conventions. "
        "A ratio of 1 is the error of a good implementation at its worst; up to 4 is a pass."
    )
    columns = ("", "output", "running_mean", "running_var")
    yield Table(columns=columns, rows=tuple(_accuracy(known) for known in measured))


def _accuracy(known: Known) -> tuple[str, ...]:
    assert known.seen is not None
    found = {check.output: check for check in checks(known.side, known.seen)}
    cells = [
        f"{found[name].verdict}, ratio {ratio_text(found[name].ratio)}"
        for name in ("output", "running_mean", "running_var")
    ]
    return (f"{known.side.title}, {known.seen.version}", *cells)


def _claims(one: Known, other: Known) -> Iterator[Block]:
    answers = [*one.answers, *other.answers]
    if not answers:
        return
    yield Heading(text="What documents say, measured")
    rows = tuple(
        (f"`{a.claim.id}`", a.claim.statement, a.measurement.verdict, a.measurement.evidence)
        for a in answers
    )
    yield Table(columns=("claim", "statement", "it", "evidence"), rows=rows)
