"""`python -m bnparity` is the command `bnparity`."""

from bnparity.cli import main

if __name__ == "__main__":
    main()
