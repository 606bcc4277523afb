from typing import Any

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


def test_row_has_a_ratio_for_each_output(results: Document) -> None:
    """A backend's row shows the worst ratio of each of its six outputs."""
    row = next(line for line in render(results).splitlines() if "numpy" in line)
    assert row.count("0.75") == 6


def test_output_without_checks_has_no_ratio(results: Document, figures: Document) -> None:
    """What was not checked shows a dash and not a ratio of 0."""
    results["backends"][0]["outputs"] = {"output": {**figures, "checks": 0}}
    row = next(line for line in render(results).splitlines() if "numpy" in line)
    assert row.count(" - ") == 6


def test_sums_are_told_with_their_outputs(results: Document, figures: Document) -> None:
    """A note says how sums are taken, and of which outputs."""
    outputs = results["backends"][0]["outputs"]
    results["backends"][0]["outputs"] = {
        name: {**figures, "grade": "serial" if name == "grad_bias" else "wide"} for name in outputs
    }
    text = " ".join(render(results).split())
    assert "numpy: sums: wide in output, running_mean" in text
    assert "; serial in grad_bias." in text


def test_one_grade_for_all_outputs_is_told_once(results: Document) -> None:
    """The note has one word where one word is true of every output."""
    for graded in results["backends"][0]["outputs"].values():
        graded["grade"] = "wide"
    assert "numpy: sums: wide.\n" in render(results)


def test_drift_is_told_where_it_was_measured(results: Document) -> None:
    """A note has steps, units in the last place and the share; without a drift there is none."""
    assert "drift" not in render(results)
    measured = {"running_var": {"max_ulp": 2.5, "worst_share": 0.25}}
    results["backends"][0]["drift"] = {"steps": 100, "statistics": measured}
    told = "over 100 steps running_var drifts by up to 2.5 ulp, 0.25 of what may add up."
    assert f"numpy: {told}" in render(results)


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
    assert "numpy is unavailable: no module named jax" in render(results)
