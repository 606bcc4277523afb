"""What a campaign has found, as parameters of a test that takes `bn_found`."""

from pathlib import Path
from typing import Any

import pytest

from bnparity.backends import UsageError
from bnparity.sessions import cases_found, stored


def found_in(state: Path | None) -> list[Any]:
    """Return a parameter for each case in `state`, with its dialect; one that skips if none is.

    Raises
    ------
    pytest.UsageError
        If `state` is no campaign's.
    """
    if state is None:
        return [pytest.param(None, marks=pytest.mark.skip("no --bn-state to replay"), id="none")]
    try:
        with stored(state) as store:
            found = [
                pytest.param((dialect, case), id=f"{backend}-{symptom}")
                for backend, dialect, symptom, case in cases_found(store)
            ]
    except UsageError as error:
        raise pytest.UsageError(str(error)) from error
    nothing = pytest.mark.skip(f"nothing was found in {state}")
    return found or [pytest.param(None, marks=nothing, id="nothing")]
