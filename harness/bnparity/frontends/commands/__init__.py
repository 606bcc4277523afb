"""The commands of the command line: their options, what they print and what they leave behind."""

from bnparity.frontends.commands.compare_models import compare_models_command
from bnparity.frontends.commands.dialects import dialects
from bnparity.frontends.commands.diff import diff_command
from bnparity.frontends.commands.differences import differences_command
from bnparity.frontends.commands.doctor import doctor
from bnparity.frontends.commands.ending import end_by_interrupt
from bnparity.frontends.commands.expecting import read_baseline
from bnparity.frontends.commands.explain import explain
from bnparity.frontends.commands.fuzz import fuzz_command
from bnparity.frontends.commands.heard import heard
from bnparity.frontends.commands.init import init
from bnparity.frontends.commands.lint import lint
from bnparity.frontends.commands.listing import backends, env_app
from bnparity.frontends.commands.output import (
    ACCEPTABLE,
    FINDINGS,
    INTERRUPTED,
    KEPT,
    NOTHING_CHECKED,
    WRONG_WORDS,
    Interrupted,
    folder_to_keep,
)
from bnparity.frontends.commands.parsing import formats, names, positive, seconds, whole, writable
from bnparity.frontends.commands.port import port_command
from bnparity.frontends.commands.recorded import cases_command, judge_command
from bnparity.frontends.commands.replay import replay_command
from bnparity.frontends.commands.report import report_command
from bnparity.frontends.commands.session import run, semantics
from bnparity.frontends.commands.translate import translate_command
from bnparity.frontends.commands.working import spelled_out
