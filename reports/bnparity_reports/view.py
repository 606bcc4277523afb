"""What the parts of a report hand on: objects of JSON, as results have them and pages show them."""

from typing import Any, TypeAlias

View: TypeAlias = dict[str, Any]
