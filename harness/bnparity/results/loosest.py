"""The worst loose case as something to save and to replay; it is no finding of a session."""

from bnparity.cases import declaration, in_words
from bnparity.results.figures import Loosest
from bnparity.results.findings import Finding, identity


def of_loosest(found: Loosest, dialect_name: str) -> Finding:
    """Return the worst loose case in the form of a finding, which is what a folder is made of."""
    check, case_result = found.check, found.case_result
    asked = in_words(case_result.case, declaration(dialect_name))
    text = (
        f"no finding, but the worst loose case: {asked}, {check.output}"
        f"{list(check.index)} is {check.got:.9g}, expected {check.expected:.9g}, which is "
        f"{check.ratio:.3g} times the bound of an accurate result"
    )
    return Finding(
        id=identity("loose", check.output),
        output=check.output,
        kind="loose",
        text=text,
        ratio=check.ratio,
        case=case_result.case,
        count=1,
        case_result=case_result,
        check=check,
    )
