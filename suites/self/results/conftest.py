"""Results of kernels that are run in this process, as a session's document has them."""

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from bnparity.backends.call import in_process
from bnparity.backends.open import Capabilities
from bnparity.cases.dialects import declaration
from bnparity.judging.accumulation import accumulations
from bnparity.results.document import to_document
from bnparity.results.judgement import Judgement
from bnparity.sessions.telling import findings_of
from hunting.evaluations import PROMISED, evaluated
from planted.catalogue import planted
from right import RIGHT

Document = dict[str, Any]
#: Takes the name of a right or a planted kernel, and what `judged` takes.
Judged = Callable[..., Document]


@pytest.fixture(scope="session")
def judged() -> Judged:
    """Return a function that judges a kernel, called ``kernel`` in its results whatever it is."""
    return cache(_judged)


def _judged(name: str, *, seed: int = 0, examples: int = 300, graded: bool = False) -> Document:
    backend = RIGHT[name] if name in RIGHT else planted(name).make()
    evaluation = evaluated(backend, seed=seed, examples=examples, dtypes=("float32",))
    judgement = Judgement(name="kernel", interpreter="python", version=name, dialect="torch")
    judgement.totals, judgement.findings = evaluation.totals, findings_of(evaluation, PROMISED)
    if graded:
        judgement.accumulations = accumulations(
            in_process(backend),
            dialect=declaration("torch").dialect,
            dtypes=("float32",),
            ranks=Capabilities().ranks,
            deadline=math.inf,
        )
    return to_document([judgement], seed=seed, seconds=1.0, command="bnparity run kernel")
