"""The table of loaders, and loading one source: decode it, and parse it with the first loader that detects its format.

`batch` calls `load_file` and `load_bytes`. Every error is a ReadlistError whose message is one line without the path,
which the caller adds.
"""

from __future__ import annotations

import os
from dataclasses import replace
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from readlist.errors import NoPaper
from readlist.loaders import signs
from readlist.loaders.base import Loader, ParseResult, Source
from readlist.loaders.daily_papers import DailyPapersLoader
from readlist.loaders.encoding import decode, require_few_lines
from readlist.loaders.feed.json_feed import JsonFeedLoader
from readlist.loaders.feed.parser import FeedLoader
from readlist.loaders.files import MAX_FILE, read_bytes, require_size
from readlist.loaders.mail.mailbox import is_mail
from readlist.loaders.newsletter.parser import NewsletterLoader
from readlist.loaders.own.start import is_export
from readlist.loaders.page.paper import PaperPageLoader
from readlist.loaders.page.parser import PageLoader
from readlist.loaders.unsupported import refuse_binary, refuse_text
from readlist.sources import Problem
from readlist.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable


class _LazyLoader:
    """A loader that is imported for a text that has the sign of its format: the modules of all take 30 ms.

    `module` is that of the loader below `readlist.loaders`, `class_name` its class, which is called with `arguments`.
    """

    def __init__(
        self, name: str, module: str, class_name: str, has_sign: Callable[[Source], bool], *arguments: Any
    ) -> None:
        self.name = name
        self._has_sign = has_sign
        self._import_path = f"readlist.loaders.{module}", class_name
        self._arguments = arguments

    def detect(self, source: Source) -> bool:
        return self._has_sign(source) and self._loader.detect(source)

    def parse(self, source: Source) -> ParseResult:
        return self._loader.parse(source)

    @cached_property
    def _loader(self) -> Loader:
        module, class_name = self._import_path
        loader: Loader = getattr(import_module(module), class_name)(*self._arguments)
        return loader


def _in_text(has_sign: Callable[[str], bool]) -> Callable[[Source], bool]:
    return lambda source: has_sign(source.text)


_EXPORT_LOADER = _LazyLoader("export of readlist", "own.parser", "ExportLoader", _in_text(signs.may_be_export))
_MARKUP_LOADERS: tuple[Loader, ...] = (
    FeedLoader(),
    JsonFeedLoader(),
    DailyPapersLoader(),
    PaperPageLoader(),
    PageLoader(),
)
_BIBLIOGRAPHY_LOADERS: tuple[Loader, ...] = (
    _LazyLoader("BibTeX", "bibliography.bibtex", "BibTexLoader", _in_text(signs.may_be_bibtex)),
    _LazyLoader("RIS", "bibliography.ris", "RisLoader", _in_text(signs.may_be_ris)),
    _LazyLoader("CSL-JSON", "bibliography.csl", "CslLoader", _in_text(signs.may_be_csl)),
    _LazyLoader("Zotero CSV", "bibliography.zotero", "ZoteroLoader", _in_text(signs.may_be_zotero)),
)
_TEXT_LOADERS: tuple[Loader, ...] = (
    _LazyLoader("Markdown note", "notes.parser", "NoteLoader", _in_text(signs.may_be_note)),
    _LazyLoader("Markdown digest", "paper_lists.digest", "MarkdownDigestLoader", _in_text(signs.has_marked_line)),
    NewsletterLoader(),
)
_MAIL_LOADER = _LazyLoader(
    "mail (EML, MHTML, mbox)",
    "mail.parser",
    "MailLoader",
    lambda source: is_mail(source.data),
    _MARKUP_LOADERS,
    _TEXT_LOADERS,
)
LOADERS: tuple[Loader, ...] = (
    _MAIL_LOADER,
    _EXPORT_LOADER,
    *_MARKUP_LOADERS,
    *_BIBLIOGRAPHY_LOADERS,
    *_TEXT_LOADERS[:-1],
    _LazyLoader("list of papers (Markdown)", "paper_lists.parser", "PaperListLoader", _in_text(signs.may_be_list)),
    _TEXT_LOADERS[-1],
)
"""The loaders in the order in which they are tried, the most specific format first."""


def load_file(path: Path) -> ParseResult:
    """Return the papers and problems of a file.

    Raises:
        NoPaper: the file contains no paper.
        ReadlistError: the file cannot be read or decoded.
    """
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 -- as in `batch`, without ".."
    return load_bytes(read_bytes(path), path.name, directory=absolute.parent.name)


def load_bytes(data: bytes, name: str, *, directory: str = "", url: str = "", charset: str = "") -> ParseResult:
    """Return the papers and problems of a digest; `name`, `directory` and `url` are those of `Source`.

    `charset` is the encoding that the server declared. Raises as `load_file` does.
    """
    require_size(len(data), data)
    refuse_binary(data)
    source = Source(clean(name), "", clean(directory), url, data)
    if _MAIL_LOADER.detect(source):  # before decoding: each part of a message has an encoding of its own
        return _MAIL_LOADER.parse(source)
    decoded, encoding_warning = decode(data, charset)
    blank_lines, text = _split_blank_lines(decoded)  # no format has them, and most are recognized by their first line
    source = replace(source, text=text)
    for loader in LOADERS:
        if loader is _TEXT_LOADERS[0]:
            refuse_text(text)  # the others recognize their formats by marks that no other format has
        if loader.detect(source):
            result = loader.parse(source)
            warnings = [Problem(source.name, 0, encoding_warning)] if encoding_warning else []
            problems = (_move_down(problem, blank_lines) for problem in result.problems)
            return replace(result, problems=(*warnings, *problems))
        if loader is _EXPORT_LOADER and is_export(data):  # it only begins like one, and has the limits of a digest
            require_few_lines(text)
            if len(data) > MAX_FILE:
                raise NoPaper("no paper found: not an export of readlist, and too large for another format")
    raise NoPaper("no paper found; for the formats that load reads: readlist help formats")


def _move_down(problem: Problem, lines: int) -> Problem:
    return problem._replace(line=problem.line + lines) if problem.line else problem


def _split_blank_lines(text: str) -> tuple[int, str]:
    """Return the number of blank lines at the beginning of a text, and the text after them."""
    indented = text.lstrip("\ufeff \t\r\n")
    start = text.rfind("\n", 0, len(text) - len(indented)) + 1
    return text.count("\n", 0, start), text[start:]
