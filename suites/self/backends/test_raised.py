"""Where an exception came from: told by the file's name, the line and the code, and no path."""

from pathlib import Path

import numpy as np
import pytest
from bnparity.backends.call import Settings, call
from bnparity.backends.load import load_target

DEEP = """
def helper(d):
    return d["nope"]

def deep(x, *args, **settings):
    return helper({})

def library(x, *args, **settings):
    import json
    return json.loads("{")

def nameless(x, *args, **settings):
    exec(compile("1 / 0", "/a/\\x1b[2J" + "y" * 9999, "exec"))
"""
ARRAYS = {"x": np.zeros((2, 1), np.float32)} | dict.fromkeys(
    ("weight", "bias", "running_mean", "running_var", "grad_output")
)


def traceback_of(folder: Path, function: str) -> list[str]:
    """Return the frames of what a function of the file raises."""
    (folder / "deep.py").write_text(DEEP)
    backend = load_target(f"{folder / 'deep.py'}:{function}")
    reply = call(backend, ARRAYS, Settings(training=True, momentum=0.1, eps=1e-5))
    assert reply.fault is not None
    return reply.fault.traceback.splitlines()


def test_frames_end_where_it_was_raised(tmp_path: Path) -> None:
    """Nothing but the user's own frames, the last one last."""
    assert traceback_of(tmp_path, "deep") == [
        "deep.py:6 in deep: return helper({})",
        'deep.py:3 in helper: return d["nope"]',
    ]


def test_frames_of_a_library_are_left_out(tmp_path: Path) -> None:
    """What the user's line has called is not theirs to mend."""
    (frame,) = traceback_of(tmp_path, "library")
    assert frame == 'deep.py:10 in library: return json.loads("{")'


def test_hostile_name_of_a_file_is_harmless(tmp_path: Path) -> None:
    """It is cut, and moves no terminal."""
    last = traceback_of(tmp_path, "nameless")[-1]
    assert last.isprintable()
    assert len(last) <= 200


@pytest.mark.parametrize("function", ["deep", "library"])
def test_frames_have_no_folder(tmp_path: Path, function: str) -> None:
    """Whose machine it was is nobody's business."""
    assert "/" not in "".join(traceback_of(tmp_path, function))
