"""The HTML of `mail`: inline style only, because programs for mail drop style sheets and scripts.

There are no background and no text colors, so that the page is as light or dark as the program; what is less important
is translucent. Nothing is requested when the mail is opened.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from readlist.exporters.cleaning import clean_entry
from readlist.exporters.handout import (
    Handout,
    Section,
    fields_to_show,
    format_details,
    format_first_authors,
    select_fields,
)
from readlist.exporters.html_text import escape, format_link, link_urls
from readlist.exporters.intro import render_markdown
from readlist.text import clean, clean_lines
from readlist.urls import paper_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from readlist.models import Entry

_BODY = (
    "max-width:42em;margin:0 auto;padding:8px 12px;font:16px/1.55 system-ui,-apple-system,'Segoe UI',Roboto,"
    "'Apple SD Gothic Neo','Malgun Gothic',sans-serif;overflow-wrap:anywhere;word-break:keep-all"
)
_TITLE = "margin:8px 0 16px;font-size:24px;line-height:1.25"
_HEADING = "margin:36px 0 0;padding-bottom:4px;border-bottom:1px solid #8886;font-size:16px"
_PAPER = "margin:28px 0 4px;line-height:1.35"
_META = "margin:0;font-size:14px;opacity:.75"
_TEXT = "margin:10px 0;padding-left:12px;border-left:3px solid #8886"
_INTRO = {"blockquote": _TEXT, "h2": "font-size:18px", "h3": "font-size:16px", "pre": "white-space:pre-wrap"}
_LANGUAGE_CODE = re.compile(r"[a-z]{2,3}")


def format_page(sections: Iterable[Section], handout: Handout) -> str:
    """Return the page with the title, the introduction and the sections."""
    title = escape(clean(handout.title))
    body = "".join(_format_section(section, handout) for section in sections if section.entries)
    intro = render_markdown(handout.intro, _INTRO) if handout.intro.strip() else ""
    return (
        '<!DOCTYPE html>\n<html lang="en" style="color-scheme:light dark">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="color-scheme" content="light dark">\n<title>{title}</title>\n</head>\n'
        f'<body style="margin:0">\n<div style="{_BODY}">\n<h1 dir="auto" style="{_TITLE}">{title}</h1>\n'
        f"{intro}{body or '<p>No papers.</p>'}\n</div>\n</body>\n</html>\n"
    )


def _format_section(section: Section, handout: Handout) -> str:
    heading = escape(clean(str(section.heading)))
    papers = "".join(_format_entry(entry, handout) for entry in section.entries)
    return (f'<h2 dir="auto" style="{_HEADING}">{heading}</h2>\n' if heading else "") + papers


def _format_entry(entry: Entry, handout: Handout) -> str:
    entry = clean_entry(entry)
    fields = fields_to_show(handout, entry)
    details = [*([entry.mark.status.value] if "status" in fields else []), *format_details(entry, fields)]
    entry = select_fields(entry, fields, handout.language)
    paper, title, url = entry.paper, entry.paper.title, paper_url(entry.paper)
    heading = format_link(url, title) if url else escape(title)
    star = ' <span title="starred">★</span>' if entry.mark.starred else ""
    tags = " ".join(f"#{tag}" for tag in entry.tags)
    meta = [format_first_authors(paper), " · ".join(filter(None, (*details, tags)))]
    parts = [
        f'<h3 dir="auto" style="{_PAPER}">{heading}{star}</h3>',
        _format_meta(filter(None, meta)),
        *(_format_text(text, paper.links, _format_language(code)) for code, text in paper.comments.items()),
        _format_text(paper.abstract, paper.links, label="Abstract"),
        _format_text(clean_lines(entry.mark.note), (), label="Note"),
    ]
    return "".join(f"{part}\n" for part in parts if part)


def _format_meta(lines: Iterable[str]) -> str:
    meta = "<br>".join(map(escape, lines))
    return f'<p dir="auto" style="{_META}">{meta}</p>' if meta else ""


def _format_language(code: str) -> str:
    return f' lang="{code}"' if _LANGUAGE_CODE.fullmatch(code) else ""


def _format_text(text: str, links: Sequence[str], language: str = "", *, label: str = "") -> str:
    """Return the paragraphs of a clean text as one element, in which `links` are links; "" for an empty text."""
    body = link_urls(text, links).replace("\n", "<br>\n")
    heading = f"<b>{label}</b><br>\n" if label else ""
    return f'<div{language} dir="auto" style="{_TEXT}">{heading}{body}</div>' if body else ""
