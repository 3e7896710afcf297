"""The newsletter on the web: as a page, and as a feed with a digest an entry.

What an entry holds is read as a page is. Its date is what the newsletter says of itself: its date line, its title;
then when it was published.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from readlist.dates import date_from_file_name, find_date
from readlist.loaders.base import Loaded
from readlist.loaders.newsletter.parser import PageReader, holds_paper
from readlist.models import Problem

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from readlist.loaders.base import Source
    from readlist.loaders.page.parser import Page
    from readlist.models import Paper

_MARKUP = re.compile(r"[\ufeff\s]*<[?!A-Za-z]")
_FIRST_ELEMENT = re.compile(r"<(?:[A-Za-z][\w.-]*:)?([A-Za-z][\w.-]*)")
_FEEDS = frozenset({"rss", "RDF", "feed"})


class Feed:
    """The loader of pages, RSS and Atom."""

    def detect(self, source: Source) -> bool:
        """Whether it begins as markup does, and holds a paper."""
        return bool(_MARKUP.match(source.text)) and any(
            holds_paper(text.page.lines) for text in _Document(source).texts()
        )

    def load(self, source: Source) -> Loaded:
        """The papers, each entry's under its own date."""
        document = _Document(source)
        papers: list[Paper] = []
        problems: list[Problem] = []
        for text in document.texts():
            loaded = PageReader(source.name, text.date).read(text.page.lines)
            papers += loaded.papers
            problems += loaded.problems
        return Loaded(tuple(papers), (*document.problems, *problems))


@dataclass(slots=True)
class _Text:
    """A page, and the date of the papers on it that stand under no other."""

    page: Page
    date: dt.date | None


class _Document:
    """The text of a page, or those of a feed's entries."""

    def __init__(self, source: Source) -> None:
        self.problems: list[Problem] = []
        self._source = source

    def texts(self) -> Iterator[_Text]:
        first = _FIRST_ELEMENT.search(self._source.text)
        yield from self._entries() if first and first[1] in _FEEDS else self._page()

    def _page(self) -> Iterator[_Text]:
        from readlist.loaders.page import entries, parser
        from readlist.loaders.page.markup import Allowance

        read = parser.read(self._source.text, Allowance(), self._source.address)
        self._say(0, read.problem)
        yield _Text(read, find_date(read.title) or entries.day_of(read.published) or self._date_of_source())

    def _entries(self) -> Iterator[_Text]:
        from readlist.loaders.page import entries, parser
        from readlist.loaders.page.markup import Allowance

        allowance = Allowance()
        found, problem = entries.read(self._source.text)
        self._say(0, problem)
        without = 0
        for entry in found:
            read = parser.read(entry.body, allowance, entry.link or self._source.address, entry.body_line)
            self._say(entry.line, read.problem)
            without += not read.lines
            yield _Text(read, find_date(entry.title) or entry.date or self._date_of_source())
        if without:
            self._say(0, f"{without} of {len(found)} entries hold no paper")

    def _date_of_source(self) -> dt.date | None:
        """The date in a file's name, or in an address such as example.org/2025/02/11."""
        return date_from_file_name(self._source.name.replace("/", "-"))

    def _say(self, line: int, reason: str) -> None:
        if reason:
            self.problems.append(Problem(self._source.name, line, reason))
