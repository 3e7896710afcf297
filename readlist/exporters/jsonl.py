"""JSON Lines: one entry a line, with the members of `exports.json`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from readlist.exporters.json import entry_dict, inert

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from readlist.models import Entry


def export(entries: Iterable[Entry]) -> Iterator[str]:
    """One compact JSON object a line."""
    import orjson

    for entry in entries:
        yield inert(orjson.dumps(entry_dict(entry)).decode()) + "\n"
