"""All rules, and which of them are asked for."""

from collections.abc import Sequence

from bnparity.backends import UsageError, did_you_mean
from bnparity.porting.lint.rule import Rule
from bnparity.porting.lint.rules import arguments, modes, momentum, shapes, state, training

#: The code of a file that could not be read; no rule looks for it.
UNREAD = Rule(
    code="BN100",
    sentence="The file could not be read as Python",
    document="https://docs.python.org/3/reference/lexical_analysis.html",
    check=lambda _source: (),
)
RULES = (
    UNREAD,
    *momentum.RULES,
    *arguments.RULES,
    *modes.RULES,
    *training.RULES,
    *shapes.RULES,
    *state.RULES,
)


def lint_rules(select: Sequence[str], ignore: Sequence[str]) -> tuple[Rule, ...]:
    """Return the rules whose codes begin with what is selected, without those ignored.

    Raises
    ------
    UsageError
        If a code is of no rule, or no rule is left.
    """
    wanted, unwanted = _codes("--select", select), _codes("--ignore", ignore)
    rules = [r for r in RULES if not wanted or r.code.startswith(wanted)]
    left = tuple(r for r in rules if not (unwanted and r.code.startswith(unwanted)))
    if not left:
        given = [("--select", select), ("--ignore", ignore)]
        asked = " and ".join(f"{option} {','.join(codes)}" for option, codes in given if codes)
        raise UsageError(f"{asked}: no rule is left; select one that is not ignored")
    return left


def _codes(option: str, given: Sequence[str]) -> tuple[str, ...]:
    """Return the codes or beginnings of codes in comma-separated lists, each of which is known."""
    codes = tuple(code.strip() for text in given for code in text.split(",") if code.strip())
    known = [rule.code for rule in RULES]
    for code in codes:
        if not any(k.startswith(code) for k in known):
            raise UsageError(
                f"{option} {code}: no rule begins so; they are {known[0]} to {known[-1]}"
                f"{did_you_mean(code, known)}"
            )
    return codes
