"""The page in a real browser: it loads alone, narrows, lands, sorts and copies."""

import time
from pathlib import Path
from typing import Any

import pytest
from bnparity_reports.html import render
from browsing import opened, shown

Document = dict[str, Any]

HOSTILE = {
    "script": "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "quotes": "\"'`><b onmouseover='alert(3)'>{{ 7 * 7 }}</style></script>",
    "long": "x" * 10_000,
    "right to left": "\u202e\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
}


def choose(page: Any, name: str, value: str) -> None:
    """Choose a value of a filter, and move on by the keyboard."""
    page.locator(f"select[name={name}]").select_option(value)
    page.keyboard.press("Tab")


def test_page_loads_alone(browser: Any, session: Document, tmp_path: Path) -> None:
    """From a file it says nothing in the console, asks for nothing, and fits its window."""
    with opened(browser, render(session), tmp_path, offline=True) as page:
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.locator("svg").count() == 7


@pytest.mark.parametrize(
    ("name", "value", "left"),
    [
        ("backend", "backend-numpy", 0),
        ("backend", "backend-kernel-py-bn", 2),
        ("output", "grad_bias", 1),
        ("dtype", "float16", 1),
        ("mode", "inference", 1),
        ("verdict", "fail", 2),
        ("verdict", "pass", 0),
    ],
)
def test_filters_leave_the_findings_that_match(
    browser: Any, session: Document, tmp_path: Path, name: str, value: str, left: int
) -> None:
    """What does not match is hidden, how much is left is told, and all comes back."""
    case = {"dtype": "float32", "param_dtype": "float32", "training": True, "tracked": True}
    session["backends"][1]["findings"][0]["case"] = case
    with opened(browser, render(session), tmp_path) as page:
        assert shown(page, ".finding") == 2
        choose(page, name, value)
        assert shown(page, ".finding") == left
        assert page.locator("#shown").inner_text() == f"{left} of 2 findings shown"
        page.locator("#clear").press("Enter")
        assert shown(page, ".finding") == 2


def test_filters_are_worked_by_the_keyboard(
    browser: Any, session: Document, tmp_path: Path
) -> None:
    """A choice is typed, and the matrix has the rows that match."""
    with opened(browser, render(session), tmp_path) as page:
        page.locator("select[name=backend]").focus()
        page.keyboard.type("kern")
        assert shown(page, ".matrix tbody tr") == 1
        page.keyboard.press("Home")
        assert shown(page, ".matrix tbody tr") == 3


def test_columns_and_rows_of_the_matrix_are_narrowed(
    browser: Any, session: Document, tmp_path: Path
) -> None:
    """An output leaves its column, a verdict the rows that have it."""
    with opened(browser, render(session), tmp_path) as page:
        choose(page, "output", "grad_bias")
        assert shown(page, ".matrix thead th") == 2
        assert shown(page, ".matrix tbody td") == 3
        choose(page, "output", "")
        choose(page, "verdict", "unavailable")
        assert page.locator(".matrix tbody tr:visible .key").all_inner_texts() == ["jax"]


def test_matrix_is_of_the_dtype_chosen(browser: Any, session: Document, tmp_path: Path) -> None:
    """With one dtype the matrix has the worst of its cells, and then what it had."""
    cell = "#cell-output-backend-kernel-py-bn"
    with opened(browser, render(session), tmp_path) as page:
        before = page.locator(cell).inner_text()
        choose(page, "dtype", "float16")
        assert page.locator(f"{cell} .word").inner_text() == "fail"
        assert page.locator(f"{cell} .ratio").inner_text() == "90.5"
        numpy = page.locator("#cell-output-backend-numpy .word")
        assert numpy.inner_text() == "not checked"
        choose(page, "dtype", "")
        assert page.locator(cell).inner_text() == before


def test_verdict_leads_to_its_finding(browser: Any, session: Document, tmp_path: Path) -> None:
    """A click in the matrix lands on the finding, which is highlighted."""
    with opened(browser, render(session), tmp_path) as page:
        page.locator("#cell-running_mean-backend-kernel-py-bn .word a").click()
        target = page.locator(".finding:target")
        assert target.get_attribute("id") == "finding-kernel-py-bn-924e4298a0"
        assert target.evaluate("e => e.getBoundingClientRect().top < innerHeight")
        assert target.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"


def test_link_to_a_cell_lands(browser: Any, session: Document, tmp_path: Path) -> None:
    """The address of a cell, sent to a colleague, shows and highlights it."""
    with opened(browser, render(session), tmp_path) as page:
        page.goto(f"{page.url}#cell-grad_bias-backend-numpy")
        page.reload()
        target = page.locator("td:target")
        assert target.evaluate("e => e.getBoundingClientRect().bottom < innerHeight")
        assert target.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"


