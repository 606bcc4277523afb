"""What tests share that hold two implementations to the same refusals."""

from collections.abc import Callable


def raised(act: Callable[[], object]) -> tuple[type[BaseException] | None, str]:
    """Return the type and the text of what `act` raises; None and no text if it raises nothing."""
    try:
        act()
    except Exception as error:  # noqa: BLE001  # its type is the answer
        return type(error), str(error)
    return None, ""
