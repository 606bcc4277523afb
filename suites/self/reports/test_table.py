from typing import Any

import pytest
from bnparity_reports.table import render
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

Document = dict[str, Any]


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_every_valid_document_becomes_text(
    documents: st.SearchStrategy[Document], data: st.DataObject
) -> None:
    """Whatever the schema allows can be printed to a terminal."""
    render(data.draw(documents)).encode()


def row_of(results: Document) -> str:
    """Return the row of the first backend in the table."""
    return next(line for line in render(results).splitlines() if line.startswith("numpy"))


def test_backend_has_a_sentence_that_begins_with_its_verdict(results: Document) -> None:
    """What the page says of it stands first."""
    first = render(results).splitlines()[0]
    assert first.startswith("pass   numpy 2.4.6 follows the torch dialect: every output accurate")


def test_row_has_a_ratio_for_each_output(results: Document) -> None:
    """A backend's row shows the worst ratio of each of its six outputs."""
    assert row_of(results).count("0.75") == 6


@pytest.mark.parametrize("width", [48, 60, 80, 140])
@pytest.mark.parametrize("name", ["numpy", "path/to/my_kernel_of_a_long_name.py:batch_norm"])
def test_text_fits_its_width(results: Document, finding: Document, width: int, name: str) -> None:
    """No line is longer but a command, which is to be copied in one piece."""
    words = "a sentence of quite ordinary words " * 9
    results["backends"][0].update(name=name, findings=[{**finding, "text": words}])
    long = [line for line in render(results, width=width).splitlines() if len(line) > width]
    assert [
        line for line in long if not line.lstrip().startswith(("reproduce: ", "replay: "))
    ] == []


@pytest.mark.parametrize("width", [40, 60])
def test_name_stays_whole(results: Document, width: int) -> None:
    """One without room beside its ratios has a line of its own above them."""
    name = "kernels.py:my_batch_norm_of_two"
    results["backends"][0].update(name=name)
    table = render(results, width=width).partition("worst error / bound\n")[2].splitlines()
    assert [line for line in table if line.startswith(name)] == [name]


def test_ratios_without_room_have_a_line_each(results: Document) -> None:
    """A narrow terminal is told one fact a line."""
    table = render(results, width=40).partition("worst error / bound\n")[2].splitlines()
    assert table[:3] == ["numpy", "  output        0.75", "  running_mean  0.75"]


def test_word_that_is_longer_than_a_line_stays_whole(results: Document) -> None:
    """What is told of a module of a long name can be copied."""
    word = "a_package.of_many.parts_that_nobody:would_write"
    results["backends"][0].update(status="unavailable", outputs={}, reason=f"no {word} is here")
    assert word in render(results, width=40).split()


def test_verdicts_are_coloured_where_asked(
    results: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Codes stand around the verdict; none does with NO_COLOR, nor where text goes elsewhere."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[32mpass" in render(results, colour=True)
    assert "\x1b" not in render(results)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[32m" not in render(results, colour=True)


def test_brief_text_is_a_line_a_backend(results: Document, finding: Document) -> None:
    """Verdict and name, whatever was found."""
    results["backends"][0].update(status="fail", findings=[finding])
    assert render(results, detail=-1) == "fail   numpy\n"


def test_full_text_says_what_ran_and_where(results: Document) -> None:
    """Versions of the session stand first, those of a backend's place below its sentence."""
    lines = render(results, detail=1).splitlines()
    assert lines[0].startswith("bnparity 0.1.0, python 3.11.7, numpy 2.4.6, seed 17; ")
    assert "       on cpu; /usr/bin/python3; 3,150 cases, 24 checks in 6 s" in lines


def test_worst_loose_case_is_told_with_its_replay(results: Document, figures: Document) -> None:
    """Who reads that a backend is loose can look at it."""
    case = {"shape": [2, 85, 96], "training": True}
    worst = {"case": case, "ratio": 303.0, "repro": "findings/loose/numpy-output/repro.py"}
    loose = {**figures, "worst_ratio": 303.0, "verdicts": {"loose": 4}, "worst_case": worst}
    outputs = {**results["backends"][0]["outputs"], "running_var": loose}
    results["backends"][0].update(status="loose", outputs=outputs)
    lines = [line.strip() for line in render(results).splitlines()]
    place = lines.index(
        "worst loose case: training on [2, 85, 96], ratio 303 in running_var",
    )
    assert lines[place + 2] == "replay:    bnparity replay findings/loose/numpy-output"


def test_output_without_checks_has_no_ratio(results: Document, figures: Document) -> None:
    """What one backend was not asked shows a dash and not a ratio of 0."""
    (backend,) = results["backends"]
    results["backends"] = [{**backend, "outputs": {"output": {**figures, "checks": 0}}}, backend]
    results["backends"][0]["outputs"]["grad_bias"] = figures
    assert row_of(results).split() == ["numpy", "-", "-", "-", "-", "-", "0.75"]


def test_output_that_nobody_was_asked_has_no_column(results: Document, figures: Document) -> None:
    """A table is as wide as what it has to say."""
    results["backends"][0]["outputs"] = {"output": figures}
    assert "grad" not in render(results)


def test_text_cannot_steer_the_terminal(results: Document, finding: Document) -> None:
    """Control characters in what a backend says do not reach the terminal."""
    results["backends"][0]["name"] = "\x1b]0;title\x07"
    results["backends"][0]["findings"] = [{**finding, "text": "\x1b[2J\x9b31m\u202e"}]
    text = render(results)
    assert [char for char in text if not char.isprintable() and char != "\n"] == []


def test_names_are_not_read_as_markup(results: Document) -> None:
    """A variant in brackets and a word between colons are printed as they are."""
    results["backends"][0]["name"] = "[bold]:fire:"
    assert "[bold]:fire:" in render(results)


def test_replay_path_stays_in_one_piece(results: Document, finding: Document) -> None:
    """The path of a finding can be copied from the text, however long it is."""
    path = "findings/" + "a-long-name-" * 20 + "/repro.py"
    results["backends"][0]["findings"] = [{**finding, "repro": path}]
    assert path in render(results)


def test_reason_of_an_unavailable_backend_is_told(results: Document) -> None:
    """A backend that could not be asked comes with the reason."""
    results["backends"][0].update(status="unavailable", reason="no module named jax", outputs={})
    assert "numpy 2.4.6 was not checked: no module named jax." in " ".join(render(results).split())


def test_end_of_what_was_printed_is_told(results: Document, finding: Document) -> None:
    """The last five lines of it, and none where nothing was."""
    printed = "\n".join(f"line {number}" for number in range(9))
    results["backends"][0]["findings"] = [{**finding, "printed": printed}, finding]
    told = [line.strip() for line in render(results).splitlines() if "printed:" in line]
    assert told == [f"printed: line {number}" for number in range(4, 9)]
