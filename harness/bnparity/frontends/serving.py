"""`bnparity report --serve`: the report in a browser on this machine, anew as its results change.

It only reads, and answers nobody but this machine: the address is 127.0.0.1, and whoever comes by
another name, as a page of somebody else's could, is refused.
"""

import base64
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from threading import Lock
from typing import Any

from bnparity.backends import UsageError
from bnparity.results import Document, writer

ADDRESS = "127.0.0.1"

#: Files of a state that change while a campaign goes on lie in it, not below it.
_Stamp = tuple[tuple[str, int, int], ...]


@dataclass
class Watched:
    """The page of results that may change; `read` reads them anew from `path`."""

    path: Path
    read: Callable[[], Document]
    stamp: _Stamp | None = None
    page: bytes = b""
    said: dict[str, Any] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def fresh(self) -> tuple[bytes, dict[str, Any]]:
        """Return the page, and what its reader is told of it: version, cases and findings."""
        with self.lock:
            stamp = _stamp(self.path)
            if stamp != self.stamp:
                document = self.read()
                self.page = writer("html")(document).encode()
                self.said, self.stamp = _said(document), stamp
            return self.page, self.said


def server(watched: Watched, port: int) -> ThreadingHTTPServer:
    """Return a server of the page at `port`, any free one if it is 0; `serve_forever` starts it.

    Raises
    ------
    UsageError
        If the port is taken, or may not be used.
    """
    try:
        return ThreadingHTTPServer((ADDRESS, port), partial(_Handler, watched))
    except OSError as error:
        raise UsageError(
            f"--port {port}: {error.strerror}: give another, or none for one that is free"
        ) from error


class _Handler(BaseHTTPRequestHandler):
    """Answers three addresses: the frame, the page in it, and what is new."""

    def __init__(self, watched: Watched, *about: Any) -> None:
        self.watched = watched
        super().__init__(*about)

    def do_GET(self) -> None:
        """Answer a request."""
        host, _, _ = (self.headers.get("Host") or "").partition(":")
        if host not in (ADDRESS, "localhost"):
            self._answer(403, "text/plain", f"this is http://{ADDRESS}, and no other".encode())
            return
        try:
            self._look_up()
        except (UsageError, OSError) as error:
            self._answer(503, "text/plain", str(error).encode("utf-8", "replace"))

    def _look_up(self) -> None:
        if self.path == "/":
            page, policy = _frame()
            self._answer(200, "text/html", page, policy)
        elif self.path == "/report":
            self._answer(200, "text/html", self.watched.fresh()[0])
        elif self.path == "/news":
            news = json.dumps(self.watched.fresh()[1])
            self._answer(200, "application/json", news.encode())
        else:
            self._answer(404, "text/plain", b"there is / and no more")

    def _answer(self, status: int, kind: str, body: bytes, policy: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        if policy:
            self.send_header("Content-Security-Policy", policy)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the library's name
        """Say nothing: a request is no news."""


def _stamp(path: Path) -> _Stamp:
    """Return what changes whenever the results in a file, or in a campaign's folder, do."""
    found = sorted(path.iterdir()) if path.is_dir() else [path]
    stats = [(each.name, each.stat()) for each in found if each.is_file()]
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)


def _said(document: Document) -> dict[str, Any]:
    backends = document["backends"]
    text = json.dumps(backends, sort_keys=True)
    return {
        "version": hashlib.sha256(text.encode()).hexdigest(),
        "cases": sum(backend["cases"] for backend in backends),
        "findings": sum(len(backend["findings"]) for backend in backends),
    }


@cache
def _frame() -> tuple[bytes, str]:
    """Return the frame, and what it may do: its own style and script, its page and its news."""
    text = files("bnparity.frontends").joinpath("serving.html").read_text("utf-8")
    style, script = (
        _hash(part)
        for tag in ("style", "script")
        for part in re.findall(f"(?s)<{tag}>(.*?)</{tag}>", text)
    )
    policy = (
        f"default-src 'none'; base-uri 'none'; frame-ancestors 'none'; img-src data:; "
        f"frame-src 'self'; connect-src 'self'; style-src {style}; script-src {script}"
    )
    return text.encode(), policy


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
