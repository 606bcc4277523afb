"""Where an exception came from: the frames of a traceback in words, nothing of the machine in them.

This runs in the backend's own process and interpreter, and every ``repro.py`` of a fault holds
these functions: the standard library alone is needed.
"""

import linecache
import sys
import sysconfig
import traceback
from types import FrameType


def describe(error: BaseException) -> str:
    """Return the type of `error` and the first line of its message, if that can be had.

    Of a line without end the first 1000 characters are told, a whole tensor may be in it, and of
    a name the first 100; without what is not printed.
    """
    try:
        lines = str(error).strip().splitlines()
    except Exception as unprintable:  # noqa: BLE001  # a hostile __str__ is no fault of ours
        lines = [f"(its message cannot be printed: {type(unprintable).__name__})"]
    name = type(error).__name__[:100]
    text = f"{name}: {lines[0][:1000]}" if lines else name
    return "".join(c if c.isprintable() else " " for c in text)


def frames_of_exception(most: int = 10) -> str:
    """Return the frames of the exception that is being handled, a line each, the last one last.

    Those of this program are left out, and those below the last one in the user's own code. Where
    none is the user's, all are told. At most the last so many are.
    """
    try:
        frames = [
            (frame, line)
            for frame, line in traceback.walk_tb(sys.exc_info()[2])
            if not is_of_program(frame)
        ]
        own = [place for place, (frame, _) in enumerate(frames, 1) if is_own(frame)]
        told = frames[: own[-1]] if own else frames
        return "\n".join(frame_in_words(frame, line) for frame, line in told[-most:])
    except Exception:  # noqa: BLE001  # a module may lie about itself in any way
        return ""


def is_of_program(frame: FrameType) -> bool:
    """Return whether a frame runs code of the package, or the script, that this function is in."""
    ours = __name__.partition(".")[0]
    return str(frame.f_globals.get("__name__")).partition(".")[0] == ours


def is_own(frame: FrameType) -> bool:
    """Return whether a frame runs code of somebody's own, which no installer has put there."""
    file = frame.f_code.co_filename
    installed = {sysconfig.get_path(name) for name in ("stdlib", "platlib", "purelib")}
    return not file.startswith(("<", *(f"{folder}/" for folder in installed)))


def frame_in_words(frame: FrameType, line: int) -> str:
    """Return the file's name, the line, the function and the code there, as far as they print."""
    code = frame.f_code
    source = linecache.getline(code.co_filename, line, frame.f_globals).strip()
    words = f"{code.co_filename.rpartition('/')[2]}:{line} in {code.co_name}: {source}"
    return "".join(c if c.isprintable() else " " for c in words[:200]).rstrip(": ")
