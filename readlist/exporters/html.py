"""A page for any browser, in one file: the papers by section, with a search box and filters for tag and status.

    <section><h2>2025-02-11</h2>
      <article data-status="read" data-starred data-tags='["normalization"]'>
        <h3><a href="https://arxiv.org/abs/2502.05795">The Curse of Depth in Large Language Models</a></h3>
        …

Without JavaScript it is a plain list. All text is escaped. A content security policy allows the page's own script and
style, by their hashes, and no request at all. Elements with text of digests and of the user have dir="auto", so that a
browser sets right-to-left scripts from the right; by the style, each paragraph has its own direction. The script is
page.js, the style page.css, both next to this module. The entries are embedded as JSON too, from which `loaders.own`
reads them back.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from functools import lru_cache
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING

from readlist.exporters.cleaning import clean_entry
from readlist.exporters.handout import (
    DEFAULT_HANDOUT,
    PAGE_FIELDS,
    Handout,
    Heading,
    Section,
    drop_provenance,
    format_details,
    select_fields,
)
from readlist.exporters.html_text import escape, format_link, html_head, link_urls
from readlist.exporters.intro import render_markdown
from readlist.exporters.json import dump_line, entry_dict
from readlist.models import Status
from readlist.text import clean, fold_tag, plural, printable_line
from readlist.urls import paper_url

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from readlist.models import Entry, Paper

_CACHED_TAGS = 4_096
"""Tags of which the markup is kept: a library has many papers and few tags."""
_LESS_THAN = r"\u003c"
_LANGUAGE_CODE = re.compile(r"[a-z]{2,3}")


def export(sections: Iterable[Section], handout: Handout = DEFAULT_HANDOUT) -> Iterator[str]:
    """Yield the page; the list of tags needs all entries before the first paper."""
    fields = PAGE_FIELDS if handout.fields is None else handout.fields
    shown = [
        (section.heading, [(entry, _select(entry, handout, fields)) for entry in section.entries])
        for section in sections
        if section.entries
    ]
    entries = list({id(whole): entry for _, pairs in shown for whole, entry in pairs}.values())  # in several sections
    style, script = _read_asset("page.css"), _read_asset("page.js")
    title = clean(handout.title)
    yield html_head(title, style, script)
    yield _page_header(title, handout.intro, entries, fields)
    for heading, pairs in shown:
        yield f"<section>\n{_heading(heading)}"
        for whole, entry in pairs:
            yield _article(clean_entry(entry), format_details(whole, fields), fields)
        yield "</section>\n"
    yield f"</main>\n<script>{script}</script>\n"
    yield from _embed_data(entries)
    yield "</body>\n</html>\n"


# The page around the papers


def _select(entry: Entry, handout: Handout, fields: frozenset[str]) -> Entry:
    """Return what the page has of an entry: its data can be loaded back unless the user chose the fields."""
    selected = select_fields(entry, fields, handout.language)
    return selected if handout.fields is None else drop_provenance(selected, fields)


def _read_asset(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def _embed_data(entries: Iterable[Entry]) -> Iterator[str]:
    """Yield the entries as a block of JSON, which a browser neither runs nor shows; "<" would end it."""
    opening = '<script type="application/json" id="readlist-entries">['
    for entry in entries:
        line = dump_line(entry_dict(entry)).removesuffix("\n")
        yield f"{opening}\n{line.replace('<', _LESS_THAN) if '<' in line else line}"
        opening = ","
    yield "\n]</script>\n" if opening == "," else f"{opening}]</script>\n"


def _page_header(title: str, intro: str, entries: Sequence[Entry], fields: Collection[str]) -> str:
    """Return what is above the papers; the form is hidden until the script shows it, a filter without values is too."""
    tags, statuses = _tag_options(entries), _status_options(entries, fields)
    introduction = f'<div class="intro" dir="auto">\n{render_markdown(intro)}</div>\n' if intro.strip() else ""
    return f"""\
