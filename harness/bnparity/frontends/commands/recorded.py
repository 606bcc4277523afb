"""`bnparity judge` and `bnparity cases`: tensors recorded elsewhere, and what to record."""

import shlex
import time
from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from bnparity.backends import OUTPUT_LIKE
from bnparity.cases import declaration
from bnparity.frontends.commands import expecting, options
from bnparity.frontends.commands.ended import ACCEPTABLE
from bnparity.frontends.commands.output import exit_code, leave
from bnparity.frontends.commands.parsing import formats, masks, positive, writable
from bnparity.frontends.commands.telling import USUAL, advise, detail_of, filled
from bnparity.results import Judgement
from bnparity.sessions import (
    Plan,
    Spelling,
    dialect_of_sheet,
    judge_recorded,
    read_dump,
    write_sheet,
)


def judge_command(
    dump: Annotated[
        Path,
        Argument(help="A file, or a folder of files: npz, npy, safetensors, pt, ckpt."),
    ],
    *,
    dialect: Annotated[
        str | None,
        Option(help="Judge by this dialect; a sheet's own, or torch, if not given."),
    ] = None,
    map_: Annotated[
        list[str] | None,
        Option("--map", metavar="OURS=THEIRS", help="What the dump calls it; may be repeated."),
    ] = None,
    training: Annotated[
        bool | None,
        Option("--training/--inference", help="The mode of calls that do not say it."),
    ] = None,
    momentum: Annotated[float | None, Option(help="Of calls that do not say it.")] = None,
    eps: Annotated[float | None, Option(help="Of calls that do not say it.")] = None,
    json: options.Json = None,
    html: options.Html = None,
    markdown: options.Markdown = None,
    junit: options.Junit = None,
    baseline: expecting.BaselineFile = None,
    known: expecting.KnownFile = None,
    fail_on: expecting.FailOn = None,
    quiet: options.Quiet = 0,
    verbose: options.Verbose = False,
) -> int:
    """Judge recorded tensors: the calls of BatchNorm that a device or another program has made.

    The names are x, weight, bias, running_mean, running_var, grad_output and the settings training,
    momentum and eps; output, new_running_mean, new_running_var, grad_input, grad_weight and
    grad_bias. Calls are told apart by what stands before a name: layer1/x.
    """
    detail = detail_of(quiet, json, verbose=verbose)
    reports = {"html": html, "markdown": markdown, "junit": junit}
    words = dialect or dialect_of_sheet(dump) or "torch"
    declaration(words)
    given = {"training": training, "momentum": momentum, "eps": eps}
    calls = read_dump(dump, Spelling.of(map_ or (), given))
    writable(json, *reports.values(), read=[dump])
    expected = expecting.expected(baseline, known, fail_on, (), [json, *reports.values()])
    start = time.monotonic()
    judgement = judge_recorded(str(dump), calls, words)
    document = leave([judgement], Plan(), start, json, reports, detail=detail, expected=expected)
    if detail >= USUAL:
        _tell_unrecorded(judgement)
    advise(document, detail, reports)
    return exit_code(document)


def _tell_unrecorded(judgement: Judgement) -> None:
    """Print the outputs of which nothing can be said, for want of a recording."""
    missing = [output for output in OUTPUT_LIKE if output not in judgement.totals.outputs]
    if missing and judgement.totals.checks:
        print()
        print(filled(f"not recorded, and so not checked: {', '.join(missing)}", indent="  "))


def cases_command(
    *,
    out: Annotated[Path, Option(metavar="DIR", help="A new folder, to be answered.")],
    examples: Annotated[int, options.number("--examples", "How many cases.")] = 300,
    dialect: Annotated[str, Option(help="The dialect that they are asked in.")] = "torch",
    dtype: options.Dtype = None,
    seed: options.Seed = 0,
    mask: Annotated[
        str | None, Option(help="Have some calls with a mask: of positions, or of elements.")
    ] = None,
) -> int:
    """Write a question sheet: cases for a device or a language that bnparity does not reach.

    The folder says how to answer it; `bnparity judge DIR` judges the answers.
    """
    number = write_sheet(
        out,
        dialect=dialect,
        dtypes=formats(dtype) or ("float32",),
        examples=positive("--examples", examples),
        seed=seed,
        takes_mask=masks(mask),
    )
    print(f"{out}: {number} cases; {out / 'README.txt'} says how to answer them")
    print(f"next: answer them in {out / 'answers'}, then bnparity judge {shlex.quote(str(out))}")
    return ACCEPTABLE
