"""The file config.toml: parsed for `config`, and changed key by key; comments and all other lines are kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from readlist.errors import ReadlistError, UsageError

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

MAX_BYTES = 100_000
"""Of the file; a file with every key has less than 1000."""
_MAX_QUOTED = 40
_MAX_DIGITS = 9


class ConfigFile(NamedTuple):
    """The content of the file: its text, and the values of its keys as text; a list is joined by commas."""

    text: str
    values: Mapping[str, str]
    unknown_keys: tuple[str, ...]


def read_file(path: Path) -> ConfigFile:
    """Read and parse the file; one that does not exist is empty. Raises UsageError with path, line and remedy."""
    from readlist.cli.config import SETTINGS

    text = read_text(path)
    values = parse_simple(text)
    if values is None:
        values = _parse(path, text)
    known = {name: _format_value(path, text, name, value) for name, value in values.items() if name in SETTINGS}
    return ConfigFile(text, known, tuple(name for name in values if name not in SETTINGS))


def read_text(path: Path) -> str:
    """Return the text of the file, "" where there is none. Raises UsageError where it cannot be read."""
    from readlist.opening import NotRegularFile, read_regular

    try:
        data = read_regular(path, MAX_BYTES + 1)
    except FileNotFoundError:
        return ""
    except NotRegularFile as error:
        raise UsageError(error.describe()) from error
    except OSError as error:
        raise UsageError(f"cannot read the settings: {path}: {error.strerror}; make the file readable") from error
    if len(data) > MAX_BYTES:
        raise UsageError(f"invalid settings: {path} has more than {MAX_BYTES:,} bytes; shorten it or move it elsewhere")
    try:
        return data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError(f"invalid settings: {path}, line {line}: not UTF-8; save the file as UTF-8") from error


def parse_simple(text: str) -> dict[str, object] | None:
    """Return what tomllib returns for a file whose lines are all simple; None for any other file.

    Importing tomllib takes longer than all else that a setting costs, so that it reads other files only. Simple are a
    blank line, a comment, and a key with a number or with a string without escapes.

    >>> parse_simple('limit = 50  # papers'), parse_simple("limit = 5_0"), parse_simple("[limit]")
    ({'limit': 50}, None, None)
    """
    values: dict[str, object] = {}
    for line in text.replace("\r\n", "\n").split("\n"):
        key, _, written = (part.strip(" \t") for part in line.partition("="))
        if not line.replace("\t", " ").isprintable():
            return None
        if line.strip(" \t").startswith("#") or not line.strip(" \t"):
            continue
        value = _parse_simple_value(written)
        if value is None or key in values or not (key.isascii() and key.isalpha()):
            return None
        values[key] = value
    return values


def _parse_simple_value(written: str) -> int | str | None:
    """Return the value of what follows the equals sign, perhaps a comment at its end; None if it is not simple."""
    is_text = written.startswith('"')
    value, _, rest = written[1:].partition('"') if is_text else (written.partition("#")[0].rstrip(" \t"), "", "")
    if is_text:
        is_closed = len(written) > len(value) + 1 and rest.lstrip(" \t")[:1] in {"", "#"}
        return value if is_closed and "\\" not in value else None
    is_number = value.isascii() and value.isdecimal() and len(value) <= _MAX_DIGITS
    return int(value) if is_number and (value == "0" or value[0] != "0") else None


def _parse(path: Path, text: str) -> dict[str, object]:
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        number = int(match[1]) if (match := re.search(r"\(at line (\d+), column \d+\)$", message)) else 0
        lines = text.rstrip("\n").split("\n")
        number = min(number or len(lines), len(lines))  # 0: "(at end of document)"
        quoted = lines[number - 1].strip()[:_MAX_QUOTED]
        reason = re.sub(r" \(at .*\)$", "", message)
        raise UsageError(
            f"invalid settings: {path}, line {number}: {quoted}: {reason[:1].lower()}{reason[1:]}; "
            'correct the line: key = 10, or key = "text"'
        ) from None


def _format_value(path: Path, text: str, name: str, value: object) -> str:
    """Return a number, a string, or a list of strings as the text of an option. Raises UsageError for other types."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return ",".join(value)
    raise UsageError(
        f"invalid {name}: {str(value)[:_MAX_QUOTED]} ({describe_line(path, text, name)}); "
        f"write a string or a number: readlist config {name} VALUE"
    )


def describe_line(path: Path, text: str, name: str) -> str:
    """Return `PATH, line 3`, the line being that of a key."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.partition("=")[0].strip(" \t[]\"'") == name:
            return f"{path}, line {number}"
    return str(path)


def set_key(path: Path, name: str, value: str) -> None:
    """Set a key in the file, which is created where there is none; comments and other keys are kept.

    Raises UsageError where the file cannot be parsed, and ReadlistError where it cannot be written.
    """
    document = _edit(path)
    document[name] = int(value) if value.isdecimal() else value
    _write(path, document.as_string())


def remove_key(path: Path, name: str) -> bool:
    """Remove a key from the file; return whether it was there. Raises like `set_key`."""
    document = _edit(path)
    if name not in document:
        return False
    del document[name]
    _write(path, document.as_string())
    return True


def _edit(path: Path) -> TOMLDocument:
    import tomlkit

    text = read_text(path)
    _parse(path, text)  # for its message; an invalid value is no hindrance, since this may replace it
    return tomlkit.parse(text)


def _write(path: Path, text: str) -> None:
    from readlist.cli.files import rewrite
    from readlist.private_files import ensure_directory

    try:
        path = path.resolve()  # a symbolic link, as into a repository of such files, is kept
        ensure_directory(path.parent)
        rewrite(path, text)
    except OSError as error:
        raise ReadlistError(
            f"cannot write the settings: {path}: {error.strerror}; make the directory writable"
        ) from error
