"""The help topics: one Markdown file in readlist/help/ per topic.

Every file readlist/help/*.md is a topic; its name is that of the file, its summary the first heading. Read by
`readlist help`, shell completion and the man page.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import readlist

# Not importlib.resources, whose import takes longer than everything that `readlist help` does otherwise.
_DIRECTORY = Path(readlist.__file__).parent / "help"


class Topic(NamedTuple):
    """A topic; `summary` is the heading at its beginning, `text` the whole file."""

    name: str
    summary: str
    text: str


def read_topics() -> dict[str, Topic]:
    """Return every topic by its name, in alphabetical order."""
    return {path.stem: _read(path) for path in sorted(_DIRECTORY.glob("*.md"))}


def _read(path: Path) -> Topic:
    text = path.read_text(encoding="utf-8")
    return Topic(path.stem, text.split("\n", maxsplit=1)[0].lstrip("# ").strip(), text)
