"""How many cases a second, beside the test that one would write by hand; both in one run."""

import math
from typing import Any

import hypothesis
import pytest
import torch
from alone import judge_backend
from bnparity.backends.names import parse
from bnparity.sessions.plan import Plan
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
