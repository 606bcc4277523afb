"""The commands of the command line: their options, what they print and what they leave behind."""

from bnparity.frontends.commands.conventions import table
from bnparity.frontends.commands.diff import diff_command, judged_by, known
from bnparity.frontends.commands.fuzz import fuzz_command
from bnparity.frontends.commands.options import (
    Dialect,
    Dtype,
    Examples,
    Html,
    InProcess,
    Json,
    Junit,
    Markdown,
    Memory,
    Restarts,
    Seed,
    Timeout,
    limits_of,
)
from bnparity.frontends.commands.output import (
    ACCEPTABLE,
    FINDINGS,
    INTERRUPTED,
    NOTHING_CHECKED,
    WRONG_WORDS,
    Interrupted,
    exit_code,
    leave,
    write_reports,
)
from bnparity.frontends.commands.parsing import formats, names, positive, seconds, writable
from bnparity.frontends.commands.progress import shown
from bnparity.frontends.commands.translate import translate_command
