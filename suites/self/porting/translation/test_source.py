"""Constructor calls as source, translated there and back."""

import pytest
from bnparity.backends.errors import UsageError
from bnparity.porting.translation import Layer, Untranslatable, translate
from bnparity.porting.translation.signatures import APIS, KINDS, Api, other, signature
from bnparity.porting.translation.source import parse_call, write_call
from hypothesis import given
from hypothesis import strategies as st
from translatable import mindspore_layers, the_parts, torch_layers

TO_MINDSPORE = {
    "torch.nn.BatchNorm2d(64, momentum=0.2)": "mindspore.nn.BatchNorm2d(64, momentum=0.8)",
    "torch.nn.BatchNorm1d(4)": "mindspore.nn.BatchNorm1d(4)",
    "nn.BatchNorm3d(num_features=8, eps=1e-3)": "nn.BatchNorm3d(8, eps=0.001)",
    "BatchNorm2d(planes * 4, 1e-05, 0.01)": "BatchNorm2d(planes * 4, momentum=0.99)",
    "nn.BatchNorm2d(8, affine=False, bias=False)": "nn.BatchNorm2d(8, affine=False)",
    "torch.nn.BatchNorm2d(8, dtype=torch.float)": "mindspore.nn.BatchNorm2d(8)",
    "torch.nn.BatchNorm2d(8, eps=1)": "mindspore.nn.BatchNorm2d(8, eps=1.0)",
    " torch.nn.SyncBatchNorm(\n  8, process_group=None)\n": "mindspore.nn.SyncBatchNorm(8)",
}

TO_TORCH = {
    "mindspore.nn.BatchNorm2d(64, momentum=0.8)": "torch.nn.BatchNorm2d(64, momentum=0.2)",
    "ms.nn.BatchNorm2d(64, 1e-5, 0.99)": "torch.nn.BatchNorm2d(64, momentum=0.01)",
    "nn.BatchNorm1d(c, dtype=ms.float32)": "nn.BatchNorm1d(c)",
    "mindspore.nn.BatchNorm2d(8, gamma_init='ones', beta_init=0)": "torch.nn.BatchNorm2d(8)",
    "mindspore.nn.BatchNorm2d(8, data_format='NCHW')": "torch.nn.BatchNorm2d(8)",
}

#: What is no call to translate to MindSpore's API, and what the message says.
MISTAKES = {
    "torch.nn.BatchNorm2d(64": "'\\(' was never closed",
    "x = torch.nn.BatchNorm2d(64)": "not an expression",
    "torch.nn.BatchNorm2d": "is not a call",
    "": "not an expression",
    "\0": "null",
    "-" * 100000 + "1": r"-{70} \.\.\.' is not an expression",
    f"nn.BatchNorm2d({'-' * 2000}1)": "not an expression",
    "torch.nn.LayerNorm(64)": "'LayerNorm' is not a layer",
    "torch.nn.BatchNorm2D(64)": "did you mean BatchNorm2d",
    "torch.BatchNorm2d(64)": "'torch.BatchNorm2d' is not a layer",
    "mindspore.nn.BatchNorm2d(64)": "already",
    "torch.nn.BatchNorm2d()": "num_features is missing",
    "torch.nn.BatchNorm2d(0)": "num_features=0",
    "torch.nn.BatchNorm2d(64.0)": "num_features=64.0",
    "torch.nn.BatchNorm2d(True)": "num_features=True",
    "torch.nn.BatchNorm2d(*sizes)": r"write out what stands for \*",
    "torch.nn.BatchNorm2d(64, **options)": r"write out what stands for \*",
    "torch.nn.BatchNorm2d(64, num_features=64)": "given twice",
    "torch.nn.BatchNorm2d(64, 1, 1, True, True, None, None, True)": "True: one argument too many",
    "torch.nn.BatchNorm2d(64, momentum=m)": "momentum=m: its value has to be known",
    "torch.nn.BatchNorm2d(64, momentum='0.1')": "momentum='0.1': give a number",
    "torch.nn.BatchNorm2d(64, momentum=True)": "momentum=True: give a number",
    "torch.nn.BatchNorm2d(64, momentum=1j)": "momentum=1j: give a number",
    "torch.nn.BatchNorm2d(64, affine=None)": "affine=None: give True or False",
    "torch.nn.BatchNorm2d(64, dtype=torch.float31)": "did you mean float32",
    "torch.nn.BatchNorm2d(64, dtype=config.dtype)": "dtype=config.dtype: its value has to be known",
    "torch.nn.BatchNorm2d(64, process_group=None)": "did you mean|no such parameter",
    "nn.BatchNorm2d(64, gamma_init='zeros')": "mindspore's has",
    'torch.nn.BatchNorm2d(64, momentum="\\d")': "give a number",
}


