"""The folder of a finding: what is in it, and that nothing it holds or meets can do harm."""

import ast
import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bnparity import __version__
from bnparity.backends.call import Fault, in_process
from bnparity.backends.names import Name
from bnparity.cases.case import Case
from bnparity.cases.dialects import declaration
from bnparity.judging.case_result import CaseResult, run_case
from bnparity.judging.verdicts import Check
from bnparity.kernels.numpy_kernel import batch_norm
from bnparity.results.findings import Finding
from bnparity.results.occurrence import Worst
from bnparity.results.repro.folder import contents, one_line, write_folder
from bnparity.results.saving import folder_name
from hypothesis import example, given, settings
from hypothesis import strategies as st
from reproducing import accused, finding_of

NAME = Name(text="numpy", base="numpy", target="bnparity.kernels.numpy_kernel:batch_norm")
FILES = {
    "README.txt",
    "finding.json",
    "repro.py",
    "show.py",
    *(f"{name}.safetensors" for name in ("inputs", "expected", "got", "bound")),
}
HOSTILE = [
    '"""\nimport os; os.system("touch pwned")\n"""',
    "'''\n__import__('os').abort()\n'''",
    "\\",
    "\\\\'\\\"\n\r\0\x1b[2J\u202e\u2028",
    "{finding}{0}%s${x}#",
    "\ud800",
    "../../../etc/passwd",
]


def result_of(case: Case) -> CaseResult:
    """Return what the local kernel makes of a case."""
    return run_case(in_process(batch_norm), case, declaration("torch").dialect)


def finding() -> Finding:
    """Return a finding about the output."""
    return finding_of(result_of(Case()), "output")


def test_folder_holds_the_case_the_arrays_and_the_diagnosis(tmp_path: Path) -> None:
    """And no file of an unfinished write."""
    write_folder(tmp_path / "f", finding(), accused(NAME))
    assert {path.name for path in (tmp_path / "f").iterdir()} == FILES
    summary = json.loads((tmp_path / "f/finding.json").read_text())
    assert summary["case"] == Case().to_json()
    assert (tmp_path / "f/README.txt").read_text().startswith("output deviates\n")


def test_readme_says_what_a_maintainer_asks_first(tmp_path: Path) -> None:
    """Versions, settings, how often, why, the worst case, where it was raised, what was printed."""
    worst = Worst(ratio=7e6, case=Case(shape=(9, 8)))
    about = replace(finding(), worst=worst, cases=60, traceback="k.py:2 in f: g()", printed="hi")
    about = replace(about, check=run_check(), count=3)
    write_folder(tmp_path / "f", about, replace(accused(NAME), software="Python 3.11"))
    text = (tmp_path / "f/README.txt").read_text()
    for part in (
        f"bnparity {__version__}, Python 3.11",
        "in 3 of 60 cases",
        "momentum=0.1",
        "ratio 7e+06: training on [9, 8]",
        "train_statistics=batch: those of the batch",
        "https://docs.pytorch.org/",
        "    k.py:2 in f: g()",
        "    hi",
        datetime.now(UTC).date().isoformat()[:4],
    ):
        assert part in text, part
    assert json.loads((tmp_path / "f/finding.json").read_text())["worst"] == worst.to_json()


def run_check() -> Check:
    """Return a check of the output of the local kernel."""
    return next(check for check in result_of(Case()).checks if check.output == "output")


def test_folder_has_nothing_of_the_machine(tmp_path: Path) -> None:
    """Neither the place of the kernel's file, nor a path in a message."""
    target = f"{tmp_path / 'sub' / 'k.py'}:batch_norm"
    text = f"OSError: no file '{tmp_path}/data.npy'"
    about = replace(finding(), text=text, traceback=text, printed=f"{text}\nbye")
    write_folder(tmp_path / "f", about, accused(Name(text=target, base=target, target=target)))
    for path in (tmp_path / "f").iterdir():
        data = path.read_bytes()
        assert str(tmp_path).encode() not in data, path
        assert sys.executable.encode() not in data, path
    summary = json.loads((tmp_path / "f/finding.json").read_text())
    assert summary["backend"] == "k.py:batch_norm"
    assert summary["printed"] == "OSError: no file 'data.npy'\nbye"


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "bfloat16"])
def test_arrays_are_read_by_other_readers(tmp_path: Path, dtype: str) -> None:
    """PyTorch's reader of safetensors finds every argument, bfloat16 ones too, to the bit."""
    reader = pytest.importorskip("torch") and pytest.importorskip("safetensors.torch")
    from bnparity.backends.tensors import array_of

    case = Case(shape=(3, 2, 4), dtype=dtype, param_dtype=dtype, layout="reversed")
    case_result = result_of(case)
    write_folder(tmp_path / "f", finding_of(case_result, "output"), accused(NAME))
    for file, arrays in (("inputs", vars(case_result.inputs)), ("got", case_result.outputs)):
        stored = reader.load_file(tmp_path / f"f/{file}.safetensors")
        assert {name: array_of(tensor).tobytes() for name, tensor in stored.items()} == {
            name: array.tobytes() for name, array in arrays.items()
        }


