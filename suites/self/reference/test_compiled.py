"""The compiled form of the oracle's passes beside the one in NumPy: the same bits, for any call."""

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from bnparity_reference import CONVENTIONS, Dialect, batch_norm, double_double, sync_batch_norm
from bnparity_reference.compiled.loading import LOADING
from bnparity_reference.double_double import DoubleDouble
from far_and_wide import SCALES, drawn
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Numbers that are easily forgotten: no numbers, both zeros, and the ends of the range.
SPECIAL = (np.nan, np.inf, -np.inf, 0.0, -0.0, 5e-324, -1e-310, 1e300, -1.7e308, 2.0**-201)

#: How an array may lie in memory.
LAYOUTS: dict[str, Callable[[Array], Array]] = {
    "contiguous": np.ascontiguousarray,
    "strided": lambda a: np.repeat(a, 2, axis=-1)[..., ::2],
    "reversed": lambda a: np.ascontiguousarray(a[..., ::-1])[..., ::-1],
    "transposed": np.asfortranarray,
}


@pytest.fixture(scope="module")
def loops() -> ModuleType:
    """Return the compiled loops."""
    return import_module("bnparity_reference.compiled.loops")


def in_both_forms(loops: ModuleType, ask: Callable[[], Any]) -> tuple[Any, Any]:
    """Return an answer in NumPy and by loops."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LOADING, "over", True)
        patch.setattr(LOADING, "loops", None)
        by_numpy = ask()
        patch.setattr(LOADING, "loops", loops)
        return by_numpy, ask()


def bits(found: Any, name: str = "") -> Iterator[tuple[str, object]]:
    """Yield all that an answer holds, as bytes; NaN is NaN."""
    if is_dataclass(found):
        for field in fields(found):
            yield from bits(getattr(found, field.name), f"{name}.{field.name}")
    elif isinstance(found, np.ndarray | float):
        array = np.asarray(found)
        yield name, (array.shape, np.where(np.isnan(array), np.nan, array).tobytes())
    elif isinstance(found, tuple):
        for place, part in enumerate(found):
            yield from bits(part, f"{name}[{place}]")
    else:
        yield name, str(found)


def assert_same_bits(loops: ModuleType, ask: Callable[[], Any]) -> None:
    by_numpy, by_loops = (dict(bits(found)) for found in in_both_forms(loops, ask))
    different = [name for name in by_numpy if by_numpy[name] != by_loops.get(name)]
    assert not different


@pytest.mark.parametrize("scale", SCALES)
def test_what_is_certified_of_one_form_holds_of_the_other(loops: ModuleType, scale: int) -> None:
    """Calls whose answers in NumPy are certified have the same bits by loops."""
    for seed in range(60):
        arguments, dialect = drawn(seed, scale)
        assert_same_bits(loops, lambda: batch_norm(dialect=dialect, **arguments))  # noqa: B023


@st.composite
def calls(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the arguments of a call: numbers near 1 with special ones among them, however laid."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = (draw(st.integers(0, 9)), draw(st.integers(1, 3)), draw(st.sampled_from([1, 3, 40])))
    special = draw(st.lists(st.sampled_from(SPECIAL), max_size=3))
    words = draw(
        st.dictionaries(st.sampled_from(sorted(CONVENTIONS)), st.integers(0, 5), max_size=4)
    )
    changed: dict[str, Any] = {w: CONVENTIONS[w][i % len(CONVENTIONS[w])] for w, i in words.items()}

    def numbers(*size: int) -> Array:
        array = rng.standard_normal(size)
        for number in special:
            array[rng.random(size) < 0.1] = number
        return LAYOUTS[draw(st.sampled_from(sorted(LAYOUTS)))](array)

    mask = draw(st.sampled_from([None, 0.5, 0.0, 1.0]))
    given_names = draw(st.sets(st.sampled_from(["weight", "bias", "grad_output", "statistics"])))
    of_channels = ("weight", "bias", "running_mean", "running_var")
    state = {name: numbers(shape[1]) for name in of_channels}
    state = {name: a for name, a in state.items() if {name, "statistics"} & given_names}
    return {
        "x": numbers(*shape),
        **state,
        "grad_output": numbers(*shape) if "grad_output" in given_names else None,
        "mask": None if mask is None else rng.random(shape) < mask,
        "dialect": replace(Dialect(), **changed),
        "training": draw(st.booleans()),
        "momentum": draw(st.sampled_from([0.1, 0.0, 1.0])),
        "eps": draw(st.sampled_from([1e-5, 0.0, 1.0])),
    }


@settings(max_examples=200, derandomize=True)
@given(arguments=calls())
def test_both_forms_have_the_same_bits(loops: ModuleType, arguments: dict[str, Any]) -> None:
    """Whatever numbers, layouts, masks and conventions a call has, its answers are the same."""
    assert_same_bits(loops, lambda: batch_norm(**arguments))


#: Every pass, on two rows of numbers (C, n) and two columns (C, 1).
PASSES: dict[str, Callable[..., Any]] = {
    "sum": lambda a, b, *_: a + b,
    "sum with a column": lambda a, _, column, __: a + column,
    "difference": lambda a, b, *_: a - b,
    "product": lambda a, b, *_: a * b,
    "product with a column": lambda a, _, column, __: column * a,
    "quotient": lambda a, b, *_: a / b,
    "over": lambda a, *_: a.over(7),
    "over counts": lambda a, *_: a.over(np.arange(len(a.hi)).reshape(-1, 1)),
    "rounded": lambda a, *_: a.rounded(),
    "normalized": lambda a, *_: a.normalized(),
    "root": lambda a, *_: double_double.root(a),
    "total": lambda a, *_: double_double.total(a),
    "total of products": lambda a, b, *_: double_double.total_of_products(a, b),
    "centred": lambda a, _, column, __: double_double.centred(a, column),
    "line": lambda a, _, column, other: double_double.line(a, column, other),
    "line through 0": lambda a, _, column, __: double_double.line(a, column, None),
    "plane": lambda a, b, column, other: double_double.plane(a, column, b, other, column),
}


@st.composite
def numbers_of_passes(draw: st.DrawFn) -> list[DoubleDouble]:
    """Draw rows and columns, with lower parts or without, some numbers special."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rows, n = draw(st.integers(1, 3)), draw(st.integers(0, 300))
    special = draw(st.lists(st.sampled_from(SPECIAL), max_size=2))
    spread = draw(st.sampled_from([0, 8]))

    def of(*shape: int) -> DoubleDouble:
        hi = rng.standard_normal(shape) * 10.0 ** rng.integers(-spread, spread + 1, shape)
        for number in special:
            hi[rng.random(shape) < 0.1] = number
        lo = np.where(rng.random(shape) < 0.2, -0.0, np.spacing(hi) * rng.uniform(-0.5, 0.5, shape))
        return DoubleDouble(hi, lo if draw(st.booleans()) else None)

    return [of(rows, n), of(rows, n), of(rows, 1), of(rows, 1)]


