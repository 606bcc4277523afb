"""Verdicts on backends from Python."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import bnparity
import judgeable
import pytest
from bnparity.frontends.api import checking
from bnparity.frontends.api.stated import stated


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_import_is_light_and_names_are_shown() -> None:
    """`import bnparity` loads no NumPy, and `dir` has what the README names."""
    code = "import sys, bnparity; print('numpy' in sys.modules, *dir(bnparity))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy, *names = done.stdout.split()
    assert heavy == "False"
    public = {name for name in names if not name.startswith("__")}
    assert {"check", "assert_parity", "judge", "compare", "Dialect", "translate"} <= public
    assert not {"Any", "TYPE_CHECKING", "import_module"} & public


def test_right_function_passes() -> None:
    """A verdict tells who was judged, by what, and that nothing is wrong; nothing is written."""
    verdict = bnparity.check(judgeable.right, examples=60)
    assert (verdict.status, verdict.dialect, verdict.findings) == ("pass", "torch", ())
    assert re.fullmatch(r"<Verdict .*numpy_kernel.py:batch_norm: pass, \d+ cases>", repr(verdict))
    assert "follows the torch dialect" in verdict.explain()
    assert json.loads(json.dumps(verdict.to_json()))["schema"] == "bnparity-results/1"
    assert list(Path().iterdir()) == []


def test_wrong_function_is_told_by_its_convention() -> None:
    """The finding has the code, in words, on one line, and as HTML."""
    verdict = bnparity.check(judgeable.other_way_round, examples=60)
    assert verdict.status == "fail"
    assert [finding.codes for finding in verdict.findings] == [("momentum=old",)]
    assert repr(verdict).endswith(", momentum=old>")
    html = verdict._repr_html_()
    assert "<td>running_mean</td><td>fail</td>" in html
    assert "computed with momentum=old" in html


def test_misspelled_output_is_told() -> None:
    """A name that no output has is told across the processes, with the one that was meant."""
    verdict = bnparity.check(judgeable.misspelling, examples=20)
    assert verdict.status == "untrusted"
    assert "it returned outptu (did you mean output?)" in " ".join(verdict.explain().split())


def test_assertion_says_all_that_a_test_wants_to_know() -> None:
    """It has got, expected, bound, ratio, diagnosis, and a command that replays it."""
    with pytest.raises(AssertionError) as raised:
        bnparity.assert_parity(judgeable.other_way_round, examples=40)
    text = str(raised.value)
    assert "computed with momentum=old, but torch has momentum=new" in text
    assert re.search(r"fail: running_mean\[0\] is \S+, expected \S+, bound \S+, ratio \S+", text)
    (folder,) = re.findall(r"replay: bnparity replay (\S+) --backend ", text)
    assert (Path(folder) / "finding.json").is_file()
    assert "seed=0" in text


def test_assertion_accepts_what_is_right() -> None:
    """Nothing is raised, and nothing is left behind."""
    bnparity.assert_parity(judgeable.right, examples=60)
    assert list(Path().iterdir()) == []


def test_assertion_fails_at_loose_if_it_is_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A loose verdict is accepted otherwise."""
    loose = replace(bnparity.check(judgeable.right, examples=5), status="loose")
    monkeypatch.setattr(checking, "check", lambda *_, **__: loose)
    bnparity.assert_parity(judgeable.right)
    with pytest.raises(AssertionError):
        bnparity.assert_parity(judgeable.right, fail_on=["loose"])


@pytest.mark.parametrize("verdict", ["pass", "losoe", ""])
def test_assertion_can_fail_at_loose_alone(verdict: str) -> None:
    """Any other word is a mistake, told before anything is asked."""
    with pytest.raises(bnparity.UsageError, match=f"fail_on {verdict!r}: give 'loose'"):
        bnparity.assert_parity("nowhere.py:batch_norm", fail_on=[verdict])


def test_named_backend_runs_in_a_process_of_its_own(tmp_path: Path) -> None:
    """One that ends its process is a finding, and the caller lives on."""
    (tmp_path / "dying.py").write_text("import os\ndef f(*a, **k): os._exit(3)\n")
    verdict = bnparity.check("dying.py:f", examples=1)
    assert {finding.kind for finding in verdict.findings} == {"crash"}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"dialect": "trch"}, "did you mean torch"),
        ({"dtypes": ["flaot32"]}, "did you mean float32"),
        ({"dtypes": "flaot32"}, "'flaot32' is not a dtype"),
        ({"examples": 0}, "nothing would be checked"),
        ({"examples": "5"}, "examples '5': give a whole number"),
        ({"timeout": 0}, "timeout 0"),
        ({"timeout": "soon"}, "timeout 'soon': give a number"),
        ({"seed": "x"}, "seed 'x': give a whole number"),
        ({"dtypes": 3}, "3 where words are expected"),
    ],
)
def test_wrong_argument_is_one_line(arguments: dict[str, object], told: str) -> None:
    """It names the value, and says how to mend it."""
    with pytest.raises(bnparity.UsageError, match=told) as raised:
        bnparity.check(judgeable.right, **arguments)  # type: ignore[arg-type]  # that is the point
    assert "\n" not in str(raised.value)


def test_record_of_conventions_is_stated_in_words() -> None:
    """PyTorch's is its name; another says what it changes."""
    assert stated(bnparity.Dialect()) == "torch"
    assert (
        bnparity.check(judgeable.right, dialect=bnparity.Dialect(), examples=5).dialect == "torch"
    )


def test_one_word_may_stand_alone() -> None:
    """A format, or a verdict to fail at: no list of letters is made of it."""
    assert bnparity.check(judgeable.right, examples=20, dtypes="float32").status == "pass"
    with pytest.raises(bnparity.UsageError, match="fail_on 'losoe'"):
        bnparity.assert_parity(judgeable.right, examples=20, fail_on="losoe")
