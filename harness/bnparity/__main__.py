"""`python -m bnparity` is the command `bnparity`; where it cannot run, one line says so."""

import sys


def main() -> None:
    """Run the command that this process was started with, and exit."""
    if sys.platform == "win32":
        print("bnparity: Windows is not supported: use Linux, macOS, or WSL there", file=sys.stderr)
        sys.exit(2)
    from bnparity import cli  # which imports what Windows has not

    cli.main()


if __name__ == "__main__":
    main()
