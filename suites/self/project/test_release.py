"""A release is what it says: one version, a changelog, a workflow, and what is built from them."""

import re
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml
from bnparity import __version__
from packaging.specifiers import SpecifierSet
from reading import ROOT

#: A version's heading in the changelog: the version, and its date or that it has none yet.
HEADING = re.compile(r"^## (\S+) \((unreleased|\d{4}-\d{2}-\d{2})\)$", flags=re.MULTILINE)


def workflow(name: str) -> dict[Any, Any]:
    """Return a workflow of the repository; YAML reads its key `on` as True."""
    found: dict[Any, Any] = yaml.safe_load((ROOT / ".github/workflows" / name).read_text())
    return found


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    """Return what pyproject.toml says of the project."""
    found: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return found


def test_changelog_begins_with_this_version() -> None:
    """Every version has a heading with its date, the newest first, and says what is new."""
    text = (ROOT / "CHANGELOG.md").read_text()
    versions = [version for version, _ in HEADING.findall(text)]
    assert len(versions) == len(re.findall("^## ", text, flags=re.MULTILINE))
    assert versions[0] == __version__
    assert versions == sorted(versions, key=lambda v: tuple(map(int, v.split("."))), reverse=True)
    _, *parts = re.split("^## .*$", text, flags=re.MULTILINE)
    assert all("\n- " in part for part in parts)


def test_citation_is_of_this_version(project: dict[str, Any]) -> None:
    """Version and licence are the project's own."""
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert cited["version"] == __version__
    assert cited["license"] == project["license"]


def test_every_python_that_is_promised_is_tried(project: dict[str, Any]) -> None:
    """The classifiers name those of the matrix, and `requires-python` has them all."""
    matrix = workflow("ci.yml")["jobs"]["install"]["strategy"]["matrix"]["python-version"]
    named = re.findall(r"Python :: (3\.\d+)", "\n".join(project["classifiers"]))
    assert named == matrix
    assert all(version in SpecifierSet(project["requires-python"]) for version in matrix)


def test_every_pin_takes_the_oldest_python(project: dict[str, Any]) -> None:
    """What is installed here allows the first release of the least Python, not its last alone."""
    oldest = project["requires-python"].removeprefix(">=") + ".0"
    asked = {d.name: d.metadata.json.get("requires_python", "") for d in metadata.distributions()}
    assert ">=3.10" in asked["torch"]
    refusing = [name for name, asks in asked.items() if oldest not in SpecifierSet(str(asks))]
    assert refusing == []


def test_published_is_what_was_built() -> None:
    """Only a tag publishes, without a secret, after the build was tried."""
    release = workflow("release.yml")
    assert release[True] == {"push": {"tags": ["v*"]}}
    publish = release["jobs"]["publish"]
    assert publish["needs"] == "build"
    assert publish["permissions"] == {"id-token": "write"}
    assert "secrets." not in (ROOT / ".github/workflows/release.yml").read_text()


@pytest.mark.parametrize("path", sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml")))
def test_issue_template_is_a_form(path: Path) -> None:
    """GitHub shows it: a name, a description and questions."""
    form = yaml.safe_load(path.read_text())
    assert {"name", "description", "body"} <= form.keys()
    assert all(question["attributes"]["label"] for question in form["body"])
