"""The scripts give arguments as the harness does: read-only, odd, and in memory used before."""

from pathlib import Path

import pytest
from bnparity.backends.call import in_process
from bnparity.backends.load import load_target
from bnparity.backends.names import parse
from bnparity.cases.case import Case, Recipe
from bnparity.cases.dialects import declaration
from bnparity.judging.case_result import run_case
from bnparity.results.repro.folder import write_folder
from reproducing import accused, finding_of, printed, run_script

#: It takes data at an address that it knows for the data that it knows.
CACHING = """
known = {}
def batch_norm(x, *args, **kwargs):
    address = x.__array_interface__["data"][0]
    return {"output": known.setdefault((address, x.shape), x.copy()).copy()}
"""

#: It takes no arrays that cannot be written to.
REFUSING = """
def batch_norm(x, *args, **kwargs):
    if not x.flags.writeable:
        raise ValueError("buffer source array is read-only")
    return {"output": x.copy()}
"""

#: It takes the bias for dense.
DENSE = """
import numpy as np
def batch_norm(x, weight, bias, *args, **kwargs):
    read = np.lib.stride_tricks.as_strided(bias, bias.shape, (bias.itemsize,))
    return {"output": np.zeros_like(x) + read}
"""


def written(folder: Path, source: str, case: Case) -> None:
    """Write the finding that a kernel of this source is wrong in `case`."""
    (folder / "kernel.py").write_text(source)
    name = parse(f"{folder / 'kernel.py'}:batch_norm")
    ask = in_process(load_target(name.target))
    found = run_case(ask, case, declaration("torch").dialect)
    output = "" if found.fault else "output"
    write_folder(folder / "f", finding_of(found, output), accused(name))


@pytest.mark.parametrize(
    ("source", "case"),
    [
        (CACHING, Case(shape=(9, 2), gradient=False, reused=True)),
        (REFUSING, Case(gradient=False)),
        (
            DENSE,
            Case(
                shape=(3, 2),
                gradient=False,
                training=False,
                bias_layout="sliced",
                recipe=Recipe(special="zero", special_in="weight"),
            ),
        ),
    ],
    ids=["caching", "refusing", "dense"],
)
def test_script_shows_it(tmp_path: Path, source: str, case: Case) -> None:
    """Its function gets what the harness gave it, to the stride and to the address."""
    written(tmp_path, source, case)
    done = run_script(tmp_path / "f/repro.py")
    assert done.returncode == 1, done


def test_script_says_what_refuses_read_only_arguments(tmp_path: Path) -> None:
    """In the function's own words."""
    written(tmp_path, REFUSING, Case(gradient=False))
    done = run_script(tmp_path / "f/repro.py")
    assert printed(done.stdout)["got"].startswith("it raised ValueError: buffer source array")


def test_script_of_a_cache_needs_the_same_memory(tmp_path: Path) -> None:
    """The values that it prints are those of the call before."""
    written(tmp_path, CACHING, Case(shape=(9, 2), gradient=False, reused=True))
    script = tmp_path / "f/repro.py"
    script.write_text(script.read_text().replace("'reused': True", "'reused': False"))
    told = printed(run_script(script).stdout)
    written(tmp_path, CACHING, Case(shape=(9, 2), gradient=False, reused=True))
    assert printed(run_script(script).stdout)["got"] != told["got"]
