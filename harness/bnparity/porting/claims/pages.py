"""The documents, statement by statement in their order.

Of the pages in Chinese, what is translated is marked. An address or versions may not be known.
"""

from functools import partial

from bnparity.porting.claims import words
from bnparity.porting.claims.claim import Document, Page
from bnparity.porting.claims.examples import prints
from bnparity.porting.claims.measures import both, formats, relation
from bnparity.porting.claims.values import takes_formats, takes_ranks

_GROUPS = "process_group | process_groups | - (no difference)"
_CORRESPOND = (
    "the parameters beta, gamma, moving_mean and moving_variance correspond to PyTorch's bias, "
    "weight, running_mean and running_var (translated)"
)


def _compared(
    kind: str, title: str, branch: str, pytorch: str, language: str = "English"
) -> Document:
    """Return the page on a class in MindSpore's comparison with PyTorch."""
    folder = "source_en" if language == "English" else "source_zh_cn"
    return Document(
        title=title,
        language=language,
        version=f"MindSpore {branch}, PyTorch {pytorch}",
        address=f"https://gitee.com/mindspore/docs/blob/{branch}/docs/mindspore/{folder}/note/"
        f"api_mapping/pytorch_diff/{kind}.md",
    )


_1D = Page(
    name="1d",
    kind="BatchNorm1d",
    document=_compared(
        "BatchNorm1d", "Function Differences with torch.nn.BatchNorm1d", "r2.0", "1.8.1"
    ),
    said={
        "signature": words.SIGNATURE,
        "ranks": "PyTorch: Batch normalization of the input 2D or 3D data.",
        "function": "The implementation function of the API in MindSpore is basically the same as "
        "that of PyTorch.",
        "update": words.UPDATE,
        **words.SAME,
        **words.ROWS,
        **words.initial("while"),
        "relation": "The momentum conversion relationship with PyTorch is 1-momentum.",
        "data_format": "data_format='NCHW'; PyTorch does not have this parameter",
        "input": "input | x | Same function, different parameter names",
        "usage": "The two APIs achieve the same function and have the same usage.",
        "example": words.EXAMPLE,
    },
)
_2D = Page(
    name="2d",
    kind="BatchNorm2d",
    document=_compared("BatchNorm2d", "Differences with torch.nn.BatchNorm2d", "master", "1.8.1"),
    said={
        "signature": words.SIGNATURE,
        "ranks": "Apply batch normalization on four-dimensional inputs",
        "function": "The function of this API is basically the same as that of PyTorch",
        "update": words.UPDATE,
        **words.SAME,
        **words.ROWS,
        "gamma_init": "gamma_init: The initialization method of the gamma parameter, default "
        'value: "ones". PyTorch does not have this parameter.',
        "beta_init": "beta_init: The initialization method of the beta parameter, default value: "
        '"zeros". PyTorch does not have this parameter.',
        "moving_mean_init": "moving_mean_init: Initialization method of dynamic average, default "
        'value: "zeros". PyTorch does not have this parameter.',
        "moving_var_init": "moving_var_init: Initialization method of dynamic variance, default "
        'value: "ones". PyTorch does not have this parameter.',
        "data_format": 'MindSpore can specify the input data format as "NHWC" or "NCHW", default '
        'value: "NCHW". PyTorch does not have this parameter',
        "input": "input | x | Same function, different parameter names",
        **words.MODES,
        "relation": words.RELATION,
        "example": words.EXAMPLE,
    },
    own={"data_format": formats(takes_formats)},
)
_2D_OLD = Page(
    name="2d-r1.10",
    kind="BatchNorm2d",
    document=_compared(
        "BatchNorm2d",
        "Comparing the functional differences with torch.nn.BatchNorm2d",
        "r1.10",
        "1.5.0",
        "Chinese",
    ),
    said={
        "signature": words.SIGNATURE,
        **dict.fromkeys(
            ("momentum", "momentum-default"),
            "PyTorch: the default value of the momentum parameter used in the computation of "
            "running_mean and running_var is 0.1. MindSpore: the default value of the momentum "
            "parameter is 0.9 (translated)",
        ),
        "relation": "when PyTorch's momentum is 0.2, MindSpore's momentum should be 0.8 "
        "(translated)",
        "states": _CORRESPOND,
        "saved": _CORRESPOND,
        "grad_fn": "grad_fn=<NativeBatchNormBackward>",
        "example": words.EXAMPLE,
    },
    own={"relation": relation(0.2), "example": both(partial(prints, release="_r1_10"))},
)
_3D = Page(
    name="3d",
    kind="BatchNorm3d",
    document=_compared(
        "BatchNorm3d",
        "Comparing the differences with torch.nn.BatchNorm3d",
        "master",
        "1.8.1",
        "Chinese",
    ),
    said={
        "signature": words.SIGNATURE,
        **words.translated(
            {
                "ranks": "Apply batch normalization on five-dimensional inputs",
                "function": "The function of this API is basically the same as PyTorch's",
                "update": "the parameter update strategy in training and in inference is different "
                "from PyTorch's",
            }
        ),
        **words.SAME,
        **words.translated(
            {
                **words.ROWS,
                "gamma_init": "gamma_init: initialization method of the gamma parameter, default: "
                '"ones"',
                "beta_init": "beta_init: initialization method of the beta parameter, default: "
                '"zeros"',
                "moving_mean_init": "moving_mean_init: initialization method of the moving "
                'average, default: "zeros"',
                "moving_var_init": "moving_var_init: initialization method of the moving "
                'variance, default: "ones"',
                "input": "input | x | Same function, only the names differ",
                **words.MODES,
                "checkpoint": "otherwise, in inference mode, it tries to load them from a "
                "checkpoint",
            }
        ),
        "relation": words.RELATION,
        "bn2d": "BatchNorm3d< (bn2d): BatchNorm2d >",
        "example": words.EXAMPLE,
    },
)
_SYNC = Page(
    name="sync",
    kind="SyncBatchNorm",
    document=Document(
        title="Differences with torch.nn.SyncBatchNorm",
        language="English",
        version="MindSpore and PyTorch, not said which",
    ),
    said={
        "signature": words.SIGNATURE,
        "across-devices": "Remote cross-device synchronous batch normalization of input data.",
        "groups": _GROUPS,
        "groups-same": _GROUPS,
        "function": "MindSpore API is basically the same as PyTorch",
        "update": "The training and the parameter update strategy during inference are different "
        "from PyTorch.",
        **words.SAME,
        **words.rows(
            "Consistent functionality, but the default value is 0.1 in PyTorch and 0.9 in "
            "MindSpore. The conversion relationship with PyTorch momentum is 1-momentum with the "
            "same default behavior as PyTorch",
            "Consistent functionality",
            "Consistent function. Different values correspond to different default methods.",
        ),
        **words.initial("and"),
        "ranks": "Interface input. MindSpore only supports 2-D and 4-D input",
        "input": "input | x",
        # The page as it was given lacks the ends of some cells.
        **words.MODES,
        "true-true": "training True, track_running_stats True: Expected training status.",
        "true-false": "training True, track_running_stats False: Each group of input data is "
        "normalized based on the statistics feature of the current batch, but the ...",
        "false-true": "training False, track_running_stats True: Expected inference status. The BN "
        "uses ...",
        "true": "use_batch_statistics True: Expected training status.",
        "false": "use_batch_statistics False: Expected inference status. The BN uses ...",
        "none": "use_batch_statistics=None",
        "relation": "The conversion relationship with PyTorch momentum is 1-momentum",
    },
    own={"ranks": both(takes_ranks)},
)
#: What MindSpore's own docstrings announce for after 2.9: other signatures, another momentum.
_ANNOUNCED = tuple(
    Page(
        name=page.name,
        kind=page.kind,
        document=Document(
            title=f"mindspore.nn.{page.kind}, its docstring",
            language="English",
            version="MindSpore 2.10",
            address="https://www.mindspore.cn/docs/en/master/api_python/nn/"
            f"mindspore.nn.{page.kind}.html",
        ),
        said={
            "announced-signature": "After version 2.9.0, the constructor signature will be "
            "changed to {kind}({announced})",
            "announced-momentum": "After version 2.9.0 ... the default value of momentum will "
            "change from 0.9 to 0.1",
        },
    )
    for page in (_1D, _2D, _3D, _SYNC)
)

PAGES = (_1D, _2D, _2D_OLD, _3D, _SYNC, *_ANNOUNCED)
