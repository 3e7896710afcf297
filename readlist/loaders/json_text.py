"""Parse JSON that others wrote, within bounds of time and memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from readlist.loaders.base import Source

MAX_VALUES = 1_000_000
"""Values of a document: so many empty lists or objects take 100 MB. Text of the maximum size has fewer commas."""


def parse_json(text: str) -> Any:
    """Return the value of a document, None where it is not JSON, nested too deeply, or has more values than MAX_VALUES.

    Numbers of thousands of digits are rejected too. Not orjson: it rejects a text that was truncated within an emoji.
    """
    if sum(map(text.count, ",[{")) > MAX_VALUES:
        return None
    import json

    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def parse_document(source: Source) -> Any:
    """Return the value of a document as `parse_json` does, for `Source.parse_once`."""
    return parse_json(source.text)


def get_text(value: object, *names: str) -> str:
    """Return the first of these fields of an object that is a text and not blank, "" where there is none."""
    if not isinstance(value, dict):
        return ""
    return next((text for name in names if isinstance(text := value.get(name), str) and text.strip()), "")


def get_list(value: object, name: str) -> list[Any]:
    """Return a field of an object as a list: a list as it is, a single value as one of it, [] where it is missing."""
    field = value.get(name) if isinstance(value, dict) else None
    return field if isinstance(field, list) else [] if field is None else [field]
