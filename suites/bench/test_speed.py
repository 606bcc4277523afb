"""How many cases a second, beside the test that one would write by hand; both in one run."""

import math
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import torch
from alone import judge_backend
from bnparity.backends.names import parse
from bnparity.results import Judgement
from bnparity.sessions.plan import Plan
from bnparity.sessions.together import judge_backends
from hypothesis import strategies as st

CASES = 500

SETTINGS = hypothesis.settings(
    max_examples=CASES,
    deadline=None,
    database=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)


@hypothesis.seed(1)
@SETTINGS
@hypothesis.given(
    batch=st.integers(2, 8),
    channels=st.integers(1, 8),
    height=st.integers(1, 8),
    width=st.integers(1, 8),
    momentum=st.floats(0, 1),
    eps=st.sampled_from([1e-5, 1e-3]),
    affine=st.booleans(),
    training=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def by_hand(
    *,
    batch: int,
    channels: int,
    height: int,
    width: int,
    momentum: float,
    eps: float,
    affine: bool,
    training: bool,
    seed: int,
) -> None:
    torch.manual_seed(seed)
    x = torch.randn(batch, channels, height, width)
    outputs: list[Any] = []
    for dtype in (torch.float32, torch.float64):
        layer = torch.nn.BatchNorm2d(
            channels, eps=eps, momentum=momentum, affine=affine, dtype=dtype
        ).train(training)
        running_var: Any = layer.running_var
        outputs.append((layer(x.to(dtype)).double(), running_var.double()))
    for single, double in zip(*outputs, strict=True):
        torch.testing.assert_close(single, double, rtol=1e-3, atol=1e-3)


def session(*, in_process: bool) -> None:
    plan = Plan(seed=1, examples=CASES, in_process=in_process)
    judgement = judge_backend(parse("numpy"), plan, math.inf)
    assert judgement.status == "pass"


@pytest.mark.usefixtures("one_thread")
@pytest.mark.benchmark(group=f"{CASES} cases")
@pytest.mark.parametrize("how", ["by hand", "numpy, in process", "numpy, in a worker"])
def test_cases_per_second(benchmark: Any, how: str) -> None:
    """A session asks six outputs for what a hand-written property test asks of two."""
    if how == "by hand":
        benchmark.pedantic(by_hand, rounds=7, warmup_rounds=1)
    else:
        arguments = {"in_process": how.endswith("process")}
        benchmark.pedantic(session, kwargs=arguments, rounds=7, warmup_rounds=1)
    benchmark.extra_info["cases_per_second"] = CASES / benchmark.stats.stats.median


@pytest.mark.benchmark(group="functions of one dialect, 300 cases each")
@pytest.mark.parametrize("count", [1, 10])
def test_backends_that_are_asked_the_same_cases(benchmark: Any, count: int, tmp_path: Path) -> None:
    """What is due of a case is worked out once for all; the rest is each backend's own."""
    for number in range(count):
        (tmp_path / f"k{number}.py").write_text(
            "from bnparity.kernels.numpy_kernel import batch_norm\n"
        )
    names = [parse(f"{tmp_path}/k{number}.py:batch_norm") for number in range(count)]
    plan = Plan(seed=1, examples=300, in_process=True)

    def session() -> list[Judgement]:
        return list(judge_backends(names, plan, lambda *_: None))

    judgements = benchmark.pedantic(session, rounds=3, warmup_rounds=1)
    assert {judgement.totals.cases > 250 for judgement in judgements} == {True}
