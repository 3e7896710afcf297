"""The front matter of a Markdown note: YAML between two lines of dashes, in which vaults keep what a note is about.

    ---
    title: "On Tides"
    authors: ["[[Ada Lovelace]]", Alan Turing]     or "Lovelace, Ada; Turing, Alan", or "Ada Lovelace, Alan Turing"
    url: https://arxiv.org/abs/2501.00001          or link, source, arxiv, arxiv_id, doi
    created: 2025-02-11                            or date, published
    tags: [tides, "#moon"]                         or "tides, moon", or #tides #moon
    ---

Keys are read whatever their case and with "-", "_" or nothing between their words; other keys are the vault's own
affair. PyYAML reads it, as a tree of text: an id such as 2401.10240 is no number then, a date no date and `no` not
false, and what an alias repeats is not repeated.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from readlist.dates import parse_date_line
from readlist.loaders.limits import excerpt
from readlist.loaders.newsletter import lines as newsletter_lines
from readlist.loaders.notes.markdown import plain
from readlist.text import clean, extract_links, parse_arxiv_id

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from yaml.nodes import Node

Say = Callable[[int, str], None]
"""Takes the line and the reason of a problem."""

MAX_FRONT = 20_000
"""Characters; the abstract and three hundred authors have 8,000. A block that does not end within them is none."""

_BLOCK = re.compile(r"---[ \t]*\r?\n")
_END = re.compile(r"^(?:---|\.\.\.)[ \t]*\r?$", re.MULTILINE)
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_ARXIV_DOI = "10.48550/arxiv."
_KEY = re.compile(r"[\w-]+:")
_TAG_KEYS = frozenset({"tag:", "tags:"})
_BETWEEN_WORDS = re.compile(r"[\W_]+")
_SUFFIXES = frozenset({"jr", "jr.", "sr", "sr.", "ii", "iii", "iv"})
_DAY = len("2025-02-11")
_AND = re.compile(r"\s+and\s+|;")
_NOTHING = frozenset({"", "null", "~"})
_PLAIN = (None, "")  # the styles of a scalar without quotes: PyYAML's own parser says the one, libyaml the other


@dataclass(frozen=True, slots=True)
class Front:
    """What a front matter says of a paper; empty where it says nothing. The first of `links` is the paper's own."""

    title: str = ""
    authors: tuple[str, ...] = ()
    abstract: str = ""
    tags: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    arxiv_id: str = ""
    created: dt.date | None = None
    """When the note was made."""
    published: dt.date | None = None
    """`date` or `published`: in notes that a reference manager writes, both are the paper's."""


def split(text: str) -> tuple[str, str]:
    """The lines between the dashes, "" where there is no front matter, and the rest of the file."""
    start = _BLOCK.match(text)
    end = _END.search(text, start.end(), start.end() + MAX_FRONT) if start else None
    return (text[start.end() : end.start()], text[end.end() :]) if start and end else ("", text)


def read(block: str, say: Say) -> Front:
    """What the lines between the dashes say; what is wrong with them is said, with its line in the file."""
    fields = _fields(block, say) if block.strip() else {}
    doi = next((found[0] for text in _values(fields, "doi") if (found := _DOI.search(text))), "")
    ids = (*_values(fields, "arxiv", "arxivid", "eprint"), *_values(fields, "url", "link", "source"), _arxiv_of(doi))
    arxiv = next(filter(None, map(parse_arxiv_id, ids)), "")
    named = tuple(link for text in _values(fields, "url", "link", "source", "arxiv") for link in extract_links(text))
    made = (f"https://arxiv.org/abs/{arxiv}" if arxiv else f"https://doi.org/{doi}",) if arxiv or doi else ()
    return Front(
        title=next(map(plain, _values(fields, "title")), ""),
        authors=tuple(dict.fromkeys(name for text in _values(fields, "authors", "author") for name in _names(text))),
        abstract=" ".join(plain(" ".join(text.split())) for text in _values(fields, "abstract")),
        tags=tuple(tag for text in _values(fields, "tags", "tag") for tag in _tags(text)),
        links=tuple(dict.fromkeys(named or made)),
        arxiv_id=arxiv,
        created=_date(_values(fields, "created")),
        published=_date(_values(fields, "date", "published")),
    )


