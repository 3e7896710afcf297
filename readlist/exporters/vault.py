"""Markdown files with front matter, one a paper, for Obsidian and similar programs: their text, new and updated.

    ---
    title: "The Curse of Depth in Large Language Models"
    authors:
      - "Wenfang Sun"
    date: 2025-02-11
    tags:
      - "normalization"
    status: unread
    starred: false
    url: "https://arxiv.org/abs/2502.05795"
    arxiv: "2502.05795"
    doi: "10.1000/182"
    key: "the-curse-of-depth-in-large-language-models-62ca69"
    aliases:
      - "The Curse of Depth in Large Language Models"
    ---

    <!-- readlist:begin -->
    # [The Curse of Depth in Large Language Models](https://arxiv.org/abs/2502.05795)
    …
    <!-- readlist:data {"digests":[{"date":"2025-02-11","source":"250211.txt"}],"digest_tags":["normalization"]} -->
    <!-- readlist:end -->

The line of data has what the rest of the file does not show; `loaders.own.vault` reads the file back.

An update replaces the values of these fields and the block between the two markers. Everything else belongs to the
user and stays byte for byte, as do the user's own aliases and a field whose value is the same written in another way:
editors quote values as they like. A field without a value is left out.

This module is pure; the command line finds, reads and writes the files.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from readlist.dates import format_utc
from readlist.errors import ReadlistError
from readlist.exporters.cleaning import clean_entry
from readlist.exporters.json import dump_line, entry_dict
from readlist.exporters.markdown import block_quote, escape, escape_heading, link_target
from readlist.text import clean, printable_line, slugify
from readlist.urls import paper_url

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from yaml.nodes import Node

    from readlist.models import Entry

BEGIN, END = "<!-- readlist:begin -->", "<!-- readlist:end -->"
"""The marker lines around the block."""
MAX_FRONT_MATTER = 100_000
"""Characters within which front matter has to end; five hundred authors need a tenth of that."""

_EMPTY_FILE = f"---\n---\n\n{BEGIN}\n{END}\n"
_FRONT_MATTER = re.compile(r"(\ufeff?---[ \t]*\r?\n)(.*?)(^---[ \t]*\r?(?:\n|\Z))", re.DOTALL | re.MULTILINE)
_KEY_FIELD = re.compile(r"""^key:[ \t]*(["']?)([^"'\r\n]+?)\1[ \t]*\r?$""", re.MULTILINE)
_BLOCK = re.compile(rf"^({BEGIN}[ \t]*\r?\n)(.*?)(^{END}[ \t]*\r?$)", re.DOTALL | re.MULTILINE)
_MARKER = re.compile(rf"^(?:{BEGIN}|{END})[ \t]*\r?$", re.MULTILINE)
_COMMENTS_AND_BLANK_LINES = re.compile(r"(?:^[ \t]*(?:#[^\n]*)?(?:\n|\Z))+\Z", re.MULTILINE)
_NOT_IN_YAML = re.compile("[\ufffe\uffff]")
_MAX_FILE_NAME = 150  # bytes of the title in a file name: file systems allow 255, synchronized folders less
_DATA_FIELDS = (
    "comments", "links", "url", "digests", "my_tags", "digest_tags", "removed_tags",
    "status_at", "starred_at", "tags_at", "note_at", "later", "later_at", "loaded_at",
)  # fmt: skip
_UNQUOTED_FIELDS = frozenset({"date", "status", "starred", "loaded_at", "status_at", "starred_at", "note_at"})

Value: TypeAlias = str | list[str]
"""The value of a field; "" and [] mean no value."""


class _Field(NamedTuple):
    """A field of a file: its value, None for a kind of value that readlist does not write, and where its lines are."""

    value: Value | None
    start: int
    end: int


def file_names(entry: Entry) -> Iterator[str]:
    """Yield names for the paper's file, the preferred one first: date and title, then with the end of the key too.

    They consist of lower-case letters, digits and "-", which no file system treats specially or considers equal.
    """
    date = entry.paper.first_date or "undated"
    title = slugify(clean(entry.paper.title)).encode()[:_MAX_FILE_NAME].decode(errors="ignore").strip("-")
    yield f"{date}-{title}.md"
    yield f"{date}-{title}-{slugify(entry.paper.key)[-6:].strip('-')}.md"


def parse_key(head: str) -> str:
    """Return the key of the paper whose file begins with `head`, "" where its front matter has none."""
    front_matter = _FRONT_MATTER.match(head)
    match = _KEY_FIELD.search(front_matter[2]) if front_matter else None
    return match[2] if match else ""


def format_new_file(entry: Entry) -> str:
    """Return the text of a new file for the paper."""
    return update_file(_EMPTY_FILE, entry)


def update_file(text: str, entry: Entry) -> str:
    """Return the text of the paper's file, `text`, with the fields and the block of readlist brought up to date.

    Raises ReadlistError, with the reason only, where it is not certain which part is readlist's.
    """
    front_matter, block = _FRONT_MATTER.match(text), _BLOCK.search(text)
    if not front_matter:
        raise ReadlistError("it has no front matter")
    if not block or [line.rstrip() for line in _MARKER.findall(text)] != [BEGIN, END]:
        raise ReadlistError(f"it does not have one line {BEGIN} and one line {END} after it")
    newline = "\r\n" if front_matter[1].endswith("\r\n") else "\n"
    fields = _update_fields(front_matter[2], _fields(entry), newline)
    body = _format_block(entry).replace("\n", newline) + newline
    between, rest = text[front_matter.end(2) : block.start(2)], text[block.end(2) :]
    return "".join((front_matter[1], fields, between, body, rest))


# Front matter


def _fields(entry: Entry) -> dict[str, Value]:
    """Return the fields of readlist in their order."""
    paper, mark = entry.paper, entry.mark
    title = clean(paper.title)
    return {
        "title": title,
        "authors": list(map(clean, paper.authors)),
        "date": str(paper.date or ""),
        "tags": list(map(printable_line, entry.tags)),
        "status": mark.status.value,
        "starred": "true" if mark.starred else "false",
        "url": paper_url(paper._replace(doi="")),  # the DOI has a field of its own
        "arxiv": clean(paper.arxiv_id),
        "doi": clean(paper.doi),
        "key": paper.key,
        "aliases": [title] if title else [],
        **{name: format_utc(time) if time else "" for name, time in _times(entry).items()},
    }


def _times(entry: Entry) -> dict[str, dt.datetime | None]:
    """Return when what the front matter says was done."""
    mark = entry.mark
    return {
        "loaded_at": entry.paper.loaded_at,
        "status_at": mark.status_at,
        "starred_at": mark.starred_at,
        "note_at": mark.note_at,
    }


def _update_fields(front_matter: str, fields: Mapping[str, Value], newline: str) -> str:
    """Replace the fields whose value differs, each in its place, and append the missing ones."""
    present = _parse_fields(front_matter)
    fields = {**fields, "aliases": _merge_aliases(fields["aliases"], present.get("aliases"))}
    pieces, done = [], 0
    for name, field in present.items():
        if name in fields and field.value != fields[name]:
            pieces += [front_matter[done : field.start], _format_field(name, fields[name], newline)]
            done = field.end
    rest = front_matter[done:]
    separator = newline if rest and not rest.endswith("\n") else ""
    missing = (_format_field(name, value, newline) for name, value in fields.items() if name not in present)
    result = "".join((*pieces, rest, separator, *missing))
    if present and result != front_matter:  # parsing is slow, and not needed where nothing has changed
        _verify(result, {*present, *fields}, fields)
    return result


def _merge_aliases(aliases: Value, present: _Field | None) -> Value:
    """Return the aliases of the file where they include `aliases`, else `aliases` followed by them."""
    value = present.value if present else None
    present_aliases = value if isinstance(value, list) else [value] if value else []
    return present_aliases if set(aliases) <= set(present_aliases) else [*aliases, *present_aliases]


def _verify(front_matter: str, names: set[str], fields: Mapping[str, Value]) -> None:
    """Check that updated front matter is valid YAML and has exactly these fields, those of readlist with their values.

    An update can break YAML: a replaced field may have defined an anchor that another field refers to.
    """
    result = _parse_fields(front_matter)
    expected = {name for name in names if name not in fields or fields[name]}
    if set(result) != expected or any(result[name].value != value for name, value in fields.items() if value):
        raise ReadlistError("its front matter cannot be updated without changing other fields")


def _parse_fields(front_matter: str) -> dict[str, _Field]:
    """Parse front matter into its fields. Raises ReadlistError where it is not a YAML mapping in block style."""
    import yaml

    try:
        tree = yaml.compose(front_matter, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise ReadlistError("its front matter is not valid YAML") from error
    if tree is None:
        return {}
    if not isinstance(tree, yaml.MappingNode) or tree.flow_style:
        raise ReadlistError("its front matter is not a list of fields")
    fields = {
        str(key.value): _Field(_parse_value(value), *_line_span(front_matter, key, value)) for key, value in tree.value
    }
    if len(fields) < len(tree.value):
        raise ReadlistError("its front matter has a field twice")
    return fields


def _parse_value(node: Node) -> Value | None:
    from yaml.nodes import ScalarNode, SequenceNode

    if isinstance(node, ScalarNode):
        return str(node.value)
    if isinstance(node, SequenceNode) and all(isinstance(item, ScalarNode) for item in node.value):
        return [item.value for item in node.value]
    return None


def _line_span(front_matter: str, key: Node, value: Node) -> tuple[int, int]:
    """Return where the lines of a field begin and end, without the comments and blank lines after it.

    YAML's end mark of a list is after them.
    """
    start, end = key.start_mark.index, max(key.end_mark.index, value.end_mark.index)
    if front_matter[end - 1 : end] != "\n":
        end = front_matter.find("\n", end) + 1 or len(front_matter)
    trailing = _COMMENTS_AND_BLANK_LINES.search(front_matter[:end], start)
    return start, trailing.start() if trailing else end


def _format_field(name: str, value: Value, newline: str) -> str:
    """Return the lines of a field, "" where it has no value."""
    if not value:
        return ""
    if isinstance(value, list):
        return f"{name}:{newline}" + "".join(f"  - {_quote_yaml(item)}{newline}" for item in value)
    return f"{name}: {value if name in _UNQUOTED_FIELDS else _quote_yaml(value)}{newline}"


def _quote_yaml(text: str) -> str:
    """Return the text as a quoted YAML string, in which template engines see no command (`<%`)."""
    quoted = json.dumps(text, ensure_ascii=False).replace("<%", r"<\u0025")
    return _NOT_IN_YAML.sub(lambda match: f"\\u{ord(match[0]):04x}", quoted)


# Block


def _format_block(entry: Entry) -> str:
    """Return the text between the markers.

    No line of it can be a marker or open a construct that goes on after it: all text of several lines is quoted.
    """
    shown = clean_entry(entry)
    paper, url = shown.paper, link_target(entry.paper)
    comments = (block_quote(text, paper.links) for text in paper.comments.values())
    blocks = [
        f"# [{escape(paper.title)}]({url})" if url else f"# {escape_heading(paper.title)}",
        escape(", ".join(paper.authors)),
        *comments,
        _format_callout("abstract", block_quote(paper.abstract, paper.links)),
        _format_callout("note", _quote_note(shown.mark.note)),
        _format_data(entry),
    ]
    return "\n\n".join(filter(None, blocks))


def _format_data(entry: Entry) -> str:
    """Return a comment with the fields that the file does not show; nothing in it can end it, or is a template."""
    fields = entry_dict(entry)
    fields["comments"] = list(entry.paper.comments)  # their languages: the texts are in the block
    not_shown = {name: fields[name] for name in _DATA_FIELDS if fields[name] not in (None, "", [])}  # later may be 0
    data = dump_line(not_shown).rstrip("\n")
    for text, escaped in (("<", r"\u003c"), (">", r"\u003e"), ("--", r"-\u002d"), ("%%", r"%\u0025")):
        data = data.replace(text, escaped)
    return f"<!-- readlist:data {data} -->" if not_shown else ""


def _quote_note(note: str) -> str:
    """Return the note as a block quote, each line unchanged, white space included."""
    return "\n".join(f"> {line}" if line else ">" for line in note.split("\n")) if note else ""


def _format_callout(kind: str, quote: str) -> str:
    return f"> [!{kind}] {kind.capitalize()}\n{quote}" if quote else ""
