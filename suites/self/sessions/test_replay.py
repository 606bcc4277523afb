"""Replaying somebody else's finding: none of their code is run, and no file does harm."""

import json
import os
import resource
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from bnparity.backends.call import in_process
from bnparity.backends.names import Name, parse
from bnparity.cases.case import Case
from bnparity.cases.dialects import declaration
from bnparity.cases.from_json import MOST_ELEMENTS
from bnparity.cli import run_command
from bnparity.judging.case_result import run_case
from bnparity.kernels.numpy_kernel import batch_norm
from bnparity.results.document import to_document
from bnparity.results.judgement import Judgement
from bnparity.results.repro.folder import write_folder
from bnparity.results.saving import save
from reproducing import accused, finding_of

FINDING = {
    "schema": "bnparity-finding/1",
    "backend": "numpy",
    "dialect": "torch",
    "case": {"shape": [2, 1]},
}
EVIL = """
from pathlib import Path
Path(__file__).with_name("pwned").touch()
from bnparity.kernels.numpy_kernel import batch_norm
"""
#: Bytes of data beyond those there are: a hostile file is to fail before it needs so much.
MEMORY = 1 << 30


@dataclass(frozen=True, kw_only=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def is_one_line(self) -> bool:
        """Whether it said in one short line that its words are wrong, and nothing else."""
        line = self.err.removesuffix("\n")
        return self.code == 2 and line.isprintable() and 0 < len(line) < 1000 and not self.out


Replay: TypeAlias = Callable[..., Done]


@pytest.fixture
def replay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Replay]:
    """Return the command, in the folder of the test, with little memory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    status = Path("/proc/self/status").read_text()
    used = 1024 * int(status.partition("VmData:")[2].split()[0])
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)

    def run(path: Path, *options: str) -> Done:
        code = run_command(["replay", str(path), *options])
        shown = capsys.readouterr()
        return Done(code=code, out=shown.out, err=shown.err)

    resource.setrlimit(resource.RLIMIT_DATA, (used + MEMORY, hard))
    yield run
    resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


@pytest.mark.parametrize(
    "backend",
    ["evil.py:batch_norm", "./evil.py:batch_norm", "evil:batch_norm", "evil.py:batch_norm[x]"],
)
def test_file_that_a_finding_names_is_not_run(replay: Replay, tmp_path: Path, backend: str) -> None:
    """Neither a path nor a module is imported because somebody's file says so."""
    (tmp_path / "evil.py").write_text(EVIL)
    path = tmp_path / "finding.json"
    path.write_text(json.dumps({**FINDING, "backend": backend}))
    done = replay(path)
    assert done.is_one_line, done
    assert "--backend path/to/" in done.err
    assert not (tmp_path / "pwned").exists()


def test_file_that_the_user_names_is_run(replay: Replay, tmp_path: Path) -> None:
    """The finding's own backend is asked when the command says so."""
    (tmp_path / "evil.py").write_text(EVIL)
    path = tmp_path / "finding.json"
    path.write_text(json.dumps({**FINDING, "backend": "evil.py:batch_norm"}))
    done = replay(path, "--backend", "evil.py:batch_norm")
    assert done.code == 0, done
    assert (tmp_path / "pwned").exists()


def test_integer_that_no_array_holds_is_a_number(replay: Replay, tmp_path: Path) -> None:
    """JSON writes 1e300 with 301 digits too."""
    case = {"shape": [2, 1], "momentum": 10**300, "eps": 10**300}
    file = tmp_path / "finding.json"
    file.write_text(json.dumps({**FINDING, "case": case}))
    done = replay(file)
    assert done.code in (0, 1)
    assert done.err == ""


def test_script_in_the_folder_is_not_run(replay: Replay, tmp_path: Path) -> None:
    """Of a folder, the case is read and nothing else."""
    dialect = declaration("torch").dialect
    finding = finding_of(run_case(in_process(batch_norm), Case(), dialect), "output")
    write_folder(tmp_path / "f", finding, accused(parse("numpy")))
    (tmp_path / "f/repro.py").write_text(EVIL)
    (tmp_path / "f/inputs.safetensors").write_bytes(b"\xff" * 64)
    done = replay(tmp_path / "f")
    assert done.code == 0, done
    assert not (tmp_path / "f/pwned").exists()


