"""A dialect in words, as results and commands name it, from a name or a record."""

from dataclasses import fields

from bnparity_reference import Dialect

from bnparity.cases import declaration


def stated(dialect: str | Dialect) -> str:
    """Return the words for `dialect`: as they are, or what a record changes of PyTorch's.

    Raises
    ------
    UsageError
        If there is no such dialect.

    Examples
    --------
    >>> stated(Dialect())
    'torch'
    """
    text = dialect if isinstance(dialect, str) else ",".join(["torch", *_changes(dialect)])
    declaration(text)
    return text


def _changes(dialect: Dialect) -> list[str]:
    """Return each convention that is not PyTorch's, as ``FIELD=VALUE``."""
    plain = Dialect()
    names = [field.name for field in fields(Dialect)]
    changed = {name: getattr(dialect, name) for name in names}
    return [f"{name}={value}" for name, value in changed.items() if value != getattr(plain, name)]
