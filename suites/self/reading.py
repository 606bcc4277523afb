"""What the README and the pages of the documentation tell a reader to write and to type."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def page(name: str) -> str:
    """Return the text of a page of the documentation."""
    return (ROOT / "documentation" / name).read_text(encoding="utf-8")


def written_pages() -> dict[str, str]:
    """Return the text of every page that somebody has written; those made from the code are not."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "documentation/*.md"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    return {name: (ROOT / name).read_text(encoding="utf-8") for name in sorted(listed)}


def blocks(text: str, language: str) -> list[str]:
    """Return the fenced blocks of a language."""
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


def commands(text: str) -> list[str]:
    """Return every command that a reader is told to type."""
    lines = "".join(blocks(text, "console")).splitlines()
    return [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]


def codes(text: str) -> set[str]:
    """Return every ``field=value`` in `text`."""
    return set(re.findall(r"\w+=\w+", text))


def module_in(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run ``python -m`` with these words in a folder."""
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
