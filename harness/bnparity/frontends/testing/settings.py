"""How backends are judged: the options of the plugin that say so, and their ini entries."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bnparity.backends import DEFAULT_LIMITS
from bnparity.cases import declaration
from bnparity.frontends.commands.expecting import read_baseline
from bnparity.frontends.commands.parsing import formats, positive, seconds, whole
from bnparity.frontends.testing.choice import told_by_pytest
from bnparity.sessions import Plan


@dataclass(frozen=True, kw_only=True)
class Setting:
    """An option ``--bn-NAME`` and its entry ``bn_NAME``; ``default`` is as one would write it."""

    metavar: str
    told: str
    default: str | None = None


SETTINGS = {
    "examples": Setting(metavar="N", told="cases of each test", default="60"),
    "seed": Setting(metavar="N", told="the same seed draws the same cases", default="0"),
    "dtype": Setting(
        metavar="LIST", told="float32,float64,float16,bfloat16; all that a backend takes if none"
    ),
    "dialect": Setting(metavar="NAME", told="judge by this dialect, whatever is declared"),
    "timeout": Setting(metavar="TIME", told="what a call may take: 30 or 5m", default="10s"),
    "baseline": Setting(metavar="FILE", told="results whose findings fail no test"),
}


def add_settings(parser: pytest.Parser, group: pytest.OptionGroup) -> None:
    """Add each setting as an option and as an entry of the configuration file."""
    for name, each in SETTINGS.items():
        shown = f"{each.told} ({each.default})" if each.default else each.told
        group.addoption(f"--bn-{name}", metavar=each.metavar, help=shown)
        parser.addini(f"bn_{name}", f"--bn-{name} where the command line has none: {each.told}")


def setting(config: pytest.Config, name: str) -> str | None:
    """Return what the command line says, or else the configuration file, or else the default."""
    said = config.getoption(f"--bn-{name}") or config.getini(f"bn_{name}")
    return str(said) if said else SETTINGS[name].default


@told_by_pytest()
def plan_of(config: pytest.Config) -> Plan:
    """Return how backends are judged; each mistake is told as one of pytest's own."""
    said = {name: setting(config, name) for name in SETTINGS}
    if said["dialect"] is not None:
        declaration(said["dialect"])
    examples = whole("--bn-examples")(str(said["examples"]))
    limit = seconds("--bn-timeout")(str(said["timeout"]))
    return Plan(
        seed=whole("--bn-seed")(str(said["seed"])),
        examples=positive("--bn-examples", examples),
        dialect=said["dialect"],
        dtypes=formats(said["dtype"]),
        limits=replace(DEFAULT_LIMITS, seconds=limit),
    )


@told_by_pytest()
def known_findings(config: pytest.Config) -> dict[str, set[str]]:
    """Return the ids of the findings of each backend in the baseline; nothing without one."""
    said = setting(config, "baseline")
    backends = [] if said is None else read_baseline(Path(said))["backends"]
    return {b["name"]: {finding["id"] for finding in b["findings"]} for b in backends}
