"""Formulas as BOUNDS.md prints them, in Unicode text, turned into TeX for the site."""

import re

#: Names of quantities and operators, which stand upright; other words are prose.
_NAMES = frozenset(
    ("avg", "eps", "max", "mean", "min", "new", "old", "result", "std", "terms", "var", "xh")
)
_SYMBOLS = {
    "Σ": r"\sum ",
    "η": r"\eta ",
    "λ": r"\lambda ",
    "π": r"\pi ",
    "κ": r"\kappa ",
    "−": "-",  # noqa: RUF001  # the minus sign that the page prints
    "∓": r"\mp ",
    "±": r"\pm ",
    "·": r"\cdot ",
    "∞": r"\infty ",
    "≤": r"\le ",
    "|": r"\vert ",
    "²": "^{2}",
    "₊": "+",
}
_BELOW = str.maketrans("₀₁₂₃₊₋ᵢ", "0123+-i")
_TOKEN = re.compile(
    r"(?P<space>\s{2,})"
    r"|(?P<root>√)"
    r"|(?P<word>[A-Za-z]+(?:_[a-z]+)?(?:'s)?)(?P<below>[₀₁₂₃₊₋ᵢ∓]?)"
    r"|(?P<number>[0-9.]+)"
    r"|(?P<other>\S)"
    r"|(?P<gap>\s)"
)


def tex(line: str) -> str:
    r"""Return one line of formulas in TeX.

    Examples
    --------
    >>> tex("E_var = L(d²) / n + √(var + eps)")
    'E_{\\mathrm{var}}=L (d ^{2})/n +\\sqrt{\\mathrm{var}+\\mathrm{eps}}'
    """
    written, rest = "", line.strip()
    while rest:
        found = _TOKEN.match(rest)
        assert found is not None
        rest = rest[found.end() :]
        if found["root"]:
            under, rest = _under_root(rest)
            written += rf"\sqrt{{{tex(under)}}}"
        else:
            written += _one(found)
    return written


def _under_root(rest: str) -> tuple[str, str]:
    """Return what a root is taken of, without its brackets, and what comes behind it."""
    if not rest.startswith("("):
        (name,) = re.findall(r"^\w+", rest)
        return name, rest[len(name) :]
    depth = 0
    for place, letter in enumerate(rest):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth == 0:
            return rest[1:place], rest[place + 1 :]
    raise ValueError(f"a root is not closed in {rest!r}: close it in harness/BOUNDS.md")


def _one(found: "re.Match[str]") -> str:
    if found["space"]:
        return r"\qquad "
    if found["word"]:
        return _word(found["word"], found["below"])
    if found["gap"]:
        return ""
    return found["number"] or _SYMBOLS.get(found["other"], found["other"])


def _word(word: str, below: str) -> str:
    name, _, index = word.partition("_")
    if below:
        return rf"{name}_{{{_SYMBOLS.get(below, below.translate(_BELOW))}}}"
    if index and len(name) == 1:
        return rf"{name}_{{{_upright(index)}}}"
    if len(word) == 1:
        return f"{word} "
    return _upright(word) if word in _NAMES else rf"\text{{ {word} }}"


def _upright(word: str) -> str:
    """Return a name of several letters; that of the normalised data is an x with a hat."""
    if word == "xh":
        return r"\hat{x}"
    return rf"\mathrm{{{word}}}" + (r"\," if word in ("avg", "max", "min") else "")
