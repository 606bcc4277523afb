"""A pass that could not have been a failure is no pass: each guard, where it matters."""

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from bnparity.backends.call import in_process
from bnparity.cases.case import Case, Recipe
from bnparity.cases.dialects import declaration
from bnparity.cases.space import Space
from bnparity.sessions.findings import findings_of
from bnparity_reference import batch_norm as the_oracle
from hunting.evaluations import PROMISED, evaluation_of
from planted.kernel import kernel

TORCH = declaration("torch")

#: A case in which every check could fail.
TELLING = Case(shape=(3, 2, 4), eps=0.1)


def untrusted(case: Case, backend: Callable[..., Any] | None = None) -> dict[str, str]:
    """Return the vacuous findings of an evaluation that draws `case` alone, by output."""
    evaluation = evaluation_of(in_process(backend or kernel()))
    evaluation.space = Space(menus=(), made=lambda: case)
    evaluation.run(seed=0, examples=1, deadline=float("inf"), report=lambda: None)
    findings = findings_of(evaluation, PROMISED)
    assert {finding.kind for finding in findings} <= {"vacuous"}, findings
    return {
        output: finding.text
        for finding in findings
        for output in finding.outputs or (finding.output,)
    }


def test_telling_case_answers_every_question() -> None:
    """One ordinary case is enough for every guard to be content."""
    assert untrusted(TELLING) == {}


@pytest.mark.parametrize(
    ("change", "output", "text"),
    [
        ({"momentum": 0.0}, "running_mean", "move from where it was"),
        ({"momentum": 0.0}, "running_var", "move from where it was"),
        ({"eps": 1e-12}, "output", "depend on eps"),
        (
            {"recipe": Recipe(values="constant"), "affine": "none"},
            "output",
            "be anything but 0",
        ),
        # The gradient repeats one item: it is constant in each channel, the null space of backward.
        ({"shape": (3, 2), "grad_layout": "broadcast"}, "grad_input", "through the statistics"),
        # Running variances of 1.
        ({"training": False, "fresh": True, "eps": 1e-12}, "output", "depend on the variance"),
        ({"training": False}, "running_mean", "move from where it was"),
        ({"affine": "none"}, "grad_weight", "never judged"),
        ({"gradient": False}, "grad_input", "never judged"),
        (
            {"recipe": Recipe(values="nan"), "shape": (3, 1, 4)},
            "grad_weight",
            "be anything but 0",
        ),
    ],
    ids=str,
)
def test_check_that_could_not_fail_is_no_pass(
    change: dict[str, Any], output: str, text: str
) -> None:
    """A right kernel passes such a case, and so would a wrong one: it is told."""
    assert text in untrusted(replace(TELLING, **change))[output]


def test_half_storage_hides_what_rounding_hides() -> None:
    """An eps that moves no output by more than rounding to a half has not been seen."""
    texts = untrusted(replace(TELLING, dtype="float16", param_dtype="float16", eps=1e-5))
    assert "depend on eps" in texts["output"]


def test_inference_alone_has_no_gradient_through_statistics() -> None:
    """A backend that only infers is not asked for what it cannot have."""
    assert "grad_input" not in untrusted(replace(TELLING, training=False))


def with_the_oracle(*arguments: Any, **settings: Any) -> dict[str, Any]:
    """A kernel that is the judge's own oracle in disguise."""
    wide: list[Any] = [None if a is None else a.astype(np.float64) for a in arguments]
    grad = settings.pop("grad_output")
    exact = the_oracle(
        *wide,
        dialect=TORCH.dialect,
        grad_output=None if grad is None else grad.astype(np.float64),
        **settings,
    )
    return {
        name: None if (value := getattr(exact, name)) is None else value.astype(np.float32)
        for name in PROMISED
    }


def with_another_backend(*arguments: Any, **settings: Any) -> Any:
    """A kernel that falls back to one of bnparity's."""
    from bnparity.kernels.numpy_kernel import batch_norm

    return batch_norm(*arguments, **settings)


def in_a_thread(*arguments: Any, **settings: Any) -> Any:
    """A kernel that does so where another thread works."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(with_another_backend, *arguments, **settings).result()


def unseen(*arguments: Any, **settings: Any) -> Any:
    """A kernel that ends what looks at it first."""
    sys.setprofile(None)
    return with_another_backend(*arguments, **settings)


@pytest.mark.parametrize(
    ("backend", "module"),
    [
        (with_the_oracle, "bnparity_reference.oracle"),
        (with_another_backend, "bnparity.kernels.numpy_kernel"),
        (in_a_thread, "bnparity.kernels.numpy_kernel"),
        (unseen, "sys.setprofile"),
    ],
)
def test_backend_that_borrows_its_results_is_untrusted(
    backend: Callable[..., Any], module: str
) -> None:
    """Agreement of the oracle with itself, or of one backend with itself, is no evidence."""
    assert module.partition(".")[0] in untrusted(TELLING, backend)[""]


def test_backend_may_call_itself() -> None:
    """A built-in backend is not its own lender."""
    from bnparity.kernels.numpy_kernel import batch_norm

    assert untrusted(TELLING, batch_norm) == {}
