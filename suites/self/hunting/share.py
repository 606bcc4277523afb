"""How long the hunts are: a fixed share of them in every run of the tests, all of it in a soak."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Share:
    """The length of the hunts.

    Parameters
    ----------
    seeds
        Each hunt is made once with each.
    told
        Cases put to a kernel to tell the name of its fault, or that it has none.
    nameless
        Cases put to a kernel whose fault is to be found, and no more.
    right
        Cases put to a right kernel, in each format.
    """

    seeds: tuple[int, ...]
    told: int
    nameless: int
    right: int


#: What every run of the tests takes.
FIXED = Share(seeds=(1,), told=400, nameless=40, right=150)
#: What a soak takes: over 16 right kernels in 4 formats, more than 100,000 cases.
SOAK = Share(seeds=(1, 2, 3), told=600, nameless=100, right=530)
