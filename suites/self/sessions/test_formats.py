"""Running statistics may have a format of their own, beside those of data and parameters."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from bnparity.backends.environments import environment_of, made_environments
from bnparity.backends.errors import UsageError
from bnparity.backends.load import capabilities
from bnparity.backends.names import Name, parse
from bnparity.backends.open import opened, opened_here
from bnparity.cases.case import Case
from bnparity.cases.dialects import declaration
from bnparity.judging.case_result import run_case
from bnparity.kernels.numpy_kernel import batch_norm
from bnparity.sessions.by_cases import judge_by_cases
from bnparity.sessions.plan import Plan

AUTHORED = Path(__file__).parents[1] / "authored"


def half(x: Any, *others: Any, **settings: Any) -> Any:
    """Return what the local kernel returns, and refuse other formats than are declared."""
    weight, bias, *statistics = others
    assert x.dtype == "float16"
    assert all(a.dtype == "float16" for a in (weight, bias) if a is not None)
    assert all(a.dtype == "float32" for a in statistics if a is not None)
    return batch_norm(x, *others, **settings)


vars(half)["dtypes"] = ("float16/float16/float32",)


def test_three_formats_are_asked_as_they_are_declared() -> None:
    """A kernel with wide statistics beside half parameters is right, and its cells show them."""
    backend = opened_here(half)
    assert backend.capabilities.dtypes == ("float16",)
    named = Name(text="half", base="half", target="half")
    judgement = judge_by_cases(named, backend, Plan(examples=25))
    assert {finding.kind for finding in judgement.findings} <= {"vacuous"}  # it borrows our kernel
    assert {cell.dtype for cell in judgement.totals.cells} == {"float16+float16+float32"}


@pytest.mark.parametrize("entry", ["float16/float32", "float16/float16/float31"])
def test_entry_that_is_no_three_formats_is_a_mistake(entry: str) -> None:
    """The message shows the entry, and how three are written."""

    def wrong() -> None: ...

    vars(wrong)["dtypes"] = (entry,)
    with pytest.raises(UsageError, match=rf"{entry} is no format, and no three as data/param"):
        capabilities(wrong)


def test_layer_is_asked_in_the_formats_that_it_keeps() -> None:
    """Flax keeps float32 statistics beside half parameters, and is not blamed for it."""
    if environment_of("flax") not in made_environments() and find_spec("flax") is None:
        pytest.skip("there is no Flax, neither here nor in an environment")
    with opened(parse(f"{AUTHORED}/flax_layers.py:half")) as layer:
        assert layer.ask is not None
        assert layer.capabilities.formats == ("bfloat16/bfloat16/float32",)
        formats = dict(zip(("dtype", "param_dtype", "statistics_dtype"), _FLAX, strict=True))
        case = Case(shape=(4, 3, 2, 2), gradient=False, momentum=0.9, **formats)
        found = run_case(layer.ask, case, declaration("flax").dialect)
    assert found.fault is None
    assert found.outputs["running_mean"].dtype == "float32"
    assert found.failed == ()


_FLAX: Any = ("bfloat16", "bfloat16", "float32")
