"""What is said of the frameworks' own SyncBatchNorm, asked of them."""

import inspect
import json
import os
import socket
import subprocess
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest
from bnparity.backends import interpreter_of
from bnparity.cases import declaration
from bnparity.judging import judge
from bnparity.layers import mindspore_api, ranks
from bnparity_reference import batch_norm

from bnparity_suites.mindspore_ranks import PROCESS_GROUPS, SHAPES, data_of
from bnparity_suites.processes import assert_trained_together, trained
from bnparity_suites.shards import batch_of

Answer: TypeAlias = dict[str, Any]

#: Seconds for MindSpore to start its ranks, and for these to answer.
_PATIENCE = 180.0


@pytest.fixture
def process_group(tmp_path: Path) -> Iterator[None]:
    """Have ``torch.distributed`` a group of this process alone."""
    dist = pytest.importorskip("torch.distributed")
    dist.init_process_group("gloo", init_method=f"file://{tmp_path / 'meet'}", rank=0, world_size=1)
    yield
    dist.destroy_process_group()


@pytest.mark.bn_about("torch")
@pytest.mark.usefixtures("process_group")
def test_torch_does_not_train_on_the_cpu_within_a_group() -> None:
    """It wants an accelerator, even if the group is of one process; in inference it does not."""
    torch = pytest.importorskip("torch")
    layer, data = torch.nn.SyncBatchNorm(2), torch.ones(4, 2)
    with pytest.raises(ValueError, match="expected input tensor to be on GPU"):
        layer(data)
    assert layer.eval()(data).shape == data.shape


@pytest.mark.bn_about("torch")
def test_torch_is_a_plain_layer_without_a_group() -> None:
    """To the bit, in output, gradient and statistics."""
    torch = pytest.importorskip("torch")
    found = []
    for kind in (torch.nn.SyncBatchNorm, torch.nn.BatchNorm2d):
        layer = kind(2)
        data = torch.linspace(-3, 5, 48).reshape(4, 2, 3, 2).requires_grad_()
        output = layer(data)
        (output**2 * data.detach()).sum().backward()
        found.append((output, data.grad, layer.weight.grad, *layer.state_dict().values()))
    for synchronised, plain in zip(*found, strict=True):
        assert torch.equal(synchronised, plain)


@pytest.mark.bn_about("torch")
def test_torch_trains_on_one_device_with_two_processes(tmp_path: Path) -> None:
    """Uneven shards, and an empty one: each rank is what the oracle says."""
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("not measured without CUDA: torch says 'expected input tensor to be on GPU'")
    sizes = ([(3, 2), (5, 4)], [(0, 2), (4, 1)], [(1, 1), (1, 1)])
    steps = [batch_of(each, seed=seed) for seed, each in enumerate(sizes)]
    answers = trained(tmp_path, steps, layer="torch", groups=[[0, 1]])
    assert_trained_together(steps, answers, [[0, 1]])


def answers_of(folder: Path, *launcher: str) -> list[Answer]:
    """Return what MindSpore answers on every rank, started in its own interpreter."""
    python = Path(interpreter_of("mindspore"))
    if not (python.parent / "msrun").exists():
        pytest.skip(f"there is no MindSpore beside {python}")
    script = str(files("bnparity_suites").joinpath("mindspore_ranks.py"))
    # msrun starts the first Python on the path.
    environment = os.environ | {"PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}"}
    environment.pop("PYTHONPATH", None)
    command = [str(python.parent / launcher[0]), *launcher[1:], script, str(folder)]
    done = subprocess.run(
        command,
        cwd=folder,  # MindSpore leaves files where it runs
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=_PATIENCE,
    )
    found = sorted(folder.glob("answer*.json"))
    assert found, done.stdout[-3000:] + done.stderr[-3000:]
    return [json.loads(path.read_text()) for path in found]


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Answer:
    """What MindSpore answers without communication."""
    (answer,) = answers_of(tmp_path_factory.mktemp("alone"), "python")
    return answer


