"""Where the library lives: --home, $READLIST_HOME, or the place that the system keeps for user data."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from readlist.errors import UsageError

if TYPE_CHECKING:
    import typer

    from readlist.library import Folders, Library


@dataclass
class Session:
    """One call of readlist: which library it is about, and how its store turned out to be damaged, a line a file."""

    home: Path | None = None
    damage: dict[str, None] = field(default_factory=dict)


def open_library(context: typer.Context) -> Library:
    """The library that this call is about."""
    from readlist.library import Library

    session = context.obj
    return Library(folders(session.home), session.damage.setdefault)


def folders(home: Path | None) -> Folders:
    """The folders of the library at `home`; state and cache are never inside it, because it may be a synced folder."""
    import zlib

    import platformdirs

    from readlist.library import Folders

    try:
        data = (home.expanduser() if home else platformdirs.user_data_path("readlist")).resolve()
    except RuntimeError as error:
        raise UsageError(f"--home {home}: {error}") from error
    name = f"{data.name}-{zlib.crc32(bytes(data)):08x}"  # hashlib would take 2.5 ms of every start
    state, cache = platformdirs.user_state_path("readlist"), platformdirs.user_cache_path("readlist")
    return Folders(data, state / name, cache / name)
