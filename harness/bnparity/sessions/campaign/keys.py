"""What the rows of a campaign's state are about, as texts."""

import hashlib
import json
from typing import Any, TypeAlias

#: What is counted or kept, and of whom, as a list in JSON.
Key: TypeAlias = tuple[str, str]

#: Characters of somebody else's words; what is longer is cut.
_LONGEST = 500


def key(*parts: Any) -> str:
    """Return the key that `parts` make."""
    return json.dumps(parts, separators=(",", ":"))


def cut(text: str) -> str:
    """Return `text`, if it is long with its end replaced by a digest of the whole."""
    if len(text) <= _LONGEST:
        return text
    return f"{text[:_LONGEST]}... {hashlib.sha256(text.encode()).hexdigest()[:8]}"
