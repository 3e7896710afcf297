"""Settings: their declaration, and their values from the environment and from config.toml.

Read by the commands that use a setting, after their option: option, then environment, then file, then default. The file
is opened when a setting is asked for that the environment does not have; `config_file` parses and writes it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from readlist.cli.output import info
from readlist.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

FILE_NAME = "config.toml"
_LANGUAGE = r"[a-z]{2}"
_COLUMNS = r"[a-z][a-z_-]*(?:,[a-z][a-z_-]*)*"
_ORDER = r"-?[a-z]+"


class Setting(NamedTuple):
    """A key of config.toml, and what sets it otherwise.

    `variables` are the environment variables that take precedence over the file, `fallbacks` those that the file takes
    precedence over. `parse` returns the value as it is used, and raises UsageError with a remedy for any other text.
    """

    name: str
    summary: str
    default: str
    variables: tuple[str, ...]
    parse: Callable[[str], str]
    fallbacks: tuple[str, ...] = ()


class Origin(StrEnum):
    """Where a value comes from."""

    DEFAULT = "default"
    FILE = "file"
    ENVIRONMENT = "environment"


class Value(NamedTuple):
    """The value of a setting, None for the default; `location` is the variable, or the file and the line."""

    setting: Setting
    text: str | None
    origin: Origin
    location: str = ""


def _parse_columns(text: str) -> str:
    names = ",".join(name.strip() for name in text.lower().split(","))
    return _require(_COLUMNS, names, "write names separated by commas: id,date,title")


def _parse_order(text: str) -> str:
    return _require(_ORDER, text.strip().lower(), "write an order: date")


def _parse_limit(text: str) -> str:
    text = _require(r"[0-9]{1,9}", text.strip(), "write a whole number, 0 for all papers")
    return str(int(text))


def _parse_language(text: str) -> str:
    return _require(_LANGUAGE, text.strip().lower(), "write the two letters of its code: ko, en")


def _parse_pager(text: str) -> str:
    import shlex

    try:
        shlex.split(text)
    except ValueError:
        raise UsageError("write a command, its quotes closed: less -FRX") from None
    return text.strip()


def _require(pattern: str, text: str, remedy: str) -> str:
    if not re.fullmatch(pattern, text):
        raise UsageError(remedy)
    return text


_SETTINGS = (
    Setting(
        "columns",
        "columns of lists on a terminal",
        "by the width of the terminal",
        ("READLIST_COLUMNS",),
        _parse_columns,
    ),
    Setting("sort", "order of lists", "date for list, relevance for search", ("READLIST_SORT",), _parse_order),
    Setting("limit", "papers of list and search on a terminal", "20", ("READLIST_LIMIT",), _parse_limit),
    Setting("language", "language of the first comment", "as in the digest", ("READLIST_LANGUAGE",), _parse_language),
    Setting("pager", "program for long output", "less -FRX", ("READLIST_PAGER",), _parse_pager, ("PAGER",)),
)
SETTINGS: Mapping[str, Setting] = {setting.name: setting for setting in _SETTINGS}
"""Every setting by its name, in the order in which `readlist config` lists them."""


def find_setting(name: str) -> Setting:
    """Return the setting of this name. Raises UsageError where there is none."""
    if name not in SETTINGS:
        raise UsageError(f"no such key: {name}; {suggest_name(name)}")
    return SETTINGS[name]


def suggest_name(name: str) -> str:
    """Return what to write instead of a name that is no setting."""
    from difflib import get_close_matches

    close = get_close_matches(name, SETTINGS)
    return f"did you mean: {close[0]}?" if close else f"the keys are: {', '.join(SETTINGS)}"


def read_setting(name: str) -> str | None:
    """Return the value of a setting, None for the default. Raises like `read_value`."""
    return read_value(SETTINGS[name]).text


def read_value(setting: Setting) -> Value:
    """Return the value of a setting and where it comes from.

    A variable that is empty is not set. Keys of the file that are no settings are reported on stderr. Raises UsageError
    for an invalid value, and for a file that cannot be read or parsed.
    """
    return (
        _from_environment(setting, setting.variables)
        or _from_file(setting)
        or _from_environment(setting, setting.fallbacks)
        or Value(setting, None, Origin.DEFAULT)
    )


def parse_text(setting: Setting, text: str, where: str = "") -> str:
    """Return a value that was written as text. Raises UsageError, which says `where`, if it is invalid."""
    try:
        if not text.strip():
            raise UsageError("write a value")  # noqa: TRY301 -- completed below
        return setting.parse(text)
    except UsageError as error:
        place = f" ({where})" if where else ""
        raise UsageError(f"invalid {setting.name}: {text or '(empty)'}{place}; {error}") from None


def _from_environment(setting: Setting, variables: tuple[str, ...]) -> Value | None:
    for variable in variables:
        if text := os.environ.get(variable, "").strip():
            return Value(setting, parse_text(setting, text, f"${variable}"), Origin.ENVIRONMENT, variable)
    return None


def _from_file(setting: Setting) -> Value | None:
    path = find_config_file()
    if not path or not os.path.lexists(path):  # without the import of `config_file`, which most users do not need
        return None
    from readlist.cli.config_file import describe_line, read_file

    file = read_file(path)
    for name in file.unknown_keys:
        _warn(f"unknown key: {name} ({describe_line(path, file.text, name)}); {suggest_name(name)}")
    if setting.name not in file.values:
        return None
    where = describe_line(path, file.text, setting.name)
    return Value(setting, parse_text(setting, file.values[setting.name], where), Origin.FILE, where)


_warnings: set[str] = set()
"""What was reported: a command that uses several settings reports an unknown key once."""


def _warn(message: str) -> None:
    if message not in _warnings:
        _warnings.add(message)
        info(f"readlist: {message}")


def find_config_file() -> Path | None:
    """Return the path of config.toml in the user's configuration directory; None without a home directory."""
    from readlist.cli.context import find_config_directory

    try:
        return find_config_directory() / FILE_NAME
    except UsageError:  # a library that is named by --home does without one
        return None
