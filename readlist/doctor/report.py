"""What the doctor examines, and what it reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from readlist.definitions import UserDefinitions
from readlist.sources import Provenance

if TYPE_CHECKING:
    from readlist.errors import ReadlistError
    from readlist.models import Mark
    from readlist.store.file import FileStatus
    from readlist.store.history import History
    from readlist.store.lock import Lock
    from readlist.store.marks import MarkStore
    from readlist.store.papers import PaperStore

FIX = "to repair it: readlist doctor --fix"


@dataclass(frozen=True, slots=True)
class Components:
    """The components of a library: its stores, the file of the index, its directories for state and cache."""

    papers: PaperStore
    marks: MarkStore
    history: History
    index: Path
    lock: Lock
    state: Path
    cache: Path
    people_file: Path

    @property
    def quarantine(self) -> Path:
        """The directory of corrupt files that were repaired."""
        return self.state / "damaged"


class PaperSummary(NamedTuple):
    """What the checks of the contents need of a paper, with the tags in effect."""

    id: int
    key: str
    title: str
    arxiv_id: str
    doi: str
    tags: tuple[str, ...]
    is_deleted: bool


class IndexReport(NamedTuple):
    """How the index compares with the store files; `error` is what is wrong with one that is current, "" for nothing.

    `people_problem` says why the marks of other persons, from which it is built too, cannot be read, "" if they can.
    """

    is_current: bool = True
    error: str = ""
    people_problem: str = ""


class LibrarySnapshot(NamedTuple):
    """The content of both store files, papers in the order of their IDs; `is_intact` says whether both are.

    `known_papers` is how many papers there were at the last load, as marks.json knows it. `index_report` is None where
    index was not examined: the store has problems, or is empty. `statuses` says for both files what is wrong with it,
    or why it cannot be read.
    """

    papers: list[PaperSummary] = []  # noqa: RUF012 -- a default of a named tuple, which nobody changes
    marks: dict[str, Mark] = {}  # noqa: RUF012 -- likewise
    provenance: Provenance = Provenance()
    definitions: UserDefinitions = UserDefinitions()
    known_papers: int = 0
    is_intact: bool = False
    index_report: IndexReport | None = None
    statuses: Mapping[Path, FileStatus | ReadlistError] = {}


class Level(StrEnum):
    """How serious a finding is.

    ERROR: a data file is corrupt, unreadable or too new. WARNING: something should be repaired. INFO: the rest.
    """

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem and its remedy; `items` are the files, keys or tags concerned.

    `fix` repairs it and returns a line about what was done; None where that takes a person.
    """

    level: Level
    message: str
    remedy: str
    items: tuple[str, ...] = ()
    fix: Callable[[], str] | None = None


class Check(Protocol):
    """A check of one component."""

    def run(self) -> Iterator[Finding]:
        """Yield what is wrong."""
        ...
