"""Whose finding it is, as a folder may say it: without anything of the machine it was found on."""

from dataclasses import dataclass
from pathlib import Path

from bnparity.backends import Limits, Name


@dataclass(frozen=True, kw_only=True)
class Accused:
    """A backend, and how it was judged.

    ``version`` and ``device`` are as its probe says, ``software`` names the Python and the NumPy
    that it ran with, ``limits`` are what it was allowed; ``adapted`` says whether it is called by
    an adapter of bnparity's.
    """

    name: Name
    version: str
    device: str
    dialect: str
    limits: Limits
    software: str = ""
    adapted: bool = False

    @property
    def target(self) -> str:
        """The backend's target; of a file its name alone."""
        return _without_folder(self.name, self.name.target)

    @property
    def shown(self) -> str:
        """The backend's name as it was written; of a file without the folder."""
        return _without_folder(self.name, self.name.text)


def _without_folder(name: Name, text: str) -> str:
    return Path(text).name if name.is_file else text
