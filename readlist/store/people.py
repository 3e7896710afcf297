"""The marks of the other persons of a lab: `people.json` in the state directory of this machine.

Not part of the library and never in a backup: a sync of the lab writes the file again. `sync` has cleaned what is in
it; `library.index_sync` builds tables of the index from it. It has, by person and by the key of the paper in this
library, the record of a mark as marks.json has it, with what the person shares.
"""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from readlist.errors import StoreError
from readlist.opening import read_regular
from readlist.store.atomic import os_errors_as, write_file
from readlist.store.marks import decode_mark

if TYPE_CHECKING:
    from readlist.models import Mark

_FORMAT = b"readlist people 1"
"""How the first line begins; the checksum of the second, which is JSON, follows."""


def write_people(path: Path, people: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> None:
    """Write the marks of each person by the keys of papers; a file that has them already is left alone.

    A person without marks is one of the lab all the same. Raises ReadlistError where the file cannot be written.
    """
    import orjson

    text = orjson.dumps(people, option=orjson.OPT_SORT_KEYS)
    content = b"%s %08x\n%s\n" % (_FORMAT, zlib.crc32(text), text)
    with contextlib.suppress(OSError):
        if read_regular(path) == content:  # else the index would be updated after every sync
            return
    write_file(path, [content])


def remove_people(path: Path) -> None:
    """Remove the file, for a library that leaves its lab. Raises ReadlistError."""
    with os_errors_as("remove", path):
        path.unlink(missing_ok=True)


def read_people(path: Path) -> dict[str, dict[str, dict[str, Any]]]:
    """Return what `write_people` wrote, {} where there is no file. Raises StoreError for a corrupt one."""
    import orjson

    content = b""
    with os_errors_as("read", path), contextlib.suppress(FileNotFoundError):
        content = read_regular(path)
    if not content:
        return {}
    header, _, text = content.removesuffix(b"\n").partition(b"\n")
    if header != b"%s %08x" % (_FORMAT, zlib.crc32(text)):
        raise StoreError(f"the file with the marks of others is corrupt: {path}; to write it again: readlist sync")
    people: dict[str, dict[str, dict[str, Any]]] = orjson.loads(text)
    return people


def read_marks(path: Path) -> dict[str, dict[str, Mark]]:
    """Return the marks that `read_people` returns the records of, without what this version does not understand."""
    return {
        person: {key: mark for key, record in marks.items() if (mark := decode_mark(key, record))}
        for person, marks in read_people(path).items()
    }
