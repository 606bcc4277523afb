"""What a module has instead of a name that it has not: who makes a typo sees what there is."""

from types import ModuleType

from bnparity.backends.errors import did_you_mean

#: Of the names that there are, so many are told.
_MOST_TOLD = 8


def named_instead(module: ModuleType, name: str) -> str:
    """Return what a module has that can be called, and what was probably meant by `name`."""
    there = _callable_in(module)
    has = f"it has {', '.join(there[:_MOST_TOLD])}" if there else "name a function of it"
    if set(name.split(",")) <= {*there}:  # two halves are joined by another sign
        return f"{has} (did you mean {name.replace(',', '+')}?)"
    return f"{has}{did_you_mean(name, there)}"


def _callable_in(module: ModuleType) -> list[str]:
    """Return the names of what a module defines and can be called, else of all that can be."""
    public = {n: v for n, v in vars(module).items() if not n.startswith("_") and callable(v)}
    own = [n for n, v in public.items() if getattr(v, "__module__", None) == module.__name__]
    return own or list(public)
