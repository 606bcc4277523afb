"""The page on BatchNorm3d: MindSpore master beside PyTorch 1.8.1, in Chinese."""

from bnparity.porting.claims import parameters, values
from bnparity.porting.claims.claim import Claim, Document
from bnparity.porting.claims.page import (
    MODES,
    RELATION,
    ROWS,
    Page,
    example,
    inputs,
    mode_tables,
    overview,
    relation,
    rows,
    signatures,
    starting_modes,
)

PAGE = Page(
    name="3d",
    kind="BatchNorm3d",
    ranks=(5,),
    document=Document(
        title="Comparing the differences with torch.nn.BatchNorm3d",
        language="Chinese",
        version="MindSpore master, PyTorch 1.8.1",
        address="https://gitee.com/mindspore/docs/blob/master/docs/mindspore/source_zh_cn/note/"
        "api_mapping/pytorch_diff/BatchNorm3d.md",
    ),
)


def _translated(said: dict[str, str]) -> dict[str, str]:
    return {topic: f"{text} (translated)" for topic, text in said.items()}


_SAID = _translated(
    {
        **ROWS,
        "gamma_init": 'gamma_init: initialization method of the gamma parameter, default: "ones"',
        "beta_init": 'beta_init: initialization method of the beta parameter, default: "zeros"',
        "moving_mean_init": "moving_mean_init: initialization method of the moving average, "
        'default: "zeros"',
        "moving_var_init": "moving_var_init: initialization method of the moving variance, "
        'default: "ones"',
        "same": "The function of this API is basically the same as PyTorch's",
        "update": "the parameter update strategy in training and in inference is different from "
        "PyTorch's",
    }
)
_MODES = _translated(
    {**MODES, "checkpoint": "otherwise, in inference mode, it tries to load them from a checkpoint"}
)

CLAIMS: tuple[Claim, ...] = (
    *signatures(PAGE, {}, {}),
    PAGE.claim(
        "ranks",
        "torch",
        "Apply batch normalization on five-dimensional inputs (translated)",
        values.takes_ranks(PAGE.kind, 5),
    ),
    *overview(PAGE, _SAID),
    *rows(PAGE, _SAID),
    *inputs(PAGE, "input | x | Same function, only the names differ (translated)"),
    *mode_tables(PAGE, _MODES),
    *starting_modes(PAGE, _MODES),
    *relation(PAGE, RELATION, 0.2, 1.0),
    PAGE.claim(
        "bn2d",
        "mindspore",
        "BatchNorm3d< (bn2d): BatchNorm2d >",
        parameters.attribute_names(PAGE.kind, ("bn2d",)),
    ),
    *example(PAGE, "torch_batchnorm3d.py", "mindspore_batchnorm3d.py"),
)
