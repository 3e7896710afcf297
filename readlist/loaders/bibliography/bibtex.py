r"""BibTeX and BibLaTeX, as LaTeX, JabRef, Zotero, Mendeley, Google Scholar, DBLP, arXiv and publishers write it.

    @string{neurips = "Advances in Neural Information Processing Systems"}
    @inproceedings{lovelace1843tides,
      title     = {On {T}ides},
      author    = {Lovelace, Ada and {The Tide Group} and others},
      booktitle = neurips # " 1",
      eprint    = {2501.00001}, archiveprefix = {arXiv},
      keywords  = {tides, moon},
      annotation = {The user's note.},
    }

bibtexparser splits the entries into fields; this module evaluates the values, `latex` converts them to text. The
splitter receives the text from one `@` at the beginning of a line to the next, which is where it would recover from an
error anyway: so one bad entry costs no other, and the size of what it is given is bounded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from readlist.loaders.bibliography.latex import split_outside_braces, to_text, to_url
from readlist.loaders.bibliography.names import join_name_parts
from readlist.loaders.bibliography.record import MAX_RECORDS, TOO_MANY_RECORDS, Record, RecordCollector
from readlist.loaders.limits import MAX_ITEMS, quote
from readlist.loaders.person_names import split_author_list
from readlist.loaders.signs import BIBTEX_BLOCK
from readlist.text import clean, plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from readlist.loaders.base import ParseResult, Source

MAX_ENTRY = 200_000
"""Characters of an entry: one with 5,000 authors has 120,000. Longer ones are ignored, which is reported."""
MAX_MARKS = 3_000_000
"""Braces, quotation marks, commas and equals signs of one file, at each of which the splitter stops; 10 MB of short
entries have half as many."""
MAX_EXPANSION = 10_000_000
"""Characters that all references to @string abbreviations add, as many as a file may have; the rest are empty."""

_MAX_HEAD = 2_000
"""Characters above the first entry, such as the remark that Mendeley writes."""
_MAX_NAME = 1_000
"""Characters of an author that are parsed; `limits` truncates the rest."""
_MIN_COMMA_NAMES = 3
"""Commas from which on an author field without "and" is a list separated by commas."""

_BLOCK_START = re.compile(r"@\w*[ \t]*(?=[{(])")
_BLOCK_AT_LINE_START = re.compile(BIBTEX_BLOCK)
_ENTRY_START = re.compile(
    r"^[^\S\n]*@(?!(?:comment|string|preamble)\b)[A-Za-z]+[ \t]*[{(][^{}=,\"#]{0,500},", re.IGNORECASE | re.MULTILINE
)
_TITLE_FIELD = re.compile(r"\btitle\s{0,40}=", re.IGNORECASE)
_NOT_BIBTEX = re.compile(r"://|^\s{0,9}(?:```|~~~|---|[(*_>])", re.MULTILINE)
"""In the head: links, titles in emphasis, authors in parentheses, fences. They are Markdown or a newsletter."""

_MARKS = '{}",='
_BRACE = re.compile(r"(?<!\\)[{}]")
_BRACE_OR_QUOTE = re.compile(r"(?<!\\)[{}\"]")
_BARE_VALUE = re.compile(r"[^\s#,{}\"=]+")
_SPACE = re.compile(r"\s*")
_MISSING_COMMA = re.compile(r"([A-Za-z][\w-]{0,40})\s*=")

_NOTE_FIELDS = ("note", "annote", "annotation")
_URL_FIELDS = ("url", "ee", "link", "bdsk-url-1", "howpublished")
_ARXIV_FIELDS = ("arxiv", "arxivid")
_CITATION_FIELDS = ("journal", "journaltitle", "volume", "number")
_KEYWORD_FIELDS = ("keywords", "keyword", "mendeley-tags")
_TEXT_FIELDS = (
    "title",
    "subtitle",
    "author",
    "editor",
    "abstract",
    "doi",
    "crossref",
    "eprint",
    "archiveprefix",
    "eprinttype",
)
_FIELDS = frozenset((*_TEXT_FIELDS, *_NOTE_FIELDS, *_URL_FIELDS, *_ARXIV_FIELDS, *_CITATION_FIELDS, *_KEYWORD_FIELDS))
_VOLUME_TYPES = frozenset({"proceedings", "mvproceedings"})
_DATA_TYPES = frozenset({"xdata", "set", "control"})


class BibTexLoader:
    """The loader of BibTeX and BibLaTeX."""

    name = "BibTeX"

    def detect(self, source: Source) -> bool:
        """Return whether the text begins with an entry, below a few lines of remarks, and an entry has a title."""
        first = _BLOCK_AT_LINE_START.search(source.text)
        if not first:
            return False
        head = "\n".join(line for line in source.text[: first.start()].splitlines() if line.lstrip()[:1] != "%")
        if len(head) > _MAX_HEAD or _NOT_BIBTEX.search(head):
            return False
        return bool(_ENTRY_START.search(source.text) and _TITLE_FIELD.search(source.text))

    def parse(self, source: Source) -> ParseResult:
        """Return the papers, with keywords and notes as marks; entries that cannot be parsed are reported."""
        return _Parser(source).parse()


@dataclass(slots=True)
class _Entry:
    """An entry with the LaTeX of its fields, those that are used; `line` counts from 1."""

    line: int
    type: str
    key: str
    fields: dict[str, list[str]]

    def get(self, *names: str) -> str:
        """Return the first field of these names that is not blank, as LaTeX."""
        for name in names:
            for value in self.fields.get(name, ()):
                if value.strip():
                    return value
        return ""

    def get_all(self, *names: str) -> Iterator[str]:
        """Yield all fields of these names that are not blank."""
        return (value for name in names for value in self.fields.get(name, ()) if value.strip())


class _Parser:
    """Parses one source."""

    def __init__(self, source: Source) -> None:
        self._collector = RecordCollector(source)
        self._report = self._collector.log.report
        self._text = source.text.replace("\r\n", "\n").replace("\r", "\n")
        self._strings = _StringTable()
        self._entries: list[_Entry] = []
        self._keys: set[str] = set()

    def parse(self) -> ParseResult:
        for line, block in self._iter_blocks():
            self._parse_block(line, block)
        if self._strings.is_exhausted:
            self._report(0, f"@string abbreviations expand to more than {MAX_EXPANSION:,} characters; others are empty")
        parents = {entry.key.lower(): entry for entry in reversed(self._entries)}
        volumes = 0
        for entry in self._entries:
            if entry.type in _VOLUME_TYPES:
                volumes += 1
            elif entry.type not in _DATA_TYPES:
                self._collector.add(_build_record(entry, parents.get(entry.get("crossref").strip().lower())))
        if volumes:
            self._report(0, f"{plural(volumes, 'entry', 'entries')} of type @proceedings ignored: not a paper")
        return self._collector.result()

    def _iter_blocks(self) -> Iterator[tuple[int, str]]:
        """Yield the text from each `@` at the beginning of a line to the next, and its line."""
        text = self._text
        starts = [match.start() for match in _BLOCK_AT_LINE_START.finditer(text)]
        end = len(text)
        for number, match in enumerate(_BLOCK_START.finditer(text)):
            if number == MAX_RECORDS:
                end = match.start()
                self._report(text.count("\n", 0, end) + 1, TOO_MANY_RECORDS)
                break
        starts = [start for start in starts if start < end]
        line, done, marks = 1, 0, 0
        for start, next_start in pairwise([*starts, end]):
            line += text.count("\n", done, start)
            done = start
            marks += sum(text.count(mark, start, next_start) for mark in _MARKS)
            if marks > MAX_MARKS:
                self._report(line, f"more than {MAX_MARKS:,} braces, commas and other marks; the rest is ignored")
                return
            if next_start - start > MAX_ENTRY:
                self._report(line, f"entry longer than {MAX_ENTRY:,} characters; ignored")
            else:
                yield line, text[start:next_start]

    def _parse_block(self, line: int, block: str) -> None:
        from bibtexparser.model import Entry, ParsingFailedBlock, String

        for item in _split_block(block):
            item_line = line + (item.start_line or 0)
            if isinstance(item, ParsingFailedBlock) and item.ignore_error_block is not None:
                item = item.ignore_error_block  # noqa: PLW2901 -- it is valid, only its key or a field is repeated
            if isinstance(item, Entry):
                self._add_entry(item_line, item)
            elif isinstance(item, String):
                self._strings.define(item.key, _evaluate(item.value, 0, self._strings)[0])
            elif isinstance(item, ParsingFailedBlock):
                item.error.__traceback__ = None  # its frames refer to the block: a cycle, which outlives the parse
                head = clean((item.raw or "").partition("\n")[0])
                self._report(item_line, f"entry with a syntax error: {quote(head)}; ignored")

    def _add_entry(self, line: int, entry: Any) -> None:
        fields: dict[str, list[str]] = {}
        for item in entry.fields:
            self._add_field(line, fields, item.key.lower(), item.value)
        if entry.key and entry.key in self._keys:
            self._report(line, f"duplicate citation key: {quote(clean(entry.key))}; both entries are loaded")
        self._keys.add(entry.key)
        self._entries.append(_Entry(line, entry.entry_type.lower(), entry.key, fields))

    def _add_field(self, line: int, fields: dict[str, list[str]], name: str, raw: str) -> None:
        """Add a field, and those that a missing comma has made a part of its value."""
        at = 0
        while True:
            value, at = _evaluate(raw, at, self._strings)
            if name in _FIELDS:
                fields.setdefault(name, []).append(value)
            following = _MISSING_COMMA.match(raw, at)
            if not following:
                return
            self._report(line, f"comma missing after the field {quote(clean(name))}; added")
            name, at = following[1].lower(), following.end()


class _StringTable:
    """The abbreviations that @string defines; names are case-insensitive, the last definition counts."""

    def __init__(self) -> None:
        self.is_exhausted = False
        self._values: dict[str, str] = {}
        self._remaining = MAX_EXPANSION

    def define(self, name: str, value: str) -> None:
        self._values[name.strip().lower()] = value

    def expand(self, name: str) -> str:
        """Return the text that a name stands for, the name itself where it is not defined: a number, a month."""
        value = self._values.get(name.lower())
        if value is None:
            return name
        self._remaining -= len(value)
        self.is_exhausted = self.is_exhausted or self._remaining < 0
        return "" if self.is_exhausted else value


def _split_block(block: str) -> list[Any]:
    """Return the entries and other blocks of bibtexparser in a text."""
    blocks: list[Any] = _load_splitter()(block).split().blocks
    return blocks


@cache
def _load_splitter() -> Any:
    import logging

    from bibtexparser.splitter import Splitter

    # It logs each error that it recovers from, which Python would print to stderr.
    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL + 1)
    return Splitter


def _evaluate(raw: str, at: int, strings: _StringTable) -> tuple[str, int]:
    """Return the value at a position as LaTeX, its parts joined and abbreviations replaced, and where it ends."""
    if not at and raw[:1] == "{" and raw[-1:] == "}" and "{" not in raw[1:] and "}" not in raw[:-1]:
        return raw[1:-1], len(raw)  # the common case
    parts: list[str] = []
    while True:
        part, at = _read_part(raw, _skip_space(raw, at), strings)
        parts.append(part)
        at = _skip_space(raw, at)
        if raw[at : at + 1] != "#":
            return "".join(parts), at
        at += 1


def _skip_space(raw: str, at: int) -> int:
    match = _SPACE.match(raw, at)
    return match.end() if match else at


def _read_part(raw: str, at: int, strings: _StringTable) -> tuple[str, int]:
    """Return one part of a value, without its braces or quotation marks, and where it ends."""
    opening = raw[at : at + 1]
    if opening not in ("{", '"'):
        match = _BARE_VALUE.match(raw, at)
        return (strings.expand(match[0]), match.end()) if match else ("", at)
    depth = 0
    for mark in (_BRACE if opening == "{" else _BRACE_OR_QUOTE).finditer(raw, at + 1):
        if mark[0] == "{":
            depth += 1
        elif depth and mark[0] == "}":
            depth -= 1
        elif not depth and mark[0] == ("}" if opening == "{" else '"'):
            return raw[at + 1 : mark.start()], mark.end()
    return raw[at + 1 :], len(raw)


# Entries to records


def _build_record(entry: _Entry, parent: _Entry | None) -> Record:
    """Return an entry as text; `parent` is the entry that it refers to with `crossref`, whose authors it inherits."""
    title = ": ".join(map(to_text, filter(None, (entry.get("title"), entry.get("subtitle")))))
    authors = entry.get("author") or entry.get("editor") or (parent.get("author") if parent else "")
    archive = entry.get("archiveprefix", "eprinttype").strip().lower()
    eprint = [to_url(entry.get("eprint")).strip()] if archive in ("", "arxiv") else []
    return Record(
        line=entry.line,
        name=entry.key or f"@{entry.type}",
        title=title if entry.get("title") else "",
        authors=_parse_authors(authors),
        abstract=to_text(entry.get("abstract")),
        doi=to_url(entry.get("doi")),
        urls=list(map(to_url, entry.get_all(*_URL_FIELDS))),
        arxiv_texts=[*eprint, *map(to_url, entry.get_all(*_ARXIV_FIELDS))],
        citations=[_mark_dblp_id(to_url(text)) for text in entry.get_all(*_CITATION_FIELDS)],
        keywords=[keyword for text in entry.get_all(*_KEYWORD_FIELDS) for keyword in _split_keywords(text)],
        notes=[to_text(text, ligatures=False) for text in entry.get_all(*_NOTE_FIELDS)],
    )


def _mark_dblp_id(text: str) -> str:
    """Return the volume of CoRR as DBLP writes it, `abs/2501.00001`, as an arXiv ID that is marked as one."""
    return f"arXiv:{text[4:]}" if text.startswith("abs/") else text


def _split_keywords(text: str) -> list[str]:
    separator = ";" if ";" in text else ","
    return [to_text(keyword, ligatures=False) for keyword in split_outside_braces(text, separator)]


def _parse_authors(text: str) -> list[str]:
    """Return the names of an author field, each with the given name first, without "others".

    >>> _parse_authors("van der Maaten, Laurens and {Simon and Schuster} and Martin King and others")
    ['Laurens van der Maaten', 'Simon and Schuster', 'Martin King']
    """
    text = " ".join(text.split()).replace(" AND ", " and ")
    names = [name.strip() for name in split_outside_braces(text, " and ")]
    if len(names) == 1 and len(split_outside_braces(text, ",")) > _MIN_COMMA_NAMES:
        names = split_author_list(text)
    names = [name for name in names if name and name.lower() not in ("others", "{others}", "et al.", "et al")]
    return [*map(_parse_name, names[:MAX_ITEMS]), *names[MAX_ITEMS:]]


def _parse_name(name: str) -> str:
    if len(name) > _MAX_NAME:
        return to_text(name)
    parts = split_outside_braces(name, ",")
    if "=" in name:
        named = {key.strip().lower(): value for key, _, value in (part.partition("=") for part in parts)}
        if "family" in named:
            parts = [f"{named.get('prefix', '')} {named['family']}", named.get("given", ""), named.get("suffix", "")]
    return clean(join_name_parts([to_text(part.strip()) for part in parts]))
