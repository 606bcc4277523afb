"""What an example computed, held to the oracle: under its own conventions, and under another's."""

from dataclasses import replace
from typing import Any

import numpy as np
from bnparity_reference import Dialect, batch_norm

from bnparity.judging import Check, judge
from bnparity.porting.differences.asking import Seen
from bnparity.porting.differences.side import Side

#: What every example says: the share of the batch in the running statistics, and eps.
SHARE, EPS = 0.2, 1e-3


def checks(side: Side, seen: Seen, **changed: Any) -> tuple[Check, ...]:
    """Return a check of each output of the training step, with conventions `changed`."""
    dialect = replace(side.declared.dialect, **changed)
    x = seen.arrays["x"]
    exact = batch_norm(
        x.astype(np.float64),
        weight=np.ones(x.shape[1]),
        bias=np.zeros(x.shape[1]),
        running_mean=np.zeros(x.shape[1]),
        running_var=np.ones(x.shape[1]),
        dialect=dialect,
        training=True,
        momentum=momentum_said(side.declared.dialect),
        eps=EPS,
    )
    names = ("output", "running_mean", "running_var")
    return judge({name: seen.arrays[name] for name in names}, exact, dialect=dialect)


def worst(side: Side, seen: Seen, **changed: Any) -> float:
    """Return the largest error of the training step divided by its bound."""
    return max(check.ratio for check in checks(side, seen, **changed))


def momentum_said(dialect: Dialect) -> float:
    """Return the momentum that an example of this dialect says."""
    return SHARE if dialect.momentum == "new" else 1 - SHARE
