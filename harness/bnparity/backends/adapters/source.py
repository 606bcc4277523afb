"""What a user names as a layer: a class, a factory that makes one, or a layer that is there."""

import copy
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bnparity.backends.adapters.known_names import is_called
from bnparity.backends.errors import UsageError


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where layers come from: each call has one of its own.

    ``names`` are the names that the user gave for ours, by ours.
    """

    target: Any
    form: Literal["class", "factory", "instance"]
    names: Mapping[str, str]

    @property
    def name(self) -> str:
        """What it is called in messages."""
        named = self.target if self.form != "instance" else type(self.target)
        return str(getattr(named, "__name__", type(named).__name__))

    def layer(self, channels: int, settings: Mapping[str, Any]) -> Any:
        """Return a layer of so many channels, with those of the `settings` that it can be told.

        Raises
        ------
        UsageError
            If it takes other arguments, which nobody can know.
        """
        if self.form == "instance":
            return copy.deepcopy(self.target)
        called = self._parameters()
        known = {theirs: settings[ours] for ours, theirs in self._told(settings).items()}
        required = [
            p.name
            for p in called.values()
            if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
        ]
        wanted = [name for name in required if name not in known]
        if len(wanted) > 1:
            raise UsageError(
                f"{self.name} cannot be made, it takes ({', '.join(called)}): name a function of "
                f"the number of channels that makes it, make = lambda channels: {self.name}(...)"
            )
        first = wanted or [name for name in called if is_called("channels", name)]
        return self.target(**known, **dict.fromkeys(first[:1], channels))

    def takes(self, setting: str) -> bool:
        """Return whether a layer is told a setting when it is made."""
        return self.form != "instance" and bool(self._told({setting: None}))

    def _told(self, settings: Mapping[str, Any]) -> dict[str, str]:
        """Return the parameter that takes each setting, by our name of it."""
        parameters = self._parameters()
        found: dict[str, str] = {}
        for ours in settings:
            theirs = self.names.get(ours)
            named = [n for n in parameters if n == theirs or (not theirs and _means(ours, n))]
            if named:
                found[ours] = named[0]
        return found

    def _parameters(self) -> Mapping[str, inspect.Parameter]:
        return parameters_of(self.target)


def parameters_of(target: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    """Return the parameters of a class or a function; none where they cannot be known.

    Those of a class are its constructor's, whatever a class of classes shows instead.
    """
    try:
        if not inspect.isclass(target):
            return inspect.signature(target).parameters
        own = inspect.signature(target.__init__).parameters
    except (TypeError, ValueError):
        return {}
    return dict(list(own.items())[1:])


def _means(ours: str, theirs: str) -> bool:
    return theirs == ours or (ours in ("eps", "momentum") and is_called(ours, theirs))
