"""What the Triton kernel launches, and that all of it compiles for a GPU; none is needed."""

from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("triton", reason="triton is not installed")
torch = pytest.importorskip("torch", reason="torch is not installed")

from bnparity.backends.compiling import CompileClock  # noqa: E402  # skipped first
from bnparity.kernels.triton_tensors import batch_norm, interpreted  # noqa: E402
from compiling import Launch, compiling  # noqa: E402
from triton.runtime.jit import JITFunction  # noqa: E402

pytestmark = pytest.mark.skipif(interpreted(), reason="TRITON_INTERPRET is set: nothing compiles")

WHOLE = ["train_whole", "differentiate_whole"]
PARTS = ["sum_moments", "merge_moments", "normalize"]
BACKWARD = ["sum_gradients", "merge_gradients", "propagate"]
FORMATS = [torch.float32, torch.float64, torch.float16, torch.bfloat16]

#: Shapes, whether channels come last in memory, and the kernels of a training step.
SHAPES: dict[str, tuple[tuple[int, ...], bool, list[str]]] = {
    "planes, whole": ((32, 24, 7, 7), False, WHOLE),
    "planes in parts": ((32, 24, 56, 56), False, [*PARTS, *BACKWARD]),
    "one long row": ((1, 1, 1 << 20), False, [*PARTS, *BACKWARD]),
    "columns, whole": ((64, 256), False, WHOLE),
    "columns in parts": ((4096, 256), False, [*PARTS, *BACKWARD]),
    "two rows": ((2, 1 << 18), False, WHOLE),
    "channels last, whole": ((2, 64, 7, 7), True, WHOLE),
    "channels last in parts": ((16, 64, 28, 28), True, [*PARTS, *BACKWARD]),
    "forward whole": ((16, 24, 28, 28), False, ["train_whole", *BACKWARD]),
}
each_shape = pytest.mark.parametrize("name", SHAPES)
each_format = pytest.mark.parametrize("dtype", FORMATS, ids=str)


@pytest.fixture(scope="module")
def launches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Launch]]:
    """Return the launches so far."""
    with compiling(tmp_path_factory.mktemp("compiled")) as found:
        yield found


def data(name: str, dtype: Any = torch.float32) -> Any:
    """Return data of a shape that nobody reads."""
    shape, last, _ = SHAPES[name]
    x = torch.empty(shape, dtype=dtype)
    return x.contiguous(memory_format=torch.channels_last) if last else x


def called(
    launches: list[Launch],
    x: Any,
    *,
    training: bool = True,
    affine: bool = True,
    grad: Any = None,
) -> tuple[list[Launch], dict[str, Any]]:
    """Return what a call launches, and its results."""
    launches.clear()
    kind = torch.float64 if x.dtype == torch.float64 else torch.float32
    vectors = [torch.ones(x.shape[1], dtype=kind) for _ in range(4)]
    parameters = vectors[:2] if affine else [None, None]
    results = batch_norm(
        x,
        *parameters,
        *vectors[2:],
        training=training,
        momentum=0.1,
        eps=1e-5,
        grad_output=torch.empty_like(x) if grad is None else grad,
    )
    return list(launches), results


@each_shape
def test_data_take_the_kernels_that_fit_them(launches: list[Launch], name: str) -> None:
    """A channel that a tile holds takes one launch, a larger one three; so does backward."""
    found, _ = called(launches, data(name))
    assert [launch.kernel for launch in found] == SHAPES[name][2]


