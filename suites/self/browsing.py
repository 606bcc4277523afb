"""A browser that opens pages of reports, and what it has to say about them."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

#: Set where a browser has to be there: what is skipped then fails.
REQUIRED = "BNPARITY_BROWSER"

#: Without them a browser looks for its maker's machines.
_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@contextmanager
def chromium() -> Iterator[Any]:
    """Yield the distribution's Chromium; skip, or fail where it is required, if there is none."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _absent("playwright is not installed: install the extra `test`")
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        _absent("there is no chromium: install the distribution's package")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_QUIET))
        yield browser
        browser.close()


def _absent(reason: str) -> None:
    """Skip what needs a browser, or fail where one is required."""
    if os.environ.get(REQUIRED):
        pytest.fail(f"{REQUIRED} is set, but {reason}")
    pytest.skip(f"NO BROWSER, so no page was tested: {reason}")


@contextmanager
def opened(
    browser: Any, html: str, folder: Path, *, width: int = 1280, **options: Any
) -> Iterator[Any]:
    """Yield a page that shows `html` from a file; all that it complains of or asks for fails."""
    path = folder / "page.html"
    path.write_text(html, encoding="utf-8")
    context = browser.new_context(viewport={"width": width, "height": 900}, **options)
    page, trouble = context.new_page(), list[str]()
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("dialog", lambda dialog: trouble.append(dialog.message))
    page.on("request", lambda request: trouble.extend(_address_outside(request.url)))
    page.goto(path.as_uri())
    yield page
    context.close()
    assert trouble == []


def _address_outside(address: str) -> list[str]:
    """Return an address if it is none of the page's own file and data."""
    return [] if address.startswith(("file:", "data:")) else [address]


def shown(page: Any, selector: str) -> int:
    """Return how many of the elements that `selector` finds are to be seen."""
    return sum(element.is_visible() for element in page.locator(selector).all())
