"""The drift of a layer's statistics is measured over steps, and beyond rounding it is a finding."""

from pathlib import Path

import pytest
from alone import judge_backend
from bnparity.backends.names import parse
from bnparity.backends.open import Opened
from bnparity.judging.drift import measure_drift
from bnparity.judging.trajectory import Api
from bnparity.results.judgement import Judgement
from bnparity.sessions.plan import Plan

#: PyTorch's layers, at whose every fifth call something goes wrong.
FAULTY = """
from dataclasses import dataclass

from bnparity.backends.torch import TorchBatchNorm
from bnparity.backends.torch import TorchAPI


@dataclass(frozen=True)
class Faulty(TorchAPI):
    def call(self, layer, x, grad_output):
        result = super().call(layer, x, grad_output)
        if layer.num_batches_tracked % 5 == 4:
            {fault}
        return result


class Backend(TorchBatchNorm):
    @property
    def layer_api(self):
        return Faulty()


BACKEND = Backend()
"""


def found_in(judgement: Judgement) -> list[tuple[str, str]]:
    """Return kind and output of each finding but those of PyTorch's functions.

    These read some gradients in the order of the data, as `test_known` shows.
    """
    found = [(f.kind, f.output) for f in judgement.findings if f.kind != "vacuous"]
    return [(kind, output) for kind, output in found if not output.startswith("grad_")]


def judged(folder: Path, fault: str) -> Judgement:
    """Return the judgement of a backend whose layers have a fault."""
    (folder / "faulty.py").write_text(FAULTY.format(fault=fault))
    plan = Plan(seed=0, examples=20, dtypes=("float32",), in_process=True)
    return judge_backend(parse(f"{folder / 'faulty.py'}:BACKEND"), plan, 60.0)


@pytest.mark.parametrize(
    ("name", "api"),
    [
        ("torch", "torch"),
        ("torch_api", "torch"),
        ("mindspore", "mindspore"),
        ("mindspore[graph]", "mindspore"),
        ("mindspore_api", "mindspore"),
    ],
)
def test_layer_drifts_as_rounding_explains(
    name: str, api: Api, bn_opened: dict[str, Opened]
) -> None:
    """Both statistics drift by some units in the last place, and by less than is allowed."""
    backend = bn_opened[name]
    if backend.remote is None:
        pytest.skip(backend.reason)
    found = measure_drift(backend.remote, api)
    assert set(found.statistics) == {"running_mean", "running_var"}
    for statistic in found.statistics.values():
        assert 0.5 < statistic.ulp < 100.0
        assert 0.0 < statistic.share <= 1.0
        assert len(statistic.path) == found.steps * 3 // 4
        assert max(statistic.path) == statistic.ulp


def test_drift_beyond_rounding_is_a_finding(tmp_path: Path) -> None:
    """A fault that no single call shows, since each begins anew, fails the backend."""
    judgement = judged(tmp_path, "layer.running_var *= 1.001")
    assert judgement.drift is not None
    assert judgement.drift.beyond == ("running_var",)
    assert found_in(judgement) == [("semantics", "running_var")]
    assert judgement.status == "fail"


def test_layer_that_raises_on_its_way_is_a_finding(tmp_path: Path) -> None:
    """What a layer raised is told, and no drift of it."""
    judgement = judged(tmp_path, 'raise ValueError("tired")')
    assert judgement.drift is None
    assert found_in(judgement) == [("error", "")]
    assert "ValueError: tired" in judgement.findings[-1].text


def test_function_without_layers_has_no_drift() -> None:
    """Nothing is told of what was not measured."""
    plan = Plan(seed=0, examples=20, dtypes=("float32",), in_process=True)
    judgement = judge_backend(parse("numpy"), plan, 60.0)
    assert judgement.drift is None
    assert judgement.status == "pass"
