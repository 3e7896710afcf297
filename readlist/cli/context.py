"""Where the library lives: --home, $READLIST_HOME, or the place that the system keeps for user data."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from readlist.errors import UsageError

if TYPE_CHECKING:
    import typer

    from readlist.library.library import Directories, Library


@dataclass
class Session:
    """One call of readlist: which library it is about, and how its store turned out to be damaged, a line a file."""

    home: str | None = None
    debug: bool = False
    damage: dict[str, None] = field(default_factory=dict)


def open_library(context: typer.Context) -> Library:
    """The library that this call is about."""
    from readlist.library.library import Library

    session = context.obj
    return Library(folders(session.home), session.damage.setdefault)


def folders(home: str | None) -> Directories:
    """The folders of the library at `home`; state and cache are never inside it, because it may be a synced folder.

    Raises UsageError rather than take a folder that nobody has chosen: the one we happen to be in, or the root.
    """
    import zlib

    import platformdirs

    from readlist.library.library import Directories

    _pass_over_accidents()
    data = _place("DATA", platformdirs.user_data_path) if home is None else _chosen(home)
    name = f"{data.name}-{zlib.crc32(bytes(data)):08x}"  # hashlib would take 2.5 ms of every start
    state, cache = _place("STATE", platformdirs.user_state_path), _place("CACHE", platformdirs.user_cache_path)
    return Directories(data, state / name, cache / name)


def _chosen(home: str) -> Path:
    if not home.strip():
        raise UsageError("--home is empty; name a folder")
    try:
        return Path(home).expanduser().resolve()
    except (RuntimeError, OSError) as error:
        raise UsageError(f"--home {home}: {error}") from error


def _pass_over_accidents() -> None:
    """Unset what names no place: `HOME= readlist` would write at the root of the disk, `HOME=.` where we happen to be.

    The XDG specification has relative paths ignored; without HOME the system knows where its user is at home.
    """
    for name in ("HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        place = os.environ.get(name)
        if place is not None and (not Path(place).is_absolute() or Path(place) == Path(place).parent):
            del os.environ[name]


def _place(kind: str, of: Callable[[str], Path]) -> Path:
    """The folder that the system keeps for one kind of files."""
    variable = f"XDG_{kind}_HOME"
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 -- Path.home() raises where there is none
    if variable not in os.environ and (not home.is_absolute() or home == home.parent):
        raise UsageError(f"no home folder to keep the library in; set HOME, or {variable}")
    return of("readlist").resolve()
