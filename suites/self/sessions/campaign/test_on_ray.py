"""`bnparity fuzz --ray`: its words, what a task needs, and a cluster that loses a node."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from bnparity.backends import UsageError, capabilities_in
from bnparity.backends.load import capabilities
from bnparity.sessions.campaign import on_ray
from bnparity.sessions.campaign.errand import Errand
from bnparity.sessions.campaign.on_ray import check_ray, is_installed, needs
from campaigns import NAME, WRONG, contents, fuzz

SCRIPT = Path(__file__).with_name("on_two_nodes.py")


@pytest.mark.parametrize("address", ["10.0.0.1", "http://10.0.0.1:6379", "atuo", ""])
def test_address_that_is_none_is_refused(address: str) -> None:
    """In one line that says what it has to look like."""
    with pytest.raises(UsageError, match=f"^--ray {address}: give HOST:PORT, ray://HOST:PORT or"):
        check_ray(address)


def test_missing_ray_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what installs it, before anything is done."""
    monkeypatch.setattr(on_ray, "find_spec", lambda _: None)
    assert not is_installed()
    with pytest.raises(UsageError, match=r"pip install 'bnparity\[ray\]'"):
        check_ray("local")


def test_folder_called_ray_is_no_ray(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Python takes it for a package; it has nothing in it."""
    (tmp_path / "ray").mkdir()
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    assert not is_installed()


def test_address_where_nobody_answers_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ray itself would try for minutes."""
    monkeypatch.setattr(on_ray, "is_installed", lambda: True)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(UsageError, match=f"--ray 127.0.0.1:{port}: nobody answers there"):
        check_ray(f"127.0.0.1:{port}")


@pytest.mark.parametrize(
    ("device", "resources", "needed"),
    [
        ("cpu", [], {}),
        ("cpu (Triton's interpreter)", [], {}),
        ("NVIDIA H100, CUDA 13.0", [], {"GPU": 1.0}),
        ("cpu", ["GPU=0.5", "TPU=2"], {"GPU": 0.5, "TPU": 2.0}),
    ],
)
def test_task_asks_for_what_its_backend_needs(
    device: str, resources: list[str], needed: dict[str, float]
) -> None:
    """A GPU if it runs on one, or what the backend says of itself."""
    facts = {"device": device, "capabilities": {"resources": resources}}
    assert needs(Errand(backend="it", named="it", conditions={}, facts=facts)) == needed


@pytest.mark.parametrize(
    ("stated", "known"), [(("GPU=1",), ("GPU=1",)), (("TPU=0.50", "disk=3"), ("TPU=0.5", "disk=3"))]
)
def test_backend_says_what_it_needs(stated: tuple[str, ...], known: tuple[str, ...]) -> None:
    """In an attribute, as names and numbers."""

    def batch_norm() -> None: ...

    vars(batch_norm)["resources"] = stated
    assert capabilities_in(capabilities(batch_norm)).resources == known
    vars(batch_norm)["resources"] = ("GPU",)
    with pytest.raises(UsageError, match=r"resources is \('GPU',\): 'GPU' is no resource and how"):
        capabilities(batch_norm)


@pytest.mark.skipif(not is_installed(), reason="Ray is not installed")
def test_cluster_that_loses_a_node_draws_what_one_machine_draws(tmp_path: Path) -> None:
    """Block for block: what the node had is drawn again, and nothing is counted twice."""
    words = (NAME, "numpy", "--examples", "1000")
    here, there = tmp_path / "here", tmp_path / "there"
    for folder in (here, there):
        folder.mkdir()
        (folder / "wrong.py").write_text(WRONG)
    assert fuzz(here, *words, "--jobs", "2").returncode == 1
    done = subprocess.run([sys.executable, SCRIPT, *words], cwd=there, timeout=600, check=False)
    assert done.returncode == 1
    assert contents(there / ".bnparity") == contents(here / ".bnparity")
