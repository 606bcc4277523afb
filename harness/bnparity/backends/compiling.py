"""How long a framework has compiled in this process, as it says, and where its programs are kept.

A case of a shape that is new costs hundreds of times what its call takes: told apart, each time
says something.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass

#: What JAX calls the time of a compilation, or of reading what it kept of an earlier one.
_EVENT = "/jax/core/compile/backend_compile_duration"


#: Where PyTorch counts what its own took, once it has been told to compile.
_COUNTED = "torch._dynamo.utils"


@dataclass(kw_only=True)
class CompileClock:
    """Counts the seconds that compilers take, from when a backend is loaded on."""

    _noted: float = 0.0

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

    def _note(self, event: str, seconds: float, **_: object) -> None:
        if event == _EVENT:
            self._noted += seconds


def with_kept_programs(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of a process in which JAX keeps what it compiles, for later sessions.

    What is set already is left as it is.
    """
    import platformdirs  # the interpreters of backends need not have it

    return {
        "JAX_COMPILATION_CACHE_DIR": str(platformdirs.user_cache_path("bnparity") / "jax"),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
        **environ,
    }
