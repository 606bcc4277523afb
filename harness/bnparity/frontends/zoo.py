"""Every backend that is available judged in turn: `make zoo`.

Each is a run of its own whose results stay in a folder, so that what was interrupted goes on: a
backend with results of its installed version is not judged again.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bnparity.backends import UsageError, listed, made_environments, opened, parse
from bnparity.results import dump
from bnparity.sessions import edges_of

#: How many cases each is asked.
EXAMPLES = 300


def main() -> None:
    """Judge what is available into the folder that is named, and write the file of all of it."""
    kept, all_of_it = map(Path, sys.argv[1:])
    kept.mkdir(parents=True, exist_ok=True)
    for text in available():
        _judge(text, kept / f"{text}.json")
    zoo = {"schema": "bnparity-zoo/1", "backends": list(gathered(kept))}
    all_of_it.write_text(dump(zoo), encoding="utf-8")


def available() -> Iterator[str]:
    """Yield the backends that can be asked, with their variants and versions."""
    versions = [name for name in made_environments() if "==" in name]
    for text in (*listed(), *versions):
        with opened(parse(text)) as backend:
            ways = [f"{text}[{variant}]" for variant in backend.variants]
            yield from [text, *ways] if backend.ask else []


def gathered(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield what is kept of each backend, with how it answers at the edges."""
    for path in sorted(folder.glob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        for backend in document["backends"]:
            asked = path.with_suffix(".edges")
            if not asked.exists():
                asked.write_text(dump(edges_of(parse(backend["name"]))), encoding="utf-8")
            about = ("name", "version", "dialect", "status", "cases", "unsupported", "not_asked")
            yield {
                **{key: backend[key] for key in about},
                "created": document["run"]["created"],
                "software": backend["software"],
                "edges": json.loads(asked.read_text(encoding="utf-8")),
                "accuracy": _accuracy(backend),
                "conventions": {c["field"]: c["value"] for c in backend["conventions"]},
                "findings": [
                    {key: finding[key] for key in ("kind", "codes", "text")}
                    for finding in backend["findings"]
                ],
            }


def _judge(text: str, path: Path) -> None:
    """Judge a backend, unless there are results of this version of it."""
    with opened(parse(text)) as backend:
        version = backend.version
    if path.exists() and _version(path) == version:
        return
    print(f"judging {text} {version}", flush=True)
    command = [sys.executable, "-m", "bnparity", "run", text, "--examples", str(EXAMPLES)]
    done = subprocess.run([*command, "--json", str(path), "-q"], check=False)
    if done.returncode not in (0, 1):
        raise UsageError(f"{text} could not be judged: bnparity ended with {done.returncode}")
    path.with_suffix(".edges").unlink(missing_ok=True)


def _version(path: Path) -> str:
    return str(json.loads(path.read_text(encoding="utf-8"))["backends"][0]["version"])


def _accuracy(backend: dict[str, Any]) -> dict[str, str]:
    """Return the worst ratio in each format."""
    worst: dict[str, float] = {}
    for cell in backend["cells"]:
        ratios = [o["worst_ratio"] for o in cell["outputs"].values()]
        seen = [float(ratio) for ratio in ratios if ratio is not None]
        worst[cell["dtype"]] = max([worst.get(cell["dtype"], 0.0), *seen])
    return {
        dtype: "beyond all" if ratio >= sys.float_info.max else f"{ratio:.3g}"
        for dtype, ratio in worst.items()
    }


if __name__ == "__main__":
    main()
