"""How a command has ended, as its exit code says it."""

ACCEPTABLE, FINDINGS, WRONG_WORDS, NOTHING_CHECKED, INTERRUPTED = 0, 1, 2, 3, 130


class Interrupted(Exception):
    """A command was stopped by its user; the message says what is left, and how to go on."""
