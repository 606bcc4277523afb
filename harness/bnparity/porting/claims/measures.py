"""How what a statement is about is measured, on the layers of which APIs."""

from collections.abc import Mapping
from functools import partial

from bnparity.porting.claims import modes, parameters, values
from bnparity.porting.claims.claim import Measure, Measures, not_checked
from bnparity.porting.claims.examples import prints
from bnparity.porting.claims.subject import INFERENCE, TRAINING

_TORCH_STATE = ("weight", "bias", "running_mean", "running_var")
_MINDSPORE_STATE = ("gamma", "beta", "moving_mean", "moving_variance")
_SEVERAL = "it takes several processes, each with a device of its own"


def both(measure: Measure) -> Measures:
    """Return the measures of a statement that is about either API."""
    return {"torch": measure, "mindspore": measure}


def relation(*momenta: float) -> Measures:
    """Return the measures of the relation of the momenta, for these of PyTorch's."""
    return both(partial(values.argument_is, name="momentum", values=momenta))


def formats(measure: Measure) -> Measures:
    """Return the measures of `data_format`; `measure` is of what is said of MindSpore."""
    return {"mindspore": measure, "torch": partial(parameters.no_parameter, name="data_format")}


#: By topic, with which the id of a claim ends. A page may have measures of its own beside these.
MEASURES: Mapping[str, Measures] = {
    "signature": both(parameters.signature_is),
    "ranks": {"torch": values.takes_ranks},
    "across-devices": both(lambda _: not_checked(_SEVERAL)),
    "groups": {
        "torch": partial(parameters.parameter_is, name="process_group", default=None),
        "mindspore": partial(parameters.parameter_is, name="process_groups", default=None),
    },
    "groups-same": both(lambda _: not_checked(f"whether they group alike: {_SEVERAL}")),
    # The whole function.
    "function": both(partial(modes.uses, values=[None])),
    "update": {"mindspore": modes.updates_differ},
    "usage": both(modes.trains_at_once),
    # Rows of parameters.
    "num_features": both(parameters.channels_are),
    "eps": both(partial(parameters.parameter_is, name="eps", default=1e-5)),
    "eps-range": both(partial(values.argument_is, name="eps", values=[0.25, 2.0])),
    "affine": both(values.affine_is),
    "momentum": {
        "torch": partial(parameters.parameter_is, name="momentum", default=0.1),
        "mindspore": partial(parameters.parameter_is, name="momentum", default=0.9),
    },
    "momentum-default": both(
        partial(modes.row, status=TRAINING, label="in training with defaults: ")
    ),
    # What PyTorch's momentum can be beside a share.
    "momentum-function": both(partial(values.argument_is, name="momentum", values=[None, 1.5])),
    "relation": relation(0.2, 1.0),
    "statistics": {
        "mindspore": modes.same_function,
        "torch": partial(parameters.parameter_is, name="track_running_stats", default=True),
    },
    **{
        name: {
            "mindspore": partial(values.initialises, name=name),
            "torch": partial(parameters.no_parameter, name=name),
        }
        for name in values.INITIAL
    },
    "data_format": formats(partial(parameters.parameter_is, name="data_format", default="NCHW")),
    "input": {
        "torch": partial(values.input_is, name="input"),
        "mindspore": partial(values.input_is, name="x"),
    },
    # Rows of PyTorch's mode table: training, track_running_stats.
    "true-true": {"torch": partial(modes.row, status=TRAINING)},
    "true-false": {"torch": partial(modes.without_statistics, training=True)},
    "false-true": {"torch": partial(modes.row, status=INFERENCE)},
    "false-false": {"torch": partial(modes.without_statistics, training=False)},
    "learning": {"torch": modes.does_not_learn},
    "redundant": {"torch": modes.redundant},
    # Rows of MindSpore's: use_batch_statistics.
    "true": {"mindspore": partial(modes.uses, values=[True])},
    "false": {"mindspore": partial(modes.uses, values=[False])},
    "none": {"mindspore": partial(modes.uses, values=[None])},
    "two-states": {"mindspore": partial(modes.uses, values=[None, True, False])},
    # The mode of a new layer, and whence its statistics.
    "starts": {
        "torch": partial(modes.starts, status=TRAINING),
        "mindspore": partial(modes.starts, status=INFERENCE),
    },
    "set_train": {"mindspore": partial(modes.row, status=TRAINING)},
    "statistics-named": {"mindspore": modes.statistics_named},
    "checkpoint": {"mindspore": modes.loaded_in_inference},
    # Names.
    "states": {
        "torch": partial(values.corresponds, names=_TORCH_STATE),
        "mindspore": partial(values.corresponds, names=_MINDSPORE_STATE),
    },
    "saved": {
        "torch": partial(parameters.saved_as, names=_TORCH_STATE),
        "mindspore": partial(parameters.saved_as, names=_MINDSPORE_STATE),
    },
    "bn2d": {"mindspore": partial(parameters.wraps, name="bn2d")},
    "grad_fn": {
        "torch": lambda _: not_checked("a layer that is driven returns arrays, and no graph")
    },
    "example": both(prints),
    "announced-signature": {"mindspore": parameters.announced_is},
    "announced-momentum": {
        "mindspore": partial(parameters.parameter_is, name="momentum", default=0.1)
    },
}