@pytest.mark.parametrize("source", TO_MINDSPORE)
def test_torch_in_mindspore(source: str) -> None:
    """The first line is the call, with what differs from MindSpore's defaults."""
    assert translate(source, to="mindspore").splitlines()[0] == TO_MINDSPORE[source]


@pytest.mark.parametrize("source", TO_TORCH)
def test_mindspore_in_torch(source: str) -> None:
    """The first line is the call, with what differs from torch's defaults."""
    assert translate(source, to="torch").splitlines()[0] == TO_TORCH[source]


@given(
    layer=st.one_of(torch_layers(), mindspore_layers()), short=st.sampled_from(["", "nn.", None])
)
def test_there_and_back_is_the_identity(layer: Layer, short: str | None) -> None:
    """The call comes back as it was, comments aside, which are no part of it."""
    configuration = Layer(api=layer.api, kind=layer.kind, arguments=layer.arguments)
    prefix = f"{layer.api}.nn." if short is None else short
    source = write_call(prefix, configuration)
    there = translate(source, to=other(layer.api))
    assert translate(there, to=layer.api).splitlines()[0] == source


@given(layer=st.one_of(torch_layers(), mindspore_layers()))
def test_source_says_what_the_record_says(layer: Layer) -> None:
    """Translated as source and as a record, a configuration is the same."""
    to = other(layer.api)
    configuration = Layer(api=layer.api, kind=layer.kind, arguments=layer.arguments)
    source = write_call(f"{layer.api}.nn.", configuration)
    record = translate(configuration, to=to)
    written = write_call(f"{to}.nn.", record)
    assert translate(source, to=to) == written


@pytest.mark.parametrize("api", APIS)
def test_mode_is_said_beside_the_call(api: Api) -> None:
    """New layers start in opposite modes, so a comment says which."""
    comment = translate("nn.BatchNorm2d(3)", to=api).splitlines()[1]
    assert comment.startswith("# note: ")
    assert ("set_train()" if api == "mindspore" else "eval()") in comment


@pytest.mark.parametrize("initialiser", ["'zeros'", "2", "'normal'", "mindspore.Tensor(values)"])
def test_source_has_no_place_for_initialisers(initialiser: str) -> None:
    """A call of torch's carries no state: what initialises it is refused, or lost by name."""
    source = f"mindspore.nn.BatchNorm2d(3, gamma_init={initialiser})"
    with pytest.raises(Untranslatable, match="gamma_init="):
        translate(source, to="torch")
    lines = translate(source, to="torch", lossy=True).splitlines()
    assert lines[0] == "torch.nn.BatchNorm2d(3)"
    assert lines[1].startswith("# lost: gamma_init=")


def test_code_is_carried_over_and_never_run() -> None:
    """The number of channels may be any expression."""
    source = "nn.BatchNorm2d(__import__('nowhere_to_be_found').channels)"
    assert translate(source, to="mindspore").startswith(source)


@pytest.mark.parametrize("source", MISTAKES, ids=lambda source: source[:60])
def test_what_is_no_call_is_a_mistake(source: str) -> None:
    """The message says what is wrong, in one line."""
    with pytest.raises(UsageError, match=MISTAKES[source]):
        translate(source, to="mindspore")


@pytest.mark.parametrize(
    ("api", "kind", "name"),
    [(a, k, n) for a in APIS for k in KINDS for n in signature(a, k).parameters],
)
def test_typo_in_an_argument_is_told(api: Api, kind: str, name: str) -> None:
    """Every parameter is recognised with one letter too many."""
    typo = f"{name}{name[-1]}"
    with pytest.raises(UsageError, match=rf"^{typo}=.*did you mean {name}\?"):
        translate(f"{api}.nn.{kind}(3, {typo}=None)", to=other(api))


@given(layer=st.one_of(torch_layers(), mindspore_layers()))
def test_written_call_is_read_as_the_same_layer(layer: Layer) -> None:
    """Nothing of the configuration is lost in source."""
    configuration = Layer(api=layer.api, kind=layer.kind, arguments=layer.arguments)
    source = write_call("nn.", configuration)
    _, read = parse_call(source, other(layer.api))
    size = int(str(read.arguments["num_features"]))
    again = Layer(api=read.api, kind=read.kind, arguments={**read.arguments, "num_features": size})
    assert the_parts(again) == the_parts(configuration)
