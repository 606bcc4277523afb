"""The report served live: read-only, to this machine alone, and anew when its results change."""

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from bnparity.backends import UsageError
from bnparity.cli import run_command
from bnparity.frontends.serving import ADDRESS, Watched, server
from bnparity.results import read
from browsing import chromium

RECORDED = Path(__file__).parents[1] / "project" / "recorded"


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Return a file of results."""
    path = tmp_path / "results.json"
    path.write_text((RECORDED / "results.json").read_text(encoding="utf-8"), encoding="utf-8")
    return path


@pytest.fixture
def port(results: Path) -> Iterator[int]:
    """Serve the results, and return where."""
    with server(Watched(path=results, read=lambda: read(results)), 0) as serving:
        thread = Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield serving.server_port
        serving.shutdown()
        thread.join()


def asked(port: int, path: str, **headers: str) -> tuple[int, str]:
    """Return status and text of the answer to a request."""
    connection = HTTPConnection(ADDRESS, port, timeout=60)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def change(results: Path, cases: int) -> None:
    """Have the first backend have had so many cases."""
    document = json.loads(results.read_text(encoding="utf-8"))
    document["backends"][0]["cases"] = cases
    results.write_text(json.dumps(document), encoding="utf-8")


def test_page_is_the_report(port: int) -> None:
    """What is served is what `--html` writes."""
    status, page = asked(port, "/report")
    assert status == 200
    assert "BatchNorm parity" in page


def test_news_change_with_the_results(port: int, results: Path) -> None:
    """As long as nothing is written the version stays; then it is another."""
    before = asked(port, "/news")
    assert asked(port, "/news") == before
    change(results, 1_234_567)
    after = json.loads(asked(port, "/news")[1])
    assert after["version"] != json.loads(before[1])["version"]
    assert after["cases"] >= 1_234_567


def test_nothing_else_is_served(port: int) -> None:
    """There is no way to a file."""
    assert asked(port, "/../results.json")[0] == 404


def test_who_comes_by_another_name_is_refused(port: int) -> None:
    """A page of somebody else's, whose name leads here, reads nothing."""
    for path in ("/report", "/news", "/"):
        assert asked(port, path, Host="example.org")[0] == 403


def test_results_that_are_gone_are_told(port: int, results: Path) -> None:
    """The server goes on, and says what is wrong."""
    results.unlink()
    status, text = asked(port, "/news")
    assert status == 503
    assert "No such file" in text


def test_port_that_is_taken_is_one_line(port: int, results: Path) -> None:
    """It says which, and what to do."""
    with pytest.raises(UsageError, match=f"--port {port}: .* give another"):
        server(Watched(path=results, read=lambda: read(results)), port)


@pytest.mark.parametrize(
    ("words", "told"),
    [(["--port", "-1"], "--port -1: give one from 0"), (["--html", "x"], "--serve writes no file")],
)
def test_wrong_words_are_one_line(
    results: Path, words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit code is that of wrong words."""
    assert run_command(["report", str(results), "--serve", *words]) == 2
    assert told in capsys.readouterr().err


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Return a browser."""
    with chromium() as found:
        yield found


def test_browser_shows_what_is_new(browser: Any, port: int, results: Path) -> None:
    """The page comes anew by itself, and its own policy refuses nothing that it does."""
    page, trouble = browser.new_page(), list[str]()
    page.on("console", lambda message: trouble.append(message.text))
    page.goto(f"http://{ADDRESS}:{port}/")
    page.locator("#said", has_text="cases").wait_for()
    change(results, 1_234_567)
    page.frame_locator("#report").locator("dd", has_text="1,234,567 cases").first.wait_for()
    page.close()
    assert trouble == []


def test_axe_finds_no_violation(browser: Any, port: int) -> None:
    """The frame is as fit for everybody as the page in it."""
    from axe_playwright_python.sync_playwright import Axe

    context = browser.new_context(bypass_csp=True)  # the policy would keep axe out too
    page = context.new_page()
    page.goto(f"http://{ADDRESS}:{port}/")
    page.locator("#said", has_text="cases").wait_for()
    found = Axe().run(page).response
    context.close()
    assert [v["id"] for v in found["violations"]] == []
