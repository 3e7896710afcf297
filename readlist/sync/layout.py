"""The files of the branch: their names, and the lines in them.

    format                          {"readlist":1,"digits":2}, of a lab also "lab":true
    marks/00 … marks/ff             a mark a line, in the file of the last hex digits of its key
    queries aliases synonyms sources    a definition a line
    papers/2025-05 papers/undated   a paper a line, by the month of its first digest
    same                            a pair of keys that are one paper a line
    people/kim/marks/00 …           what a person shares with a group

A line is as in a store file: `"key":{…,"sum":"a283d717"}`, sorted by key, with sorted names and the CRC-32 of the line,
seeded with the name of its table. A table of registers has them as {"register": […]}. Pure: nothing is read or written
here, and nothing is validated beyond the checksum, see `incoming`.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from readlist.errors import StoreError

FORMAT = 1
"""The version of the layout; a branch with a newer one is neither read nor changed."""
DIGITS = 2
"""Hex digits of a key that name its file of marks, in a new branch: 256 files of which a change rewrites one."""
PERSON_NAME = r"[^\W_](?:[\w.-]{0,38}[^\W_])?"
"""Pattern of a person's name in a group, which is a directory of the branch."""

_WITH_RECORDS = ("marks", "papers")
"""Tables whose values are objects; those of the others are registers."""
_REGISTER = "register"
_SUM = b'"sum":"%08x"}\n'
_SUM_LENGTH = len(_SUM % 0)
_SHARD = r"[0-9a-f]{1,4}"
_MARKS = rf"marks/{_SHARD}"
_OWN_PATH = re.compile(
    rf"format|queries|aliases|synonyms|sources|same|{_MARKS}|papers/(?:[0-9]{{4}}-[0-9]{{2}}|undated)"
    rf"|people/{PERSON_NAME}/{_MARKS}"
)
_MAX_DIGITS = 4


# Paths


def is_own_path(path: str) -> bool:
    """Return whether a path is one of those above; nothing else of a branch is read.

    >>> [is_own_path(path) for path in ("marks/3f", "papers/undated", "people/kim/marks/00", "marks/../x", "README")]
    [True, True, True, False, False]
    """
    return _OWN_PATH.fullmatch(path) is not None


def shard(key: str, digits: int = DIGITS) -> str:
    """Return the name of the file for the mark with this key: the last digits of its hash, which are evenly spread.

    >>> shard("fp4-all-the-way-5d589f"), shard("fp4-all-the-way-5d589f", 3)
    ('9f', '89f')
    """
    tail = key[-digits:]
    if re.fullmatch(f"[0-9a-f]{{{digits}}}", tail):
        return tail
    return f"{zlib.crc32(key.encode()):08x}"[-digits:]  # the key of an old version


def papers_path(month: str) -> str:
    """Return the path of the papers of a month, "2025-05" or "undated"."""
    return f"papers/{month}"


class Format(NamedTuple):
    """How a branch is written: the hex digits that name a file of marks, and whether it is that of a lab.

    A lab that was taken for the user's own remote would get every note.
    """

    digits: int = DIGITS
    is_lab: bool = False


def write_format(branch: Format) -> bytes:
    """Return the content of the file `format`."""
    lab = b',"lab":true' if branch.is_lab else b""
    return b'{"readlist":%d,"digits":%d%b}\n' % (FORMAT, branch.digits, lab)


def parse_format(blob: bytes) -> Format:
    """Return what the file `format` says. Raises StoreError for another or a damaged format."""
    from orjson import JSONDecodeError, loads

    try:
        values = loads(blob)
    except JSONDecodeError:
        values = None
    version, digits = (values.get("readlist"), values.get("digits")) if isinstance(values, dict) else (None, None)
    if type(version) is not int or version < 1:
        raise StoreError("the remote has a damaged file: format; delete the branch readlist there and sync again")
    if version > FORMAT:
        raise StoreError(
            f"the remote is of a newer version of readlist: format {version}, this version reads {FORMAT}; "
            "update readlist"
        )
    if type(digits) is not int or not 1 <= digits <= _MAX_DIGITS:
        raise StoreError("the remote has a damaged file: format; delete the branch readlist there and sync again")
    return Format(digits, values.get("lab") is True)


# Lines


def write_lines(table: str, records: Mapping[str, Any]) -> bytes:
    """Return the content of a file: a line for each record, by its key."""
    seed = zlib.crc32(table.encode())
    return b"".join([_line(table, key, records[key], seed) for key in sorted(records)])


def read_lines(table: str, blob: bytes) -> tuple[dict[str, Any], int]:
    """Return the intact records of a file by their keys, and how many lines are damaged."""
    lines = blob.splitlines()
    seed = zlib.crc32(table.encode())
    intact = [line for line in lines if _has_right_sum(line, seed)]
    records: dict[str, Any] = {}
    has_records = table in _WITH_RECORDS
    for key, record in _parse(intact):
        if type(record) is dict and record.pop("sum", None) is not None:
            records[key] = record if has_records else record.get(_REGISTER)
    return records, len(lines) - len(records)


def split_lines(blob: bytes) -> dict[str, bytes]:
    """Return the lines of a file by their keys, each with its line feed, without parsing or verifying them."""
    return {_key(line): line + b"\n" for line in blob.splitlines()}


def replace_lines(table: str, blob: bytes, changes: Mapping[str, Any]) -> bytes:
    """Return the content of a file with some records replaced, None for removed; damaged lines are left out."""
    seed = zlib.crc32(table.encode())
    lines = {_key(line): line + b"\n" for line in blob.splitlines() if _has_right_sum(line, seed)}
    for key, value in changes.items():
        if value is None:
            lines.pop(key, None)
        else:
            lines[key] = _line(table, key, value, seed)
    return b"".join([lines[key] for key in sorted(lines)])


def _line(table: str, key: str, value: Any, seed: int) -> bytes:
    from orjson import OPT_SORT_KEYS, dumps

    record = value if table in _WITH_RECORDS else {_REGISTER: value}
    text = dumps({key: record}, option=OPT_SORT_KEYS)[1:-2] + (b"," if record else b"")
    return text + _SUM % zlib.crc32(text, seed)


def _has_right_sum(line: bytes, seed: int) -> bool:
    """Return whether a line without its line feed has the right checksum."""
    end = 1 - _SUM_LENGTH
    return line[end:] == (_SUM % zlib.crc32(line[:end], seed))[:-1]


def _parse(lines: list[bytes]) -> Iterable[tuple[str, Any]]:
    """Return the key and the value of each line that is one of an object.

    All lines are parsed at once, which takes half of the time; one by one where a line is not what it should be.
    """
    from orjson import JSONDecodeError, loads

    try:
        parsed: dict[str, Any] = loads(b"{%b}" % b",".join(lines))
    except JSONDecodeError:
        parsed = {}
    return parsed.items() if len(parsed) == len(lines) else _parse_each(lines)


def _parse_each(lines: Iterable[bytes]) -> Iterator[tuple[str, Any]]:
    from orjson import JSONDecodeError, loads

    for line in lines:
        try:
            one = loads(b"{%b}" % line)
        except JSONDecodeError:
            continue
        if len(one) == 1:
            yield from one.items()


def _key(line: bytes) -> str:
    """Return the key of a line, "" for what is not one."""
    quoted = line[: line.find(b'":', 1) + 1]
    if b"\\" not in quoted:
        return quoted[1:-1].decode(errors="replace")
    from orjson import JSONDecodeError, loads

    try:
        return str(next(iter(loads(b"{%b}" % line))))
    except (JSONDecodeError, StopIteration):
        return ""
