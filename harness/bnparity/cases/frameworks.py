"""x"""

from bnparity_reference import Dialect
from bnparity.cases.declaration import ALL_MODES, TRACKED, Declaration

FRAMEWORKS = {
    "torch": Declaration(
        dialect=Dialect(),
        default_eps=1e-5,
        default_momentum=0.1,
        starts_in="training",
        modes=ALL_MODES,
        affines=("both", "none", "weight", "bias"),
        zero_eps=((False, True),),
        title="PyTorch",
        versions="2.13",
        checked="run",
    ),
    "mindspore": Declaration(
        dialect=Dialect(
            momentum="old", momentum_none="refused", empty_batch="computed", single_value="computed"
        ),
        default_eps=1e-5,
        default_momentum=0.9,
        starts_in="inference",
        modes=TRACKED,
        affines=("both", "none"),
        zero_eps=(),
        title="MindSpore",
        versions="2.10",
        checked="run",
    ),
}
