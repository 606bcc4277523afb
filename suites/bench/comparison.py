"""What each policy makes of the same results, counted, and as a table."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bench.good_and_wrong import Result
from bench.policies import FEW, POLICIES, Policy, loosened


@dataclass(frozen=True, kw_only=True)
class Count:
    """How many good and wrong results a policy was shown, and on which it was mistaken."""

    good: int
    accused: tuple[Result, ...]
    wrong: int
    missed: tuple[Result, ...]

    @property
    def false_alarms(self) -> float:
        """The share of the good results that it accuses."""
        return len(self.accused) / self.good

    @property
    def misses(self) -> float:
        """The share of the wrong results that it lets pass."""
        return len(self.missed) / self.wrong


def compared(good: tuple[Result, ...], wrong: tuple[Result, ...]) -> dict[str, Count]:
    """Return the counts of each policy, as it is and loosened."""
    policies = {**POLICIES, **loosened(good)}
    return {name: counted(policy, good, wrong) for name, policy in policies.items()}


def counted(accuses: Policy, good: tuple[Result, ...], wrong: tuple[Result, ...]) -> Count:
    """Return the count of one policy."""
    return Count(
        good=len(good),
        accused=tuple(result for result in good if accuses(result)),
        wrong=len(wrong),
        missed=tuple(result for result in wrong if not accuses(result)),
    )


def table(counts: Mapping[str, Count]) -> Iterator[str]:
    """Yield the lines of the table, a policy a line."""
    any_count = next(iter(counts.values()))
    yield f"{any_count.good} good results and {any_count.wrong} wrong ones in float32"
    yield f"loosened: both tolerances by the one factor that leaves {FEW:.0%} of the good accused"
    yield f"{'policy':40}{'good accused':>20}{'wrong missed':>20}"
    for name, count in counts.items():
        accused, missed = len(count.accused), len(count.missed)
        yield (f"{name:40}{accused:12}{count.false_alarms:8.2%}{missed:12}{count.misses:8.2%}")


def by_fault(missed: Iterable[Result]) -> Iterator[str]:
    """Yield a line for each fault, output and verdict that bnparity misses.

    With the largest multiple of the right kernels' error, and the largest ratio, among them.
    """
    groups: dict[tuple[str, str, str], list[Result]] = defaultdict(list)
    for result in missed:
        groups[result.kernel, result.output, result.verdict].append(result)
    yield f"{'missed by bnparity':34}{'output':14}{'verdict':8}{'count':>6}{'off':>12}{'ratio':>10}"
    for (fault, output, verdict), results in sorted(groups.items()):
        off, ratio = max(r.off for r in results), max(r.ratio for r in results)
        yield f"{fault:34}{output:14}{verdict:8}{len(results):6}{off:12.3g}{ratio:10.2g}"
