"""`python -m bnparity` is the command `bnparity`; where it cannot run, one line says so."""

import sys

from bnparity.frontends.commands.leaving import LeavingAtOnce, leave


def main() -> None:
    """Run the command that this process was started with, and exit."""
    if sys.platform == "win32":
        print("bnparity: Windows is not supported: use Linux, macOS, or WSL there", file=sys.stderr)
        sys.exit(2)
    try:
        with LeavingAtOnce():
            from bnparity import cli  # which imports what Windows has not
        cli.main()
    except KeyboardInterrupt:
        leave()


if __name__ == "__main__":
    main()