@pytest.mark.parametrize("name", PASSES)
@settings(max_examples=60, derandomize=True)
@given(numbers=numbers_of_passes())
@np.errstate(all="ignore")
def test_passes_have_the_same_bits(
    loops: ModuleType, name: str, numbers: list[DoubleDouble]
) -> None:
    """Upper and lower parts are the same, below all that an output shows, and zeros' signs."""
    assert_same_bits(loops, lambda: PASSES[name](*numbers))


@pytest.mark.parametrize("n", [1, 7, 8, 127, 128, 129, 1000, 4099, 70_001])
def test_rows_of_any_length_have_the_same_sums(loops: ModuleType, n: int) -> None:
    """What sums leave to be rounded is added in one order, in rows of a leaf and of many."""
    rng = np.random.default_rng(n)
    x = rng.standard_normal((n, 3)) * 10.0 ** rng.integers(-8, 8, (n, 3))
    arguments: dict[str, Any] = {"training": True, "momentum": 0.1, "eps": 1e-5}
    assert_same_bits(
        loops, lambda: batch_norm(x, dialect=Dialect(), grad_output=x[::-1], **arguments)
    )


def test_ranks_have_the_same_bits(loops: ModuleType) -> None:
    """The merging of ranks, some of them empty, is the same in both forms."""
    rng = np.random.default_rng(0)
    shards = [rng.standard_normal((n, 3, 2)) for n in (4, 0, 9, 1)]
    arguments: dict[str, Any] = {"training": True, "momentum": 0.1, "eps": 1e-5}
    assert_same_bits(
        loops,
        lambda: sync_batch_norm(shards, dialect=Dialect(), grad_outputs=shards, **arguments),
    )


def test_a_usual_call_is_left_to_loops(loops: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where loops are loaded, nothing of a usual call is done in NumPy's form."""

    def asked(*_: object) -> None:
        raise AssertionError("the form in NumPy was asked")

    monkeypatch.setattr(LOADING, "loops", loops)
    monkeypatch.setattr(double_double, "_two_sum", asked)
    monkeypatch.setattr(double_double.DoubleDouble, "halves", property(asked))
    x, column = np.random.default_rng(0).standard_normal((8, 3, 5)), np.ones(3)
    for training in (True, False):
        batch_norm(
            x,
            *(column, column, column, column),
            dialect=Dialect(),
            training=training,
            momentum=0.1,
            eps=1e-5,
            grad_output=x,
        )
