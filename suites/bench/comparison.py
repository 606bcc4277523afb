"""What each policy makes of the same results, counted, and as a table."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bench.good_and_wrong import Result
from bench.policies import FEW, POLICIES, Policy, loosened
from bnparity.judging.verdicts import Verdict

#: The verdicts with which bnparity lets a result be.
MISSED: tuple[Verdict, ...] = ("loose", "pass")


@dataclass(frozen=True, kw_only=True)
class Count:
    """The good and the wrong results that a policy was shown, and those it was mistaken on."""

    good: tuple[Result, ...]
    accused: tuple[Result, ...]
    wrong: tuple[Result, ...]
    missed: tuple[Result, ...]

    @property
    def false_alarms(self) -> float:
        """The share of the good results that it accuses."""
        return len(self.accused) / len(self.good)

    @property
    def misses(self) -> float:
        """The share of the wrong results that it lets pass."""
        return len(self.missed) / len(self.wrong)


def compared(good: tuple[Result, ...], wrong: tuple[Result, ...]) -> dict[str, Count]:
    """Return the counts of each policy, as it is and loosened."""
    policies = {**POLICIES, **loosened(good)}
    return {name: counted(policy, good, wrong) for name, policy in policies.items()}


def counted(accuses: Policy, good: tuple[Result, ...], wrong: tuple[Result, ...]) -> Count:
    """Return the count of one policy."""
    return Count(
        good=good,
        accused=tuple(result for result in good if accuses(result)),
        wrong=wrong,
        missed=tuple(result for result in wrong if not accuses(result)),
    )


def table(counts: Mapping[str, Count]) -> Iterator[str]:
    """Yield the lines of the table, a policy a line."""
    any_count = next(iter(counts.values()))
    yield f"{len(any_count.good)} good results and {len(any_count.wrong)} wrong ones in float32"
    yield f"loosened: both tolerances by the one factor that leaves {FEW:.0%} of the good accused"
    yield f"{'policy':40}{'good accused':>20}{'wrong missed':>20}"
    for name, count in counts.items():
        accused, missed = len(count.accused), len(count.missed)
        yield (f"{name:40}{accused:12}{count.false_alarms:8.2%}{missed:12}{count.misses:8.2%}")


def by_fault(count: Count) -> Iterator[str]:
    """Yield a line for each fault of which bnparity misses a result, the most missed first.

    Misses are split by verdict: ``loose`` within the gate alone, ``pass`` within the tight line.
    ``off`` is the largest multiple of the right kernels' error among those that pass.
    """
    shown = Counter(result.kernel for result in count.wrong)
    groups: dict[str, list[Result]] = defaultdict(list)
    for result in count.missed:
        groups[result.kernel].append(result)
    yield f"{'missed by bnparity':48}{'wrong':>8}{'loose':>8}{'pass':>8}{'off':>12}"
    for fault, missed in sorted(groups.items(), key=lambda group: (-len(group[1]), group[0])):
        passed = [result.off for result in missed if result.verdict == "pass"]
        loose, off = len(missed) - len(passed), max(passed, default=0.0)
        yield f"{fault:48}{shown[fault]:8}{loose:8}{len(passed):8}{off:12.3g}"


def by_verdict(count: Count) -> str:
    """Return how many of bnparity's misses have which verdict, in a line."""
    verdicts = Counter(result.verdict for result in count.missed)
    shares = (
        f"{name} {verdicts[name]} ({verdicts[name] / len(count.wrong):.2%})" for name in MISSED
    )
    return f"bnparity's misses: {', '.join(shares)}"
