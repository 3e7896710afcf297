"""What the doctor examines, and what it says of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from readlist.models import UserDefinitions

if TYPE_CHECKING:
    from readlist.models import Entry, Mark, Provenance
    from readlist.store.history import History
    from readlist.store.lock import Lock
    from readlist.store.marks import MarkStore
    from readlist.store.papers import PaperStore

FIX = "readlist doctor --fix"


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a library, and its folders for state and cache; `index` is the file of the search index."""

    papers: PaperStore
    marks: MarkStore
    history: History
    index: Path
    lock: Lock
    state: Path
    cache: Path

    @property
    def damaged(self) -> Path:
        """The folder where what was damaged is kept."""
        return self.state / "damaged"


class Held(NamedTuple):
    """What a library holds, in the order of ids; `is_sound` says that both store files are."""

    entries: list[Entry]
    marks: dict[str, Mark]
    origins: Provenance
    is_sound: bool
    names: UserDefinitions = UserDefinitions()


class Level(StrEnum):
    """How grave it is: the store is damaged, something is to be mended, or merely worth knowing."""

    DAMAGE = "damage"
    MEND = "mend"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be, and what mends it; `items` are what it is about.

    `fix` mends it and tells in one line what was done; None where that takes a person.
    """

    level: Level
    what: str
    mend: str
    items: tuple[str, ...] = ()
    fix: Callable[[], str] | None = None
