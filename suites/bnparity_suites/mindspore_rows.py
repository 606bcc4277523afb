"""The rows of MindSpore's mode table as backends: a layer for each `use_batch_statistics`."""

from bnparity.backends.mindspore import MindSporeBatchNorm

use_batch_statistics_none = MindSporeBatchNorm(use_batch_statistics=None)
use_batch_statistics_true = MindSporeBatchNorm(use_batch_statistics=True)
use_batch_statistics_false = MindSporeBatchNorm(use_batch_statistics=False)
