"""What a loader is given, what it gives back, and what it has to be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from readlist.models import Paper, Problem


@dataclass(frozen=True, slots=True)
class Source:
    """A decoded digest: `name` is its file's name, "-" for what was piped in; it is shown, and kept with each paper."""

    name: str
    text: str


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