def test_time_to_compile_is_counted(
    launches: list[Launch], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was compiled before is not compiled again, and takes nothing."""
    # Restored at the end: the clock puts its own there.
    monkeypatch.setattr(JITFunction, "_do_compile", JITFunction._do_compile)
    clock = CompileClock()
    clock.start()
    seconds = []
    for _ in range(2):
        called(launches, torch.empty((3, 5, 11), dtype=torch.float64), affine=False)
        seconds.append(clock.seconds)
    assert 0 < seconds[0] == seconds[1]


def test_inference_takes_no_moments(launches: list[Launch]) -> None:
    """And without parameters no sums either."""
    found, _ = called(launches, data("planes in parts"), training=False)
    assert [launch.kernel for launch in found] == ["invert", "normalize", *BACKWARD]
    found, _ = called(launches, data("planes in parts"), training=False, affine=False)
    assert [launch.kernel for launch in found] == ["invert", "normalize", "propagate"]


@each_shape
@each_format
def test_kernels_compile_without_spilling(launches: list[Launch], name: str, dtype: Any) -> None:
    """For an H100, in every format, a thread's values, 32 or more, are in its registers.

    A word may leave them around the routine that divides float64.
    """
    found, _ = called(launches, data(name, dtype))
    assert {launch.kernel: size for launch in found if (size := launch.spilled()) > 4} == {}


@pytest.mark.parametrize("name", ["planes, whole", "columns in parts"])
@pytest.mark.parametrize("absent", ["weight", "bias", "running", "gradient"])
def test_kernels_compile_without_what_may_be_absent(
    launches: list[Launch], name: str, absent: str
) -> None:
    """Parameters, running statistics, gradients; and with parameters in half formats."""
    launches.clear()
    x = data(name, torch.bfloat16)
    there = {"weight": ["weight"], "bias": ["bias"], "running": ["running_mean", "running_var"]}
    vectors: dict[str, Any] = {
        argument: None if kind == absent else torch.ones(x.shape[1], dtype=x.dtype)
        for kind, arguments in there.items()
        for argument in arguments
    }
    grad = None if absent == "gradient" else torch.empty_like(x)
    batch_norm(x, **vectors, training=True, momentum=None, eps=0.0, grad_output=grad)
    expected = SHAPES[name][2]
    if absent == "gradient":
        expected = [kernel for kernel in expected if kernel in (WHOLE[0], *PARTS)]
    assert [launch.kernel for launch in launches] == expected


@pytest.mark.parametrize("name", ["planes in parts", "columns in parts", "channels last in parts"])
@pytest.mark.parametrize("dtype", FORMATS, ids=str)
def test_memory_is_read_in_words_of_16_bytes(launches: list[Launch], name: str, dtype: Any) -> None:
    """Where memory runs along the columns of tiles, a thread reads and writes all it can."""
    found, _ = called(launches, data(name, dtype))
    by_kernel = {launch.kernel: launch for launch in found}
    for kernel in ("sum_moments", "normalize", "sum_gradients", "propagate"):
        assert 16 in by_kernel[kernel].widths("ld"), kernel
    for kernel in ("normalize", "propagate"):
        assert 16 in by_kernel[kernel].widths("st"), kernel


@pytest.mark.parametrize(
    ("dtype", "instruction"), [(torch.float16, "cvt.rn.f16"), (torch.bfloat16, "cvt.rn.bf16")]
)
def test_halves_are_rounded_to_nearest(
    launches: list[Launch], dtype: Any, instruction: str
) -> None:
    """By the device, where the interpreter has to do it by hand."""
    found, _ = called(launches, data("planes in parts", dtype))
    written = {launch.kernel: launch.ptx for launch in found}
    for kernel in ("normalize", "propagate"):
        assert instruction in written[kernel], kernel
        assert ".rz." not in written[kernel], kernel


@pytest.mark.parametrize("name", ["planes, whole", "planes in parts"])
def test_sums_of_a_tile_are_taken_at_once(launches: list[Launch], name: str) -> None:
    """Threads add up their own values first: 5 exchanges in a warp, 2 or so between warps."""
    found, _ = called(launches, data(name))
    for launch in found:
        if "whole" in launch.kernel or launch.kernel.startswith("sum"):
            assert 0 < launch.ptx.count("shfl.sync") <= 3 * 8, launch.kernel


@each_shape
@pytest.mark.parametrize("gaps", [False, True])
def test_kernels_read_the_data_where_they_lie(
    launches: list[Launch], name: str, *, gaps: bool
) -> None:
    """Every tensor of the data's size is an argument or a result; the others are small."""
    x = data(name)
    if gaps:
        x = torch.empty((*x.shape[:-1], 2 * x.shape[-1]))[..., ::2]
    grad = torch.empty_like(x)
    found, results = called(launches, x, grad=grad)
    known = {t.data_ptr() for t in (x, grad, results["output"], results["grad_input"])}
    for launch in found:
        sizes = [t.numel() for t in launch.tensors if t.data_ptr() not in known]
        assert max(sizes) <= max(8 * x.shape[1], x.numel() / 32), launch.kernel


@pytest.mark.parametrize("name", ["one long row", "two rows"])
def test_one_channel_and_two_values_fill_a_device(launches: list[Launch], name: str) -> None:
    """Each of the 132 multiprocessors of an H100 has a program, whatever the shape."""
    found, _ = called(launches, data(name))
    assert all(launch.programs > 132 for launch in found if "merge" not in launch.kernel)


def test_offsets_beyond_32_bits_compile(launches: list[Launch]) -> None:
    """More elements than a 32-bit integer counts: of memory that nobody touches."""
    x = torch.empty((1, 1, 2**31 + 8), dtype=torch.float16)
    found, _ = called(launches, x, grad=torch.empty_like(x))
    assert [launch.kernel for launch in found] == [*PARTS, *BACKWARD]
    assert max(launch.programs for launch in found) * 4096 > 2**31


@pytest.mark.parametrize("shape", [(3, 4, 5, 6, 7), (6, 5, 30, 41), (200, 33)])
def test_few_kernels_are_compiled_for_many_shapes(launches: list[Launch], shape: Any) -> None:
    """Sizes and strides are no reason to compile again."""
    texts = []
    for wider in (0, 1):
        x = torch.empty((*shape[:-1], shape[-1] + 2 * wider))
        texts.append([launch.ptx for launch in called(launches, x)[0]])
    assert texts[0] == texts[1]
