"""Proof that a port keeps what a model computes: layer by layer, and in whole models.

`layers` runs each ported BatchNorm in both frameworks and judges both by the oracle. `models`
compares two models by the calls of their BatchNorms, which `recording` has from `watching`, run
where a framework is.
"""

from bnparity.sessions.parity.layers import LayerParity, layers_running, verify_port
from bnparity.sessions.parity.models import ModelComparison, Parting, compare_models
from bnparity.sessions.parity.recording import Recording, recording_of
