"""The documentation is a whole site: it builds, leads nowhere wrong, and needs no network."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest
from browsing import chromium
from reading import ROOT


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the site, built with warnings as errors."""
    folder = tmp_path_factory.mktemp("site")
    options = ["--fail-on-warning", "--keep-going", "--quiet"]
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *options, ROOT / "documentation", folder],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return folder


def _pages(site: Path) -> list[Path]:
    """Return the pages; what the theme keeps in `_static` is none."""
    return [path for path in site.rglob("*.html") if "_static" not in path.parts]


def _attributes(text: str, *names: str) -> list[str]:
    return re.findall(rf'<[^>]*\b(?:{"|".join(names)})="([^"]*)"', text)


def _lost(site: Path, path: Path) -> Iterator[str]:
    """Yield each link of a page that leads to no file, or to no place in it."""
    for link in _attributes(path.read_text("utf-8"), "href", "src"):
        file, _, anchor = unquote(link).partition("#")
        target = path.parent / file.partition("?")[0] if file else path
        if re.match(r"[a-z]+:", link):
            continue
        if not target.is_file():
            yield link
        elif anchor and target.suffix == ".html":
            ids = _attributes(target.read_text("utf-8"), "id")
            yield from () if anchor in ids else (link,)


def test_links_inside_the_site_lead_somewhere(site: Path) -> None:
    """Every page, picture and place that is linked to is there."""
    lost = {path.name: list(_lost(site, path)) for path in _pages(site)}
    assert {name: links for name, links in lost.items() if links} == {}


def test_site_loads_nothing_from_elsewhere(site: Path) -> None:
    """It is read, and searched, without a network."""
    loaded = {
        link
        for path in _pages(site)
        for tag in re.findall(r"<(?:script|link|img)[^>]*>", path.read_text("utf-8"))
        for link in _attributes(tag, "src", "href")
        if re.match("(https?:)?//", link)
    }
    assert loaded == set()
    assert "bernstein" in (site / "searchindex.js").read_text("utf-8")


def test_formulas_are_formulas(site: Path) -> None:
    """Each line of the derivation is MathML, and the words of a program are still text."""
    bounds = (site / "explanation" / "bounds.html").read_text("utf-8")
    assert bounds.count('class="formula"') >= 15
    assert "<math" in bounds
    assert "<code" in bounds


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Return a browser, shared by the tests of this module."""
    with chromium() as found:
        yield found


@pytest.mark.parametrize(
    ("name", "scheme"),
    [("index", "light"), ("explanation/bounds", "dark"), ("reference/commands", "light")],
)
def test_axe_finds_no_violation(browser: Any, site: Path, name: str, scheme: str) -> None:
    """Names, roles, contrast and order are right, and a page fits a small screen."""
    from axe_playwright_python.sync_playwright import Axe

    size = {"width": 390, "height": 800}
    with browser.new_context(color_scheme=scheme, viewport=size, offline=True) as context:
        page = context.new_page()
        page.goto(f"{(site / name).as_uri()}.html")
        found = Axe().run(page).response
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert found["passes"]
    assert [violation["id"] for violation in found["violations"]] == []


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("loose", "reference/words.html"),
        ("known deviation", "how-to/known_deviations.html"),
        ("CI", "tutorial/parity_in_ci.html"),
        ("framework", "how-to/your_backend.html"),
    ],
)
def test_search_finds_the_page_of_a_question(
    browser: Any, site: Path, question: str, answer: str
) -> None:
    """Without a network, from files, among the first ten."""
    with browser.new_context(offline=True) as context:
        page = context.new_page()
        page.goto(f"{(site / 'search.html').as_uri()}?q={quote(question)}")
        page.locator("#search-results p.search-summary", has_text="found").wait_for()
        links = page.locator("#search-results li a").evaluate_all("all => all.map(a => a.href)")
    assert any(answer in link for link in links[:10]), links
