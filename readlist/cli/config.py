"""Settings: their declaration, and their values from the environment and from config.toml.

Read by the commands that use a setting, after their option: option, then environment, then file, then default. The file
is opened when a setting is asked for that the environment does not have; `config_file` parses and writes it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from readlist.cli.output import info
from readlist.errors import UsageError
from readlist.redaction import redact_urls

if TYPE_CHECKING:
    from pathlib import Path

    from readlist.cli.config_file import ConfigFile

FILE_NAME = "config.toml"
_MAX_DIGITS = 9
_CODE_LENGTH = 2
"""Letters of a language's code in ISO 639-1."""

Origin: TypeAlias = Literal["default", "file", "environment"]
"""Where a value comes from."""


class Setting(NamedTuple):
    """A key of config.toml, and what sets it otherwise.

    `metavar` names the kind of value, as for the option that takes it. `variables` are the environment variables that
    take precedence over the file, `fallbacks` those that the file takes precedence over. `parse` returns the value as
    it is used, and raises UsageError with a remedy for any other text.
    """

    name: str
    metavar: str
    summary: str
    default: str
    variables: tuple[str, ...]
    parse: Callable[[str], str]
    fallbacks: tuple[str, ...] = ()


class Value(NamedTuple):
    """The value of a setting, None for the default; `location` is the variable, or the file and the line."""

    setting: Setting
    text: str | None
    origin: Origin
    location: str = ""


def _parse_columns(text: str) -> str:
    from readlist.paper_columns import COLUMNS, parse_columns

    try:
        return ",".join(column.name for column in parse_columns(text))
    except UsageError:
        raise UsageError(f"write names separated by commas, of: {', '.join(COLUMNS)}") from None


def _parse_order(text: str) -> str:
    from readlist.search.orders import ORDERS, parse_order

    try:
        return str(parse_order(text))
    except UsageError:
        raise UsageError(f"use one of: {', '.join(ORDERS)}; -date reverses an order") from None


def _parse_limit(text: str) -> str:
    if not (text.isascii() and text.strip().isdecimal() and len(text) <= _MAX_DIGITS):
        raise UsageError("write a whole number, 0 for all papers")
    return str(int(text))


_COUNTRIES = {"kr": "ko", "jp": "ja", "cn": "zh"}
"""Codes of countries that are often taken for those of their languages."""


def _parse_language(text: str) -> str:
    code = text.strip().lower()
    if not (len(code) == _CODE_LENGTH and code.isascii() and code.isalpha()):
        raise UsageError("write a two-letter language code: ko, en")
    if language := _COUNTRIES.get(code):
        raise UsageError(f"{code} is a country code; write the language code: {language}")
    return code


def _parse_pager(text: str) -> str:
    import shlex

    try:
        shlex.split(text)
    except ValueError:
        raise UsageError("close the quotes: less -FRX") from None
    return text.strip()


def _parse_remote(text: str) -> str:
    """Return a remote as it is written. Raises UsageError for one that depends on the directory, or has a secret."""
    from pathlib import Path

    from readlist.sync.remotes import parse_remote

    text = text.strip()
    if ":" not in text.partition("/")[0] and not text.startswith(("/", "~")):
        raise UsageError(f"write an absolute path: {Path.cwd() / text}")
    try:
        parse_remote(text)
    except UsageError as error:  # the value is named by `parse_text`
        raise UsageError(str(error).partition("; ")[2] or str(error)) from None
    if re.match(r"(?i)https://[^/]*@|[a-z]+://[^/]*:[^/]*@", text):
        raise UsageError("leave out user and password; git asks its credential helper for them")
    return text


