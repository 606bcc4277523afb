"""Right kernels in many styles: what every accurate implementation does, one way or another.

They are the other half of the planted faults. A judge that accuses one of them is wrong, whatever
it says of the faults. Each computes in the format of its data, every step of it.
"""

from collections.abc import Mapping
from types import MappingProxyType

from right import moments, passes, sums
from right.kernel import Kernel, Steps, kernel

__all__ = ["RIGHT", "STEPS", "Kernel"]

#: What each of them does at each step, where that is not what one writes first.
STEPS: Mapping[str, Steps] = {
    "two_pass": Steps(),
    "serial": Steps(total=sums.serial),
    "in_lanes": Steps(total=sums.in_lanes),
    "wide": Steps(total=sums.wide),
    "kahan": Steps(total=sums.compensated),
    "corrected_two_pass": Steps(moments=moments.corrected_two_pass),
    "shifted": Steps(moments=moments.shifted),
    "welford": Steps(moments=moments.welford, average=passes.stepped),
    "updated": Steps(total=sums.in_random_order, moments=moments.updated),
    "pairwise_merge": Steps(moments=moments.merged),
    "rsqrt": Steps(forward=passes.multiplied),
    "weight_folded": Steps(forward=passes.weight_first),
    "folded": Steps(forward=passes.folded),
    "centred_gradient": Steps(backward=passes.of_centred),
    "counted_gradient": Steps(backward=passes.counted),
    "multiplied_gradient": Steps(total=sums.serial, backward=passes.of_multiplied),
    # As a GPU's kernels have it: Welford's moments, sums in lanes, one factor a channel.
    "device": Steps(
        total=sums.in_lanes,
        moments=moments.welford,
        forward=passes.weight_first,
        backward=passes.of_centred,
        average=passes.stepped,
    ),
    # A plain loop at each step, and what compilers make of the output.
    "plain_loops": Steps(
        total=sums.serial,
        moments=moments.shifted,
        forward=passes.folded,
        backward=passes.counted,
    ),
}

#: Right kernels by name.
RIGHT: Mapping[str, Kernel] = MappingProxyType(
    {name: kernel(name, steps) for name, steps in STEPS.items()}
)
