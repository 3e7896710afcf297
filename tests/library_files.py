"""The files of one library, at the paths where the command line finds them."""

from __future__ import annotations

import shutil
import zlib
from collections.abc import Iterable
from pathlib import Path

from readlist.library.library import Directories, Library
from readlist.models import PaperRef
from readlist.store import format as file_format
from readlist.store.identity import read_metadata
from readlist.store.papers import TABLES
from tests.store_bytes import serialize


class LibraryFiles:
    """The files of a library below `root`, which contains one directory each for its data, state and cache.

    The names are spelled out here, not asked of the package: another name would leave the history, the backups and the
    index of every existing library behind.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.data = self.root / "home"
        self.marks = self.data / "marks.json"
        self.papers = self.data / "papers.json"
        name = f"{self.data.name}-{zlib.crc32(bytes(self.data)):08x}"
        self.state = self.root / "state" / "readlist" / name
        self.history = self.state / "history"
        self.quarantine = self.state / "damaged"
        self.cache = self.root / "cache" / "readlist" / name
        self.index = self.cache / "index.sqlite"

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that lead the command line to this library."""
        return {
            "READLIST_HOME": str(self.data),
            "XDG_STATE_HOME": str(self.root / "state"),
            "XDG_CACHE_HOME": str(self.root / "cache"),
        }

    @property
    def directories(self) -> Directories:
        """The same directories, for `Library`."""
        return Directories(self.data, self.state, self.cache)

    def backups(self, name: str) -> list[Path]:
        """Return the backups of a store file, the oldest first."""
        return sorted((self.state / "backups" / name).iterdir())

    def quarantined(self) -> dict[str, bytes]:
        """Return the content of each quarantined file by its name without the time."""
        return {path.name.partition("-")[0]: path.read_bytes() for path in self.quarantine.glob("*")}


def refs(library: Library, ids: Iterable[int]) -> tuple[PaperRef, ...]:
    """Return the papers of these IDs that exist, as a command that names them by ID passes them on."""
    return library.resolve(map(str, ids)).papers


def replace_papers(library: Library, seeds: Path, scratch: Path, *, only_newest: bool = False) -> None:
    """Replace papers.json by the one of another machine, which loaded the newest digest first.

    There papers 9 to 13 have the IDs from 1 to 5, and papers 1 to 8, unless `only_newest`, those from 6 to 13.
    """
    other = Library(Directories(scratch / "data", scratch / "state", scratch / "cache"))
    for digest in sorted(seeds.iterdir(), reverse=True)[: 1 if only_newest else None]:
        other.load([str(digest)])
    target = library.directories.data / "papers.json"
    copy = target.with_name("papers.json.copy")
    copy.write_bytes(_with_library_of(target, scratch / "data" / "papers.json"))
    copy.replace(target)
    shutil.rmtree(scratch)


def _with_library_of(own: Path, other: Path) -> bytes:
    """Return another papers.json as if both machines had the same library, in a directory that is synced."""
    tables = file_format.parse(other.read_bytes().splitlines(keepends=True), TABLES).tables
    tables["_meta"]["1"]["library"] = read_metadata(own).library
    return serialize(tables)
