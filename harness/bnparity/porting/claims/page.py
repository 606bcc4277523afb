"""What the pages have in common: each says the same things of another class, in its own words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bnparity.judging import Api
from bnparity.porting.claims import modes, parameters, values
from bnparity.porting.claims.claim import Claim, Document, Measure
from bnparity.porting.claims.examples import prints
from bnparity.porting.claims.subject import INFERENCE, TRAINING

#: MindSpore's parameters that PyTorch lacks: what each is the initial value of, and its default.
_INITIAL = {
    "gamma_init": ("weight", "ones"),
    "beta_init": ("bias", "zeros"),
    "moving_mean_init": ("running_mean", "zeros"),
    "moving_var_init": ("running_var", "ones"),
}

_APIS: tuple[Api, Api] = ("torch", "mindspore")


@dataclass(frozen=True, kw_only=True)
class Page:
    """A document about one class of both APIs.

    Parameters
    ----------
    name
        What the ids of its claims begin with.
    kind
        The class.
    ranks
        Of the data that the class takes, according to the page.
    """

    name: str
    kind: str
    document: Document
    ranks: tuple[int, ...]

    def claim(self, topic: str, api: Api, statement: str, measure: Measure) -> Claim:
        """Return a claim of this page."""
        return Claim(
            id=f"{self.name}-{api}-{topic}",
            document=self.document,
            statement=statement,
            api=api,
            kind=self.kind,
            measure=measure,
        )

    def both(self, topic: str, statement: str, measure: Measure) -> list[Claim]:
        """Return a claim that is about either API."""
        return [self.claim(topic, api, statement, measure) for api in _APIS]


def signatures(page: Page, last: Mapping[str, Any], torch_last: Mapping[str, Any]) -> list[Claim]:
    """Return the claims of the signatures; `last` are MindSpore's parameters of this page alone."""
    documented: dict[Api, Mapping[str, Any]] = {
        "torch": {**parameters.TORCH, **torch_last},
        "mindspore": {**parameters.MINDSPORE, **last},
    }
    return [
        page.claim(
            "signature",
            api,
            f"class {api}.nn.{page.kind}({parameters.written(named)})",
            parameters.signature_is(page.kind, named),
        )
        for api, named in documented.items()
    ]


def rows(page: Page, said: Mapping[str, str]) -> list[Claim]:
    """Return the claims of the rows of parameters, as they are `said` there."""
    kind = page.kind
    no_difference = "{0} | {0} | - (no difference)".format
    claims = page.both("num_features", no_difference("num_features"), parameters.channels_are(kind))
    for api in _APIS:
        eps = parameters.parameter_is(kind, "eps", 1e-5)
        claims.append(page.claim("eps", api, "eps=1e-05", eps))
    claims += page.both("eps-range", no_difference("eps"), values.eps_is(kind, 0.25, 2.0))
    claims += page.both("affine", no_difference("affine"), values.affine_is(kind))
    claims += momentum(page, said["momentum"])
    claims += page.both("momentum-function", said["function"], values.momentum_functions(kind))
    claims += [
        page.claim("statistics", "mindspore", said["statistics"], modes.same_function(kind)),
        page.claim(
            "statistics",
            "torch",
            said["statistics"],
            parameters.parameter_is(kind, "track_running_stats", True),
        ),
    ]
    for name, (state, default) in _INITIAL.items():
        measure = values.initialises(kind, name, state, default)
        claims.append(page.claim(name, "mindspore", said[name], measure))
        claims.append(page.claim(name, "torch", said[name], parameters.no_parameter(kind, name)))
    return claims


def momentum(page: Page, said: str) -> list[Claim]:
    """Return the claims of the row of momentum: defaults, the relation, what the default does."""
    kind, default = page.kind, parameters.parameter_is
    return [
        page.claim("momentum", "torch", said, default(kind, "momentum", 0.1)),
        page.claim("momentum", "mindspore", said, default(kind, "momentum", 0.9)),
        *page.both("momentum-default", said, values.same_default(kind)),
    ]


def inputs(page: Page, said: str) -> list[Claim]:
    """Return the claims of the row of the input: names, and ranks."""
    return [
        page.claim("input", "torch", said, values.input_is(page.kind, "input", *page.ranks)),
        page.claim("input", "mindspore", said, values.input_is(page.kind, "x", *page.ranks)),
    ]


def data_formats(page: Page, said: str, measure: Measure) -> list[Claim]:
    """Return the claims of the row of `data_format`; `measure` is of what it says of MindSpore."""
    kind = page.kind
    return [
        page.claim("data_format", "mindspore", said, measure),
        page.claim("data_format", "torch", said, parameters.no_parameter(kind, "data_format")),
    ]


def overview(page: Page, said: Mapping[str, str]) -> list[Claim]:
    """Return the claims of the paragraph on the whole function."""
    kind = page.kind
    return [
        *page.both("function", said["same"], modes.function_is(kind)),
        page.claim("update", "mindspore", said["update"], modes.updates_differ(kind)),
    ]


