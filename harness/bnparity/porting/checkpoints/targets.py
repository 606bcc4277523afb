"""Where each array goes: by rule, by what the user says, or by a given target."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from bnparity.backends import UsageError, did_you_mean
from bnparity.porting.checkpoints.checkpoint import Checkpoint
from bnparity.porting.checkpoints.found import BatchNorm
from bnparity.porting.checkpoints.matching import in_order, kind_of_arrays, layers_of, matched
from bnparity.porting.checkpoints.names import ARRAYS, COUNT, NAMINGS
from bnparity.porting.checkpoints.tensors import Tensor

#: What every layer of a framework has, whatever it was made from.
_ALWAYS: Mapping[str, tuple[str, ...]] = {
    "mindspore": ARRAYS,
    "onnx": ARRAYS,
    "torch": (COUNT,),
}
#: What only some have a place for.
_COUNTING = ("torch", "mindspore", "onnx")


@dataclass(frozen=True, kw_only=True)
class Targets:
    """Where the arrays of one checkpoint go in another framework.

    ``maps`` has what the user says, of paths and whole names with dots; ``layers`` and ``arrays``
    what a given target says, empty without one; ``like`` is that target. ``by_order`` are the
    BatchNorms of which no name says where they go.
    """

    to: str
    maps: Mapping[str, str] = field(default_factory=dict)
    verbatim: Mapping[str, str] = field(default_factory=dict)
    like: Checkpoint | None = None
    layers: Mapping[str, BatchNorm] = field(default_factory=dict)
    arrays: Mapping[str, str] = field(default_factory=dict)
    by_order: tuple[str, ...] = ()

    def norm(self, norm: BatchNorm) -> tuple[str, dict[str, str]]:
        """Return the path of a BatchNorm in the target, and the names of its arrays there."""
        if self.like is not None:
            there = self.layers[norm.layer]
            kept = {ours: name for ours, name in there.names.items() if ours != COUNT}
            return there.layer, kept | self._count(norm, there.layer)
        layer = mapped(dotted(norm.layer), self.maps)
        given = NAMINGS[self.to].given
        inner = f"{layer}.bn2d" if (self.to, norm.kind) == ("mindspore", "BatchNorm3d") else layer
        wanted = [o for o in ARRAYS if o in norm.names or o in _ALWAYS.get(self.to, ())]
        return layer, {o: given(inner, o) for o in wanted} | self._count(norm, layer)

    def _count(self, norm: BatchNorm, layer: str) -> dict[str, str]:
        """Return the name of the count of batches where there is a place for it."""
        if COUNT in norm.names or COUNT in _ALWAYS.get(self.to, ()):
            return {COUNT: NAMINGS[self.to].given(layer, COUNT)} if self.to in _COUNTING else {}
        return {}

    def other(self, tensor: Tensor, plain: str) -> tuple[str, tuple[int, ...] | None]:
        """Return the name of another layer's array in the target, and its shape if known."""
        if self.like is not None:
            name = self.arrays.get(tensor.name, tensor.name)
            there = self.like.tensors.get(name)
            return name, None if there is None else there.shape
        if tensor.name in self.verbatim:
            return self.verbatim[tensor.name], None
        return NAMINGS[self.to].named(mapped(plain, self.maps), len(tensor.shape)), None

    def all_names(self) -> Iterator[str]:
        """Yield the names of all arrays that a given target has."""
        if self.like is not None:
            others = layers_of(self.like.tensors, self.like.norms).values()
            counts = [n.names[COUNT] for n in self.like.norms if COUNT in n.names]
            norms = (name for n in self.like.norms for name in n.names.values())
            yield from (name for name in norms if name not in counts)
            yield from (name for names in others for name in names)


def targets_of(
    source: Checkpoint, to: str, *, maps: Iterable[str] = (), like: Checkpoint | None = None
) -> Targets:
    """Return where the arrays of `source` go.

    Parameters
    ----------
    maps
        ``SOURCE=TARGET``: layers' paths, or whole names of arrays.
    like
        A checkpoint of the target, whose names and shapes say where each goes.

    Raises
    ------
    UsageError
        If what is said does not fit, or nothing says it.
    """
    said, verbatim = _said(source, maps)
    if like is None:
        if "keras" in (to, source.framework):
            raise UsageError(
                f"Keras numbers the arrays of its layers, so that no rule leads to {to}'s names: "
                "give --like FILE, saved by the target model"
            )
        return Targets(to=to, maps=said, verbatim=verbatim)
    if like.framework != to:
        raise UsageError(f"--like {like.path}: its names are {like.framework}'s, not {to}'s")
    layers = _norms(source, like, said)
    arrays = _arrays(source, like, said) | verbatim
    return Targets(
        to=to,
        maps=said,
        verbatim=verbatim,
        like=like,
        layers=layers,
        arrays=arrays,
        by_order=tuple(
            layer
            for layer, there in layers.items()
            if mapped(dotted(layer), said) != dotted(there.layer)
        ),
    )


