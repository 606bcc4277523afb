"""A coarse arithmetic beside another cause, and in one kind of data alone."""

from bnparity.backends.call import in_process
from hunting.evaluations import hunted
from planted.devices import grad_bias_of_sums, grad_input_of_sums, grad_weight_of_sums
from planted.fault import VALUES
from planted.kernel import kernel
from planted.textbook import Array, Forward


def _grad_bias_beside_weight(forward: Forward, grad: Array) -> Array:
    """Return nothing but zeros where there is no weight."""
    return grad_bias_of_sums(forward, grad) * (forward.call.weight is not None)


def test_cause_with_a_setting_of_its_own_takes_no_name_from_an_arithmetic() -> None:
    """Narrow sums are one finding, with their name, and a bias without a gradient another."""
    backend = kernel(
        grad_input=grad_input_of_sums,
        grad_weight=grad_weight_of_sums,
        grad_bias=_grad_bias_beside_weight,
    )
    _, findings = hunted(
        "two",
        in_process(backend),
        seed=1,
        examples=300,
        dtypes=("float16", "bfloat16", "float32"),
        ranks=(2, 3, 4, 5),
    )
    found = {finding.codes: finding.outputs for finding in findings}
    assert {finding.kind for finding in findings} <= {*VALUES}
    assert found.keys() == {("arithmetic=data",), ()}
    assert found[()] == ("grad_bias",)
