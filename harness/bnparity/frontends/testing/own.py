"""What `bn_judge` is: the line of a test of somebody's own."""

from collections.abc import Sequence
from typing import Protocol

from bnparity.frontends.api import Given


class Judge(Protocol):
    """Judges a backend, and fails the test if it is wrong; options of pytest hold for the rest."""

    def __call__(
        self,
        backend: Given,
        *,
        examples: int | None = None,
        dtypes: Sequence[str] | None = None,
        dialect: str | None = None,
        seed: int | None = None,
    ) -> None:
        """Judge `backend` by so many cases of these formats, drawn from `seed`, by a dialect."""
