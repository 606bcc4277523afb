"""`bnparity report`: the reports of results that are there already, in files or live."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from bnparity.backends import UsageError
from bnparity.frontends.commands import options
from bnparity.frontends.commands.campaign import campaign_results
from bnparity.frontends.commands.ended import ACCEPTABLE
from bnparity.frontends.commands.expecting import tell_problems
from bnparity.frontends.commands.output import write_reports
from bnparity.frontends.commands.parsing import writable
from bnparity.frontends.commands.telling import advise, detail_of, say, tell
from bnparity.frontends.serving import ADDRESS, Watched, server
from bnparity.results import Document, read


def report_command(
    results: Annotated[Path, Argument(help="A results.json, or the folder of a campaign.")],
    *,
    html: options.Html = None,
    markdown: options.Markdown = None,
    junit: options.Junit = None,
    serve: Annotated[
        bool,
        Option("--serve", help="Show the page at 127.0.0.1, anew as results change, until Ctrl-C."),
    ] = False,
    port: Annotated[int, Option(help="Of --serve; 0 takes one that is free.")] = 0,
    quiet: options.Quiet = 0,
    verbose: options.Verbose = False,
) -> int:
    """Make reports of a session's results; print them if no file is named."""
    detail = detail_of(quiet, None, verbose=verbose)
    reports = {"html": html, "markdown": markdown, "junit": junit}

    def document() -> Document:
        return campaign_results(results) if results.is_dir() else read(results)

    if serve:
        if any(reports.values()):
            raise UsageError("--serve writes no file: give either it or the files")
        return _served(results, document, port)
    found = document()
    writable(*reports.values(), read=[results])
    if not any(reports.values()):
        tell(found, detail)
        tell_problems(found)
        advise(found, detail, reports)
    write_reports(found, reports, detail)
    return ACCEPTABLE


def _served(results: Path, document: Callable[[], Document], port: int) -> int:
    """Serve the page until Ctrl-C."""
    if not 0 <= port < 2**16:
        raise UsageError(f"--port {port}: give one from 0, for one that is free, to {2**16 - 1}")
    watched = Watched(path=results, read=document)
    watched.fresh()  # what cannot be read is told now
    with server(watched, port) as serving:
        say(f"the report is at http://{ADDRESS}:{serving.server_port}/ until Ctrl-C\n")
        try:
            serving.serve_forever()
        except KeyboardInterrupt:
            return ACCEPTABLE
    return ACCEPTABLE