def dotted(path: str) -> str:
    """Return a path with dots between its parts, as PyTorch has it."""
    return path.replace("/", ".")


def mapped(path: str, maps: Mapping[str, str]) -> str:
    """Return a path with the longest part at its beginning that `maps` names replaced.

    Examples
    --------
    >>> mapped("layer1.0.bn1", {"layer1": "block1", "layer1.0": "first"})
    'first.bn1'
    """
    for end in [len(path), *(m.start() for m in reversed(list(re.finditer(r"\.", path))))]:
        if path[:end] in maps:
            return maps[path[:end]] + path[end:]
    return path


def _said(source: Checkpoint, maps: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return what the user says of paths, with dots, and of whole names, as they are."""
    said, verbatim = dict[str, str](), dict[str, str]()
    paths = {dotted(name)[: m.start()] for name in source.tensors for m in _ends(dotted(name))}
    for text in maps:
        here, sign, there = text.partition("=")
        if not sign or not here or not there:
            raise UsageError(f"--map {text}: write SOURCE=TARGET, as in --map layer1=block1")
        if here in source.tensors:
            verbatim[here] = there
        elif dotted(here) in paths:
            said[dotted(here)] = dotted(there)
        else:
            hint = did_you_mean(here, [*paths, *source.tensors])
            raise UsageError(f"--map {text}: {str(source.path)!r} has no {here!r}{hint}")
    return said, verbatim


def _ends(name: str) -> Iterator[re.Match[str]]:
    return re.finditer(r"\.", name)


def _norms(source: Checkpoint, like: Checkpoint, maps: Mapping[str, str]) -> dict[str, BatchNorm]:
    """Return the BatchNorm of the target for each of the source, by its path."""
    there = {dotted(norm.layer): norm for norm in like.norms}
    found = {}
    for norm in source.norms:
        path = mapped(dotted(norm.layer), maps)
        if path in there and there[path].channels == norm.channels:
            found[norm.layer] = there.pop(path)
    here = {norm.layer: norm for norm in source.norms if norm.layer not in found}
    ours, theirs = (
        {path: f"{norms[path].channels} channels" for path in in_order(c.framework, norms)}
        for c, norms in ((source, here), (like, there))
    )
    return found | {layer: there[path] for layer, path in matched(ours, theirs).items()}


def _arrays(source: Checkpoint, like: Checkpoint, maps: Mapping[str, str]) -> dict[str, str]:
    """Return the name in the target of each array that is no BatchNorm's."""
    here, there = (layers_of(c.tensors, c.norms) for c in (source, like))
    by_path = {_path(like.framework, path): path for path in there}
    kinds, their_kinds = (
        {path: kind_of_arrays([c.tensors[n] for n in names]) for path, names in layers.items()}
        for c, layers in ((source, here), (like, there))
    )
    pairs = {}
    for path in here:
        same = by_path.get(mapped(_path(source.framework, path), maps))
        if same is not None and their_kinds.get(same) == kinds[path]:
            pairs[path] = same
            del their_kinds[same]
    left = {path: kind for path, kind in kinds.items() if path not in pairs}
    ours, theirs = (
        {path: of[path] for path in in_order(c.framework, of)}
        for c, of in ((source, left), (like, their_kinds))
    )
    pairs |= matched(ours, theirs)
    return {
        name: other
        for path, target in pairs.items()
        for name, other in _paired(here[path], there[target], source, like)
    }


def _path(framework: str, path: str) -> str:
    """Return the path of a layer as PyTorch has it."""
    return NAMINGS[framework].plain(f"{path}/x" if "/" in path else f"{path}.x")[:-2]


def _paired(
    here: Iterable[str], there: Iterable[str], source: Checkpoint, like: Checkpoint
) -> Iterator[tuple[str, str]]:
    """Yield the arrays of one layer and of the other, those of equal sizes together."""

    def sizes(checkpoint: Checkpoint, name: str) -> tuple[int, ...]:
        return tuple(sorted(checkpoint.tensors[name].shape))

    ours = sorted(here, key=lambda name: sizes(source, name))
    theirs = sorted(there, key=lambda name: sizes(like, name))
    yield from zip(ours, theirs, strict=True)
