"""What users may write with bnparity's public names; type checkers read it, nothing runs it."""

from typing import Any, Literal, assert_type

import bnparity
import numpy as np
from bnparity import Comparison, Dialect, Layer, UsageError, Verdict
from numpy.typing import NDArray


def kernel(x: NDArray[Any], *_: Any, **_settings: Any) -> dict[str, NDArray[Any]]:
    """Return what no BatchNorm returns."""
    return {"output": x}


layer = Layer(api="torch", kind="BatchNorm1d", arguments={"num_features": 3})
verdict = bnparity.check(kernel, examples=10, dialect=Dialect(momentum="old"))
x = np.ones((2, 3), np.float32)

assert_type(verdict, Verdict)
assert_type(verdict.status, Literal["pass", "loose", "fail", "untrusted", "unavailable"])
assert_type(verdict.findings[0].codes, tuple[str, ...])
assert_type(bnparity.compare("numpy", kernel), Comparison)
assert_type(bnparity.translate("torch.nn.BatchNorm1d(3)", "mindspore"), str)
assert_type(bnparity.translate(layer, "mindspore"), Layer)
try:
    bnparity.judge({"output": x}, {"x": x}, training=True, momentum=0.1, eps=1e-5)
    bnparity.assert_parity(kernel)
except UsageError as error:
    print(error)
