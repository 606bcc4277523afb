"""What MindSpore's own docstrings announce for after 2.9: other signatures, another momentum."""

from bnparity.judging import Api
from bnparity.porting.claims import parameters
from bnparity.porting.claims.claim import Claim, Document
from bnparity.porting.claims.parameters import TORCH, written

_API: Api = "mindspore"


def _announced(kind: str) -> list[Claim]:
    document = Document(
        title=f"mindspore.nn.{kind}, its docstring",
        language="English",
        version="MindSpore 2.10",
        address=f"https://www.mindspore.cn/docs/en/master/api_python/nn/mindspore.nn.{kind}.html",
    )
    group = {"process_group": None} if kind == "SyncBatchNorm" else {}
    later = {**TORCH, **group, "dtype": None}
    page = {"SyncBatchNorm": "sync"}.get(kind, kind.removeprefix("BatchNorm"))
    name = f"{page}-{_API}-announced"
    said = f"After version 2.9.0, the constructor signature will be changed to {kind}"
    return [
        Claim(
            id=f"{name}-signature",
            document=document,
            statement=f"{said}({written(later)})",
            api=_API,
            kind=kind,
            measure=parameters.announced(kind, later),
        ),
        Claim(
            id=f"{name}-momentum",
            document=document,
            statement="After version 2.9.0 ... the default value of momentum will change from 0.9 "
            "to 0.1",
            api=_API,
            kind=kind,
            measure=parameters.parameter_is(kind, "momentum", 0.1),
        ),
    ]


CLAIMS: tuple[Claim, ...] = tuple(
    claim
    for kind in ("BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "SyncBatchNorm")
    for claim in _announced(kind)
)
