"""`bnparity port`: a whole checkpoint in the names of another framework, and the proof of it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from typer import Argument, Option

from bnparity.backends import Ask
from bnparity.frontends.commands import options
from bnparity.frontends.commands.ended import ACCEPTABLE, FINDINGS, Interrupted
from bnparity.frontends.commands.output import put
from bnparity.frontends.commands.parsing import STDOUT, writable
from bnparity.frontends.commands.telling import filled
from bnparity.porting import (
    Checkpoint,
    Port,
    PortSettings,
    check_writable,
    factors_of,
    known_framework,
    plan,
    port_settings,
    read_checkpoint,
    table_in_words,
    table_of_port,
    targets_of,
    write_checkpoint,
)
from bnparity.results import dump
from bnparity.sessions import LayerParity, layers_running, verify_port


def port_command(
    model: Annotated[
        Path,
        Argument(
            help="A checkpoint: .pt, .pth, .safetensors, .npz, .ckpt, .weights.h5, .keras, "
            ".msgpack, .onnx, .caffemodel, or a folder of Orbax's."
        ),
    ],
    *,
    to: Annotated[str, Option(help="torch, mindspore, keras, flax, onnx or caffe.")],
    out: Annotated[
        Path | None,
        Option("-o", "--out", metavar="FILE", help="Where the arrays go; its suffix says how."),
    ] = None,
    from_: Annotated[
        str | None, Option("--from", help="Whose names the checkpoint has, if they do not say it.")
    ] = None,
    map_: Annotated[
        list[str] | None,
        Option("--map", metavar="SOURCE=TARGET", help="A layer or an array; may be repeated."),
    ] = None,
    like: Annotated[
        Path | None,
        Option(
            metavar="FILE",
            help="A checkpoint of the target model: its names are taken, and .keras, .onnx and "
            ".caffemodel are written as it is, with other arrays.",
        ),
    ] = None,
    key: Annotated[
        str, Option(metavar="NAME", help="The part to port, of a file that has several.")
    ] = "",
    eps: Annotated[
        float | None, Option(help="Of the source's layers; its default if not given.")
    ] = None,
    momentum: Annotated[
        float | None, Option(help="Of the source's layers; its default if not given.")
    ] = None,
    values: Annotated[
        list[str] | None,
        Option(
            metavar="[LAYER=]N",
            help="Values a channel in a batch of training: running variances become those that the "
            "target would have. May be repeated.",
        ),
    ] = None,
    verify: Annotated[
        bool, Option("--verify", help="Run each BatchNorm in both frameworks, and judge both.")
    ] = False,
    json: options.OnlyJson = None,
) -> int:
    """Port a checkpoint to another framework: its BatchNorms by rule, the rest carried over.

    Nothing in a checkpoint is ever run. Not taken: whole pickled models, files of PyTorch before
    1.6, checkpoints in several files but Orbax's, encrypted ones, optimizers. Without -o
    nothing is written but the table.
    """
    to = known_framework(to)
    source = _checkpoint(model, from_, key)
    target = None if like is None else read_checkpoint(like, framework=to)
    factors = factors_of(source, to, values or ())
    port = plan(source, to, targets_of(source, to, maps=map_ or (), like=target), factors)
    settings = {
        norm.norm.layer: port_settings(port, norm, eps=eps, momentum=momentum)
        for norm in port.norms
    }
    table = table_of_port(port, settings)
    writable(json, out, read=[model, like])
    shown = json != STDOUT
    with layers_running((source.framework, to) if verify else ()) as asks:
        if out is not None:
            _write(port, out, like, settings)
        if shown:
            _tell(table, out)
        parity = _proven(_verified(port, settings, out, asks) if verify else (), out, shown=shown)
    if json is not None:
        table["target_file"] = None if out is None else str(out)
        table["parity"] = [each.to_json() for each in parity]
        put(json, dump(table))
    return FINDINGS if any(each.reason for each in parity) else ACCEPTABLE


def _checkpoint(model: Path, framework: str | None, key: str) -> Checkpoint:
    whose = "" if framework is None else known_framework(framework)
    return read_checkpoint(model, framework=whose, key=key)


def _write(port: Port, out: Path, like: Path | None, settings: Mapping[str, PortSettings]) -> None:
    check_writable(out, port.to, like)
    said = {
        norm.layer: {"eps": own.eps, "momentum": own.target_momentum}
        for norm in port.norms
        for own in (settings[norm.norm.layer],)
    }
    write_checkpoint(out, port.to, port.tensors, like=like, said=said)


def _proven(found: Iterable[LayerParity], out: Path | None, *, shown: bool) -> list[LayerParity]:
    """Return the parity of the layers, each told as soon as it is known."""
    parity = list[LayerParity]()
    try:
        for each in found:
            parity.append(each)
            if shown:
                print(filled(each.in_words(), indent="    "), flush=True)
    except KeyboardInterrupt:
        left = "nothing was written" if out is None else f"{out} is written"
        raise Interrupted(f"interrupted; {left}, {len(parity)} layers are verified") from None
    return parity


def _verified(
    port: Port, settings: Mapping[str, PortSettings], out: Path | None, asks: Mapping[str, Ask]
) -> Iterator[LayerParity]:
    """Yield the parity of each layer, with what was written read again."""
    if out is not None:
        written = read_checkpoint(out, framework=port.to)
        port = replace(port, tensors=tuple(written.tensors.values()))
    yield from verify_port(port, settings, asks)


def _tell(table: Mapping[str, Any], out: Path | None) -> None:
    for line in table_in_words(table):
        indent = " " * (len(line) - len(line.lstrip()))
        print(indent + filled(line.strip(), indent=f"{indent}    "))
    wrote = "nothing is written: -o FILE writes the arrays" if out is None else f"{out}: written"
    print(wrote, flush=True)
