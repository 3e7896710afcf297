"""What a loader is given, what it gives back, and what it has to be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from readlist.models import Paper, Problem


@dataclass(frozen=True, slots=True)
class Source:
    """A decoded digest, page or note.

    `name` is its file's name, or host and path of the address that it came from, "-" for what was piped in: it is
    shown in problems, and kept with each paper. `folder` is the name of the folder that a file lies in, `address` the
    URL that a page was fetched from; both are empty where there is none.
    """

    name: str
    text: str
    folder: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Loaded:
    """The papers of one source, and what in it could not be placed; the problems' source is `Source.name`."""

    papers: tuple[Paper, ...]
    problems: tuple[Problem, ...]


class Loader(Protocol):
    """A format of digests. Both take any text at all, in time linear in its length, and never raise."""

    def detect(self, source: Source) -> bool:
        """Whether the text is of this format, which holds at least one paper then."""
        ...

    def load(self, source: Source) -> Loaded:
        """The papers in their order, cleaned and within the limits."""
        ...
