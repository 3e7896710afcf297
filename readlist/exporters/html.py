"""A page to open in any browser: the papers by digest, with a search box, tags and status, all in one file.

    <section><h2>2025-02-11</h2>
      <article data-status="read" data-starred data-tags='["normalization"]'>
        <h3><a href="https://arxiv.org/abs/2502.05795">The Curse of Depth in Large Language Models</a></h3>
        …

Without JavaScript it is a plain list. Every text is escaped, and a content security policy lets the browser run
nothing but the page's own script and style, known by their hashes, and load nothing at all.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from html import escape
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from readlist.models import Status
from readlist.text import clean, clean_lines, clean_markdown, fold_tag
from readlist.urls import paper_url, web_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from readlist.models import Entry, Paper

_LANGUAGE = re.compile(r"[a-z]{2,3}")


def export(entries: Iterable[Entry]) -> Iterator[str]:
    """The page; all entries are needed before the choice of tags is known."""
    entries = tuple(entries)
    style, script = _beside("page.css"), _beside("page.js")
    yield _head(style, script)
    yield _header(entries)
    for date, group in groupby(entries, key=lambda entry: entry.paper.date):
        yield f"<section>\n<h2>{_time(str(date)) if date else 'Undated'}</h2>\n"
        yield from map(_article, group)
        yield "</section>\n"
    yield f"</main>\n<script>{script}</script>\n</body>\n</html>\n"


# The frame


def _beside(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def _head(style: str, script: str) -> str:
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'"
    )
    return f"""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta http-equiv="x-dns-prefetch-control" content="off">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Reading list</title>
<style>{style}</style>
</head>
"""


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _header(entries: Sequence[Entry]) -> str:
    """What stands above the papers; the form is there for the script, which shows it."""
    count = f"{len(entries):,} paper{'s' * (len(entries) != 1)}"
    return f"""\
<body>
<header>
<h1>Reading list</h1>
<form role="search" hidden>
<label>Search <input type="search" id="words" autocomplete="off" placeholder="Title, author, comment …"></label>
<label>Tag <select id="tag"><option value="">All tags</option>{_tag_options(entries)}</select></label>
<label>Status <select id="status"><option value="">All</option>{_status_options(entries)}</select></label>
</form>
<p id="count" role="status">{count}</p>
</header>
<main>
<p id="nothing" hidden>No paper matches.</p>
"""


def _tag_options(entries: Sequence[Entry]) -> str:
    """The tags, the most frequent first; two spellings of one tag are one."""
    spelt = {fold_tag(clean(tag)): clean(tag) for entry in reversed(entries) for tag in reversed(entry.tags)}
    counts = Counter(tag for entry in entries for tag in {fold_tag(clean(tag)) for tag in entry.tags})
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return "".join(_option(tag, spelt[tag], count) for tag, count in ranked)


def _status_options(entries: Sequence[Entry]) -> str:
    counts = Counter(entry.mark.status.value for entry in entries)
    counts["starred"] = sum(entry.mark.starred for entry in entries)
    return "".join(_option(name, name, counts[name]) for name in (*Status, "starred") if counts[name])


def _option(value: str, label: str, count: int) -> str:
    return f'<option value="{escape(value)}">{escape(label)} ({count:,})</option>'


# A paper


def _article(entry: Entry) -> str:
    paper, mark = entry.paper, entry.mark
    tags = json.dumps([fold_tag(clean(tag)) for tag in entry.tags], ensure_ascii=False)
    starred = " data-starred" if mark.starred else ""
    parts = [
        f'<article data-status="{mark.status.value}"{starred} data-tags="{escape(tags)}">',
        _title(entry),
        _paragraph("authors", ", ".join(map(clean, paper.authors))),
        *(_comment(language, text, paper.links) for language, text in paper.comments.items()),
        _abstract(paper, is_open=not any(paper.comments.values())),
        _note(mark.note),
        _tags(entry.tags),
        "</article>",
    ]
    return "".join(f"{part}\n" for part in parts if part)


def _title(entry: Entry) -> str:
    title, url = clean(entry.paper.title), paper_url(entry.paper)
    linked = _link(url, title) if url else escape(title)
    star = ' <span class="star" role="img" aria-label="starred">★</span>' if entry.mark.starred else ""
    status = entry.mark.status
    badge = f' <span class="status">{status.value}</span>' if status is not Status.UNREAD else ""
    return f"<h3>{linked}{star}{badge}</h3>"


def _paragraph(kind: str, text: str) -> str:
    return f'<p class="{kind}">{escape(text)}</p>' if text else ""


def _paragraphs(text: str, links: Iterable[str]) -> str:
    """Paragraphs parted by an empty line; the paper's own links in them are links."""
    return "".join(f"<p>{_linked(paragraph, links)}</p>" for paragraph in clean_lines(text).split("\n\n"))


def _linked(text: str, links: Iterable[str]) -> str:
    own = sorted(filter(web_url, links), key=len, reverse=True)
    pieces = re.split(f"({'|'.join(map(re.escape, own))})", text) if own else [text]
    return "".join(_link(web_url(piece), piece) if i % 2 else escape(piece) for i, piece in enumerate(pieces))


def _link(url: str, text: str) -> str:
    return f'<a href="{escape(url)}" rel="noopener noreferrer">{escape(text)}</a>'


def _comment(language: str, text: str, links: Iterable[str]) -> str:
    lang = f' lang="{language}"' if _LANGUAGE.fullmatch(language) else ""
    return f"<blockquote{lang}>{_paragraphs(text, links)}</blockquote>" if clean(text) else ""


def _abstract(paper: Paper, *, is_open: bool) -> str:
    opened, text = " open" if is_open else "", paper.abstract
    return (
        f"<details{opened}><summary>Abstract</summary>{_paragraphs(text, paper.links)}</details>" if clean(text) else ""
    )


def _note(text: str) -> str:
    """The reader's Markdown as it was written."""
    text = clean_markdown(text)
    return f'<div class="note"><h4>Note</h4><pre>\n{escape(text)}</pre></div>' if text else ""


def _tags(tags: Iterable[str]) -> str:
    items = "".join(
        f'<li><span data-tag="{escape(fold_tag(clean(tag)))}">#{escape(clean(tag))}</span></li>' for tag in tags
    )
    return f'<ul class="tags" aria-label="Tags">{items}</ul>' if items else ""


def _time(date: str) -> str:
    return f'<time datetime="{date}">{date}</time>'
