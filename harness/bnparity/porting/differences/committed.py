"""The pages that are committed: `make pages` makes them, and tests hold them to measurements."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from bnparity.cases import FRAMEWORKS
from bnparity.porting.differences.asked import pages
from bnparity.porting.differences.markdown import as_markdown
from bnparity.porting.differences.side import Side, side_called
from bnparity.porting.translation.signatures import APIS, KINDS

_PAIRS = {
    **{kind.lower(): (f"torch.nn.{kind}", f"mindspore.nn.{kind}") for kind in KINDS},
    **{f"torch-{name}": ("torch", name) for name in FRAMEWORKS if name not in APIS},
}

#: The sides of each page, by its file: both APIs class by class, PyTorch and each other framework.
COMMITTED: Mapping[str, tuple[Side, Side]] = {
    f"{file}.md": (side_called(one), side_called(other)) for file, (one, other) in _PAIRS.items()
}


def written(files: Sequence[str]) -> dict[str, str]:
    """Return the text of committed pages, measured now."""
    made = pages([COMMITTED[file] for file in files])
    return dict(zip(files, map(as_markdown, made), strict=True))


def main() -> None:
    """Write every page, and an index, into the folder that is named."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    made = written(list(COMMITTED))
    index = ["# Differences of BatchNorms, measured", "", "Made by `make pages`.", ""]
    index += [
        f"- [{text.splitlines()[2].removeprefix('# ')}]({file})" for file, text in made.items()
    ]
    for file, text in {**made, "README.md": "\n".join([*index, ""])}.items():
        (folder / file).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