@pytest.fixture(scope="module")
def two_ranks(tmp_path_factory: pytest.TempPathFactory) -> list[Answer]:
    """What MindSpore answers on each of two ranks on the CPU."""
    folder = tmp_path_factory.mktemp("two")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    answers = answers_of(
        folder,
        "msrun",
        "--worker_num=2",
        "--local_worker_num=2",
        f"--master_port={port}",
        f"--log_dir={folder / 'log'}",
        "--join=True",
        "--cluster_time_out=120",
    )
    assert [answer["size"] for answer in answers] == [2, 2]
    return answers


def failed(answer: Answer, rank: int, shape: tuple[int, ...]) -> set[str]:
    """Return the outputs that are not those of a plain layer on a rank's own data."""
    dialect = declaration("mindspore").dialect
    exact = batch_norm(
        data_of(rank, shape).astype(np.float64),
        *(np.full(3, value, np.float64) for value in (1, 0, 0, 1)),
        dialect=dialect,
        training=True,
        momentum=0.9,
        eps=1e-5,
    )
    got = {name: np.array(value, np.float32) for name, value in answer["value"].items()}
    checks = judge(got, exact, dialect=dialect)
    assert {check.output for check in checks} == {"output", "running_mean", "running_var"}
    return {check.output for check in checks if check.verdict != "pass"}


@pytest.mark.bn_about("mindspore")
def test_mindspore_trains_on_the_cpu_with_one_rank(alone: Answer) -> None:
    """On data of two axes and of four; on other data it raises ValueError."""
    for shape in SHAPES:
        answer = alone["shapes"][repr(shape)]
        if len(shape) in {2, 4}:
            assert not failed(answer, 0, shape)
        else:
            assert answer["kind"] == "ValueError"


@pytest.mark.bn_about("mindspore")
def test_mindspore_has_the_signature_of_the_local_layer(alone: Answer) -> None:
    """Names, order and defaults; a dtype by its name."""
    local = inspect.signature(mindspore_api.SyncBatchNorm).parameters
    assert list(alone["parameters"]) == list(local)
    assert alone["parameters"].pop("dtype") == "mindspore.float32"
    for name, default in alone["parameters"].items():
        assert repr(local[name].default) == default, name


@pytest.mark.bn_about("mindspore")
def test_mindspore_fails_with_two_ranks_that_synchronise(two_ranks: list[Answer]) -> None:
    """There is no kernel on the CPU, in either mode."""
    for answer in two_ranks:
        for graph in (False, True):
            refused = answer["trained"][f"[[0, 1]] {graph}"]
            assert refused["kind"] == "RuntimeError"
            assert "Kernel select failed" in refused["text"]


@pytest.mark.bn_about("mindspore")
def test_mindspore_trains_ranks_that_are_alone_in_their_groups(two_ranks: list[Answer]) -> None:
    """Each by its own data, in either mode."""
    for rank, answer in enumerate(two_ranks):
        for graph in (False, True):
            assert not failed(answer["trained"][f"[[0], [1]] {graph}"], rank, (4, 3))


@pytest.mark.bn_about("mindspore")
def test_mindspore_has_no_group_of_all_ranks_on_the_cpu(two_ranks: list[Answer]) -> None:
    """The default of `process_groups`, said to be all devices, cannot be made."""
    for answer in two_ranks:
        refused = answer["made"]["None"]
        assert refused["kind"] == "ValueError"
        assert "'group' must be isinstance of <class 'str'>" in refused["text"]


@pytest.mark.bn_about("mindspore")
@pytest.mark.parametrize(
    "groups", [groups for groups in PROCESS_GROUPS if groups is not None], ids=repr
)
def test_mindspore_checks_process_groups_as_the_local_layer_does(
    two_ranks: list[Answer], groups: Any
) -> None:
    """What is accepted, who then synchronises, and the type of exception for the rest.

    Documented is a TypeError for what is no list; it is a ValueError.
    """
    for world, answer in zip(ranks.in_process(2), two_ranks, strict=True):
        said = answer["made"][repr(groups)]
        kind = mindspore_api.SyncBatchNorm.on(world)
        if "value" in said:
            made = kind(3, process_groups=groups)
            assert made.group is not None
            assert (made.group.size > 1) == said["value"]
        else:
            with pytest.raises((TypeError, ValueError)) as raised:
                kind(3, process_groups=groups)
            assert raised.type.__name__ == said["kind"]
