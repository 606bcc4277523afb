"""The page as different readers meet it: heard, dark, small, printed, without scripts."""

from pathlib import Path
from typing import Any

import pytest
from bnparity_reports.differences import render as render_differences
from bnparity_reports.html import render
from browsing import opened, shown

Document = dict[str, Any]


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 390)])
@pytest.mark.parametrize("kind", ["results", "differences"])
def test_axe_finds_no_violation(
    browser: Any, session: Document, tmp_path: Path, scheme: str, width: int, kind: str
) -> None:
    """Names, roles, contrast and order are right, with everything unfolded."""
    from axe_playwright_python.sync_playwright import Axe

    html = render(session) if kind == "results" else render_differences(_differences())
    options = {"color_scheme": scheme, "bypass_csp": True}  # the policy would keep axe out too
    with opened(browser, html, tmp_path, width=width, **options) as page:
        page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
        found = Axe().run(page).response
    assert found["passes"]
    told = [(v["id"], [node["html"] for node in v["nodes"]][:3]) for v in found["violations"]]
    assert told == []


def _differences() -> Document:
    run = dict.fromkeys(("bnparity", "numpy", "python", "platform", "cpu", "seed"), "1")
    words = {"backend": "torch", "subject": "ratios", "where": "output", "old": "1", "new": "9"}
    changes = [{**words, "note": "", "direction": d} for d in ("regressed", "mended", "changed")]
    return {"baseline": False, "old": run, "new": {**run, "seed": "2"}, "changes": changes}


def test_charts_follow_the_scheme(browser: Any, session: Document, tmp_path: Path) -> None:
    """On a dark page the labels of charts are light, on paper dark."""
    inks = {}
    for scheme, medium in (("light", "screen"), ("dark", "screen"), ("dark", "print")):
        with opened(browser, render(session), tmp_path, color_scheme=scheme) as page:
            page.emulate_media(media=medium, color_scheme=scheme)
            label = page.locator(".chart text").first
            inks[scheme, medium] = label.evaluate("e => getComputedStyle(e).fill")
    assert inks["light", "screen"] == inks["dark", "print"] != inks["dark", "screen"]


def test_nothing_is_folded_on_paper(browser: Any, session: Document, tmp_path: Path) -> None:
    """A reader of a print cannot open anything."""
    with opened(browser, render(session), tmp_path) as page:
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert page.locator("details:not([open])").count() == 0
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert page.locator("details[open]").count() < page.locator("details").count()


def test_page_tells_all_without_a_script(browser: Any, session: Document, tmp_path: Path) -> None:
    """Where scripts are off, everything is there but what needs one."""
    with opened(browser, render(session), tmp_path, java_script_enabled=False) as page:
        assert shown(page, ".finding") == 2
        assert shown(page, "#filters, .copy, .sort") == 0


@pytest.mark.parametrize("width", [1280, 390])
def test_verdict_overlaps_no_sentence(
    browser: Any, session: Document, tmp_path: Path, width: int
) -> None:
    """The longest word, too, ends before the sentence begins, or stands above it."""
    with opened(browser, render(session), tmp_path, width=width) as page:
        page.locator(".verdicts .unavailable").wait_for(state="visible", timeout=2000)
        apart = page.evaluate("""() => [...document.querySelectorAll(".verdicts li")].map((li) => {
            const [badge, text] = [...li.children].map((child) => child.getBoundingClientRect());
            return badge.right <= text.left || badge.bottom <= text.top;
        })""")
    assert apart == [True, True, True]
