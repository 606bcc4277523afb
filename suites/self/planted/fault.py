"""What the catalogue says of a wrong kernel."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from planted.kernel import Kernel, Results, kernel

#: Findings that say how far off a value is: of which of the two kinds depends on the smallest case.
VALUES = ("semantics", "accuracy")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One kernel that is wrong on purpose.

    Parameters
    ----------
    name
        What a diagnosis calls it, ``field=value``, or what people call it, in kebab-case.
    text
        One sentence: what is wrong, and the catalogued divergence that it is taken from.
    make
        Returns the kernel, with a state of its own.
    codes
        The union of the codes that diagnoses of it should give; empty where no convention names it.
    of_some
        Codes that are true of some outputs, or of a step: they may be told, and nothing else.
    kinds
        The kinds that findings of it may have.
    dtypes, ranks
        Of the data that show it.
    """

    name: str
    text: str
    make: Callable[[], Kernel]
    codes: frozenset[str] = frozenset()
    of_some: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset({"semantics"})
    dtypes: tuple[str, ...] = ("float32",)
    ranks: tuple[int, ...] = (2, 3, 4, 5)


def wrong(
    name: str,
    text: str,
    *,
    make: Callable[[], Kernel] | None = None,
    codes: tuple[str, ...] = (),
    of_some: tuple[str, ...] = (),
    kinds: tuple[str, ...] = (),
    dtypes: tuple[str, ...] = ("float32",),
    **steps: Any,
) -> Fault:
    """Return the fault of a kernel, given what `make` returns, or the `steps` that it replaces.

    A name of the form ``field=value`` is its code. Unless `kinds` are given, what a convention
    explains is of semantics, and what none does may be taken for either.
    """
    named = (name,) if "=" in name else codes
    return Fault(
        name=name,
        text=text,
        make=make or partial(kernel, **steps),
        codes=frozenset(named),
        of_some=frozenset(of_some),
        kinds=frozenset(kinds or (("semantics",) if named else VALUES)),
        dtypes=dtypes,
    )


def grafted(stock: Kernel, scion: Kernel, *outputs: str) -> Kernel:
    """Return a kernel that answers like `stock`, but for `outputs`, which are `scion`'s."""

    def both(*args: Any, **kwargs: Any) -> Results:
        results, others = stock(*args, **kwargs), scion(*args, **kwargs)
        return {name: (others if name in outputs else results)[name] for name in results}

    return both
