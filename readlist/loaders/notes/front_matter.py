"""The front matter of a Markdown note: YAML between two lines of dashes, with the metadata of the note.

    ---
    title: "On Tides"
    authors: ["[[Ada Lovelace]]", Alan Turing]     or "Lovelace, Ada; Turing, Alan", or "Ada Lovelace, Alan Turing"
    url: https://arxiv.org/abs/2501.00001          or link, source, arxiv, arxiv_id, doi
    created: 2025-02-11                            or date, published
    tags: [tides, "#moon"]                         or "tides, moon", or #tides #moon
    status: read                                   or reading, skipped, unread; others are ignored
    ---

Keys match regardless of case and of "-", "_" or nothing between their words; other keys are ignored. PyYAML reads the
block as a tree of strings: the ID 2401.10240 is not a number then, a date not a date and `no` not false, and aliases
are not expanded.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from readlist.dates import parse_date_line
from readlist.dois import doi_page, find_doi, identify_doi
from readlist.loaders.limits import quote
from readlist.loaders.notes.markdown import to_plain_text
from readlist.loaders.person_names import split_author_field
from readlist.models import Status
from readlist.text import clean, extract_links, parse_arxiv_id
from readlist.urls import arxiv_page

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Mapping

    from yaml.nodes import Node

ReportLine = Callable[[int, str], None]
"""Receives the line and the reason of a problem."""

MAX_FRONT_MATTER = 20_000
"""Characters; an abstract and three hundred authors have 8,000. A block that does not end within them is text."""

_START = re.compile(r"---[ \t]*\r?\n")
_END = re.compile(r"^(?:---|\.\.\.)[ \t]*\r?$", re.MULTILINE)
_KEY = re.compile(r"[\w-]+:")
_TAG_KEYS = frozenset({"tag:", "tags:"})
_WORD_SEPARATORS = re.compile(r"[\W_]+")
_DATE_LENGTH = len("2025-02-11")
_STATUSES = frozenset(status.value for status in Status)
_NULLS = frozenset({"", "null", "~"})
_UNQUOTED_STYLES = (None, "")  # of a scalar: None from PyYAML's own parser, "" from libyaml's


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The metadata of a paper; empty where a key is missing. The first of `links` is the paper's own."""

    title: str = ""
    authors: tuple[str, ...] = ()
    abstract: str = ""
    tags: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    arxiv_id: str = ""
    doi: str = ""
    status: Status = Status.UNREAD
    created: dt.date | None = None
    """The date of the note."""
    published: dt.date | None = None
    """`date` or `published`: in notes that a reference manager writes, both are the date of the paper."""


def split_front_matter(text: str) -> tuple[str, str]:
    """Return the lines between the dashes, "" where there is no front matter, and the rest of the file."""
    start = _START.match(text)
    end = _END.search(text, start.end(), start.end() + MAX_FRONT_MATTER) if start else None
    return (text[start.end() : end.start()], text[end.end() :]) if start and end else ("", text)


def parse_front_matter(block: str, report: ReportLine) -> FrontMatter:
    """Return the metadata in the lines between the dashes; problems are reported with their lines in the file."""
    fields = _parse_fields(block, report) if block.strip() else {}
    arxiv_id, doi = identify_doi(next(filter(None, map(find_doi, _get_values(fields, "doi"))), ""))
    ids = _get_values(fields, "arxiv", "arxivid", "eprint", "url", "link", "source")
    arxiv_id = next(filter(None, map(parse_arxiv_id, ids)), arxiv_id)
    links = [
        link for text in _get_values(fields, "url", "link", "source", "arxiv") for link in extract_links(text)
    ] or _build_links(arxiv_id, doi)
    names = (
        name for text in _get_values(fields, "authors", "author") for name in split_author_field(to_plain_text(text))
    )
    abstract = (to_plain_text(" ".join(text.split())) for text in _get_values(fields, "abstract"))
    return FrontMatter(
        title=next(map(to_plain_text, _get_values(fields, "title")), ""),
        authors=tuple(dict.fromkeys(names)),
        abstract=" ".join(abstract),
        tags=tuple(tag for text in _get_values(fields, "tags", "tag") for tag in _split_tags(text)),
        links=tuple(dict.fromkeys(links)),
        arxiv_id=arxiv_id,
        doi=doi,
        status=_find_status(_get_values(fields, "status")),
        created=_find_first_date(_get_values(fields, "created")),
        published=_find_first_date(_get_values(fields, "date", "published")),
    )


