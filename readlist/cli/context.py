"""The state of one invocation: its global options, and the directories of its library on this system."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from readlist.cli.registry import COMMANDS
from readlist.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    import typer

    from readlist.library.library import Directories, Library


_RUN_BY_CRON = frozenset({"load", "update", "fetch"})
"""Commands whose changes the history records as unattended where nobody sees them.

Others are decisions, also where a script or an editor runs them without a terminal.
"""
_LINUX_DIRECTORIES = {"DATA": ".local/share", "STATE": ".local/state", "CACHE": ".cache", "CONFIG": ".config"}
"""The directories of the XDG specification, in the home directory, for users who set no variable."""


class Session:
    """The global options of one invocation, and the problems of the data files that it reported.

    The keys of `store_problems` are messages, one per file; a dict, so that each is reported once and in order.
    """

    def __init__(self) -> None:
        self.home: str | None = None
        self.debug = False
        self.store_problems: dict[str, None] = {}


def open_library(context: typer.Context, *, changes: bool = False) -> Library:
    """Return the library that this invocation reads or changes.

    `changes` says that an option makes a change of a command that otherwise only reads.
    """
    from readlist.cli.output import info
    from readlist.library.library import Library

    session = context.obj
    library = Library(find_directories(session.home), session.store_problems.setdefault, info)
    if context.info_name in _RUN_BY_CRON and not _has_terminal():
        library.record_as_unattended()
    command = COMMANDS.get(context.info_name or "")
    if changes or (command and command.changes):
        library.limit_waits()
    return library


def _has_terminal() -> bool:
    """Return whether somebody may see what the command prints, or answers it."""
    return any(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


def print_if_intact(context: typer.Context, message: str) -> None:
    """Print that there is nothing, unless a data file is missing or corrupt: that is reported instead."""
    from readlist.cli.output import info

    if not context.obj.store_problems:
        info(message)


def find_directories(home: str | None) -> Directories:
    """Return the directories of the library at `home`, by default the one in the user's data directory.

    State and cache are never inside `home`, which may be a synchronised directory. Raises UsageError rather than use
    a directory that the user did not choose, such as the current one or the root of the disk.
    """
    import zlib

    from readlist.library.library import Directories

    _drop_unusable_env()
    data = _user_directory("DATA") if home is None else _resolve_home(home)
    name = f"{data.name}-{zlib.crc32(bytes(data)):08x}"  # not hashlib, whose import would slow every start
    state = _user_directory("STATE")
    cache = _user_directory("CACHE")
    return Directories(data, state / name, cache / name)


def find_config_directory() -> Path:
    """Return the user's directory for configuration files. Raises UsageError as `find_directories` does."""
    _drop_unusable_env()
    return _user_directory("CONFIG")


def _resolve_home(home: str) -> Path:
    if not home.strip():
        raise UsageError("--home is empty; write: --home DIR")
    try:
        return Path(home).expanduser().resolve()
    except (RuntimeError, OSError, ValueError) as error:
        raise UsageError(f"invalid --home: {home}: {error}") from error


def _drop_unusable_env() -> None:
    """Unset variables that name no directory: `HOME= readlist` would write at the root, `HOME=.` in the current one.

    The XDG specification has relative paths ignored; without HOME the system's user database is asked.
    """
    for name in ("HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        value = os.environ.get(name)
        if value is not None and (not Path(value).is_absolute() or Path(value) == Path(value).parent):
            del os.environ[name]


def _user_directory(kind: str) -> Path:
    """Return the user's directory for one kind of files: DATA, STATE, CACHE or CONFIG."""
    variable = f"XDG_{kind}_HOME"
    noun = "settings" if kind == "CONFIG" else "library"
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 -- Path.home() raises where there is none
    if variable not in os.environ and (not home.is_absolute() or home == home.parent):
        raise UsageError(f"no home directory for the {noun}; set HOME or {variable}")
    directory = locate_directory(kind, home)
    try:
        return directory.resolve()
    except (RuntimeError, OSError) as error:  # a symbolic link to itself
        raise UsageError(f"invalid directory for the {noun}: {directory}: {error}; set {variable}") from error


def locate_directory(kind: str, home: Path) -> Path:
    """Return what platformdirs has as the user's directory for one kind of files; `home` is the home directory.

    On Linux platformdirs is not imported, which would take a fiftieth of a short command.
    """
    if sys.platform == "linux" and "ANDROID_ROOT" not in os.environ:
        return Path(os.environ.get(f"XDG_{kind}_HOME") or home / _LINUX_DIRECTORIES[kind]) / "readlist"
    import platformdirs

    locate: Callable[[str], Path] = getattr(platformdirs, f"user_{kind.lower()}_path")
    return locate("readlist")
