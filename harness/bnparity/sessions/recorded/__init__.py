"""Tensors that were recorded elsewhere, on a device or in a language that no backend reaches.

`files` and `entries` read them, `calls` puts them together to calls, `judged` judges these; `sheet`
writes the questions that such a device can be asked.
"""

from bnparity.sessions.recorded.calls import SETTINGS, RecordedCall, Spelling, recorded_call
from bnparity.sessions.recorded.dump import read_dump
from bnparity.sessions.recorded.judged import judge_recorded
from bnparity.sessions.recorded.sheet import dialect_of_sheet, write_sheet
