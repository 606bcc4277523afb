"""The documentation is a whole site: it builds, leads nowhere wrong, and needs no network."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
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
    assert bounds.count('class="math formula"') >= 15
    assert "<math" in bounds
    assert "<code" in bounds
