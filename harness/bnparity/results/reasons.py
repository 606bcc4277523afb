"""Why an expected value is expected: the conventions that it rests on, a sentence each.

Where a document states a convention, its words and its address go with the sentence.
"""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from bnparity_reference import Dialect

from bnparity.backends import CLASS_OF_RANK
from bnparity.cases import Case, value_in_words, value_text

#: The document of a framework's own about a layer, by dialect.
_DOCUMENTS: Mapping[str, str] = MappingProxyType(
    {
        "torch": "https://docs.pytorch.org/docs/stable/generated/torch.nn.{kind}.html",
        "mindspore": "https://www.mindspore.cn/docs/en/master/api_python/nn/mindspore.nn.{kind}.html",
    }
)

#: Topics of the claims that state a convention in so many words.
_TOPICS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "momentum": ("relation",),
        "train_statistics": ("true-true", "true"),
        "eval_statistics": ("false-true", "false"),
        "running_update": ("false-true", "false"),
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
    return CLASS_OF_RANK.get(len(case.shape), CLASS_OF_RANK[2])


def _sentence(field: str, case: Case, dialect: Dialect, dialect_name: str) -> str:
    """Return the sentence of a convention, with its document; nothing where there is none."""
    from bnparity.porting import CLAIMS  # takes long, and what passes rests on nothing

    value = getattr(dialect, field, None)
    page = value_in_words(field, value)
    words = f"{field}={value_text(value)}: {page[:1].lower()}{page[1:].rstrip('.')}" if page else ""
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
