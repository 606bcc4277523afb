"""How long a framework has compiled in this process, as it says, and where its programs are kept.

A case of a shape that is new costs hundreds of times what its call takes: told apart, each time
says something.
"""

import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import wraps
from importlib import import_module
from types import MappingProxyType
from typing import Any

#: What JAX calls the time of a compilation, or of reading what it kept of an earlier one.
_EVENT = "/jax/core/compile/backend_compile_duration"

#: Where PyTorch counts what its own took, once it has been told to compile.
_COUNTED = "torch._dynamo.utils"
#: What compiles in frameworks that do not say how long it took, by module.
_COMPILERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "mindspore.common.api": ("_CellGraphExecutor.compile", "_JitExecutor.compile"),
        "triton.runtime.jit": ("JITFunction._do_compile",),
        "tinygrad.device": ("Compiler.compile_cached",),
        "tvm.relax": ("build",),
    }
)


@dataclass(kw_only=True)
class CompileClock:
    """Counts the seconds that compilers take, from when a backend is loaded on."""

    _noted: float = 0.0
    _at_work: bool = False

    @property
    def seconds(self) -> float:
        """How many they have taken so far."""
        counted = sys.modules.get(_COUNTED)
        spent = counted.calculate_time_spent()["total_wall_time"] if counted else 0.0
        return self._noted + float(spent)

    def start(self) -> None:
        """Listen to the compilers that the backend has imported."""
        if "jax" in sys.modules:
            import jax

            jax.monitoring.register_event_duration_secs_listener(self._note)

        for module, names in _COMPILERS.items():
            if module.partition(".")[0] in sys.modules:
                for name in names:
                    self._time(module, name)

    def _note(self, event: str, seconds: float, **_: object) -> None:
        if event == _EVENT:
            self._noted += seconds

    def _time(self, module: str, name: str) -> None:
        """Count what a function of a framework takes; other versions may have none of the name."""
        holder, _, last = name.rpartition(".")
        with suppress(ImportError, AttributeError):
            place = import_module(module)
            place = getattr(place, holder) if holder else place
            setattr(place, last, self._timed(getattr(place, last)))

    def _timed(self, compiling: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(compiling)
        def timed(*args: Any, **keywords: Any) -> Any:
            if self._at_work:  # one may be made of others
                return compiling(*args, **keywords)
            begin, self._at_work = time.monotonic(), True
            try:
                return compiling(*args, **keywords)
            finally:
                self._noted += time.monotonic() - begin
                self._at_work = False

        return timed


def with_variables_of_jax(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of a process in which JAX keeps what it compiles, for later sessions.

    On a GPU it takes memory as it needs it: three quarters at once would be all that the workers
    of one session have. What is set already is left as it is.
    """
    import platformdirs  # the interpreters of backends need not have it

    return {
        "JAX_COMPILATION_CACHE_DIR": str(platformdirs.user_cache_path("bnparity") / "jax"),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
        "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
        **environ,
    }
