"""Where the library lives: --home, $READLIST_HOME, or the place that the system keeps for user data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typer

    from readlist.library import Folders, Library


def open_library(context: typer.Context) -> Library:
    """The library that this call is about."""
    from readlist.library import Library

    return Library(folders(context.obj))


def folders(home: Path | None) -> Folders:
    """The folders of the library at `home`; state and cache are never inside it, because it may be a synced folder."""
    import zlib

    import platformdirs

    from readlist.library import Folders

    data = (home.expanduser() if home else platformdirs.user_data_path("readlist")).resolve()
    name = f"{data.name}-{zlib.crc32(bytes(data)):08x}"  # hashlib would take 2.5 ms of every start
    state, cache = platformdirs.user_state_path("readlist"), platformdirs.user_cache_path("readlist")
    return Folders(data, state / name, cache / name)
