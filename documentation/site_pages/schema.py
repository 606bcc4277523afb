"""The page of results.json, from its schema."""

import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

from site_pages.markdown import page, plain, table

_FIRST = """
What `--json FILE` writes, by its schema: `bnparity/results/results.schema.json` in the
installed package. What an older version wrote is read by a newer one. An optional key is marked
with a ?.
""".strip()


def results_page() -> str:
    """Return a table of keys for the document, and for each kind of object in it."""
    text = files("bnparity.results").joinpath("results.schema.json").read_text("utf-8")
    schema = json.loads(text)
    objects = {"the document": schema, **schema["$defs"]}
    return page("results.json", _FIRST, _sections(objects))


def _sections(objects: Mapping[str, Any]) -> Iterator[str]:
    for name, told in objects.items():
        title = f"(results-{name.replace(' ', '-')})=\n## {name}"
        yield "\n\n".join([title, *([plain(told["description"])] if "description" in told else [])])
        yield (
            table(["key", "type", "what it is"], _keys(told))
            if "properties" in told
            else _type(told)
        )


def _keys(told: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    required = told.get("required", ())
    for key, value in told["properties"].items():
        mark = "" if key in required else " ?"
        yield f"`{key}`{mark}", _type(value), plain(value.get("description", ""))


def _type(value: Mapping[str, Any] | bool) -> str:
    """Return the type of a value in a few words, linked to the object where it is one."""
    if isinstance(value, bool):
        return "anything"
    if "$ref" in value:
        name = value["$ref"].rpartition("/")[2]
        return f"[{name}](#results-{name})"
    if choices := value.get("oneOf", value.get("anyOf")):
        return " or ".join(map(_type, choices))
    constants = [value["const"]] if "const" in value else value.get("enum")
    return ", ".join(f"`{json.dumps(c)}`" for c in constants) if constants else _kind(value)


def _kind(value: Mapping[str, Any]) -> str:
    """Return the type of a value that is none of a few: a number, a text, or what holds others."""
    if "items" in value:
        return f"array of {_type(value['items'])}"
    if value.get("additionalProperties"):
        return f"object of {_type(value['additionalProperties'])}"
    kinds = value.get("type", "anything")
    return kinds if isinstance(kinds, str) else " or ".join(kinds)
