"""What the suites assert: that an examination passes; if not, all that a reader needs to know."""

from bnparity.examine import Examination
from bnparity.hunt import suspicions


def assert_follows(examination: Examination) -> None:
    """Raise unless every output lies within the any-order bound.

    Raises
    ------
    AssertionError
        With got, expected, bound and ratio of each output, and the case.
    """
    if not suspicions(examination):
        return
    lines = [str(examination.case)]
    if examination.fault is not None:
        lines.append(f"{examination.fault.kind}: {examination.fault.text}")
    lines += [
        f"{check.verdict}: {check.output}{list(check.index)} is {check.got:.9g}, expected "
        f"{check.expected:.9g}, bound {check.bound:.3g}, ratio {check.ratio:.3g}"
        for check in examination.checks
    ]
    raise AssertionError("\n".join(lines))