# Keys and values


def _parse_fields(block: str, report: ReportLine) -> dict[str, Node]:
    """Return the value of each key; of a key that occurs twice, the first."""
    import yaml

    try:
        # libyaml's parser is much faster; not every system has it.
        tree = yaml.compose(_quote_bare_values(block), Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        report(mark.line + 2 if mark else 1, "front matter ignored: not valid YAML")
        return {}
    if not isinstance(tree, yaml.MappingNode):
        report(1, "front matter ignored: it has no keys")
        return {}
    fields: dict[str, Node] = {}
    for key, value in tree.value:
        name = _WORD_SEPARATORS.sub("", key.value).lower() if isinstance(key, yaml.ScalarNode) else ""
        if name in fields:
            report(key.start_mark.line + 2, f"duplicate key in the front matter: {quote(clean(name))}; ignored")
        elif name:
            fields[name] = value
    return fields


def _quote_bare_values(block: str) -> str:
    """Return the block without tabs, and with quotes around values that are common but invalid, or a comment, in YAML.

    These are `title: Tides: A Survey`, `tags: #moon` and `- #moon`.
    """
    return "\n".join(map(_quote_bare_value, block.expandtabs(2).splitlines()))


def _quote_bare_value(line: str) -> str:
    key, space, value = line.partition("- " if line.lstrip().startswith("- #") else " ")
    value = value.strip()
    has_colon = _KEY.fullmatch(key) and value[:1].isalnum() and ": " in value and " #" not in value
    is_tag = value[:1] == "#" and (space == "- " or key.lower() in _TAG_KEYS)
    return f'{key}{space}"{value}"' if (has_colon or is_tag) and not {'"', "\\"} & set(value) else line


def _iter_scalars(node: Node) -> Iterator[str]:
    """Yield the strings of a value: its own, those of a list in order, the names in a list of persons.

    Each node is visited once, so that aliases of aliases take linear time, and without recursion, so that nesting is
    unlimited.
    """
    from yaml.nodes import MappingNode, ScalarNode, SequenceNode

    pending, visited = [node], set[int]()
    while pending:
        node = pending.pop()
        if id(node) in visited:
            continue
        visited.add(id(node))
        if isinstance(node, ScalarNode):
            if node.style not in _UNQUOTED_STYLES or node.value.lower() not in _NULLS:
                yield node.value
        elif isinstance(node, SequenceNode):
            pending += reversed(node.value)
        elif isinstance(node, MappingNode):
            pending += [value for key, value in node.value if key.value == "name"]


def _get_values(fields: Mapping[str, Node], *names: str) -> Iterator[str]:
    """Yield the strings of the keys with these names.

    Other keys are never visited: each may refer to all values before it, which would take quadratic time in all.
    """
    for name in names:
        if name in fields:
            yield from _iter_scalars(fields[name])


# Converting values


def _split_tags(text: str) -> list[str]:
    """Return the tags in one string: one of a list, or several separated by commas or, as in Obsidian, by spaces."""
    words = text.split(",") if "," in text else text.split()
    return [tag for word in words if (tag := clean(word).lstrip("#").strip())]


def _build_links(arxiv_id: str, doi: str) -> list[str]:
    if arxiv_id:
        return [arxiv_page(arxiv_id)]
    return [doi_page(doi)] if doi else []


def _find_status(texts: Iterable[str]) -> Status:
    """Return the first status that readlist knows; notes have others, as `draft`."""
    names = (clean(text).lower() for text in texts)
    return next((Status(name) for name in names if name in _STATUSES), Status.UNREAD)


def _find_first_date(texts: Iterable[str]) -> dt.date | None:
    """Return the first date; a time after it, and the brackets of a link to a daily note, are ignored."""
    days = (clean(text).strip("[]") for text in texts)
    return next(filter(None, (parse_date_line(day) or parse_date_line(day[:_DATE_LENGTH]) for day in days)), None)
