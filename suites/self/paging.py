"""A page of a report taken apart."""

from html.parser import HTMLParser


class Page(HTMLParser):
    """A page taken apart: its elements with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.pieces: list[tuple[str, str]] = []
        self._open = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an element."""
        self.elements.append((tag, dict(attrs)))
        self._open = tag

    def handle_data(self, data: str) -> None:
        """Keep a piece of text."""
        if self._open not in ("script", "style"):
            self.text += data
            self.pieces.append((self._open, data))

    def values(self, attribute: str) -> list[str]:
        """Return the values of an attribute, wherever it is."""
        return [value for _, attrs in self.elements if (value := attrs.get(attribute))]
