"""Layers as their authors have them get the verdict that is theirs, without anybody's adapter."""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import pytest
from bnparity.backends.environments import environment_of, made_environments
from bnparity.backends.names import parse
from bnparity.backends.open import opened
from bnparity.cases.case import Case
from bnparity.cases.dialects import declaration
from bnparity.judging.case_result import run_case
from bnparity.results.judgement import Judgement
from bnparity.sessions.by_cases import judge_by_cases
from bnparity.sessions.plan import Plan

AUTHORED = Path(__file__).parents[2] / "authored"
BIASED = "running_variance=biased"

#: What each layer of PyTorch, or of NumPy, computes that its dialect does not say.
HERE: Mapping[str, set[str]] = {
    "torch_layers.py:Affine": {BIASED},
    "torch_layers.py:Centred": set(),
    "torch_layers.py:Frozen": {"train_statistics=running", "running_update=never"},
    "torch_layers.py:Renamed": set(),
    "torch_layers.py:batch_norm": set(),
    "torch_layers.py:instance": set(),
    "torch_layers.py:made": set(),
    "textbook_pair.py:batchnorm_forward": {"momentum=old", BIASED},
}

#: The same of frameworks that have interpreters of their own, beside what their own dialect says.
ELSEWHERE: Mapping[str, set[str]] = {
    "mindspore_layers.py:Norm": {BIASED},
    "flax_layers.py:BatchNorm": {"variance_algorithm=one_pass"},
    "flax_layers.py:NnxBatchNorm": {"variance_algorithm=one_pass"},
    "keras_layers.py:BatchNormalization": set(),
    "equinox_layers.py:BatchNorm": set(),
    "haiku_layers.py:made": set(),
}


def judged(target: str, *, examples: int, in_process: bool) -> Judgement:
    """Return what a few cases say of a target."""
    name, plan = parse(f"{AUTHORED}/{target}"), Plan(examples=examples, dtypes=("float32",))
    with opened(name, in_process=in_process) as backend:
        return judge_by_cases(name, backend, plan)


def codes(judgement: Judgement) -> set[str]:
    """Return every code of the findings of a backend."""
    return {code for finding in judgement.findings for code in finding.codes}


@pytest.mark.parametrize("target", HERE)
def test_layer_is_judged_as_it_is(target: str) -> None:
    """It fails by what it computes otherwise; what else fails is PyTorch's own layer's too.

    Gradients whose strides are ambiguous it reads in another order.
    """
    judgement = judged(target, examples=25, in_process=True)
    assert codes(judgement) == HERE[target]
    others = [f for f in judgement.findings if not f.codes]
    assert all(f.case is not None and f.case.grad_layout == "ambiguous" for f in others), others
    assert {f.kind for f in judgement.findings} <= {"semantics", "accuracy"}
    assert judgement.totals.checks > 10
    assert judgement.taken_for


def test_statistics_of_parts_of_a_batch_are_found() -> None:
    """A layer that normalises parts of the batch follows no dialect."""
    with opened(parse(f"{AUTHORED}/torch_layers.py:Ghost"), in_process=True) as ghost:
        assert ghost.ask is not None
        assert ghost.capabilities.ranks == (2, 3)
        whole = run_case(ghost.ask, Case(shape=(3, 5, 4)), declaration("torch").dialect)
        parts = run_case(ghost.ask, Case(shape=(4, 5, 4)), declaration("torch").dialect)
    assert whole.fault is None
    assert whole.failed == ()
    assert "output" in parts.failed


@pytest.mark.parametrize("target", ELSEWHERE)
def test_layer_of_an_interpreter_of_its_own_is_judged_as_it_is(target: str) -> None:
    """The file is run where the framework that it imports is; the codes are those of the layer."""
    framework = target.partition("_")[0]
    if environment_of(framework) not in made_environments() and find_spec(framework) is None:
        pytest.skip(f"there is no {framework}, neither here nor in an environment")
    judgement = judged(target, examples=12, in_process=False)
    assert codes(judgement) == ELSEWHERE[target]
    assert {f.kind for f in judgement.findings} <= {"semantics", "accuracy"}
    assert judgement.totals.checks > 10
    assert judgement.taken_for
