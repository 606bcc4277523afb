"""The catalogue of planted faults: every family, in one tuple."""

from planted import (
    averages,
    backward,
    combinations,
    contract,
    conventions,
    devices,
    formats,
    layouts,
    memory,
    numerics,
    sizes,
    state,
)
from planted.fault import Fault

__all__ = ["CATALOGUE", "NAMED", "Fault"]

#: Every kernel that is wrong on purpose.
CATALOGUE: tuple[Fault, ...] = (
    *averages.FAULTS,
    *conventions.FAULTS,
    *backward.FAULTS,
    *formats.FAULTS,
    *devices.FAULTS,
    *numerics.FAULTS,
    *layouts.FAULTS,
    *memory.FAULTS,
    *state.FAULTS,
    *sizes.FAULTS,
    *contract.FAULTS,
    *combinations.FAULTS,
)

#: Those that a diagnosis owes a name.
NAMED: tuple[Fault, ...] = tuple(fault for fault in CATALOGUE if fault.codes)


def planted(name: str) -> Fault:
    """Return the fault called `name`.

    Raises
    ------
    KeyError
        If there is none.
    """
    return {fault.name: fault for fault in CATALOGUE}[name]
