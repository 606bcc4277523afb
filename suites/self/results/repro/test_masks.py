"""The script of a finding makes its call with the mask, and without one where there is none."""

import json
from pathlib import Path

import numpy as np
import pytest
from bnparity.backends.call import in_process
from bnparity.cases.case import Case, Mask
from masking import Steps, masked
from reproducing import reproduced, run_script

#: Wrong in that it leaves out what it should leave in.
KERNEL = """
import numpy as np

def batch_norm(x, weight, bias, running_mean, running_var, *, training, momentum, eps,
               grad_output=None, mask=None):
    kept = np.ones(x.shape, bool) if mask is None else np.broadcast_to({kept}, x.shape)
    axes, column = (0, 2), (1, -1, 1)
    wide = x.astype(np.float64)
    mean = np.mean(wide, axis=axes, where=kept, keepdims=True)
    var = np.mean((wide - mean) ** 2, axis=axes, where=kept, keepdims=True)
    y = (wide - mean) / np.sqrt(var + eps)
    y = y * weight.reshape(column) + bias.reshape(column)
    return {{"output": y.astype(x.dtype)}}
"""


@pytest.mark.parametrize("mask", ["positions", "elements"])
def test_script_shows_what_was_found_with_a_mask(mask: Mask, tmp_path: Path) -> None:
    """It exits 1 on a file that is wrong and 0 on one that is right, without bnparity."""
    (tmp_path / "wrong.py").write_text(KERNEL.format(kept="~mask"))
    (tmp_path / "right.py").write_text(KERNEL.format(kept="mask"))
    ask = in_process(masked(Steps(read=np.logical_not)))
    case = Case(shape=(5, 2, 3), gradient=False, tracked=True, mask=mask)
    name = f"{tmp_path / 'wrong.py'}:batch_norm"
    reproduced(tmp_path / "f", ask, case, name, output="output")
    done = run_script(tmp_path / "f/repro.py", tmp_path / "wrong.py")
    assert done.returncode == 1, done
    assert run_script(tmp_path / "f/repro.py", tmp_path / "right.py").returncode == 0
    assert json.loads((tmp_path / "f/finding.json").read_text())["case"]["mask"] == mask
    assert "mask=mask," in (tmp_path / "f/show.py").read_text()


def test_script_says_nothing_of_a_mask_where_there_is_none(tmp_path: Path) -> None:
    """A function that has never heard of one is called as it was."""
    ask = in_process(masked(Steps(count=lambda kept: np.full((len(kept), 1), 7.0))))
    case = Case(shape=(5, 2, 3), gradient=False)
    (tmp_path / "wrong.py").touch()
    name = f"{tmp_path / 'wrong.py'}:batch_norm"
    reproduced(tmp_path / "f", ask, case, name, output="output")
    finding = (tmp_path / "f/repro.py").read_text().partition("FINDING = ")[2].partition("\ndef")[0]
    assert "mask" not in finding
    assert "mask" not in (tmp_path / "f/show.py").read_text()