<body>
<header>
<h1 dir="auto">{escape(title)}</h1>
{introduction}<form role="search" hidden>
<label>Search <input type="search" id="words" autocomplete="off" placeholder="Title, author, comment …"></label>
<label{_hidden_unless(tags)}>Tag <select id="tag"><option value="">All tags</option>{tags}</select></label>
<label{_hidden_unless(statuses)}>Status <select id="status"><option value="">All</option>{statuses}</select></label>
</form>
<p id="count" role="status">{plural(len(entries), "paper")}</p>
</header>
<main>
<p id="no-match" hidden>No papers match.</p>
"""


def _hidden_unless(options: str) -> str:
    return "" if options else " hidden"


def _heading(heading: Heading) -> str:
    """Return the heading of a section as a line, "" where it has none."""
    if not heading:
        return ""
    text = clean(str(heading))
    return f"<h2>{_time_element(text) if isinstance(heading, dt.date) else escape(text)}</h2>\n"


def _tag_options(entries: Sequence[Entry]) -> str:
    """Return the options for tags, the most frequent first; spellings of one tag are one option."""
    spellings: dict[str, str] = {}
    counts = Counter[str]()
    for tags, papers in Counter(entry.tags for entry in entries).items():  # many papers have the same tags
        names = list(map(_tag_name, tags))
        for tag, name in zip(tags, names, strict=True):
            spellings.setdefault(name, printable_line(tag))
        for name in set(names):
            counts[name] += papers
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return "".join(_option(tag, spellings[tag], count) for tag, count in ranked)


def _status_options(entries: Sequence[Entry], fields: Collection[str]) -> str:
    counts = Counter(entry.mark.status.value for entry in entries if "status" in fields)
    counts["starred"] = sum(entry.mark.starred for entry in entries)
    return "".join(_option(name, name, counts[name]) for name in (*Status, "starred") if counts[name])


def _option(value: str, label: str, count: int) -> str:
    return f'<option value="{escape(value)}">{escape(label)} ({count:,})</option>'


# A paper


def _article(entry: Entry, details: Sequence[str], fields: Collection[str]) -> str:
    """Return the element of a paper; `entry` is clean and has only what the page shows, besides the `details`."""
    paper, mark = entry.paper, entry.mark
    status = mark.status.value
    starred = " data-starred" if mark.starred else ""
    comments = "".join(_comment(language, text, paper.links) for language, text in paper.comments.items() if text)
    is_open = not comments or fields != PAGE_FIELDS
    return (
        f'<article data-status="{status}"{starred} data-tags="[{", ".join(map(_tag_value, entry.tags))}]">\n'
        f"{_title(entry)}{_paragraph('authors', ', '.join(paper.authors))}{_paragraph('details', ' · '.join(details))}"
        f"{comments}{_abstract(paper, is_open=is_open)}{_note(mark.note)}{_tags(entry.tags)}</article>\n"
    )


def _title(entry: Entry) -> str:
    title, url = entry.paper.title, paper_url(entry.paper)
    heading = format_link(url, title) if url else escape(title)
    star = ' <span class="star" role="img" aria-label="starred">★</span>' if entry.mark.starred else ""
    status = entry.mark.status
    badge = f' <span class="status">{status.value}</span>' if status is not Status.UNREAD else ""
    return f'<h3 dir="auto">{heading}{star}{badge}</h3>\n'


def _paragraph(kind: str, text: str) -> str:
    return f'<p class="{kind}" dir="auto">{escape(text)}</p>\n' if text else ""


def _paragraphs(text: str, links: Sequence[str]) -> str:
    """Return the paragraphs of a text, in which `links` are links."""
    paragraphs = text.split("\n\n") if "\n" in text else [text]
    return "".join([f"<p>{link_urls(paragraph, links)}</p>" for paragraph in paragraphs])


def _comment(language: str, text: str, links: Sequence[str]) -> str:
    lang = f' lang="{language}"' if _LANGUAGE_CODE.fullmatch(language) else ""
    return f'<blockquote{lang} dir="auto">{_paragraphs(text, links)}</blockquote>\n'


def _abstract(paper: Paper, *, is_open: bool) -> str:
    if not paper.abstract:
        return ""
    body = f'<summary>Abstract</summary><div dir="auto">{_paragraphs(paper.abstract, paper.links)}</div>'
    return f"<details{' open' if is_open else ''}>{body}</details>\n"


def _note(text: str) -> str:
    """Return the note as preformatted text; its Markdown is not rendered."""
    return f'<div class="note"><h4>Note</h4><pre dir="auto">\n{escape(text)}</pre></div>\n' if text else ""


def _tags(tags: Iterable[str]) -> str:
    items = "".join(map(_tag_item, tags))
    return f'<ul class="tags" aria-label="Tags">{items}</ul>\n' if items else ""


@lru_cache(maxsize=_CACHED_TAGS)
def _tag_item(tag: str) -> str:
    return f'<li><span data-tag="{escape(_tag_name(tag))}" dir="auto">#{escape(tag)}</span></li>'


@lru_cache(maxsize=_CACHED_TAGS)
def _tag_value(tag: str) -> str:
    """Return the name of a tag as an element of a JSON list in an attribute."""
    return escape(dumps(_tag_name(tag), ensure_ascii=False))


@lru_cache(maxsize=_CACHED_TAGS)
def _tag_name(tag: str) -> str:
    """Return what all spellings of a tag have in common, as the script compares it."""
    return fold_tag(printable_line(tag))


def _time_element(date: str) -> str:
    return f'<time datetime="{date}">{date}</time>'
