"""Every backend is asked the same, in its own words, so that answers can be compared."""

from typing import Any

import numpy as np
import pytest
from bnparity.backends.call import in_process
from bnparity.backends.open import Opened
from bnparity.cases.dialects import declaration
from bnparity.judging.shared_calls import EPS, SHARE, SharedAnswers, calls, shared_answers
from bnparity.judging.verdicts import judge
from bnparity_reference import OUTPUTS, batch_norm
from planted.catalogue import planted
from planted.kernel import kernel

TORCH = declaration("torch").dialect


def answered(backend: Opened) -> SharedAnswers:
    """Return the answers of a backend."""
    assert backend.ask is not None
    return shared_answers(
        backend.ask,
        dialect=declaration(backend.capabilities.dialect).dialect,
        dtypes=backend.capabilities.dtypes,
        ranks=backend.capabilities.ranks,
    )


@pytest.mark.parametrize(
    "name", ["numpy", "numba", "torch", "mindspore", "torch_api", "mindspore_api"]
)
def test_backends_answer_the_same_question(name: str, bn_opened: dict[str, Opened]) -> None:
    """In whatever words they are asked, what they answer is right in those of PyTorch."""
    backend = bn_opened[name]
    if backend.ask is None:
        pytest.skip(backend.reason)
    answers = answered(backend)
    for call, training, arrays in calls():
        wide: dict[str, Any] = {
            key: None if a is None else a.astype(np.float64) for key, a in arrays.items()
        }
        exact = batch_norm(**wide, dialect=TORCH, training=training, momentum=SHARE, eps=EPS)
        got = {
            output: np.frombuffer(bytes.fromhex(bits), ">f4")
            .astype(np.float32)
            .reshape(getattr(exact, output).shape)
            for output, bits in answers[call].items()
        }
        checks = judge(got, exact, dialect=TORCH)
        assert {check.output for check in checks} == set(OUTPUTS)
        assert {check.verdict for check in checks} <= {"pass", "loose"}


def test_wrong_momentum_shows() -> None:
    """What is not translated is far from the others."""
    right = shared_answers(in_process(kernel()), dialect=TORCH, dtypes=("float32",), ranks=(4,))
    wrong = planted("momentum=old").make()
    other = shared_answers(in_process(wrong), dialect=TORCH, dtypes=("float32",), ranks=(4,))
    differing = {o for o in OUTPUTS if right["training"][o] != other["training"][o]}
    assert differing == {"running_mean", "running_var"}


def test_backend_without_float32_is_not_asked() -> None:
    """The calls are of one format, so that all answers can be compared."""
    ask = in_process(kernel())
    assert shared_answers(ask, dialect=TORCH, dtypes=("float16",), ranks=(4,)) == {}
    assert shared_answers(ask, dialect=TORCH, dtypes=("float32",), ranks=(2,)) == {}
