"""Markdown with front matter, one file a paper, for Obsidian and the like; pure, the files are `cli`'s.

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
    key: "the-curse-of-depth-in-large-language-models-62ca69"
    aliases:
      - "The Curse of Depth in Large Language Models"
    ---

    <!-- readlist:begin -->
    # [The Curse of Depth in Large Language Models](https://arxiv.org/abs/2502.05795)
    …
    <!-- readlist:end -->

These fields and what stands between the two marks are ours; all else in the file is its reader's and stays as it is,
to the byte. So do the reader's own aliases, and a field that says the same in other words: editors put quotes as they
like. What has no value is left out.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from readlist.errors import ReadlistError
from readlist.exporters.markdown import escape, link_target, quoted
from readlist.text import clean, clean_markdown, slugify
from readlist.urls import paper_url

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from yaml.nodes import Node

    from readlist.models import Entry

BEGIN, END = "<!-- readlist:begin -->", "<!-- readlist:end -->"
MAX_FRONT = 100_000
"""Characters in which front matter has to end; five hundred authors have 10,000."""

_EMPTY = f"---\n---\n\n{BEGIN}\n{END}\n"
_FRONT = re.compile(r"(\ufeff?---[ \t]*\r?\n)(.*?)(^---[ \t]*\r?(?:\n|\Z))", re.DOTALL | re.MULTILINE)
_KEY = re.compile(r"""^key:[ \t]*(["']?)([^"'\r\n]+?)\1[ \t]*\r?$""", re.MULTILINE)
_MARKS = re.compile(rf"^({BEGIN}[ \t]*\r?\n)(.*?)(^{END}[ \t]*\r?$)", re.DOTALL | re.MULTILINE)
_ANY_MARK = re.compile(rf"^(?:{BEGIN}|{END})[ \t]*\r?$", re.MULTILINE)
_NOT_OF_FIELD = re.compile(r"(?:^[ \t]*(?:#[^\n]*)?(?:\n|\Z))+\Z", re.MULTILINE)
_NOT_IN_YAML = re.compile("[\ufffe\uffff]")
_LAST_HASH = re.compile(r"(?<=[ #])#\Z")  # Markdown takes it for the end of the heading
_MAX_NAME = 150  # bytes of a title in a file's name: 255 is what file systems allow, synced folders less

Field = str | list[str]


def file_names(entry: Entry) -> Iterator[str]:
    """The names for its file, the best first: with the digest's date and the title, then with a bit of the key too.

    Small letters, digits and "-" alone: no system reads anything into them, or takes two of them for one.
    """
    first = min((seen.date for seen in entry.paper.digests if seen.date), default="undated")
    title = slugify(clean(entry.paper.title)).encode()[:_MAX_NAME].decode(errors="ignore").strip("-")
    yield f"{first}-{title}.md"
    yield f"{first}-{title}-{slugify(entry.paper.key)[-6:].strip('-')}.md"


def key_of(head: str) -> str:
    """The key of the paper whose file begins so; "" where it has none."""
    front = _FRONT.match(head)
    found = _KEY.search(front[2]) if front else None
    return found[2] if found else ""


def note(entry: Entry) -> str:
    """A new file for the paper."""
    return updated(_EMPTY, entry)


def updated(text: str, entry: Entry) -> str:
    """The paper's file, with our part of it as it should be now.

    Raises ReadlistError, with the reason alone, where it is not certain which part is ours.
    """
    front, block = _FRONT.match(text), _MARKS.search(text)
    if not front:
        raise ReadlistError("it has no front matter")
    if not block or len(_ANY_MARK.findall(text)) != 2:  # noqa: PLR2004 # one begins, one ends
        raise ReadlistError(f"the lines {BEGIN} and {END} are not there once each")
    newline = "\r\n" if front[1].endswith("\r\n") else "\n"
    body = _block(entry).replace("\n", newline) + newline
    fields = _with_fields(front[2], _fields(entry), newline)
    return "".join((front[1], fields, text[front.end(2) : block.start(2)], body, text[block.end(2) :]))


# The front matter


def _fields(entry: Entry) -> dict[str, Field]:
    """Our fields in their order, "" and [] where there is no value."""
    paper, mark = entry.paper, entry.mark
    title = clean(paper.title)
    return {
        "title": title,
        "authors": list(map(clean, paper.authors)),
        "date": str(paper.date or ""),
        "tags": list(map(clean, entry.tags)),
        "status": mark.status.value,
        "starred": "true" if mark.starred else "false",
        "url": paper_url(paper),
        "arxiv": clean(paper.arxiv_id),
        "key": paper.key,
        "aliases": [title] if title else [],
    }


_BARE = frozenset({"date", "status", "starred"})


def _with_fields(front: str, fields: Mapping[str, Field], newline: str) -> str:
    """The front matter with our fields in it: each where it stands, those that are new at the end."""
    known = _parsed(front)
    fields = {**fields, "aliases": _aliases(fields["aliases"], known.get("aliases"))}
    pieces, done = [], 0
    for name, (value, start, end) in known.items():
        if name in fields and value != fields[name]:
            pieces += [front[done:start], _yaml(name, fields[name], newline)]
            done = end
    rest = front[done:]
    between = newline if rest and not rest.endswith("\n") else ""
    added = (_yaml(name, value, newline) for name, value in fields.items() if name not in known)
    result = "".join((*pieces, rest, between, *added))
    if known and result != front:  # reading it again takes as long as all the rest
        _verify(result, {**dict.fromkeys(known), **fields}, fields)
    return result


def _aliases(ours: Field, known: tuple[Field | None, int, int] | None) -> Field:
    """The aliases that the file has, if only ours is among them; else ours before them."""
    value = known[0] if known else None
    theirs = value if isinstance(value, list) else [value] if value else []
    return theirs if set(ours) <= set(theirs) else [*ours, *theirs]


def _verify(front: str, expected: Mapping[str, object], fields: Mapping[str, Field]) -> None:
    """Make sure that what has come out is YAML and has the reader's fields and ours: an anchor in a field of ours may
    have been meant from elsewhere.
    """
    now = _parsed(front)
    names = {name for name in expected if name not in fields or fields[name]}
    if set(now) != names or any(now[name][0] != value for name, value in fields.items() if value):
        raise ReadlistError("its front matter is not as readlist can change it")


def _parsed(front: str) -> dict[str, tuple[Field | None, int, int]]:
    """Each field: its value, None where it is none of our kinds, and where its lines begin and end."""
    import yaml

    try:
        tree = yaml.compose(front, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise ReadlistError("its front matter is no YAML") from error
    if tree is None:
        return {}
    if not isinstance(tree, yaml.MappingNode) or tree.flow_style:
        raise ReadlistError("its front matter has no fields")
    found = {str(key.value): (_value(value), *_lines(front, key, value)) for key, value in tree.value}
    if len(found) < len(tree.value):
        raise ReadlistError("a field stands twice in its front matter")
    return found


def _value(node: Node) -> Field | None:
    from yaml.nodes import ScalarNode, SequenceNode

    if isinstance(node, ScalarNode):
        return str(node.value)
    if isinstance(node, SequenceNode) and all(isinstance(item, ScalarNode) for item in node.value):
        return [item.value for item in node.value]
    return None


def _lines(front: str, key: Node, value: Node) -> tuple[int, int]:
    """Where the lines of a field begin and end; a list's mark stands behind the comments that follow it."""
    start, end = key.start_mark.index, max(key.end_mark.index, value.end_mark.index)
    if front[end - 1 : end] != "\n":
        end = front.find("\n", end) + 1 or len(front)
    behind = _NOT_OF_FIELD.search(front[:end], start)
    return start, behind.start() if behind else end


def _yaml(name: str, value: Field, newline: str) -> str:
    """A field's lines; "" where it has no value."""
    if not value:
        return ""
    if isinstance(value, list):
        return f"{name}:{newline}" + "".join(f"  - {_quoted(item)}{newline}" for item in value)
    return f"{name}: {value if name in _BARE else _quoted(value)}{newline}"


def _quoted(text: str) -> str:
    """The text as YAML cannot take it for a number or a date, nor a template engine for a command (`<%`)."""
    quoted = json.dumps(text, ensure_ascii=False).replace("<%", r"<\u0025")
    return _NOT_IN_YAML.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)


# The block


def _block(entry: Entry) -> str:
    """What stands between the marks. No line of it can be a mark, and none of it reaches beyond: all that has several
    lines is quoted.
    """
    paper, title = entry.paper, escape(clean(entry.paper.title))
    url = link_target(paper)
    comments = (quoted(text, paper.links) for text in paper.comments.values())
    blocks = [
        f"# [{title}]({url})" if url else "# " + _LAST_HASH.sub(r"\\#", title),
        escape(", ".join(map(clean, paper.authors))),
        *comments,
        _callout("abstract", quoted(paper.abstract, paper.links)),
        _callout("note", "\n".join(f"> {line}".rstrip() for line in clean_markdown(entry.mark.note).split("\n"))),
    ]
    return "\n\n".join(filter(None, blocks))


def _callout(kind: str, quote: str) -> str:
    return f"> [!{kind}] {kind.capitalize()}\n{quote}" if quote.strip("> \n") else ""
