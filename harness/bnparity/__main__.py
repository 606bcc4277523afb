"""`python -m bnparity` is the command `bnparity`; where it cannot run, one line says so."""

import os
import signal
import sys

#: The exit code of what was interrupted.
_INTERRUPTED = 130


def main() -> None:
    """Run the command that this process was started with, and exit."""
    if sys.platform == "win32":
        print("bnparity: Windows is not supported: use Linux, macOS, or WSL there", file=sys.stderr)
        sys.exit(2)
    interrupt = signal.getsignal(signal.SIGINT)
    if interrupt is signal.default_int_handler:  # others may have been told to ignore it
        signal.signal(signal.SIGINT, _leave)
    from bnparity import cli  # which imports what Windows has not

    try:
        signal.signal(signal.SIGINT, interrupt)
        cli.main()
    except KeyboardInterrupt:
        _leave()


def _leave(*_: object) -> None:
    """End at once: modules that are half imported may take an exception for one of their own."""
    os.write(2, b"bnparity: interrupted\n")
    os._exit(_INTERRUPTED)


if __name__ == "__main__":
    main()
