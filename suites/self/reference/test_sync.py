"""The oracle of synchronised BatchNorm, beside the whole batch and exact fractions."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from bnparity.backends.formats import Format
from bnparity.judging.bounds import error_bounds
from bnparity_reference import OUTPUTS, Dialect, Exact, batch_norm, exact, sync_batch_norm
from bnparity_suites.shards import batch_of, failed, judged, splits
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from syncing import Steps, synchronised

Array = NDArray[Any]

#: Knows no rounding of its own: what is left of a bound is the oracle's stated error.
ORACLE = Format("oracle", np.dtype(np.float64), 0.0, 0.0, 0.0, np.inf)
SETTINGS: dict[str, Any] = {"training": True, "momentum": 0.25, "eps": 1e-3}

Change = dict[str, str]
CHANGES: tuple[Change, ...] = (
    {},
    {"momentum": "old", "empty_batch": "computed"},
    {"normalizing_variance": "unbiased"},
    {"eps_placement": "outside"},
    {"train_statistics": "running"},
    {"running_variance": "biased", "grad_statistics": "constant"},
)


def drawn(sizes: list[tuple[int, ...]], seed: int, exponent: int) -> dict[str, Any]:
    """Return the arguments of a call, with data of 10 ** `exponent`."""
    batch = batch_of(sizes, dtype="float64", seed=seed, location=10.0 ** (seed % 8))
    scale = 10.0**exponent
    return {
        "shards": [shard * scale for shard in batch.shards],
        "weight": batch.weight.astype(np.float64),
        "bias": batch.bias.astype(np.float64),
        "running_mean": batch.running_mean.astype(np.float64),
        "running_var": batch.running_var.astype(np.float64),
        "grad_outputs": list(batch.grad_outputs),
    }


def flattened(shards: list[Array]) -> Array:
    """Return the shards as one batch (n, C)."""
    return np.concatenate([np.moveaxis(s, 1, -1).reshape(-1, s.shape[1]) for s in shards])


def whole_batch(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of the same call on the whole batch."""
    shared = {k: v for k, v in arguments.items() if k not in {"shards", "grad_outputs"}}
    whole = {"x": arguments["shards"], "grad_output": arguments["grad_outputs"]}
    return shared | {name: flattened(arrays) for name, arrays in whole.items()}


def put_together(ranks: tuple[Exact, ...]) -> dict[str, Array]:
    """Return the outputs of the ranks as those of one batch (n, C)."""
    names = {"output", "grad_input"}
    outputs = {name: flattened([getattr(r, name) for r in ranks]) for name in names}
    outputs |= {name: getattr(ranks[0], name) for name in ("running_mean", "running_var")}
    sums = {name: sum(getattr(r, name) for r in ranks) for name in ("grad_weight", "grad_bias")}
    return outputs | sums


@given(
    sizes=splits(),
    seed=st.integers(0, 2**16),
    exponent=st.sampled_from([0, 0, 0, -150, 150, -305, 290]),
    change=st.sampled_from(CHANGES),
)
def test_ranks_together_are_the_whole_batch(
    sizes: list[tuple[int, ...]], seed: int, exponent: int, change: Change
) -> None:
    """Within an ulp each, but for the stated share of what cancels, and a rounding a sum."""
    dialect: Dialect = replace(Dialect(), **change)  # type: ignore[arg-type]  # values of fields
    arguments = drawn(sizes, seed, exponent)
    ranks = sync_batch_norm(**arguments, **SETTINGS, dialect=dialect)
    whole = batch_norm(**whole_batch(arguments), **SETTINGS, dialect=dialect)
    stated = error_bounds(whole, dialect=dialect, arithmetic=ORACLE, growth=1)
    for name, got in put_together(ranks).items():
        want, share = getattr(whole, name), stated[name]
        assert share is not None
        # The shares of ranks are rounded each, and so is every addition of them.
        magnitude = np.abs(want)
        if name in {"grad_weight", "grad_bias"}:
            magnitude = 2 * np.sum([np.abs(getattr(r, name)) for r in ranks], axis=0)
        same = (got == want) | (np.isnan(got) & np.isnan(want))
        with np.errstate(invalid="ignore"):
            near = np.abs(got - want) <= 2 * np.spacing(magnitude) + 2 * share
        assert np.all(same | near), name


@given(sizes=splits(), seed=st.integers(0, 2**16))
def test_statistics_are_those_of_the_whole_batch_to_the_bit(
    sizes: list[tuple[int, ...]], seed: int
) -> None:
    """What is rounded once from 100 bits is the same number, however the sum was taken."""
    arguments = drawn(sizes, seed, 0)
    ranks = sync_batch_norm(**arguments, **SETTINGS, dialect=Dialect())
    whole = batch_norm(**whole_batch(arguments), **SETTINGS, dialect=Dialect())
    for rank in ranks:
        assert rank.running_mean is not None
        assert np.array_equal(rank.running_mean, whole.running_mean)  # type: ignore[arg-type]
        assert np.array_equal(rank.running_var, whole.running_var)  # type: ignore[arg-type]


