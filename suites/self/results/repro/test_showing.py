"""The short scripts, run with the framework alone: they print what the finding says."""

from dataclasses import replace
from pathlib import Path

import pytest
from bnparity.backends.environments import interpreter_of
from bnparity.backends.names import parse
from bnparity.backends.open import Opened, opened
from bnparity.cases.case import Case
from bnparity.cases.dialects import declaration
from bnparity.judging.case_result import CaseResult, run_case
from bnparity.results.repro.folder import write_folder
from reproducing import OURS, WRONG, accused, finding_of, run_script

#: One for arrays in the script, with every argument there is, and one for arrays in files.
SMALL = Case(shape=(3, 2, 2), momentum=0.25)
LARGE = Case(shape=(40, 3, 2, 2), layout="sliced")


def shown(folder: Path, case_result: CaseResult, backend: str, dialect: str, output: str) -> str:
    """Write the folder about an output; return the lines that its script has to print."""
    check = next(check for check in case_result.checks if check.output == output)
    finding = replace(finding_of(case_result, output), check=check)
    write_folder(folder, finding, accused(parse(backend), dialect))
    return f"got      {check.got!r}\nexpected {check.expected!r}\n"


@pytest.mark.parametrize(
    ("backend", "case"),
    [("torch", LARGE), ("torch[channels_last]", replace(SMALL, shape=(3, 2, 2, 2)))],
)
def test_script_of_torch_prints_got_and_expected(
    bn_opened: dict[str, Opened], tmp_path: Path, backend: str, case: Case
) -> None:
    """To the bit, without bnparity: what is asked of the layer is in the script."""
    ask = bn_opened[backend].ask
    if ask is None:
        pytest.skip(bn_opened[backend].reason)
    case_result = run_case(ask, case, declaration("torch").dialect)
    lines = shown(tmp_path / "f", case_result, backend, "torch", "grad_weight")
    done = run_script(tmp_path / "f/show.py", absent=("bnparity", "bnparity_reference"))
    assert (done.returncode, done.stdout) == (0, lines), done


@pytest.mark.parametrize(
    ("case", "output"),
    [
        (SMALL, "grad_weight"),
        (replace(LARGE, shape=(40, 3, 1, 2, 2), affine="none"), "running_var"),
    ],
    ids=["small", "large"],
)
def test_script_of_mindspore_prints_got_and_expected(
    bn_opened: dict[str, Opened], tmp_path: Path, case: Case, output: str
) -> None:
    """In its own interpreter, where there is no bnparity."""
    ask = bn_opened["mindspore"].ask
    if ask is None:
        pytest.skip(bn_opened["mindspore"].reason)
    case_result = run_case(ask, case, declaration("mindspore").dialect)
    lines = shown(tmp_path / "f", case_result, "mindspore", "mindspore", output)
    python = interpreter_of("mindspore")
    done = run_script(tmp_path / "f/show.py", interpreter=python, absent=OURS)
    assert (done.returncode, done.stdout) == (0, lines), done


@pytest.mark.parametrize("case", [Case(gradient=False), LARGE], ids=["small", "large"])
def test_script_of_a_file_takes_the_file(tmp_path: Path, case: Case) -> None:
    """It imports the function from wherever the file is, and says how to name it if it is not."""
    (tmp_path / "wrong.py").write_text(WRONG)
    name = f"{tmp_path / 'wrong.py'}:batch_norm"
    with opened(parse(name)) as backend:
        assert backend.ask is not None
        case_result = run_case(backend.ask, case, declaration("torch").dialect)
    lines = shown(tmp_path / "f", case_result, name, "torch", "running_mean")
    done = run_script(tmp_path / "f/show.py", tmp_path / "wrong.py")
    assert (done.returncode, done.stdout) == (0, lines), done
    without = run_script(tmp_path / "f/show.py")
    assert without.returncode == 1
    assert without.stderr == "say where the function is: python show.py path/to/wrong.py\n"
