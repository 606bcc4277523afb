"""What goes to files with the results: findings as folders, and the writers of reports.

The writers are found by entry point: the harness imports no report, the arrows point to it.
"""

import re
import shutil
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from importlib.metadata import entry_points
from itertools import chain, count
from pathlib import Path

from bnparity.backends import DEFAULT_LIMITS, Limits, UsageError, parse
from bnparity.results.document import Document
from bnparity.results.judgement import Judgement
from bnparity.results.loosest import of_loosest
from bnparity.results.repro.accused import Accused
from bnparity.results.repro.folder import write_folder

#: The most characters of a backend's name that a folder is called by.
_MOST_OF_NAME = 80


def writer(name: str) -> Callable[..., str]:
    """Return the function that renders results as `name`, ``"html"`` or ``"text"``.

    It takes the results, and options of its own.

    Raises
    ------
    UsageError
        If no installed distribution offers it.
    """
    for point in entry_points(group="bnparity.reports", name=name):
        render: Callable[..., str] = point.load()
        return render
    raise UsageError(f"no report writer {name!r} is installed: reinstall bnparity")


def save(
    document: Document,
    judgements: Sequence[Judgement],
    folder: Path,
    limits: Limits = DEFAULT_LIMITS,
    *,
    others: Iterable[str] = (),
) -> Document:
    """Write each finding of a case below ``findings`` in `folder`; return the results.

    They were made from `judgements`, of backends that had these `limits`, and name the
    script of each finding. Folders with the names of `others` are left alone.
    """
    taken = set(others)
    for backend, judgement in zip(document["backends"], judgements, strict=True):
        for shown, finding in zip(backend["findings"], judgement.findings, strict=True):
            if finding.case_result is not None:
                place = _unlike(folder_name(judgement.name, finding.id), taken)
                write_folder(folder / "findings" / place, finding, _accused(judgement, limits))
                shown["repro"] = f"findings/{place}/repro.py"
    return document


def save_loosest(
    document: Document, judgements: Sequence[Judgement], folder: Path, limits: Limits
) -> Document:
    """Write the worst loose case of each loose backend below ``findings/loose`` in `folder`.

    As `save` does with findings; returned the results name the script of each.
    """
    for backend, judgement in zip(document["backends"], judgements, strict=True):
        if (found := judgement.loosest) is not None:
            place = f"findings/loose/{folder_name(judgement.name, found.check.output)}"
            shown = of_loosest(found, judgement.dialect)
            write_folder(folder / place, shown, _accused(judgement, limits))
            backend["outputs"][found.check.output]["worst_case"]["repro"] = f"{place}/repro.py"
    return document


def remove_mended(judgements: Sequence[Judgement]) -> None:
    """Remove the folder of each earlier failure that is gone: it would stand there as a finding."""
    for judgement in judgements:
        for earlier in judgement.earlier:
            if earlier.folder is not None and not earlier.fails:
                shutil.rmtree(earlier.folder, ignore_errors=True)
                with suppress(OSError):
                    earlier.folder.parent.rmdir()  # if that was the last


def folder_name(backend: str, identity: str) -> str:
    """Return what a finding's folder is called: one name, and nothing that leads elsewhere.

    Examples
    --------
    >>> folder_name("mindspore[graph]", "924e4298a0")
    'mindspore-graph-924e4298a0'
    >>> folder_name("../../my kernel.py:f", "..")
    'my-kernel.py-f'
    """
    stem = re.sub(r"[^A-Za-z0-9_.]+", "-", backend).strip("-.")[:_MOST_OF_NAME]
    return re.sub(r"[^A-Za-z0-9_.]+", "-", f"{stem}-{identity}").strip("-.")


def _unlike(name: str, taken: set[str]) -> str:
    """Return `name`, numbered if another finding has it: two paths may differ in a dash alone."""
    names = chain([name], (f"{name}-{number}" for number in count(2)))
    free = next(tried for tried in names if tried not in taken)
    taken.add(free)
    return free


def _accused(judgement: Judgement, limits: Limits) -> Accused:
    return Accused(
        name=parse(judgement.name),
        version=judgement.version,
        device=judgement.device,
        dialect=judgement.dialect,
        limits=limits,
        software=judgement.software,
        adapted=judgement.adapted,
    )


def found_from_here(document: Document, folder: Path) -> Document:
    """Return `document` with the paths of its findings as they lead from here."""
    backends = []
    for backend in document["backends"]:
        findings = [
            {**finding, "repro": finding["repro"] and str(folder / finding["repro"])}
            for finding in backend["findings"]
        ]
        outputs = {
            name: {**figures, **_loosest_from_here(figures, folder)}
            for name, figures in backend["outputs"].items()
        }
        backends.append({**backend, "findings": findings, "outputs": outputs})
    return {**document, "backends": backends}


def _loosest_from_here(figures: Document, folder: Path) -> Document:
    if "worst_case" not in figures:
        return {}
    worst = figures["worst_case"]
    return {"worst_case": {**worst, "repro": worst["repro"] and str(folder / worst["repro"])}}
