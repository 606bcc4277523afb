"""A dialect in words, as results and commands name it, from a name or a record."""

from bnparity_reference import Dialect

from bnparity.backends import dialect_text
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
    text = dialect_text(dialect)
    declaration(text)
    return text
