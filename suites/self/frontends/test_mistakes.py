"""One line for whatever is wrong with the words of a command."""

from pathlib import Path

import pytest
from commanding import bnparity

MISTAKES = {
    "unknown backend": (["run", "torhc"], "torch"),
    "missing file": (["run", "nowhere.py:batch_norm"], "nowhere.py"),
    "not callable": (["run", "three.py:batch_norm"], "int"),
    "not importable": (["run", "broken.py:batch_norm"], "nowhere_to_be_found"),
    "unknown module": (["run", "no_such_package.kernels:f"], "no_such_package"),
    "unknown variant": (["run", "torch[chanels_last]", "--examples", "1"], "chanels_last"),
    "unknown dtype": (["run", "numpy", "--dtype", "float31"], "float31"),
    "no examples": (["run", "numpy", "--examples", "0"], "--examples 0"),
    "negative examples": (["run", "numpy", "--examples", "-3"], "--examples -3"),
    "examples in words": (["run", "numpy", "--examples", "many"], "many"),
    "no time": (["run", "numpy", "--time", "0s"], "--time"),
    "odd time": (["run", "numpy", "--time", "soon"], "soon"),
    "no timeout": (["run", "numpy", "--timeout", "0"], "--timeout 0"),
    "no memory": (["run", "numpy", "--memory", "1M"], "--memory 1M: give 256M at least"),
    "memory in words": (["run", "numpy", "--memory", "lots"], "--memory lots: not a size"),
    "less than no restarts": (["run", "numpy", "--restarts", "-1"], "--restarts -1: give 0"),
    "unknown dialect": (["run", "numpy", "--dialect", "torhc"], "torhc"),
    "unknown requirement": (["run", "numpy", "--require", "torhc"], "torhc"),
    "unknown option": (["run", "numpy", "--exampels", "3"], "--exampels"),
    "less and more": (["run", "numpy", "-q", "-v"], "-q and -v"),
    "negative maxfail": (["run", "numpy", "--maxfail", "-1"], "--maxfail -1: give 0 or more"),
    "other dialect": (["semantics", "numpy", "--dialect", "torhc"], "did you mean torch"),
    "folder as JSON": (["backends", "--json", "."], "folder"),
    "unknown word": (["explain", "losse"], "did you mean loose"),
    "unknown command": (["rnu"], "rnu"),
    "function as pytest has it": (["run", "right.py::batch_norm"], "write right.py:batch_norm"),
    "file without a function": (["run", "odd.py"], "write odd.py:ranks or odd.py:outputs"),
    "no file, no function": (["run", "nowhere.py"], "there is no file 'nowhere.py'"),
    "function of a function": (["run", "right.py:batch_norm:x"], "write right.py:batch_norm,"),
    "function that is not there": (
        ["run", "right.py:norm"],
        "no 'norm': it has batch_norm",
    ),
    "pair with a comma": (["run", "odd.py:ranks,outputs"], "did you mean ranks+outputs?"),
    "pair of something else": (["run", "odd.py:ranks+outputs"], "called as (x, gamma, beta, bn_pa"),
    "open bracket": (["run", "torch[compile"], "write torch[compile]"),
    "variant of a layer": (["run", "torch[compil]"], "did you mean compile"),
    "other TOML": (["run", "numpy", "--known", "cut.json"], "give a TOML file"),
    "unwritable report": (["run", "numpy", "--html", "file/report.html"], "file/report.html"),
    "folder as report": (["run", "numpy", "--json", "."], "folder"),
    "device as report": (["run", "numpy", "--json", "/dev/null"], "/dev/null"),
    "unknown rank": (["run", "odd.py:ranks"], "a rank is an integer from 2 to 8"),
    "unknown output": (["run", "odd.py:outputs"], "outptu"),
    "unknown dtype of a function": (["run", "odd.py:dtypes"], "float31"),
    "unknown dialect of a function": (["run", "odd.py:dialect"], "torhc"),
    "unknown accumulation": (["run", "odd.py:accumulation"], "'kahan': choose from wide"),
    "endless timeout": (["run", "numpy", "--timeout", "99999999999999h"], "99999999999999h"),
    "cut results": (["report", "cut.json", "--html", "out.html"], "cut.json"),
    "other results": (["report", "other.json", "--html", "out.html"], "other.json"),
    "missing results": (["report", "gone.json", "--html", "out.html"], "gone.json"),
    "unwritable summary": (["run", "numpy", "--markdown", "file/a.md"], "file/a.md"),
    "unwritable XML": (["run", "numpy", "--junit", "file/a.xml"], "file/a.xml"),
    "cut finding": (["replay", "cut.json"], "cut.json"),
    "no finding": (["replay", "other.json"], "other.json"),
    "momentum of another dialect": (["replay", "null.json"], "momentum of the case is null"),
    "conventions of no backend": (["semantics", "torhc"], "torch"),
    "conventions of no cases": (["semantics", "numpy", "--examples", "0"], "--examples 0"),
    "no dialect": (["run", "numpy", "--dialect", ""], "'' is not a dialect"),
    "no dialect to measure": (["semantics", "numpy", "--dialect", ""], "'' is not a dialect"),
    "report to standard output": (["run", "numpy", "--html", "-"], "--html '-': give the path of"),
    "report nowhere": (["report", "other.json", "--junit", ""], "--junit '': give the path of"),
    "no baseline": (["run", "numpy", "--baseline", ""], "--baseline '': give the path of a file"),
    "no argument": (["report"], "bnparity report --help says what it takes"),
    "argument too many": (["doctor", "x"], "(x): bnparity doctor --help says what it takes"),
    "no value": (["run", "numpy", "--seed"], "bnparity run --help says what it takes"),
    "test of no file": (["init", ""], "give a .py file"),
    "test of a missing file": (["init", "gone.py"], "'gone.py' cannot be read"),
    "unknown environment": (["env", "create", "mindspoer"], "did you mean mindspore"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_wrong_words_are_2_and_one_line(folder: Path, mistake: str) -> None:
    """The line names the value; there is no traceback, and nothing is written."""
    before = sorted(folder.iterdir())
    arguments, named = MISTAKES[mistake]
    done = bnparity(*arguments, cwd=folder)
    assert done.returncode == 2, done
    assert done.stderr.count("\n") == 1, done.stderr
    assert named in done.stderr
    assert done.stdout == ""
    assert [path for path in sorted(folder.iterdir()) if path.name != "__pycache__"] == before
