"""What denies that an arithmetic is the cause, though ordinary cases are as coarse as it is.

That is asked for its sake alone, and takes longer: it comes last, and only of what fits.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from bnparity_reference import OUTPUTS

from bnparity.backends import TFLOAT32, Format, format_of
from bnparity.diagnosis.asking import Asking
from bnparity.diagnosis.candidates import Changes, arithmetics, changed, without
from bnparity.diagnosis.probes import of_many_values, of_one_value, with_recipe
from bnparity.diagnosis.rounding import exact_everywhere, reaches
from bnparity.diagnosis.rules import Rule
from bnparity.judging import arithmetic_of

#: Data and results that float16 has no numbers for: too large ones.
FAR: Mapping[str, int | str] = MappingProxyType(
    {"scale": 6, "special": "huge", "special_in": "weight"}
)
#: Data, and an eps beside which they are normalised to numbers too small for it.
NEAR, LARGE_EPS = -6, 64.0
#: How small errors may be, as a share of the bound, of a format that makes them.
SMALLEST_SHARE = 1 / 64
#: How many times as small errors are that average out, of the many values that are asked.
AVERAGED_OUT = 32
#: What share of a format's largest number another one has that reaches as far.
WIDE = 1 / 2


def undenied(asking: Asking, rule: Rule, outputs: set[str]) -> set[str]:
    """Return which of `outputs`, that fit a rule, no other cases deny; none if time is up.

    Numbers of few bits come last: these cases are asked for nothing else.
    """
    if asking.rejudging.over or _outranged(asking, rule, outputs):
        return set()
    if _spares_many(asking, rule, outputs):
        return set()
    return outputs - _off_where_exact(asking, rule, outputs)


def _off_where_exact(asking: Asking, rule: Rule, outputs: set[str]) -> set[str]:
    """Return which of `outputs` are coarse where every number has few bits.

    No format rounds any of them: who approximates a root does.
    """
    exact = asking.coarser(rule, exact_everywhere(asking.ordinary(rule)))
    others = without(rule.changes, "arithmetic")
    judged = {check.output for check in asking.checks(exact, others, outputs - {"running_var"})}
    return judged - asking.accurate(exact, others, judged)


def _spares_many(asking: Asking, rule: Rule, outputs: set[str]) -> bool:
    """Return whether of many values hardly an error is left.

    Rounding averages out by the root of how many there are, at most. Faster goes what is off by
    a count.
    """
    many = asking.coarser(rule, map(of_many_values, asking.ordinary(rule)[::8]))
    least = SMALLEST_SHARE / AVERAGED_OUT
    return bool(many) and asking.within(many, rule.changes, outputs, least) == outputs


def _outranged(asking: Asking, rule: Rule, outputs: set[str]) -> bool:
    """Return whether a rule's format has not the range, or not the coarseness, of the cause.

    Another has room for what goes on beyond the range of a narrow one as before. If it is coarser,
    errors are too large for the rule's own as well. Of two that round alike, the narrow one is told
    where nothing goes on. float32 has all that it needs, and so has the data's own format.
    """
    given, narrow = _format(asking, rule), format_of("float16")
    if given.unit < narrow.unit:
        return False
    for value in arithmetics(asking.rejudging.dialect, asking.like):
        other = replace(rule, changes=_with_arithmetic(rule.changes, value))
        form = _format(asking, other)
        if form.unit < given.unit or form.largest < WIDE * given.largest or form == given:
            continue
        too_large = form.unit == given.unit or _is_large(asking, rule, other, outputs)
        if too_large and _goes_on(asking, other, narrow):
            return True
    return given == TFLOAT32 and not _goes_on(asking, rule, narrow)


def _is_large(asking: Asking, rule: Rule, other: Rule, outputs: set[str]) -> bool:
    """Return whether errors are too large for a rule, and not for the coarser `other`."""
    half = _format(asking, rule).unit / _format(asking, other).unit / 2
    small = asking.within(asking.plain(rule), other.changes, outputs, half)
    return bool(outputs - small) or _large_alone(asking, rule, other, outputs)


def _large_alone(asking: Asking, rule: Rule, other: Rule, outputs: set[str]) -> bool:
    """Return whether errors are too large for a rule, and not for the other, of single values.

    In a sum they average out, and one coarse rounding may pass for several finer ones. Of one
    value these take no more than their format's bound.
    """
    alone = asking.coarser(rule, map(of_one_value, asking.ordinary(rule)))
    checks = asking.checks(alone, rule.changes, outputs)
    too_large = {check.output for check in checks if check.ratio > 1.0}
    return bool(too_large) and asking.accurate(alone, other.changes, too_large) == too_large


def _goes_on(asking: Asking, rule: Rule, given: Format) -> bool:
    """Return whether all outputs are as a rule says where `given` has no numbers."""
    cases = [case for case in asking.ordinary(rule)[::4] if reaches(case, given)]
    far = [with_recipe(case, FAR) for case in cases]
    near = [with_recipe(replace(case, eps=LARGE_EPS), {"scale": NEAR}) for case in cases]
    for beyond in (far, near):
        found = asking.answers(beyond)
        judged = {check.output for check in asking.checks(found, rule.changes, set(OUTPUTS))}
        if not judged or asking.accurate(found, rule.changes, judged) != judged:
            return False
    return True


def _format(asking: Asking, rule: Rule) -> Format:
    dialect = changed(asking.rejudging.dialect, rule.changes)
    return arithmetic_of(dialect, format_of("float32"))


def _with_arithmetic(changes: Changes, value: str) -> Changes:
    return (*without(changes, "arithmetic"), ("arithmetic", value))
