"""What a gradient alone does has a name of the backward pass, if the output denies any other."""

from typing import Any

import pytest
from bnparity.backends.call import in_process
from bnparity.cases.case import Case, Recipe
from bnparity.cases.dialects import declaration
from bnparity.diagnosis.search import Diagnosis, diagnose
from bnparity.judging.case_result import CaseResult, run_case
from planted.catalogue import planted
from planted.kernel import Kernel, kernel

TORCH = declaration("torch").dialect

CASES = [
    Case(shape=shape, training=training, momentum=0.25, eps=0.1, recipe=Recipe(seed=seed))
    for shape in ((3, 3), (5, 2), (4, 3, 2))
    for training in (True, False)
    for seed in range(3)
]


#: For the names that are here, and for giving up.
ENOUGH = 2000.0


def told(backend: Kernel) -> list[Diagnosis]:
    """Return the diagnoses of a kernel that declares torch's dialect."""

    def put(case: Case) -> CaseResult:
        return run_case(in_process(backend), case, TORCH)

    return list(diagnose([put(case) for case in CASES], TORCH, put, most_effort=ENOUGH))


def in_inference_alone(fault: str) -> Kernel:
    """Return a kernel that is the textbook's in training and a planted fault in inference."""
    faulty, right = planted(fault).make(), kernel()

    def batch_norm(*arrays: Any, training: bool, **settings: Any) -> Any:
        return (right if training else faulty)(*arrays, training=training, **settings)

    return batch_norm


@pytest.mark.parametrize(
    ("fault", "code", "outputs"),
    [
        ("gradient=without_eps", "gradient=without_eps", ("grad_input", "grad_weight")),
        ("grad-input-without-eps", "gradient=gain_without_eps", ("grad_input",)),
        ("grad-input-without-weight", "weight=ignored", ("grad_input",)),
    ],
)
def test_words_of_the_backward_pass_come_first(
    fault: str, code: str, outputs: tuple[str, ...]
) -> None:
    """What explains gradients as well, and output not at all, is told where nothing else does."""
    (found,) = told(planted(fault).make())
    assert (found.codes, found.outputs, found.where.text) == ((code,), outputs, "")


def test_word_of_the_backward_pass_is_what_no_other_gradient_denies() -> None:
    """In inference two words say the same of one gradient, and one of them too much."""
    (found,) = told(in_inference_alone("grad-input-without-eps"))
    assert (found.codes, found.outputs) == (("gradient=gain_without_eps",), ("grad_input",))


def test_what_output_denies_is_not_told_of_a_part() -> None:
    """A gradient divided by the variance goes by a denominator's rule in inference by chance."""
    (found,) = told(planted("grad-input-divided-by-variance").make())
    assert (found.codes, found.outputs) == ((), ("grad_input",))
