"""The interface of a loader: the source that it is given, the result that it returns, and the protocol itself.

Every loader and `registry` import this module; it imports no loader.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from readlist.sources import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from readlist.models import Mark, Paper

Parsed = TypeVar("Parsed")


@dataclass(frozen=True, slots=True)
class Source:
    """A document: its decoded text, and the bytes of it for formats that declare encodings in the document itself.

    `name` is the file name, the host and path of the URL, or "-" for standard input; it appears in problems and is
    stored with each paper. `directory` is the name of the directory that contains the file, `url` the URL that a page
    was fetched from; both are empty where they do not apply.
    """

    name: str
    text: str
    directory: str = ""
    url: str = ""
    data: bytes = b""
    _parsed: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def parse_once(self, parse: Callable[[Source], Parsed]) -> Parsed:
        """Return the result of a function of this source, which is called the first time only.

        So what `detect` has parsed is not parsed again by `parse`, or by another loader of the same kind of document.
        """
        if parse not in self._parsed:
            self._parsed[parse] = parse(self)
        result: Parsed = self._parsed[parse]
        return result


@dataclass(frozen=True, slots=True)
class ParseResult:
    """The papers of one source, in their order, and the problems found in it; their source is `Source.name`.

    `marks` has what the source says about the user's reading, by the number of the paper in `papers`; the key of such
    a mark is "". `revisions` counts the entries that announce a new version of a known paper, which are no papers here.
    """

    papers: tuple[Paper, ...]
    problems: tuple[Problem, ...]
    marks: Mapping[int, Mark] = field(default_factory=dict)
    revisions: int = 0


@dataclass(frozen=True, slots=True)
class ProblemLog:
    """Collects the problems of one source."""

    source_name: str
    problems: list[Problem] = field(default_factory=list)

    def report(self, line: int, reason: str) -> None:
        """Add a problem; `line` counts from 1, 0 is the source as a whole."""
        self.problems.append(Problem(self.source_name, line, reason))


class Loader(Protocol):
    """A parser of one format.

    `detect` and `parse` accept any text, take time linear in its length, and raise nothing but NoPaper, and the
    ReadlistError of an optional package that is not installed or of a document that is damaged as a whole.
    """

    @property
    def name(self) -> str:
        """The name of the format in messages."""
        ...

    def detect(self, source: Source) -> bool:
        """Return whether the text is in this format and contains at least one paper.

        A format that no other loader may parse is detected without a paper too; `parse` raises NoPaper then.
        """
        ...

    def parse(self, source: Source) -> ParseResult:
        """Return the papers, cleaned and within the limits, and what could not be placed."""
        ...
