"""The lines of one paper, and building the paper from them: its URL, abstract, comments and links."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from readlist.loaders.identifiers import identify_links, is_paper_link
from readlist.loaders.languages import DEFAULT_LANGUAGE, detect_language
from readlist.loaders.limits import Report, apply_limits
from readlist.loaders.newsletter.lines import Line, LineKind
from readlist.loaders.newsletter.sections import split_sections
from readlist.loaders.person_names import split_author_line
from readlist.models import Appearance, Paper
from readlist.text import extract_links, parse_arxiv_id
from readlist.urls import MAX_URL

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence


@dataclass(slots=True)
class PaperDraft:
    """The lines of one paper by their role; `trailing` is the text below the tags, which are the last line of a paper.

    `authors` is None where the paper has no authors, `body` is everything between title and tags but the authors.
    `buttons` are the targets of the buttons of a page that belong to the paper.
    """

    date: dt.date | None
    title: Line
    authors: Line | None
    body: list[Line]
    tags: list[str] = field(default_factory=list)
    trailing: list[str] = field(default_factory=list)
    buttons: list[str] = field(default_factory=list)


def build_paper(draft: PaperDraft, source_name: str, report: Report) -> Paper:
    """Return the paper, within the limits."""
    url, link_below_title, body = _split_url(draft)
    sections = split_sections(body)
    own_links = [link for text in sections.own_links for link in extract_links(text) if len(link) <= MAX_URL]
    own_links += (link for link in sorted(draft.buttons, key=is_paper_link, reverse=True) if len(link) <= MAX_URL)
    url = url or next(iter(own_links), "")
    for line in draft.trailing:
        sections.comments.setdefault(detect_language(line), []).append(line)
    arxiv_id, doi = identify_links(filter(None, (url, link_below_title, *own_links)))
    paper = Paper(
        title=draft.title.text,
        authors=tuple(split_author_line(draft.authors.text[1:-1])) if draft.authors else (),
        abstract=" ".join(sections.abstract),
        comments={language: "\n\n".join(paragraphs) for language, paragraphs in sections.comments.items()},
        tags=tuple(draft.tags),
        links=tuple(dict.fromkeys(link for link in own_links if link != url)),
        arxiv_id=arxiv_id,
        url=url,
        digests=(Appearance(draft.date, source_name),),
        doi=doi,
    )
    hidden_links = [link for line in (draft.title, *draft.body) for link in line.markup.links if link != url]
    return apply_limits(paper, report, hidden_links)


def _split_url(draft: PaperDraft) -> tuple[str, str, Sequence[Line]]:
    """Return the paper's URL, its link on a line of its own, and the other lines of the body.

    The link of the title takes precedence as the URL.
    """
    link_below_title = _find_own_link(draft)
    title_link = draft.title.markup.link
    url = title_link if title_link and len(title_link) <= MAX_URL else link_below_title
    return url, link_below_title, draft.body[1:] if link_below_title else draft.body


def _find_own_link(draft: PaperDraft) -> str:
    """Return the link alone on the line below title or authors, if it leads to arXiv or the abstract follows.

    Links in other places are mentions: other papers, code, a project page.
    """
    if not draft.body or draft.body[0].kind is not LineKind.LINK:
        return ""
    link = next(iter(extract_links(draft.body[0].text)), "")
    precedes_authors = draft.authors is not None and draft.body[0].number < draft.authors.number
    is_own = precedes_authors or parse_arxiv_id(link) or (len(draft.body) > 1 and _may_be_abstract(draft.body[1]))
    return link if is_own and len(link) <= MAX_URL else ""


def _may_be_abstract(line: Line) -> bool:
    return line.kind is LineKind.TEXT and line.text[0].isalnum() and detect_language(line.text) == DEFAULT_LANGUAGE
