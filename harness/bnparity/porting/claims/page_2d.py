"""The pages on BatchNorm2d: MindSpore master, in English, and r1.10, in Chinese."""

from bnparity.porting.claims import parameters, values
from bnparity.porting.claims.claim import Claim, Document, not_checked
from bnparity.porting.claims.page import (
    MODES,
    RELATION,
    ROWS,
    Page,
    data_formats,
    example,
    inputs,
    mode_tables,
    momentum,
    overview,
    relation,
    rows,
    signatures,
    starting_modes,
)

PAGE = Page(
    name="2d",
    kind="BatchNorm2d",
    ranks=(4,),
    document=Document(
        title="Differences with torch.nn.BatchNorm2d",
        language="English",
        version="MindSpore master, PyTorch 1.8.1",
        address="https://gitee.com/mindspore/docs/blob/master/docs/mindspore/source_en/note/"
        "api_mapping/pytorch_diff/BatchNorm2d.md",
    ),
)
OLD = Page(
    name="2d-r1.10",
    kind="BatchNorm2d",
    ranks=(4,),
    document=Document(
        title="Comparing the functional differences with torch.nn.BatchNorm2d",
        language="Chinese",
        version="MindSpore r1.10, PyTorch 1.5.0",
        address="https://gitee.com/mindspore/docs/blob/r1.10/docs/mindspore/source_zh_cn/note/"
        "api_mapping/pytorch_diff/BatchNorm2d.md",
    ),
)

_SAID = {
    **ROWS,
    "gamma_init": "gamma_init: The initialization method of the gamma parameter, default value: "
    '"ones". PyTorch does not have this parameter.',
    "beta_init": "beta_init: The initialization method of the beta parameter, default value: "
    '"zeros". PyTorch does not have this parameter.',
    "moving_mean_init": "moving_mean_init: Initialization method of dynamic average, default "
    'value: "zeros". PyTorch does not have this parameter.',
    "moving_var_init": "moving_var_init: Initialization method of dynamic variance, default "
    'value: "ones". PyTorch does not have this parameter.',
    "same": "The function of this API is basically the same as that of PyTorch",
    "update": "The parameter update strategy during training and inference is different from that "
    "of PyTorch.",
}
_FORMATS = (
    'MindSpore can specify the input data format as "NHWC" or "NCHW", default value: "NCHW". '
    "PyTorch does not have this parameter"
)
_CORRESPOND = (
    "the parameters beta, gamma, moving_mean and moving_variance correspond to PyTorch's bias, "
    "weight, running_mean and running_var (translated)"
)
_MINDSPORE_STATE = ("gamma", "beta", "moving_mean", "moving_variance")
_TORCH_STATE = ("weight", "bias", "running_mean", "running_var")

CLAIMS: tuple[Claim, ...] = (
    *signatures(PAGE, {"data_format": "NCHW"}, {}),
    PAGE.claim(
        "ranks",
        "torch",
        "Apply batch normalization on four-dimensional inputs",
        values.takes_ranks(PAGE.kind, 4),
    ),
    *overview(PAGE, _SAID),
    *rows(PAGE, _SAID),
    *data_formats(PAGE, _FORMATS, values.takes_formats(PAGE.kind)),
    *inputs(PAGE, "input | x | Same function, different parameter names"),
    *mode_tables(PAGE, MODES),
    *starting_modes(PAGE, MODES),
    *relation(PAGE, RELATION, 0.2, 1.0),
    *example(PAGE, "torch_batchnorm2d.py", "mindspore_batchnorm2d.py"),
    *signatures(OLD, {"data_format": "NCHW"}, {}),
    *momentum(
        OLD,
        "PyTorch: the default value of the momentum parameter used in the computation of "
        "running_mean and running_var is 0.1. MindSpore: the default value of the momentum "
        "parameter is 0.9 (translated)",
    ),
    *relation(
        OLD,
        "when PyTorch's momentum is 0.2, MindSpore's momentum should be 0.8 (translated)",
        0.2,
    ),
    OLD.claim("states", "torch", _CORRESPOND, values.corresponds(OLD.kind, _TORCH_STATE)),
    OLD.claim("states", "mindspore", _CORRESPOND, values.corresponds(OLD.kind, _MINDSPORE_STATE)),
    OLD.claim("saved", "torch", _CORRESPOND, parameters.state_names(OLD.kind, _TORCH_STATE)),
    OLD.claim(
        "saved", "mindspore", _CORRESPOND, parameters.state_names(OLD.kind, _MINDSPORE_STATE)
    ),
    OLD.claim(
        "grad_fn",
        "torch",
        "grad_fn=<NativeBatchNormBackward>",
        not_checked("a layer that is driven returns arrays, and no graph"),
    ),
    *example(OLD, "torch_batchnorm2d_r1_10.py", "mindspore_batchnorm2d_r1_10.py"),
)
