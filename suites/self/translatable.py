"""Layers that can be translated without a loss, drawn by Hypothesis, and how two are the same."""

from typing import Any

import numpy as np
from bnparity.porting.translation import Layer
from bnparity.porting.translation.rules import complement
from bnparity.porting.translation.signatures import KINDS, Api
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

kinds = st.sampled_from(KINDS)
modes = st.sampled_from([True, False, None])
flags = st.booleans()
sizes = st.integers(1, 5)
epsilons = st.floats(1e-44, 1.0)
momenta = st.one_of(
    st.floats(0.0, 1.0), st.decimals(0, 1, places=4).map(float), st.floats(0.5, 1.0)
).filter(lambda m: complement(m) is not None)


@st.composite
def states(draw: st.DrawFn, names: tuple[str, ...], size: int) -> dict[str, Any]:
    """Draw a float32 array of any bits for each name."""
    bits = npst.arrays(np.uint32, size)
    return {name: draw(bits).view(np.float32) for name in names}


@st.composite
def torch_layers(draw: st.DrawFn) -> Layer:
    """Draw a layer of torch's with nothing that MindSpore's lacks."""
    size, affine = draw(sizes), draw(flags)
    affines = ("weight", "bias") if affine else ()
    state = draw(st.none() | states((*affines, "running_mean", "running_var"), size))
    if state is not None:
        state["num_batches_tracked"] = np.int64(draw(st.integers(0, 2**63 - 1)))
    return _layer(draw, "torch", size=size, affine=affine, state=state)


@st.composite
def mindspore_layers(draw: st.DrawFn) -> Layer:
    """Draw a layer of MindSpore's with nothing that torch's lacks."""
    size, affine = draw(sizes), draw(flags)
    state = draw(st.none() | states(("gamma", "beta", "moving_mean", "moving_variance"), size))
    if state is not None and not affine:
        state |= {"gamma": np.ones(size, np.float32), "beta": np.zeros(size, np.float32)}
    return _layer(draw, "mindspore", size=size, affine=affine, state=state)


def _layer(draw: st.DrawFn, api: Api, *, size: int, affine: bool, state: Any) -> Layer:
    return Layer(
        api=api,
        kind=draw(kinds),
        arguments={
            "num_features": size,
            "eps": draw(epsilons),
            "momentum": draw(momenta),
            "affine": affine,
        },
        training=draw(modes),
        state=state,
    )


def the_parts(layer: Layer) -> tuple[object, ...]:
    """Return what makes a layer the same as another: all but what its translation said."""
    state, carried = (
        None if s is None else {n: (a.dtype.name, a.shape, a.tobytes()) for n, a in s.items()}
        for s in (layer.state, layer.carried)
    )
    return layer.api, layer.kind, dict(layer.arguments), layer.training, state, carried