def test_link_to_what_is_hidden_shows_it(browser: Any, session: Document, tmp_path: Path) -> None:
    """A filter does not keep a link from landing."""
    with opened(browser, render(session), tmp_path) as page:
        choose(page, "backend", "backend-numpy")
        page.evaluate("location.hash = '#finding-kernel-py-bn-b0'")
        page.locator("#finding-kernel-py-bn-b0").wait_for(state="visible", timeout=2000)


def test_tables_sort(browser: Any, session: Document, tmp_path: Path) -> None:
    """By a button in the heading, up and down, numbers as numbers."""
    with opened(browser, render(session), tmp_path) as page:
        heading = page.locator(".matrix thead th[data-output=running_mean]")
        orders = []
        for _ in range(2):
            heading.locator("button").press("Enter")
            names = page.locator(".matrix tbody .key").all_inner_texts()
            orders.append((heading.get_attribute("aria-sort"), names))
        assert orders == [
            ("ascending", ["jax", "numpy", "kernel.py:bn"]),
            ("descending", ["kernel.py:bn", "numpy", "jax"]),
        ]


def test_command_is_copied(browser: Any, session: Document, tmp_path: Path) -> None:
    """A button copies the command that reproduces a finding."""
    permissions = ["clipboard-read", "clipboard-write"]
    with opened(browser, render(session), tmp_path, permissions=permissions) as page:
        page.locator(".finding .copy").first.click()
        page.locator(".copy", has_text="Copied").wait_for(timeout=2000)
        copied = page.evaluate("navigator.clipboard.readText()")
        head = "python findings/kernel-924e4298a0/repro.py kernel.py"
        assert copied.startswith(f"{head}\nbnparity replay")


def test_text_can_be_selected(browser: Any, session: Document, tmp_path: Path) -> None:
    """Everything shown can be selected, diagnoses and labels of charts among it."""
    with opened(browser, render(session), tmp_path) as page:
        page.locator("h1").click()
        page.keyboard.press("Control+A")
        selected = page.evaluate("String(getSelection())")
        assert "computed with momentum=old" in selected
        assert "ratio of error to bound, from" in selected


@pytest.mark.parametrize("what", HOSTILE)
@pytest.mark.parametrize("width", [1280, 390])
def test_hostile_names_stay_text(
    browser: Any, session: Document, tmp_path: Path, what: str, width: int
) -> None:
    """They run nothing, are read as they are written, and leave the page its shape."""
    backend, text = session["backends"][1], HOSTILE[what]
    backend.update(dict.fromkeys(("name", "version", "device", "dialect"), text))
    backend["unsupported"] = {text: 1}
    backend["cells"] = [{**cell, "mode": text, "layout": text} for cell in backend["cells"]]
    words = {"text": text, "id": text, "codes": [text], "repro": text, "case": {text: text}}
    backend["findings"] = [{**finding, **words} for finding in backend["findings"]]
    with opened(browser, render(session), tmp_path, width=width) as page:
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.locator(".finding .text").first.text_content() == text
        assert page.locator("img, b").count() == 0


def test_large_session_stays_usable(
    browser: Any, session: Document, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """30 backends and 500 findings are a page below 3 MB, which loads and narrows at once."""
    wrong = session["backends"][1]
    cells = [
        {**wrong["cells"][0], "dtype": dtype, "layout": layout, "rank": rank, "mode": mode}
        for mode in ("training", "inference", "training, untracked", "inference, untracked")
        for dtype in ("float64", "float32", "float16", "bfloat16", "float16+float32", "bf+float32")
        for layout in ("contiguous", "sliced", "offset", "reversed", "transposed", "broadcast")
        for rank in (2, 3, 4, 5)
    ]
    session["backends"] = [
        {**wrong, "name": f"kernel-{b}", "cells": cells, "findings": [
            {**wrong["findings"][f % 2], "id": f"{b}-{f}"} for f in range(17 if b < 20 else 16)]}
        for b in range(30)
    ]  # fmt: skip
    started = time.monotonic()
    html = render(session)
    rendered = time.monotonic()
    assert len(html.encode()) < 3_000_000
    with opened(browser, html, tmp_path) as page:
        loaded = time.monotonic()
        took = page.evaluate("""async () => {
            const begin = performance.now();
            const select = document.querySelector("select[name=backend]");
            select.value = "backend-kernel-7";
            select.dispatchEvent(new Event("change", { bubbles: true }));
            await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
            return (performance.now() - begin) / 1000;
        }""")
        assert shown(page, ".finding:not([hidden])") == 17
    with capsys.disabled():
        print(
            f"\n30 backends, 500 findings: {len(html) / 1e6:.2f} MB, rendered in "
            f"{rendered - started:.1f} s, loaded in {loaded - rendered:.1f} s, "
            f"narrowed in {took:.2f} s"
        )
    assert loaded - rendered < 15.0
    assert took < 3.0
