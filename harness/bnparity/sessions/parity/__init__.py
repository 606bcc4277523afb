"""Proof that a port keeps what a model computes: layer by layer, and in whole models.

`layers` runs each ported BatchNorm in both frameworks and judges both by the oracle.
"""

from bnparity.sessions.parity.layers import LayerParity, verify_port
