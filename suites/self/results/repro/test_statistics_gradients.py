"""The script of a finding makes its call with the gradients by running statistics that it had."""

import json
from pathlib import Path

from bnparity.backends.call import in_process
from bnparity.cases.case import Case
from reproducing import reproduced, run_script
from through import THROUGH, through

#: Of a file: a function that adds a multiple of what is due.
FILE = """
from through import through

batch_norm = through({by_mean}, {by_var})
"""


def test_script_shows_what_was_found(tmp_path: Path) -> None:
    """It exits 1 on a file that is wrong and 0 on one that is right."""
    helper = Path(__file__).parents[2] / "through.py"
    (tmp_path / "through.py").write_text(helper.read_text())
    (tmp_path / "wrong.py").write_text(FILE.format(by_mean=0.0, by_var=0.0))
    (tmp_path / "right.py").write_text(FILE.format(by_mean=1.0, by_var=1.0))
    case = Case(shape=(5, 2, 3), statistics_gradients=True)
    name = f"{tmp_path / 'wrong.py'}:batch_norm"
    ask = in_process(through(0.0, 0.0))
    reproduced(tmp_path / "f", ask, case, name, output="grad_input", dialect=THROUGH)
    done = run_script(tmp_path / "f/repro.py", tmp_path / "wrong.py")
    assert done.returncode == 1, done
    assert run_script(tmp_path / "f/repro.py", tmp_path / "right.py").returncode == 0
    assert json.loads((tmp_path / "f/finding.json").read_text())["case"]["statistics_gradients"]
    assert "grad_running_mean=grad_running_mean," in (tmp_path / "f/show.py").read_text()
