"""What the Triton kernel launches, compiled for a GPU that need not be there.

The host's own code runs, with tensors on the CPU; where it would launch a kernel, the kernel is
compiled for the arguments at hand, and the launch is noted.
"""

import re
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

#: The compute capability to compile for: an H100's, and an H200's.
CAPABILITY = 90


@dataclass(frozen=True, kw_only=True)
class Launch:
    """A launch that would have been.

    Parameters
    ----------
    kernel, programs
        Its name, and how many programs.
    tensors
        Its arguments that are tensors.
    ptx
        What it was compiled to.
    target
        The processor it was compiled for, as `ptxas` calls it.
    """

    kernel: str
    programs: int
    tensors: tuple[Any, ...]
    ptx: str
    target: str

    def widths(self, instruction: str) -> set[int]:
        """Return how many bytes an ``"ld"`` or ``"st"`` of global memory takes a thread."""
        found = re.findall(rf"\b{instruction}\.global\S*?(?:\.v(\d))?\.b(\d+)\b", self.ptx)
        return {int(lanes or 1) * int(bits) // 8 for lanes, bits in found}

    def spilled(self) -> int:
        """Return how many bytes a thread writes to memory because its registers do not do."""
        import triton

        tool = Path(triton.__file__).parent / "backends/nvidia/bin/ptxas"
        command = [
            str(tool),
            "-v",
            f"--gpu-name={self.target}",
            "--output-file=/dev/null",
            "/dev/stdin",
        ]
        done = subprocess.run(command, input=self.ptx, capture_output=True, text=True, check=True)
        (size,) = re.findall(r"(\d+) bytes spill stores", done.stderr)
        return int(size)


class _Device:
    """A driver of Triton's that knows which device it is for, and no more."""

    def get_current_target(self) -> Any:
        from triton.backends.compiler import GPUTarget

        return GPUTarget("cuda", CAPABILITY, 32)

    def get_current_device(self) -> int:
        return 0

    def get_current_stream(self, _: int) -> int:
        return 0


def _tensors(values: Iterable[Any]) -> Iterator[Any]:
    """Yield the tensors among values, which may be tuples of them."""
    for value in values:
        if isinstance(value, tuple):
            yield from _tensors(value)
        elif hasattr(value, "data_ptr"):
            yield value


@contextmanager
def compiling(folder: Path) -> Iterator[list[Launch]]:
    """Collect the launches of `bnparity.kernels.triton_tensors`, compiled; files go to `folder`."""
    import triton
    from bnparity.kernels import triton_tensors
    from triton.runtime.jit import JITFunction

    launches: list[Launch] = []
    run = JITFunction.run

    def compiled(kernel: Any, *arguments: Any, grid: Any, warmup: bool, **keywords: Any) -> None:
        found = run(kernel, *arguments, grid=grid, warmup=True, **keywords)
        launches.append(
            Launch(
                kernel=kernel.fn.__name__,
                programs=grid[0],
                tensors=tuple(_tensors([*arguments, *keywords.values()])),
                ptx=found.asm["ptx"],
                target=re.findall(r"\.target (\w+)", found.asm["ptx"])[0],
            )
        )

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRITON_CACHE_DIR", str(folder))
        patch.setattr(triton.runtime.driver, "_active", _Device())
        patch.setattr(JITFunction, "run", compiled)
        patch.setattr(triton_tensors, "_check_device", lambda _: None)
        yield launches
