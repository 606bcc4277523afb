"""The names under which layers keep what we call weight, bias, running_mean and running_var."""

from collections.abc import Iterable, Mapping

from bnparity.backends.adapters.told import STATE
from bnparity.backends.errors import UsageError, did_you_mean

#: Names that have been seen for each of ours, without underscores at their ends.
KNOWN: Mapping[str, tuple[str, ...]] = {
    "weight": ("weight", "gamma", "scale", "w"),
    "bias": ("bias", "beta", "offset", "shift", "b"),
    "running_mean": (
        *("running_mean", "moving_mean", "ema_mean", "mean_ema", "mean", "avg_mean", "pop_mean"),
        *("moving_average_mean", "population_mean", "running_avg", "mu", "running_mu"),
    ),
    "running_var": (
        *("running_var", "running_variance", "moving_var", "moving_variance", "ema_var", "var_ema"),
        *("ema_variance", "var", "variance", "avg_var", "pop_var", "moving_average_variance"),
        *("population_var", "population_variance"),
    ),
    "eps": ("eps", "epsilon", "variance_epsilon"),
    "momentum": ("momentum", "decay", "decay_rate", "bn_momentum"),
    "channels": (
        *("num_features", "channels", "num_channels", "n_channels", "features", "n_features"),
        *("input_size", "size", "dim", "planes", "c", "n"),
    ),
}


def is_called(ours: str, theirs: str) -> bool:
    """Return whether a layer's own name is known for one of ours.

    Examples
    --------
    >>> is_called("running_var", "_moving_variance"), is_called("running_var", "variable")
    (True, False)
    """
    return theirs.strip("_").lower() in KNOWN[ours]


def matched(kept: Iterable[str], mapped: Mapping[str, str], owner: str) -> dict[str, str]:
    """Return where a layer keeps what we have a name for, by our names.

    `kept` are its own names, as paths with dots; `mapped` are those that the user gave.

    Raises
    ------
    UsageError
        If a name is not there, or if it cannot be told which of several is meant.
    """
    paths = list(kept)
    found = {ours: _path(ours, paths, mapped.get(ours), owner) for ours in STATE}
    return {ours: path for ours, path in found.items() if path}


def _path(ours: str, paths: list[str], given: str | None, owner: str) -> str:
    if given is not None:
        if given not in paths:
            hint = did_you_mean(given, paths)
            known = ", ".join(paths) or "nothing"
            raise UsageError(f"{owner} has no {given!r} for {ours}: it keeps {known}{hint}")
        return given
    fitting = [path for path in paths if is_called(ours, path.rpartition(".")[2])]
    nearest = [p for p in fitting if p.count(".") == min(map(_depth, fitting))]
    if len(nearest) > 1:
        raise UsageError(
            f"{owner} has {' and '.join(nearest)}: say which is the {ours}, --map {ours}="
            f"{nearest[0]}"
        )
    return nearest[0] if nearest else ""


def _depth(path: str) -> int:
    return path.count(".")