# The fields


def _fields(block: str, say: Say) -> dict[str, list[str]]:
    """The texts of each key, its first value only."""
    import yaml

    try:
        # libyaml's parser takes 0.02 ms for what the other takes 0.3; not every system has it
        tree = yaml.compose(_mended(block), Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        say(mark.line + 2 if mark else 1, "the front matter is no YAML and was left out")
        return {}
    if not isinstance(tree, yaml.MappingNode):
        say(1, "the front matter has no keys and was left out")
        return {}
    fields: dict[str, list[str]] = {}
    for key, value in tree.value:
        name = _BETWEEN_WORDS.sub("", key.value).lower() if isinstance(key, yaml.ScalarNode) else ""
        if name in fields:
            say(key.start_mark.line + 2, f"in the front matter for the second time, left out: {excerpt(clean(name))}")
        elif name:
            fields[name] = list(_scalars(value))
    return fields


def _mended(block: str) -> str:
    """The block without tabs, and with quotes around what is no YAML or a comment in it, and written all the same:
    `title: Tides: A Survey`, `tags: #moon`, `- #moon`.
    """
    return "\n".join(map(_mended_line, block.expandtabs(2).splitlines()))


def _mended_line(line: str) -> str:
    key, space, value = line.partition("- " if line.lstrip().startswith("- #") else " ")
    value = value.strip()
    is_bare = _KEY.fullmatch(key) and value[:1].isalnum() and ": " in value and " #" not in value
    is_tag = value[:1] == "#" and (space == "- " or key.lower() in _TAG_KEYS)
    return f'{key}{space}"{value}"' if (is_bare or is_tag) and not {'"', "\\"} & set(value) else line


def _scalars(node: Node) -> Iterator[str]:
    """The texts of a value: its own, those of a list in their order, the names of a list of people.

    A node is looked at once, so that aliases of aliases take no longer than they are; so do lists in lists in lists.
    """
    from yaml.nodes import MappingNode, ScalarNode, SequenceNode

    waiting, seen = [node], set[int]()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, ScalarNode):
            if node.style not in _PLAIN or node.value.lower() not in _NOTHING:
                yield node.value
        elif isinstance(node, SequenceNode):
            waiting += reversed(node.value)
        elif isinstance(node, MappingNode):
            waiting += [value for key, value in node.value if key.value == "name"]


def _values(fields: Mapping[str, Sequence[str]], *names: str) -> Iterator[str]:
    for name in names:
        yield from fields.get(name, ())


# What they mean


def _names(text: str) -> list[str]:
    """The names in one text, whichever way they are parted, each with the given name first."""
    text = plain(text)
    if ", and " in text or not _AND.search(text):
        return _turned(text) or newsletter_lines.authors(f"({text})")
    return [name for part in _AND.split(text) if part.strip() for name in _names(part.strip())]


def _turned(text: str) -> list[str]:
    """The one name that "Lovelace, Ada" is."""
    last, _, first = map(str.strip, text.partition(","))
    is_one = first and "," not in first and " " not in last and first.lower() not in _SUFFIXES
    return [f"{first} {last}"] if is_one else []


def _tags(text: str) -> list[str]:
    """The tags in one text: one of a list, or a line of them parted by commas or, as Obsidian does, by blanks."""
    words = text.split(",") if "," in text else text.split()
    return [tag for word in words if (tag := clean(word).lstrip("#").strip())]


def _arxiv_of(doi: str) -> str:
    """The arXiv id in a DOI that arXiv gave: 10.48550/arXiv.2501.00001."""
    return doi[len(_ARXIV_DOI) :] if doi.lower().startswith(_ARXIV_DOI) else ""


def _date(texts: Iterable[str]) -> dt.date | None:
    """The first date; a time behind it, or the brackets of a link to that day's note, are not of it."""
    days = (clean(text).strip("[]") for text in texts)
    return next(filter(None, (parse_date_line(day) or parse_date_line(day[:_DAY]) for day in days)), None)