HOSTILE: dict[str, Any] = {
    "huge": {**FINDING, "case": {"shape": [2**40, 1]}},
    "huge channels": {**FINDING, "case": {"shape": [1, 2**40]}},
    "huge product": {**FINDING, "case": {"shape": [2**15, 2**15]}},
    "huge but for nothing": {**FINDING, "case": {"shape": [0, 2**30]}},
    "many axes": {**FINDING, "case": {"shape": [1] * 1000}},
    "negative": {**FINDING, "case": {"shape": [-1, 1]}},
    "fraction": {**FINDING, "case": {"shape": [2.5, 1]}},
    "text as shape": {**FINDING, "case": {"shape": "21"}},
    "strides": {**FINDING, "case": {"shape": [2, 1], "strides": [10**12, 1]}},
    "layout": {**FINDING, "case": {"shape": [2, 1], "layout": "../.."}},
    "dtype": {**FINDING, "case": {"shape": [2, 1], "dtype": "__import__('os')"}},
    "object dtype": {**FINDING, "case": {"shape": [2, 1], "dtype": "object"}},
    "long history": {**FINDING, "case": {"history": [{"training": True, "batch": 2}] * 10**4}},
    "huge step": {**FINDING, "case": {"history": [{"training": True, "batch": 2**40}]}},
    "many threads": {**FINDING, "case": {"threads": 10**6}},
    "huge exponent": {**FINDING, "case": {"recipe": {"scale": 10**9}}},
    "huge seed": {**FINDING, "case": {"recipe": {"seed": 10**400}}},
    "huge number": {**FINDING, "case": {"eps": 10**400}},
    "no case": {**FINDING, "case": None},
    "list as backend": {**FINDING, "backend": ["numpy"]},
    "escapes in the backend": {**FINDING, "backend": "\x1b[2J\n\u202e"},
    "escapes in the dialect": {**FINDING, "dialect": "\x1b[2J\n\u202e"},
    "escapes in a field": {**FINDING, "case": {"\x1b[2J": 1}},
    "long backend": {**FINDING, "backend": "x" * 10**5},
    "long dialect": {**FINDING, "dialect": "x" * 10**5},
    "variant": {**FINDING, "backend": "numpy[__import__('os')]"},
    "list": [],
}


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_finding_ends_in_one_line(replay: Replay, tmp_path: Path, hostile: str) -> None:
    """Whatever the fields say, exit code 2 comes before a gigabyte is needed."""
    path = tmp_path / "finding.json"
    path.write_text(json.dumps(HOSTILE[hostile]))
    done = replay(path)
    assert done.is_one_line, done


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[" * 100_000,
        '{"schema": ' + "1" * 10_000 + "}",
        json.dumps(FINDING)[:-1] + ', "case": {"eps": 1e999}}',
        json.dumps(FINDING)[:-1] + ', "case": {"eps": NaN}}',
        json.dumps({**FINDING, "text": "x" * 2**21}),
        "\ufeff\0",
    ],
    ids=["empty", "deep", "long number", "infinite", "nan", "large", "no text"],
)
def test_hostile_text_ends_in_one_line(replay: Replay, tmp_path: Path, text: str) -> None:
    """A file that is no JSON of ours is told by its name."""
    path = tmp_path / "finding.json"
    path.write_text(text)
    done = replay(path)
    assert done.is_one_line, done


@pytest.mark.parametrize("kind", ["device", "pipe", "nothing", "folder", "loop"])
def test_what_is_no_file_ends_in_one_line(replay: Replay, tmp_path: Path, kind: str) -> None:
    """Nothing is waited for, and nothing endless is read."""
    path = tmp_path / "f/finding.json"
    path.parent.mkdir()
    if kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "loop":
        path.symlink_to(path)
    done = replay(path.parent)
    assert done.is_one_line, done


def test_largest_finding_is_replayed_in_a_gigabyte(replay: Replay, tmp_path: Path) -> None:
    """The limit on elements is one that a small machine can answer to."""
    path = tmp_path / "finding.json"
    path.write_text(json.dumps({**FINDING, "case": {"shape": [1, MOST_ELEMENTS, 1]}}))
    assert replay(path).code in (0, 3)


def test_findings_of_like_names_have_folders_of_their_own(tmp_path: Path) -> None:
    """Two files whose paths differ in a dash alone do not share one."""
    dialect = declaration("torch").dialect
    finding = finding_of(run_case(in_process(batch_norm), Case(), dialect), "output")
    judgements = []
    for file in ("a b.py", "a-b.py"):
        (tmp_path / file).write_text(EVIL)
        name = Name(text=f"{tmp_path / file}:batch_norm", base="", target="").text
        judgement = Judgement(name=name, interpreter="python", dialect="torch")
        judgements.append(judgement)
        judgement.findings = (finding,)
    document = to_document(judgements, seed=0, seconds=1.0, command="bnparity run")
    save(document, judgements, tmp_path)
    scripts = {backend["findings"][0]["repro"] for backend in document["backends"]}
    assert len(scripts) == 2
    assert all((tmp_path / script).is_file() for script in scripts)
