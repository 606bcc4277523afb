"""What makes a pass worth nothing, as findings: outputs that were never seen, or could not fail.

Outputs of which the same is true are told together.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from bnparity.backends import UNWATCHED, did_you_mean
from bnparity.results.findings import Finding, identity

#: Outputs, each with how often something was so.
Counts: TypeAlias = Mapping[str, int]

#: How a check can be made to count, of a backend that can be asked.
DRAW_MORE = "draw more cases, or let the backend take more of them"


def not_provided(asked: Counts, missing: Counts, besides: Iterable[str]) -> Iterator[Finding]:
    """Yield what was `asked` for and did not come: always, or so often as it was `missing`.

    `besides` are names that came then, and are no output's.
    """
    hint = _meant(sorted(besides), missing)
    never = {name: n for name, n in missing.items() if n == asked[name]}
    if never:
        yield _never_provided(never, hint)
    for name, n in missing.items():
        if name not in never:
            text = (
                f"{name} was asked for {asked[name]} times and not provided {n} times, and nothing "
                f"is known of it there{hint}"
            )
            yield _vacuous(text, n, name)


def could_not_fail(
    never: Mapping[str, Sequence[str]], checks: Counts, remedy: str = DRAW_MORE
) -> Iterator[Finding]:
    """Yield the findings that the `checks` of outputs could not have failed.

    `never` has what each output never had to do, in words that follow "had to"; `remedy` says how
    it will have to.
    """
    groups: dict[tuple[str, ...], dict[str, int]] = {}
    for output, texts in never.items():
        judged = checks.get(output, 0)
        groups.setdefault(tuple(texts) if judged else (), {})[output] = judged
    for told, outputs in groups.items():
        yield _could_not_fail(told, outputs, remedy)


def declined(reasons: Counts) -> Finding:
    """Return the finding that a backend declined every case, and for which reasons."""
    often = max(reasons, key=lambda reason: reasons[reason])
    others = f", and {len(reasons) - 1} other reasons" if len(reasons) > 1 else ""
    text = (
        f"it declined every case: {often}{others}; answer some of them, or say what it takes with "
        f"the attributes `dtypes`, `ranks` and `outputs`"
    )
    return _vacuous(text, sum(reasons.values()))


def mostly_declined(answered: int, asked: int, reasons: Sequence[str]) -> Finding:
    """Return the finding that a backend answered but few of the cases it was asked."""
    text = (
        f"it answered {answered} of {asked} cases, and nothing is known of the others: "
        f"{'; '.join(reasons)}; a function that takes less says so: batch_norm.ranks, .dtypes"
    )
    named = identity("mostly declined")
    return Finding(id=named, kind="vacuous", text=text, count=asked - answered)


def not_taken(asked: Sequence[str], taken: Sequence[str]) -> Finding:
    """Return the finding that formats were asked for that a backend does not take."""
    text = (
        f"{', '.join(asked)} was asked for and not checked: it takes {', '.join(taken)}; a "
        f"function that takes more says so: batch_norm.dtypes = {(*taken, *asked)}"
    )
    return Finding(id=identity("not taken", *asked), kind="vacuous", text=text, count=0)


def not_finished(tests: Sequence[str]) -> Finding:
    """Return the finding that `tests` of a backend, one at least, never came to their end."""
    text = (
        f"{len(tests)} tests were not finished, and nothing is known of what they would have "
        f"judged: {', '.join(tests)}"
    )
    return _vacuous(text, len(tests))


def borrows(module: str) -> Finding:
    """Return the finding that a backend had its work done by `module`, which is bnparity's own.

    Where it has not let that be seen, that is the finding.
    """
    if module == UNWATCHED:
        text = (
            f"the backend called {module}, so nobody could see whose code it runs: what agrees "
            f"because it is the same code says nothing"
        )
        return _vacuous(text, 1)
    text = (
        f"the backend called {module}: what agrees with the oracle or with another backend because "
        f"it is the same code says nothing"
    )
    return _vacuous(text, 1)


def changed(what: str) -> Finding:
    """Return the finding that a backend's files have changed while it was asked."""
    text = f"{what}, and nothing is known of what it is now: ask once more"
    return _vacuous(text, 1)


def series(words: Sequence[str]) -> str:
    """Return words as people list them.

    Examples
    --------
    >>> series(["a", "b", "c"])
    'a, b and c'
    """
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _vacuous(text: str, count: int, *outputs: str) -> Finding:
    first = outputs[0] if outputs else ""
    of = outputs if len(outputs) > 1 else ()
    return Finding(
        id=identity("vacuous", *(outputs or [""])),
        output=first,
        kind="vacuous",
        text=text,
        count=count,
        outputs=of,
    )


def _meant(besides: Sequence[str], missing: Counts) -> str:
    """Return a hint at names that came in place of outputs that were `missing`; "" without any."""
    told = [f"{name}{did_you_mean(name, missing)}" for name in besides]
    no_output = "which is no output" if len(told) == 1 else "which are no outputs"
    return f"; it returned {series(told)}, {no_output}" if told else ""


def _never_provided(asked: Counts, hint: str) -> Finding:
    text = (
        f"{_were(asked)} asked for {_numbers(asked)} times and never provided{hint}; if the "
        f"function does not compute {_pronoun(asked)}, give it an attribute `outputs` that says so"
    )
    return _vacuous(text, max(asked.values()), *asked)


def _could_not_fail(never: Sequence[str], checks: Counts, remedy: str) -> Finding:
    if not never:
        return _vacuous(f"{_were(checks)} never judged: {remedy}", 0, *checks)
    text = (
        f"in {_numbers(checks)} checks {series(list(checks))} never had to "
        f"{', nor to '.join(never)}: they could not have failed; {remedy}"
    )
    return _vacuous(text, max(checks.values()), *checks)


def _were(outputs: Counts) -> str:
    return f"{series(list(outputs))} {'was' if len(outputs) == 1 else 'were'}"


def _pronoun(outputs: Counts) -> str:
    return "it" if len(outputs) == 1 else "them"


def _numbers(counts: Counts) -> str:
    """Return the one number that all counts are, or all of them."""
    numbers = list(map(str, counts.values()))
    return numbers[0] if len(set(numbers)) == 1 else series(numbers)
