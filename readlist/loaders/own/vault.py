"""A file of `export --split`, see `exporters.vault`: front matter, and a block between two markers.

The front matter has the fields that people read and may have changed: title, authors, tags, status, star. The block has
comments, abstract and note, and a line of data that they do not show: times, digests, links, whose tag is whose.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote as percent_encode

from readlist.loaders.base import ParseResult, ProblemLog
from readlist.loaders.languages import detect_language
from readlist.loaders.own.fields import EntryCollector
from readlist.loaders.own.json import load_json
from readlist.text import fold_tag
from readlist.urls import URL_SAFE_CHARS, arxiv_page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from readlist.loaders.base import Source

_BEGIN, _END = "<!-- readlist:begin -->", "<!-- readlist:end -->"
_FRONT_MATTER = re.compile(r"---[ \t]*\n(.{0,100000}?)^---[ \t]*\n", re.DOTALL | re.MULTILINE)
_KEY_FIELD = re.compile(r"^key:[ \t]*[\"']?[^\W_]", re.MULTILINE)
_DATA_START, _DATA_END = "<!-- readlist:data ", " -->"
_ABSTRACT, _NOTE = "[!abstract] Abstract", "[!note] Note"
_MARKED = re.compile(r"\\([!-/:-@\[-`{-~])|<(https?://[^<>\s]*)>", re.IGNORECASE)
_DATA_FIELDS = (
    "links", "url", "doi", "digests", "my_tags", "digest_tags", "removed_tags",
    "status_at", "starred_at", "tags_at", "note_at", "later", "later_at", "loaded_at",
)  # fmt: skip


def detect(text: str) -> bool:
    """Return whether the text has front matter with the key of a paper, and the block of readlist after it."""
    if not text.startswith("---") or _BEGIN not in text:
        return False
    front_matter, block = _split(text)
    return bool(block and _KEY_FIELD.search(front_matter))


def parse(source: Source) -> ParseResult:
    """Return the paper of the file and its mark."""
    log, entries = ProblemLog(source.name), EntryCollector(source.directory or source.name)
    front_matter, block = _split(source.text)
    fields = _parse_front_matter(front_matter)
    if fields is None:
        log.report(1, "front matter is not valid YAML; the file is ignored")
    else:
        entries.add(_to_fields(fields, block), partial(log.report, 0))
    return ParseResult(tuple(entries.papers), tuple(log.problems), entries.marks)


def _split(text: str) -> tuple[str, str]:
    """Return the front matter and the block, each without its marks, "" for a part that is not there."""
    text = text.replace("\r\n", "\n")
    front_matter = _FRONT_MATTER.match(text)
    if not front_matter:
        return "", ""
    start = text.find(f"\n{_BEGIN}", front_matter.end() - 1)
    end = text.find(f"\n{_END}", start)
    return front_matter[1], text[start + 1 + len(_BEGIN) : end + 1] if 0 <= start < end else ""


def _parse_front_matter(text: str) -> dict[str, Any] | None:
    """Return the texts and lists of texts in YAML; None where it is not valid."""
    import yaml

    try:
        tree = yaml.compose(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))
    except (yaml.YAMLError, RecursionError, ValueError):
        return None
    if not isinstance(tree, yaml.MappingNode):
        return None
    fields: dict[str, Any] = {}
    for key, value in tree.value:
        if isinstance(value, yaml.ScalarNode):
            fields[str(key.value)] = value.value
        elif isinstance(value, yaml.SequenceNode):
            fields[str(key.value)] = [item.value for item in value.value if isinstance(item, yaml.ScalarNode)]
    return fields


def _to_fields(front_matter: dict[str, Any], block: str) -> dict[str, Any]:
    """Return what a file says as the fields of a JSON entry."""
    data = _find_data(block)
    arxiv_id, url = front_matter.get("arxiv", ""), front_matter.get("url", "")
    fields: dict[str, Any] = {
        **{name: front_matter[name] for name in ("title", "authors", "tags", "status", "key") if name in front_matter},
        "starred": front_matter.get("starred") == "true",
        "arxiv_id": arxiv_id,
        "doi": front_matter.get("doi", ""),
        "url": "" if data or url == arxiv_page(arxiv_id) else url,
        "digests": [],
        **{name: data[name] for name in _DATA_FIELDS if name in data},
    }
    if not data and front_matter.get("date"):
        fields["digests"] = [{"date": front_matter["date"], "source": "vault"}]
    return _with_edited_tags(fields) | _parse_block(block, data.get("comments"), data.get("links"))


def _find_data(block: str) -> dict[str, Any]:
    """Return the data that the block does not show, {} for a file of an older version."""
    lines = (line for line in block.split("\n") if line.startswith(_DATA_START) and line.endswith(_DATA_END))
    data = load_json(next(lines, "")[len(_DATA_START) : -len(_DATA_END)])
    return data if isinstance(data, dict) else {}


def _with_edited_tags(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields with tags that the user added to the front matter as own tags, and missing ones as removed."""
    if "digest_tags" not in fields:
        return fields
    known = {fold_tag(tag): tag for tag in (*_texts(fields["digest_tags"]), *_texts(fields.get("my_tags")))}
    removed = {fold_tag(tag): tag for tag in _texts(fields.get("removed_tags"))}
    present = {fold_tag(tag): tag for tag in _texts(fields.get("tags"))}
    added = [tag for name, tag in present.items() if name not in known or name in removed]
    missing = [tag for name, tag in known.items() if name not in present and name not in removed]
    gone = set(map(fold_tag, missing))
    own = [tag for tag in _texts(fields.get("my_tags")) if fold_tag(tag) not in gone]
    hidden = [tag for name, tag in removed.items() if name not in present]
    digest_names = set(map(fold_tag, _texts(fields["digest_tags"])))
    return fields | {
        "my_tags": [*own, *(tag for tag in added if fold_tag(tag) not in digest_names)],
        "removed_tags": [*hidden, *(tag for tag in missing if fold_tag(tag) in digest_names)],
    }


def _texts(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _parse_block(block: str, languages: object, links: object) -> dict[str, Any]:
    """Return the comments, the abstract and the note in the block; `languages` are those of its comments, in order."""
    urls = {percent_encode(link, URL_SAFE_CHARS + "()"): link for link in _texts(links)}
    abstract, note, comments = "", "", list[str]()
    for quote in _iter_quotes(block):
        first, _, rest = quote.partition("\n")
        if first == _ABSTRACT:
            abstract = _unescape(rest, urls)
        elif first == _NOTE:
            note = rest
        else:
            comments.append(_unescape(quote, urls))
    names = _texts(languages)
    by_language: dict[str, str] = {}
    for number, comment in enumerate(comments):
        language = names[number] if len(names) == len(comments) else detect_language(comment)
        by_language[language] = "\n\n".join(filter(None, (by_language.get(language), comment)))
    return {"abstract": abstract, "note": note, "comments": by_language}


def _iter_quotes(block: str) -> Iterator[str]:
    """Yield the block quotes without their marks: consecutive lines that begin with ">"."""
    lines: list[str] = []
    for line in (*block.split("\n"), ""):
        if line.startswith(">"):
            lines.append(line[2:] if line.startswith("> ") else line[1:])
        elif lines:
            yield "\n".join(lines)
            lines = []


def _unescape(text: str, urls: dict[str, str]) -> str:
    """Return the text that this Markdown shows; `urls` maps links as Markdown has them to what they were."""
    return _MARKED.sub(lambda match: match[1] or urls.get(match[2], match[2]), text)
