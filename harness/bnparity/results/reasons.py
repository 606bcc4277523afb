"""Why an expected value is expected: the conventions that it rests on, a sentence each.

Where a document states a convention, its words and its address go with the sentence.
"""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from bnparity_reference import Dialect

from bnparity.cases import Case
from bnparity.porting import CLAIMS

#: The document of a framework's own about a layer, by dialect.
_DOCUMENTS: Mapping[str, str] = MappingProxyType(
    {
        "torch": "https://docs.pytorch.org/docs/stable/generated/torch.nn.{kind}.html",
        "mindspore": "https://www.mindspore.cn/docs/en/master/api_python/nn/mindspore.nn.{kind}.html",
    }
)
_KINDS = {4: "BatchNorm2d", 5: "BatchNorm3d"}

#: Topics of the claims that state a convention in so many words.
_TOPICS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "momentum": ("relation",),
        "train_statistics": ("true-true", "true"),
        "eval_statistics": ("false-true", "false"),
        "running_update": ("false-true", "false"),
    }
)

_SENTENCES: Mapping[tuple[str, object], str] = MappingProxyType(
    {
        ("momentum", "new"): "the momentum m weighs the new value: (1 - m) * running + m * batch",
        ("momentum", "old"): "the momentum m weighs the old value: m * running + (1 - m) * batch",
        ("momentum_none", "cumulative"): "momentum=None is the average over all batches so far; "
        "of one batch, that is the batch's own value",
        ("running_variance", "unbiased"): "the running variance takes in the sum of squares "
        "divided by n - 1",
        ("running_variance", "biased"): "the running variance takes in the sum of squares "
        "divided by n",
        ("normalizing_variance", "biased"): "data are normalised with the sum of squares divided "
        "by n",
        ("normalizing_variance", "unbiased"): "data are normalised with the sum of squares "
        "divided by n - 1",
        ("eps_placement", "inside"): "eps is added to the variance: sqrt(var + eps)",
        ("eps_placement", "outside"): "eps is added to the standard deviation: sqrt(var) + eps",
        ("eps", "applied"): "eps takes part in the result",
        ("eps_floor", 0.0): "eps is used as it is given, however small",
        ("weight", "applied"): "the output is multiplied by weight",
        ("bias", "applied"): "bias is added to the output",
        ("train_statistics", "batch"): "training normalises with mean and variance of the batch",
        ("eval_statistics", "running"): "inference normalises with the running statistics",
        ("running_update", "training"): "running statistics move in training, and stay as they "
        "are in inference",
        ("empty_batch", "unchanged"): "training on no values leaves running statistics unchanged",
        ("empty_batch", "computed"): "training on no values computes mean and variance all the "
        "same: of no values they are 0 / 0, which is NaN, and a running average with NaN is NaN",
        ("single_value", "computed"): "training on one value a channel is computed: the sum of "
        "squares is 0, divided by n - 1 = 0 it is NaN",
        ("gradient", "derived"): "a gradient is the derivative of what the forward pass computes",
        ("gradient", "textbook"): "a gradient is that of the textbook's formula, whatever the "
        "forward pass computes",
        ("grad_statistics", "differentiated"): "the gradient flows through mean and variance of "
        "the batch",
        ("grad_statistics", "constant"): "the gradient takes mean and variance for constants",
    }
)


def reasons(
    output: str, codes: Sequence[str], case: Case, dialect: Dialect, dialect_name: str
) -> tuple[str, ...]:
    """Return why what is expected of `output` is expected, sentence by sentence.

    If something explains what a backend does instead, as `codes`, only these conventions are told.
    """
    named = [code.partition("=")[0] for code in codes]
    told = named or list(_conventions(output, case))
    of_each = (_sentence(field, case, dialect, dialect_name) for field in told)
    found = [sentence for sentence in of_each if sentence]
    address = _DOCUMENTS.get(dialect_name.partition(",")[0])
    if address is not None:
        found.append(f"the framework's own document is {address.format(kind=kind_of_layer(case))}")
    return tuple(found)


def kind_of_layer(case: Case) -> str:
    """Return the name of the layer that takes the data of `case`, in torch and MindSpore."""
    return _KINDS.get(len(case.shape), "BatchNorm1d")


def _sentence(field: str, case: Case, dialect: Dialect, dialect_name: str) -> str:
    """Return the sentence of a convention, with its document; nothing where there is none."""
    words = _SENTENCES.get((field, getattr(dialect, field, None)), "")
    topics, kind = _TOPICS.get(field, ()), kind_of_layer(case)
    stated = (
        claim
        for claim in CLAIMS
        if claim.document.address and (claim.api, claim.kind) == (dialect_name, kind)
        if any(claim.id.endswith(f"-{claim.api}-{topic}") for topic in topics)
    )
    claim = next(stated, None)
    if not words or claim is None:
        return words
    return f'{words}; "{claim.statement}" ({claim.document.title}, {claim.document.address})'


def _conventions(output: str, case: Case) -> Iterator[str]:
    """Yield the conventions that an output of `case` rests on."""
    if output.startswith("running_"):
        yield "running_update"
        if case.training:
            yield "momentum" if case.momentum is not None else "momentum_none"
            yield from _of_few_values(output, case)
        return
    by_batch = case.training or not case.tracked
    yield "train_statistics" if by_batch else "eval_statistics"
    if by_batch:
        yield "normalizing_variance"
    yield "eps_placement"
    if output.startswith("grad_"):
        yield from ("gradient", "grad_statistics") if by_batch else ("gradient",)


def _of_few_values(output: str, case: Case) -> Iterator[str]:
    if case.values_per_channel == 0:
        yield "empty_batch"
    elif output == "running_var":
        yield "running_variance"
        if case.values_per_channel == 1:
            yield "single_value"
