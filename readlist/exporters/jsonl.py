"""JSON Lines: one entry per line, with the fields that `exporters.json` documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from readlist.exporters.json import dump_line, entry_dict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from readlist.models import Entry


def export(entries: Iterable[Entry]) -> Iterator[str]:
    """Yield one compact JSON object per line."""
    for entry in entries:
        yield dump_line(entry_dict(entry))
