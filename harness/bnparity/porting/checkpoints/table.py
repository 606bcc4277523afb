"""The table of a port: each layer in both checkpoints, what changed, and the line to write."""

from collections.abc import Iterator, Mapping
from typing import Any

from bnparity.porting.checkpoints.plan import Port, PortedNorm
from bnparity.porting.checkpoints.settings import Settings, code_of, notes_of, said_otherwise


def document(port: Port, settings: Mapping[str, Settings]) -> dict[str, Any]:
    """Return the table in plain JSON; `settings` are those of each layer of the source."""
    return {
        "source": str(port.source.path),
        "from": port.source.framework,
        "to": port.to,
        "layers": [
            {
                "layer": ported.norm.layer,
                "target": ported.layer,
                "channels": ported.norm.channels,
                "arrays": _arrays(ported),
                "changed": list(ported.changes),
                "code": code_of(port, ported, settings[ported.norm.layer]),
            }
            for ported in port.norms
        ],
        "carried": [vars(each) for each in port.carried],
        "notes": [*said_otherwise(port, settings), *notes_of(port)],
    }


def _arrays(ported: PortedNorm) -> list[dict[str, str | None]]:
    names = dict.fromkeys((*ported.norm.names, *ported.names))
    return [
        {"source": ported.norm.names.get(ours), "target": ported.names.get(ours)} for ours in names
    ]


def lines(table: Mapping[str, Any]) -> Iterator[str]:
    """Yield the table in words, a line each; what belongs to a line before it is set in."""
    carried = table["carried"]
    moved = sum(each["moved"] for each in carried)
    renamed = sum(each["source"] != each["target"] for each in carried)
    yield (
        f"{table['source']}: from {table['from']} to {table['to']}; layers of BatchNorm: "
        f"{len(table['layers'])}; other arrays: {len(carried)}, under another name: {renamed}, "
        f"with their axes in another order: {moved}"
    )
    for layer in table["layers"]:
        yield f"{_shown(layer['layer'])} -> {_shown(layer['target'])}, {layer['channels']} channels"
        yield f"    {', '.join(_pair(layer, each) for each in layer['arrays'])}"
        yield from (f"    {change}" for change in layer["changed"])
    yield "write in the target's code, for arrays say neither eps nor momentum:"
    for code, layers in _by_code(table).items():
        yield f"    {code}"
        yield f"        {', '.join(layers)}"
    yield from table["notes"]


def _shown(path: str) -> str:
    return path or "the layer"


def _pair(layer: Mapping[str, Any], array: Mapping[str, str | None]) -> str:
    source, target = (
        "none" if name is None else name.removeprefix(path).lstrip("./")
        for name, path in ((array["source"], layer["layer"]), (array["target"], layer["target"]))
    )
    return f"{source} -> {target}"


def _by_code(table: Mapping[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for layer in table["layers"]:
        found.setdefault(layer["code"], []).append(_shown(layer["target"]))
    return found
