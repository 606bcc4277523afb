"""What an adapter of a framework's layers has to do: the seam between layers and the contract."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Protocol, TypeAlias

import numpy as np

from bnparity.backends.adapters.known_names import is_called
from bnparity.backends.call import Array, Call, Outputs
from bnparity.backends.tensors import array_of

#: Arrays that a layer is given, by our names.
Given: TypeAlias = Mapping[str, Array]


class Framework(Protocol):
    """The layers of one framework, in the few words that a call takes."""

    @property
    def noun(self) -> str:
        """What a layer is called there, with its article."""

    @property
    def training(self) -> str:
        """How it is switched, in words."""

    @property
    def copies(self) -> str:
        """Of which data the framework gets copies, in words."""

    @property
    def dtypes(self) -> tuple[str, ...]:
        """The formats of data that can be asked."""

    @property
    def channels_last(self) -> bool:
        """Whether a layer gets data with the channels as their last axis."""

    @property
    def stateful(self) -> bool:
        """Whether a layer may have more state than the contract names."""

    @property
    def own_formats(self) -> bool:
        """Whether a layer keeps what it was made with in its formats, whatever it is given."""

    @property
    def made_for_data(self) -> bool:
        """Whether a layer makes its arrays for the data of a call, of any number of channels."""

    @property
    def under_way(self) -> bool:
        """Whether statistics that are given are taken for those of many steps."""

    @property
    def statistics_gradients(self) -> bool:
        """Whether gradients by running statistics are given to a layer's backward pass."""

    def dialect_of(self, layer: Any) -> str:
        """Return by what a layer is judged, from its own first step on."""

    def offered(self, having: Collection[str]) -> dict[str, Any]:
        """Return what a constructor may take besides its settings, by the framework's names.

        `having` names the state that the layer is to have.
        """

    def kept(self, layer: Any, x: Array) -> dict[str, Any]:
        """Return the arrays that a layer keeps, made for data like `x`, by their paths."""

    def learns(self, layer: Any, path: str) -> bool:
        """Return whether one of these arrays has a gradient."""

    def told(self, layer: Any, settings: Mapping[str, Any]) -> tuple[Any, set[str]]:
        """Return a layer that has been told settings, and the names of those that it has."""

    def takes_mask(self, layer: Any) -> bool:
        """Return whether a layer is called with a mask where a call has one."""

    def called(self, layer: Any, paths: Mapping[str, str], given: Given, call: Call) -> Outputs:
        """Return what a layer makes of a call, with the arrays `given` in it first.

        `paths` and `given` go by our names: weight, bias, running_mean and running_var.
        """


def as_array(array: Any) -> Array:
    """Return a copy of an array of any framework's."""
    if hasattr(array, "asnumpy"):
        return np.array(array.asnumpy())
    return array_of(array).copy() if hasattr(array, "detach") else np.array(array)


def set_attributes(
    owners: Iterable[Any], settings: Mapping[str, Any], names: Mapping[str, str]
) -> set[str]:
    """Set what the owners have of some settings; return the names of those that one has.

    `names` are the user's for ours.
    """
    found = set()
    for owner in owners:
        for ours, theirs in named_alike(list(vars(owner)), settings, names):
            setattr(owner, theirs, settings[ours])
            found.add(ours)
    return found


def named_alike(
    fields: Iterable[str], settings: Collection[str], names: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Return each setting with a field that is meant by it: the user's name for it, or a known one.

    Examples
    --------
    >>> named_alike(["epsilon", "decay", "axis"], ["eps", "momentum"], {"momentum": "axis"})
    [('eps', 'epsilon'), ('momentum', 'axis')]
    """
    return [
        (ours, theirs)
        for theirs in fields
        for ours in settings
        if (theirs == names[ours] if ours in names else is_called(ours, theirs))
    ]
