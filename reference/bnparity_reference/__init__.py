"""The float64 reference of BatchNorm: what a dialect promises, computed from its definition.

It depends on NumPy alone and knows nothing of the harness that uses it. Where Numba is, its passes
are compiled once that pays, with the same bits.
"""

from bnparity_reference.alike import alike
from bnparity_reference.dialect import CONVENTIONS, Dialect
from bnparity_reference.oracle import batch_norm
from bnparity_reference.records import OUTPUTS, Exact
from bnparity_reference.sync import sync_batch_norm

__all__ = ["CONVENTIONS", "OUTPUTS", "Dialect", "Exact", "alike", "batch_norm", "sync_batch_norm"]
