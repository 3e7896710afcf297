"""The table of loaders, and loading one source: decode it, and parse it with the first loader that detects its format.

`batch` calls `load_file` and `load_bytes`. Every error is a ReadlistError whose message is one line without the path,
which the caller adds.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from readlist.errors import NoPaper
from readlist.loaders.base import Loader, ParseResult, Source
from readlist.loaders.bibliography.bibtex import BibTexLoader
from readlist.loaders.bibliography.csl import CslLoader
from readlist.loaders.bibliography.ris import RisLoader
from readlist.loaders.bibliography.zotero import ZoteroLoader
from readlist.loaders.daily_papers import DailyPapersLoader
from readlist.loaders.encoding import decode, require_few_lines
from readlist.loaders.feed.json_feed import JsonFeedLoader
from readlist.loaders.feed.parser import FeedLoader
from readlist.loaders.files import MAX_FILE, read_bytes, require_size
from readlist.loaders.mail.parser import MailLoader
from readlist.loaders.newsletter.parser import NewsletterLoader
from readlist.loaders.notes.parser import NoteLoader
from readlist.loaders.own.parser import ExportLoader
from readlist.loaders.own.start import is_export
from readlist.loaders.page.paper import PaperPageLoader
from readlist.loaders.page.parser import PageLoader
from readlist.loaders.paper_lists.digest import MarkdownDigestLoader
from readlist.loaders.paper_lists.parser import PaperListLoader
from readlist.loaders.unsupported import refuse_binary, refuse_text
from readlist.sources import Problem
from readlist.text import clean

if TYPE_CHECKING:
    from pathlib import Path

_EXPORT_LOADER = ExportLoader()
_MARKUP_LOADERS: tuple[Loader, ...] = (
    FeedLoader(),
    JsonFeedLoader(),
    DailyPapersLoader(),
    PaperPageLoader(),
    PageLoader(),
)
_BIBLIOGRAPHY_LOADERS: tuple[Loader, ...] = (BibTexLoader(), RisLoader(), CslLoader(), ZoteroLoader())
_TEXT_LOADERS: tuple[Loader, ...] = (NoteLoader(), MarkdownDigestLoader(), NewsletterLoader())
_MAIL_LOADER = MailLoader(_MARKUP_LOADERS, _TEXT_LOADERS)
LOADERS: tuple[Loader, ...] = (
    _MAIL_LOADER,
    _EXPORT_LOADER,
    *_MARKUP_LOADERS,
    *_BIBLIOGRAPHY_LOADERS,
    *_TEXT_LOADERS[:-1],
    PaperListLoader(),
    _TEXT_LOADERS[-1],
)
"""The loaders in the order in which they are tried, the most specific format first."""


def load_file(path: Path) -> ParseResult:
    """Return the papers and problems of a file.

    Raises:
        NoPaper: the file contains no paper.
        ReadlistError: the file cannot be read or decoded.
    """
    return load_bytes(read_bytes(path), path.name, directory=path.absolute().parent.name)


def load_bytes(data: bytes, name: str, *, directory: str = "", url: str = "", charset: str = "") -> ParseResult:
    """Return the papers and problems of a digest; `name`, `directory` and `url` are those of `Source`.

    `charset` is the encoding that the server declared. Raises as `load_file` does.
    """
    require_size(len(data), data)
    refuse_binary(data)
    source = Source(clean(name), "", clean(directory), url, data)
    if _MAIL_LOADER.detect(source):  # before decoding: each part of a message has an encoding of its own
        return _MAIL_LOADER.parse(source)
    text, encoding_warning = decode(data, charset)
    source = replace(source, text=text)
    for loader in LOADERS:
        if loader is _TEXT_LOADERS[0]:
            refuse_text(text)  # the others recognize their formats by marks that no other format has
        if loader.detect(source):
            result = loader.parse(source)
            if not encoding_warning:
                return result
            return replace(result, problems=(Problem(source.name, 0, encoding_warning), *result.problems))
        if loader is _EXPORT_LOADER and is_export(data):  # it only begins like one, and has the limits of a digest
            require_few_lines(text)
            if len(data) > MAX_FILE:
                raise NoPaper("no paper found: not an export of readlist, and too large for another format")
    raise NoPaper("no paper found; for the formats that load reads: readlist help formats")