def mode_tables(page: Page, said: Mapping[str, str]) -> list[Claim]:
    """Return the claims of difference 1: the rows of both mode tables, and what is said of them."""
    kind = page.kind
    said = {**said, "redundant": said["redundant"].format(kind=kind)}
    torch = {
        "true-true": modes.row(kind, TRAINING),
        "true-false": modes.without_statistics(kind, training=True),
        "false-true": modes.row(kind, INFERENCE),
        "false-false": modes.without_statistics(kind, training=False),
        "learning": modes.does_not_learn(kind),
        "redundant": modes.redundant(kind),
    }
    mindspore = {
        "true": modes.value_is(kind, True, TRAINING, TRAINING),
        "false": modes.value_is(kind, False, INFERENCE, INFERENCE),
        "none": modes.value_is(kind, None, TRAINING, INFERENCE),
        "two-states": modes.two_states(kind),
    }
    return [
        *(page.claim(topic, "torch", said[topic], measure) for topic, measure in torch.items()),
        *(page.claim(t, "mindspore", said[t], measure) for t, measure in mindspore.items()),
    ]


def starting_modes(page: Page, said: Mapping[str, str]) -> list[Claim]:
    """Return the claims of difference 2: the mode of a new layer, and whence its statistics."""
    kind = page.kind
    return [
        page.claim("starts", "torch", said["starts"], modes.starts(kind, TRAINING)),
        page.claim("starts", "mindspore", said["starts"], modes.starts(kind, INFERENCE)),
        page.claim(
            "set_train",
            "mindspore",
            said["set_train"],
            modes.row(kind, TRAINING),
        ),
        page.claim(
            "statistics-named",
            "mindspore",
            said["named"],
            modes.statistics_named(kind, "mean", "variance"),
        ),
        page.claim("checkpoint", "mindspore", said["checkpoint"], modes.loaded_in_inference(kind)),
    ]


def example(page: Page, torch: str, mindspore: str) -> list[Claim]:
    """Return the claims of the code example: what the files of that name print."""
    said = "the output of the code example"
    return [
        page.claim("example", "torch", said, prints(torch)),
        page.claim("example", "mindspore", said, prints(mindspore)),
    ]


def relation(page: Page, said: str, *momenta: float) -> list[Claim]:
    """Return the claims of the relation of the momenta, for these of PyTorch's."""
    return page.both("relation", said, values.momenta_relate(page.kind, *momenta))


#: In the words that the pages share; a page that words a thing otherwise says so itself.
ROWS: Mapping[str, str] = {
    "momentum": "The function is the same, but the default value in PyTorch is 0.1, and in "
    "MindSpore is 0.9, the conversion relationship with PyTorch's momentum is 1-momentum, and the "
    "default value behavior is the same as PyTorch",
    "function": "momentum: The function is the same",
    "statistics": "track_running_stats | use_batch_statistics | The function is the same, and "
    "different values correspond to different default methods.",
}
MODES: Mapping[str, str] = {
    "true-true": "training True, track_running_stats True: Expected training status. running_mean "
    "and running_var trace the statistical features of the batch in the entire training process. "
    "Each group of input data is normalized based on the mean and var statistical features of the "
    "current batch, and then running_mean and running_var are updated.",
    "true-false": "training True, track_running_stats False: Each group of input data is "
    "normalized based on the statistics feature of the current batch, but the running_mean and "
    "running_var parameters do not exist.",
    "false-true": "training False, track_running_stats True: Expected inference status. The BN "
    "uses running_mean and running_var for normalization and does not update them.",
    "false-false": "training False, track_running_stats False: The effect is the same as that of "
    "the second status.",
    "learning": "training False, track_running_stats False: this is the inference status and does "
    "not learn the weight and bias parameters.",
    "redundant": "Compared with torch.nn.{kind}, mindspore.nn.{kind} does not have two redundant "
    "states",
    "true": "use_batch_statistics True: Expected training status. moving_mean and moving_var trace "
    "the statistical features of the batch in the entire training process. Each group of input "
    "data is normalized based on the mean and var statistical features of the current batch, and "
    "then moving_mean and moving_var are updated.",
    "false": "use_batch_statistics False: Expected inference status. The BN uses moving_mean and "
    "moving_var for normalization and does not update them.",
    "none": "use_batch_statistics None: use_batch_statistics is automatically set. For training, "
    "set use_batch_statistics to True. For inference, set use_batch_statistics to False.",
    "two-states": "... and retains only the most commonly used training and inference states.",
    "starts": "In PyTorch, the network is in training mode by default, while in MindSpore, it is "
    "in inference mode by default (is_training is False).",
    "set_train": "You need to use the net.set_train() method in MindSpore to switch the network "
    "to training mode.",
    "named": "In this case, the parameters mean and variance are calculated during the training.",
    "checkpoint": "Otherwise, in inference mode, the parameters are loaded from the checkpoint.",
}
RELATION = "momentum_pytorch = 1 - momentum_mindspore"
