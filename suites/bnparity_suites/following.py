"""What the suites judge by: a single case result."""

from bnparity.judging import CaseResult, symptoms


def assert_follows(case_result: CaseResult) -> None:
    """Raise unless every output lies within the any-order bound.

    Raises
    ------
    AssertionError
        With got, expected, bound and ratio of each output, and the case.
    """
    if not symptoms(case_result):
        return
    lines = [str(case_result.case)]
    if case_result.fault is not None:
        lines.append(f"{case_result.fault.kind}: {case_result.fault.text}")
    lines += [
        f"{check.verdict}: {check.output}{list(check.index)} is {check.got:.9g}, expected "
        f"{check.expected:.9g}, bound {check.bound:.3g}, ratio {check.ratio:.3g}"
        for check in case_result.checks
    ]
    raise AssertionError("\n".join(lines))
