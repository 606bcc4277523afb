"""What every adapter makes: a backend, with what it says of itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bnparity.backends.call import OUTPUT_LIKE, Call, Outputs, takes_call
from bnparity.backends.layer_api import LayerAPI

#: All sets of parameters that a layer may have.
AFFINES = ("both", "none", "weight", "bias")


def on_cpu() -> Mapping[str, str]:
    """Return what is told of the processor, where most backends run."""
    return {"device": "cpu"}


@dataclass(frozen=True, kw_only=True)
class Adapted:
    """A backend that has a call answered by `answer`, which knows the framework.

    ``taken_for`` says in words what the target was taken for. ``affines`` and ``tracked`` are what
    it can have, ``fixed`` the settings that it cannot be told, ``channels`` the only number of
    them, 0 for any. ``layer_api`` drives its layers step by step. ``under_way`` says that a layer
    takes given statistics for those of many steps. ``formats`` are those of data, parameters and
    statistics where it has no others. ``place`` tells the device, or the ``reason`` why there is
    none. The rest is as the contract has it.
    """

    answer: Callable[[Call], Outputs]
    taken_for: str
    dialect: str
    dtypes: tuple[str, ...]
    ranks: tuple[int, ...] = (2, 3, 4, 5)
    outputs: tuple[str, ...] = tuple(OUTPUT_LIKE)
    degenerate: bool = False
    accumulation: str | None = None
    stateful: bool = False
    affines: tuple[str, ...] = AFFINES
    tracked: tuple[bool, ...] = (True, False)
    fixed: tuple[str, ...] = ()
    channels: int = 0
    layer_api: LayerAPI | None = None
    under_way: bool = False
    formats: tuple[str, ...] = ()
    compiles: str = ""
    momentum_none: bool = False
    takes_mask: str | bool = ""
    statistics_gradients: bool = False
    version: str = ""
    place: Callable[[], Mapping[str, str]] = on_cpu
    variants: Mapping[str, Any] = field(default_factory=dict)

    def probe(self) -> dict[str, str]:
        """Return the version of what is adapted, where it is known, and the device."""
        return {"version": self.version, **self.place()}

    @takes_call
    def __call__(self, call: Call) -> Outputs:
        """Return the answer to a call; raise NotImplementedError for what it cannot be asked."""
        if self.channels not in (0, call.x.shape[1]):
            raise NotImplementedError(f"it has {self.channels} channels")
        if (call.running_mean is not None) not in self.tracked:
            always = "always has" if True in self.tracked else "has no"
            raise NotImplementedError(f"it {always} running statistics")
        asked = {name for name in ("weight", "bias") if getattr(call, name) is not None}
        if asked and not asked & set(self.affines) and "both" not in self.affines:
            raise NotImplementedError(f"it has no {' and no '.join(sorted(asked))}")
        outputs = self.answer(call)
        for name in {"weight", "bias"} - asked:
            outputs.pop(f"grad_{name}", None)
        return outputs


def affines_of(having: set[str]) -> tuple[str, ...]:
    """Return the sets of parameters of something that has these."""
    return AFFINES if having >= {"weight", "bias"} else (*sorted(having), "none")
