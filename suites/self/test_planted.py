"""The catalogue of planted faults holds what it says: right but for one thing, and that thing."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from bnparity.backends.open import Capabilities
from bnparity.call import ARGUMENTS, call
from bnparity.case import Case, Recipe
from bnparity.dialects import declaration
from bnparity.examine import in_process, settings_of
from bnparity.inputs import make_inputs
from bnparity.inquiry import Inquiry
from bnparity.strategies import cases
from bnparity.tally import Tally
from planted.catalogue import CATALOGUE, Fault
from planted.kernel import kernel

#: Cases that between them show every fault: modes, shapes, layouts, settings, values.
_SHOWN = (
    Case(shape=(4, 3, 3)),
    Case(shape=(2, 3, 2, 3), layout="channels_last"),
    Case(shape=(2, 3, 2, 3), training=False),
)


def test_there_are_many_and_no_two_of_a_name() -> None:
    """A name leads to one fault."""
    assert len({fault.name for fault in CATALOGUE}) == len(CATALOGUE) >= 70