@pytest.mark.parametrize("sizes", [[(3, 2)], [(1, 1), (4, 3), (0, 2)], [(2, 1), (2, 2), (5, 1)]])
@pytest.mark.parametrize("exponent", [0, -150])
def test_ranks_are_those_of_exact_fractions(sizes: list[tuple[int, ...]], exponent: int) -> None:
    """Within an ulp forward and two backward; a rank's sums are over its own shard."""
    arguments = drawn(sizes, 3, exponent)
    ranks = sync_batch_norm(**arguments, **SETTINGS, dialect=Dialect())
    together = whole_batch(arguments)
    truth = exact.batch_norm(**together, **SETTINGS, dialect=Dialect())
    plain = together | {"weight": None, "bias": None}
    normalized = exact.batch_norm(**plain, **SETTINGS, dialect=Dialect())["output"]
    start = 0
    for rank, shard in zip(ranks, arguments["shards"], strict=True):
        own = slice(start, start + shard.size // shard.shape[1])
        start = own.stop
        exact_grads = np.vectorize(Fraction, otypes=[object])(together["grad_output"][own])
        want = {
            "output": truth["output"][own],
            "grad_input": truth["grad_input"][own],
            "running_mean": truth["running_mean"],
            "running_var": truth["running_var"],
            "grad_weight": (exact_grads * normalized[own]).sum(axis=0),
            "grad_bias": exact_grads.sum(axis=0),
        }
        for name, fractions in want.items():
            got = getattr(rank, name)
            got = flattened([got]) if got.ndim > 1 else got
            errors = [
                exact.ulps(float(g), f) for g, f in zip(got.flat, fractions.flat, strict=True)
            ]
            assert max(errors, default=0.0) <= (2.0 if name.startswith("grad") else 1.0), name


@pytest.mark.parametrize("tracked", [True, False])
def test_inference_does_not_synchronise(tracked: bool) -> None:
    """Each rank by itself: with its own statistics, where none are tracked."""
    arguments = drawn([(3, 2), (4, 1)], 5, 0)
    if not tracked:
        arguments |= {"running_mean": None, "running_var": None}
    settings = SETTINGS | {"training": False}
    ranks = sync_batch_norm(**arguments, **settings, dialect=Dialect())
    for place, rank in enumerate(ranks):
        own = {k: v for k, v in arguments.items() if k not in {"shards", "grad_outputs"}}
        own |= {"x": arguments["shards"][place], "grad_output": arguments["grad_outputs"][place]}
        alone = batch_norm(**own, **settings, dialect=Dialect())
        for name in OUTPUTS:
            assert np.array_equal(getattr(rank, name), getattr(alone, name)), name


def test_empty_rank_has_the_statistics_of_the_others_and_no_share_in_the_sums() -> None:
    """Its sums are over no terms, and 0 whatever the data of others."""
    arguments = drawn([(0, 2), (2, 2)], 1, 0)
    arguments["shards"][1][0, 0, 0] = np.nan
    empty, other = sync_batch_norm(**arguments, **SETTINGS, dialect=Dialect())
    assert empty.output.shape == (0, 2, 2)
    assert np.array_equal(empty.running_mean, other.running_mean, equal_nan=True)  # type: ignore[arg-type]
    assert empty.grad_weight is not None
    assert empty.grad_weight.tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"shards": []}, "shards is empty"),
        ({"shards": [np.ones((2, 3)), np.ones((2, 4))]}, r"\[3, 4\] channels"),
        ({"shards": [np.ones((2, 3))], "grad_outputs": [np.ones((1, 3))]}, "grad_outputs"),
        ({"shards": [np.ones((2, 3))], "grad_outputs": []}, "grad_outputs"),
    ],
)
def test_shards_that_do_not_fit_are_refused(change: dict[str, Any], match: str) -> None:
    """The message says which argument, and what it has to be."""
    with pytest.raises(ValueError, match=match):
        sync_batch_norm(**change, **SETTINGS, dialect=Dialect())


@given(
    sizes=splits(),
    seed=st.integers(0, 2**16),
    dtype=st.sampled_from(["float32", "float64", "float16", "bfloat16"]),
    location=st.sampled_from([0.0, 1.0, 100.0]),
)
def test_right_kernel_passes_on_every_rank(
    sizes: list[tuple[int, ...]], seed: int, dtype: str, location: float
) -> None:
    """Accurate on any split, and not only within the gate."""
    batch = batch_of(sizes, dtype=dtype, seed=seed, location=location)
    assert not failed(judged(batch, synchronised(batch, Steps())))
