"""Haiku's BatchNorm: transformed, in a function that makes it, and as the module that it is."""

import haiku as hk
from jax import Array

__all__ = ["BatchNorm", "made", "net"]

BatchNorm = hk.BatchNorm


def _normalised(x: Array, is_training: bool) -> Array:
    return hk.BatchNorm(create_scale=True, create_offset=True, decay_rate=0.9)(x, is_training)


net = hk.transform_with_state(_normalised)


def made(eps: float, decay_rate: float) -> hk.TransformedWithState:
    """Return the pair of a layer with these settings."""

    def normalised(x: Array, is_training: bool) -> Array:
        layer = hk.BatchNorm(
            create_scale=True, create_offset=True, decay_rate=decay_rate, eps=eps, name="norm"
        )
        return layer(x, is_training)

    return hk.transform_with_state(normalised)


vars(made)["dialect"] = "haiku,variance_algorithm=one_pass"