def test_large_arrays_make_no_large_script() -> None:
    """Their elements are in files of their own."""
    of_large = finding_of(result_of(Case(shape=(1000, 50))), "output")
    files = contents(of_large, accused(NAME))
    assert len(files["inputs.safetensors"]) > 4 * 100_000
    assert len(files["repro.py"]) < 20_000


def without_finding(script: bytes) -> tuple[str, dict[str, Any]]:
    """Return a script's code without the literal, and the literal's value."""
    tree = ast.parse(script)
    (literal,) = [
        node for node in tree.body if isinstance(node, ast.Assign) and "FINDING" in ast.dump(node)
    ]
    tree.body.remove(literal)
    return ast.dump(tree), ast.literal_eval(literal.value)


def script_about(word: str, *, at_fault: bool, of_file: bool) -> bytes:
    """Return a script in which `word` is wherever a text can be."""
    case_result = result_of(Case())
    if at_fault:
        fault = Fault(kind="error", text=word)
        case_result = replace(case_result, fault=fault, outputs={}, checks=())
    target = f"{word}.py:f" if of_file else f"{word}:f"
    # No text is a framework of ours, whose scripts are other code: Hypothesis draws "torch==" too.
    name = Name(text=word, base=f"x{word}", target=target, variant=word)
    told = replace(finding_of(case_result, "output"), text=word, codes=(word,))
    whose = replace(accused(name), version=word, device=word, software=word)
    return contents(told, whose)["repro.py"]


@pytest.mark.parametrize("at_fault", [False, True])
@pytest.mark.parametrize("of_file", [False, True])
@settings(max_examples=20)
@given(text=st.text() | st.sampled_from(HOSTILE))
@example(text=HOSTILE[0])
@example(text=HOSTILE[3])
@example(text="torch==")
def test_no_text_becomes_code(text: str, at_fault: bool, of_file: bool) -> None:
    """Names and messages change the literal of a script, and nothing else of it."""
    code, literal = without_finding(script_about(text, at_fault=at_fault, of_file=of_file))
    harmless = script_about("harmless", at_fault=at_fault, of_file=of_file)
    assert code == without_finding(harmless)[0]
    assert literal["variant"] == text
    assert literal["text"] == one_line(text)


@settings(max_examples=20)
@given(text=st.text(st.characters(exclude_characters=":")) | st.sampled_from(HOSTILE))
@example(text=HOSTILE[0])
@example(text=HOSTILE[3])
@example(text="torch==")
def test_no_text_becomes_code_of_the_short_script(text: str) -> None:
    """It is in comments and literals alone: the same statements with other constants.

    A colon is what parts a file from its function, so no name has another.
    """
    shapes = []
    for word in (text, "harmless"):
        target = f"{word}.py:{word}"
        name = Name(text=word, base=f"x{word}", target=target, variant=f"x{word}")
        told = replace(finding(), text=word)
        tree = ast.parse(contents(told, accused(name))["show.py"])
        constants = [node for node in ast.walk(tree) if isinstance(node, ast.Constant)]
        for node in constants:
            node.value = 0
        shapes.append(ast.dump(tree))
    assert shapes[0] == shapes[1]


@settings(max_examples=50)
@given(st.text() | st.sampled_from(HOSTILE))
def test_no_text_moves_the_terminal(text: str) -> None:
    """What a script prints, and the README, have no control characters."""
    whose = replace(accused(NAME), version=text, device=text)
    files = contents(replace(finding(), text=text), whose)
    shown = files["README.txt"].decode() + without_finding(files["repro.py"])[1]["text"]
    assert all(character.isprintable() or character == "\n" for character in shown)


@given(st.text(), st.text())
@example("../..", "..")
@example("/etc/passwd:f", "x" * 300)
def test_folder_of_a_finding_is_where_findings_are(backend: str, identity: str) -> None:
    """A name leads to one new folder, whatever it is made of."""
    name = folder_name(backend, f"1{identity}")
    assert Path(name).name == name
    assert name not in (".", "..")
    assert np.frombuffer(name.encode(), np.uint8).max() < 128


def test_link_in_place_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    """What it leads to stays as it was."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "f").symlink_to(tmp_path / "elsewhere")
    write_folder(tmp_path / "f", finding(), accused(NAME))
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert {path.name for path in (tmp_path / "f").iterdir()} == FILES


@pytest.mark.parametrize("file", sorted(FILES))
def test_link_in_place_of_a_file_is_not_followed(tmp_path: Path, file: str) -> None:
    """It is replaced, and what it led to stays as it was."""
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / file).symlink_to(victim)
    write_folder(tmp_path / "f", finding(), accused(NAME))
    assert victim.read_text() == "mine"
    assert not (tmp_path / "f" / file).is_symlink()


def test_unfinished_folder_has_no_script(tmp_path: Path) -> None:
    """Arrays of two findings are never mixed: the script of the old one goes first."""
    write_folder(tmp_path / "f", finding(), accused(NAME))
    (tmp_path / "f/bound.safetensors").unlink()
    (tmp_path / "f/bound.safetensors").mkdir()
    with pytest.raises(IsADirectoryError):
        write_folder(tmp_path / "f", finding(), accused(NAME))
    left = {path.name for path in (tmp_path / "f").iterdir()}
    assert left == FILES - {"repro.py", "finding.json"}
