"""What stands in the way of a translation: all of it at once, and what it would cost to go on."""

from collections.abc import Iterable
from dataclasses import dataclass

from bnparity.backends import UsageError


@dataclass(frozen=True, kw_only=True)
class Obstacle:
    """An argument that the other API cannot express.

    Parameters
    ----------
    argument
        Its name and value, as in a call.
    reason
        Why it cannot be expressed.
    loss
        What a translation loses that goes on all the same; empty where none can.
    """

    argument: str
    reason: str
    loss: str = ""

    def __str__(self) -> str:
        return f"{self.argument}: {self.reason}"


class Untranslatable(UsageError):
    """The other API cannot express a layer; ``obstacles`` are all the reasons."""

    def __init__(self, obstacles: Iterable[Obstacle]) -> None:
        self.obstacles = tuple(obstacles)
        reasons = "; ".join(map(str, self.obstacles))
        passable = all(obstacle.loss for obstacle in self.obstacles)
        remedy = " (to go on with a loss: --lossy, or lossy=True)" if passable else ""
        super().__init__(f"{reasons}{remedy}")


def losses(obstacles: Iterable[Obstacle], *, lossy: bool) -> tuple[str, ...]:
    """Return what is lost by going on in spite of `obstacles`.

    Raises
    ------
    Untranslatable
        If one of them cannot be passed, or if any is there and losses are not wanted.
    """
    obstacles = tuple(obstacles)
    if any(not lossy or not obstacle.loss for obstacle in obstacles):
        raise Untranslatable(obstacles)
    return tuple(f"{obstacle.argument}: {obstacle.loss}" for obstacle in obstacles)
