"""How far a session is, as plain lines tell it."""

import io

from bnparity.frontends.commands.progress import session_progress
from bnparity.judging import UNBOUNDED
from bnparity.results import Figures, Judgement


def test_infinite_ratio_is_told_as_in_the_table() -> None:
    """The largest double stands for it, and is no number to show."""
    judgement, stream = Judgement(name="kernel", interpreter=""), io.StringIO()
    judgement.totals.outputs["output"] = Figures(worst_ratio=UNBOUNDED)
    with session_progress(stream) as tell:
        tell(judgement, 0.5)
    assert stream.getvalue() == "kernel:  50%  0 cases, worst ratio inf\n"