_SETTINGS = (
    Setting(
        "columns",
        "COLUMNS",
        "columns of list and search on a terminal",
        "depends on the width of the terminal",
        ("READLIST_COLUMNS",),
        _parse_columns,
    ),
    Setting("sort", "ORDER", "order of list", "date", ("READLIST_SORT",), _parse_order),
    Setting("limit", "N", "papers of today, list and search on a terminal", "20", ("READLIST_LIMIT",), _parse_limit),
    Setting(
        "language",
        "LANGUAGE",
        "language of the first comment",
        "as in the digest",
        ("READLIST_LANGUAGE",),
        _parse_language,
    ),
    Setting("pager", "PROGRAM", "program for long output", "less -FRX", ("READLIST_PAGER",), _parse_pager, ("PAGER",)),
    Setting("remote", "REMOTE", "remote of sync, until one is remembered", "none", ("READLIST_REMOTE",), _parse_remote),
)
SETTINGS: Mapping[str, Setting] = {setting.name: setting for setting in _SETTINGS}
"""Every setting by its name, in the order in which `readlist config` lists them."""


def find_setting(name: str) -> Setting:
    """Return the setting of this name. Raises UsageError where there is none."""
    if name not in SETTINGS:
        raise UsageError(f"unknown setting: {name}; {suggest_name(name)}")
    return SETTINGS[name]


def suggest_name(name: str) -> str:
    """Return what to write instead of a name that is no setting."""
    from difflib import get_close_matches

    close = get_close_matches(name, SETTINGS)
    return f"did you mean: {close[0]}?" if close else f"use one of: {', '.join(SETTINGS)}"


def read_setting(name: str) -> str | None:
    """Return the value of a setting, None for the default. Raises like `read_value`."""
    return read_value(SETTINGS[name]).text


def read_value(setting: Setting) -> Value:
    """Return the value of a setting and where it comes from.

    A variable that is empty is not set. Keys of the file that are no settings are reported on stderr. Raises UsageError
    for an invalid value, and for a file that cannot be read or parsed.
    """
    return (
        _from_environment(setting) or _from_file(setting) or _from_fallback(setting) or Value(setting, None, "default")
    )


def parse_text(setting: Setting, text: str, where: str = "") -> str:
    """Return a value that was written as text. Raises UsageError, which says `where`, if it is invalid."""
    try:
        if not text.strip():
            raise UsageError("write a value")  # noqa: TRY301 -- completed below
        return setting.parse(text)
    except UsageError as error:
        place = f" ({where})" if where else ""
        raise UsageError(f"invalid {setting.name}: {redact_urls(text) or '(empty)'}{place}; {error}") from None


def _from_fallback(setting: Setting) -> Value | None:
    """Return the value of a variable of other programs, which is theirs to check."""
    for variable in setting.fallbacks:
        if text := os.environ.get(variable, "").strip():
            return Value(setting, text, "environment", variable)
    return None


def _from_environment(setting: Setting) -> Value | None:
    for variable in setting.variables:
        if text := os.environ.get(variable, "").strip():
            return Value(setting, parse_text(setting, text, f"${variable}"), "environment", variable)
    return None


def _from_file(setting: Setting) -> Value | None:
    path = _find_file(os.environ.get("HOME"), os.environ.get("XDG_CONFIG_HOME"))
    try:
        status = path.stat() if path else None
    except OSError:  # most users have no file: `config_file` is not imported
        return None
    if not path or not status:
        return None
    from readlist.cli.config_file import describe_line

    file = _read_file(path, status.st_mtime_ns, status.st_size)
    if setting.name not in file.values:
        return None
    where = describe_line(path, file.text, setting.name)
    return Value(setting, parse_text(setting, file.values[setting.name], where), "file", where)


@cache
def _read_file(path: Path, _modified_at: int, _size: int) -> ConfigFile:
    """Read the file, once for all settings of a command, and report keys that are no settings."""
    from readlist.cli.config_file import describe_line, read_file

    file = read_file(path)
    for name in file.unknown_keys:
        info(f"readlist: unknown setting: {name} ({describe_line(path, file.text, name)}); {suggest_name(name)}")
    return file


@cache
def _find_file(_home: str | None, _config_home: str | None) -> Path | None:
    """Return the path of the file, None without a home directory, as for a library that --home names."""
    try:
        return find_config_file()
    except UsageError:
        return None


def find_config_file() -> Path:
    """Return the path of config.toml. Raises UsageError where there is no directory for it."""
    from readlist.cli.context import find_config_directory

    return find_config_directory() / FILE_NAME
