"""The page on BatchNorm1d: MindSpore r2.0 beside PyTorch 1.8.1, in English."""

from bnparity.porting.claims import modes, parameters, values
from bnparity.porting.claims.claim import Claim, Document
from bnparity.porting.claims.page import (
    ROWS,
    Page,
    data_formats,
    example,
    inputs,
    overview,
    relation,
    rows,
    signatures,
)

PAGE = Page(
    name="1d",
    kind="BatchNorm1d",
    ranks=(2, 3),
    document=Document(
        title="Function Differences with torch.nn.BatchNorm1d",
        language="English",
        version="MindSpore r2.0, PyTorch 1.8.1",
        address="https://gitee.com/mindspore/docs/blob/r2.0/docs/mindspore/source_en/note/"
        "api_mapping/pytorch_diff/BatchNorm1d.md",
    ),
)

_INITIALISES = (
    "{0}: PyTorch does not have this parameter, while MindSpore can initialize the value of the "
    "parameter {1}"
).format

_SAID = {
    **ROWS,
    "gamma_init": _INITIALISES("gamma_init", "gamma"),
    "beta_init": _INITIALISES("beta_init", "beta"),
    "moving_mean_init": _INITIALISES("moving_mean_init", "moving_mean"),
    "moving_var_init": _INITIALISES("moving_var_init", "moving_var"),
    "same": "The implementation function of the API in MindSpore is basically the same as that of "
    "PyTorch.",
    "update": "The parameter update strategy during training and inference is different from that "
    "of PyTorch.",
}
_USAGE = "The two APIs achieve the same function and have the same usage."

CLAIMS: tuple[Claim, ...] = (
    *signatures(PAGE, {"data_format": "NCHW"}, {}),
    PAGE.claim(
        "ranks",
        "torch",
        "PyTorch: Batch normalization of the input 2D or 3D data.",
        values.takes_ranks(PAGE.kind, 2, 3),
    ),
    *overview(PAGE, _SAID),
    *rows(PAGE, _SAID),
    *relation(PAGE, "The momentum conversion relationship with PyTorch is 1-momentum.", 0.2, 1.0),
    *data_formats(
        PAGE,
        "data_format='NCHW'; PyTorch does not have this parameter",
        parameters.parameter_is(PAGE.kind, "data_format", "NCHW"),
    ),
    *inputs(PAGE, "input | x | Same function, different parameter names"),
    *PAGE.both("usage", _USAGE, modes.trains_at_once(PAGE.kind)),
    *example(PAGE, "torch_batchnorm1d.py", "mindspore_batchnorm1d.py"),
)
