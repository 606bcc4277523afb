"""`bnparity dialects`: the table of frameworks, or one of them with all its conventions."""

from dataclasses import fields
from typing import Annotated

from bnparity_reference import Dialect
from typer import Argument

from bnparity.cases import FRAMEWORKS, Declaration, declaration, value_text
from bnparity.frontends.commands.ended import ACCEPTABLE

_ROWS = {
    (True, True): "training",
    (False, True): "inference",
    (True, False): "training, nothing tracked",
    (False, False): "inference, nothing tracked",
}


def dialects(
    name: Annotated[
        str | None, Argument(help="A framework, or conventions: torch,running_variance=biased.")
    ] = None,
) -> int:
    """Print the table of frameworks, or all that is known of one."""
    print(_table() if name is None else _one(name, declaration(name)))
    return ACCEPTABLE


def _table() -> str:
    """Return a line a framework: what differs most between them."""
    rows = [("dialect", "eps", "momentum", "running variance", "a new layer", "checked with")]
    for name, declared in FRAMEWORKS.items():
        dialect = declared.dialect
        momentum = f"{declared.default_momentum:g} of the {_weighs(dialect)}"
        variance = dialect.running_variance
        mode = "trains" if declared.starts_in == "training" else "infers"
        rows.append(
            (name, f"{declared.default_eps:g}", momentum, variance, mode, declared.versions)
        )
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    return "\n".join([*lines, "", "bnparity dialects NAME says all of one."])


def _weighs(dialect: Dialect) -> str:
    return "batch" if dialect.momentum == "new" else "old"


def _one(text: str, declared: Declaration) -> str:
    dialect = declared.dialect
    lines = [
        f"{text}: {declared.title}",
        f"checked: {declared.checked}, {declared.versions}, on {declared.checked_on}",
        f"defaults: eps={declared.default_eps:g}, momentum={declared.default_momentum:g}",
        f"a new layer is in {declared.starts_in}",
        f"modes: {'; '.join(_ROWS[mode] for mode in declared.modes)}",
        f"affine: {', '.join(declared.affines)}",
        *declared.notes,
        "",
        "conventions, those that differ from PyTorch's marked with a !",
    ]
    width = max(len(field.name) for field in fields(Dialect))
    for field in fields(Dialect):
        value = getattr(dialect, field.name)
        mark = "!" if value != field.default else " "
        lines.append(f"{mark} {field.name:<{width}}  {value_text(value)}")
    return "\n".join(lines)
