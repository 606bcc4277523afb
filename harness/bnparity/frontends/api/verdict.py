"""The verdict on one backend as Python code has it: values, words, a table for notebooks."""

from dataclasses import dataclass, field
from typing import Any

from bnparity.frontends.api.notebook import html
from bnparity.results import Document, Finding, Judgement, Status, to_document, writer


@dataclass(frozen=True, kw_only=True, repr=False)
class Verdict:
    """What is known of a backend.

    Parameters
    ----------
    backend, dialect
        Who was judged, and by which conventions.
    status
        ``pass``, ``loose``, ``fail``, ``untrusted`` or ``unavailable``; see
        ``bnparity explain loose``.
    cases
        How many cases it answered.
    findings
        What is wrong, each with a ``text``, the ``codes`` that explain it, and its ``ratio``.
    results
        All of it, as results.json has it.
    judgement
        What the findings were made from.
    """

    backend: str
    dialect: str
    status: Status
    cases: int
    findings: tuple[Finding, ...]
    results: Document
    judgement: Judgement = field(compare=False)

    def __repr__(self) -> str:
        """Return a line."""
        told = [
            f"<Verdict {self.backend}: {self.status}",
            f"{self.cases} {'case' if self.cases == 1 else 'cases'}",
        ]
        codes = dict.fromkeys(code for finding in self.findings for code in finding.codes)
        return ", ".join([*told, *codes]) + ">"

    def explain(self) -> str:
        """Return the verdict in words, as ``bnparity run -v`` prints it."""
        return writer("text")(self.results, detail=1)

    def to_json(self) -> Document:
        """Return the results as results.json has them: plain values that `json.dump` takes."""
        return self.results

    def _repr_html_(self) -> str:
        (backend,) = self.results["backends"]
        return html(backend)


def verdict_of(judgement: Judgement, *, seed: int, asked: str) -> Verdict:
    """Return the verdict that a judgement amounts to; `asked` says by which function."""
    return Verdict(
        backend=judgement.name,
        dialect=judgement.dialect,
        status=judgement.status,
        cases=judgement.totals.cases,
        findings=judgement.findings,
        results=to_document([judgement], seed=seed, seconds=judgement.seconds, command=asked),
        judgement=judgement,
    )


def unavailable(judgement: Judgement) -> str:
    """Return why a backend cannot be asked, in a line."""
    return f"{judgement.name} is unavailable: {judgement.reason}"


def figures(verdict: Verdict) -> dict[str, Any]:
    """Return the figures of each output that was judged."""
    (backend,) = verdict.results["backends"]
    outputs: dict[str, Any] = backend["outputs"]
    return outputs
