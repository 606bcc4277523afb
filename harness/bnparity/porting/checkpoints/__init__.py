"""Checkpoints from one framework to another: BatchNorms renamed, and the rest carried over.

`formats` reads and writes tensors in place; `found` tells which are a BatchNorm's; `names`,
`targets` and `matching` say where each goes, and `plan` what becomes of it; `table` tells it, with
what of `settings` the code of the target has to say.
"""

from bnparity.porting.checkpoints.checkpoint import (
    Checkpoint,
    known,
    read_checkpoint,
)
from bnparity.porting.checkpoints.found import batch_norms
from bnparity.porting.checkpoints.plan import Port, PortedNorm, plan
from bnparity.porting.checkpoints.settings import Settings, conventions_apart, settings_of
from bnparity.porting.checkpoints.table import document, lines
from bnparity.porting.checkpoints.targets import targets_of
from bnparity.porting.checkpoints.tensors import Tensor
from bnparity.porting.checkpoints.variance import factors_of, multiplied
from bnparity.porting.checkpoints.writing import check_writable, write_checkpoint
