"""The files of the branch `readlist`: which paths are read, and how records are written in them."""

from __future__ import annotations

import re

_SHARDS = r"marks/[0-9a-f]{1,4}"
_PAPERS = r"papers/(?:\d{4}-\d{2}|undated)"
_OWN_PATH = rf"format|{_SHARDS}|queries|aliases|synonyms|sources|same|{_PAPERS}|people/[\w.-]{{1,40}}/{_SHARDS}"


def is_own_path(path: str) -> bool:
    """Return whether readlist reads and writes this path of the branch; everything else there is left alone."""
    return re.fullmatch(_OWN_PATH, path) is not None
