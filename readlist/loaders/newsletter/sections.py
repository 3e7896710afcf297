"""Split the text of a paper in a newsletter into the abstract and the comments by language.

The comment in a second language separates the two: what precedes it is the abstract, what follows it is the comment in
the default language. A web page may mark the abstract as a quotation instead. A link alone on a line below an abstract
whose last sentence is complete is the paper's own link.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import takewhile
from typing import TYPE_CHECKING

from readlist.loaders.languages import DEFAULT_LANGUAGE, detect_language, find_foreign_span
from readlist.loaders.links import is_link, is_only_link
from readlist.loaders.newsletter.line_joining import is_incomplete_sentence, join_broken_lines
from readlist.text import parse_arxiv_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from readlist.loaders.newsletter.lines import Line
    from readlist.models import Paper


@dataclass(slots=True)
class TextSections:
    """The lines of the abstract, the paragraphs of the comments by language, and the paper's own links below it."""

    abstract: Sequence[str]
    comments: dict[str, list[str]]
    own_links: list[str] = field(default_factory=list)


def split_sections(body: Sequence[Line]) -> TextSections:
    """Return the sections of the lines between authors and tags."""
    start, end = _find_quoted_abstract(body)
    sections = _split_by_language(_join([*body[:start], *body[end:]]))
    if start != end:
        comment = [*sections.abstract, *sections.comments.pop(DEFAULT_LANGUAGE, [])]
        comments = {**sections.comments, **({DEFAULT_LANGUAGE: comment} if comment else {})}
        sections = TextSections(_join(body[start:end]), comments)
    _take_own_links(sections)
    return sections


def _join(lines: Iterable[Line]) -> list[str]:
    return join_broken_lines(line.text for line in lines)


def _find_quoted_abstract(body: Sequence[Line]) -> tuple[int, int]:
    """Return start and end of the quotation that begins with the first line in Latin script, equal ends for none.

    It is the abstract only if all of it is in Latin script.
    """
    start = next((index for index, line in enumerate(body) if _is_latin(line)), 0)
    end = next((index for index in range(start, len(body)) if not body[index].markup.quoted), len(body))
    return (start, end) if all(map(_is_latin, body[start:end])) else (0, 0)


def _is_latin(line: Line) -> bool:
    return detect_language(line.text) == DEFAULT_LANGUAGE


def _split_by_language(lines: Sequence[str]) -> TextSections:
    span = find_foreign_span(lines)
    if span is None:
        end = _find_abstract_end(lines)
        return TextSections(lines[:end], {DEFAULT_LANGUAGE: list(lines[end:])} if end < len(lines) else {})
    comments = {span.language: list(lines[span.start : span.end])}
    if span.end < len(lines):
        comments[DEFAULT_LANGUAGE] = list(lines[span.end :])
    return TextSections(lines[: span.start], comments)


def _find_abstract_end(lines: Sequence[str]) -> int:
    """Return the end of the abstract where no second language shows it: after the first line that ends a sentence."""
    if lines and is_only_link(lines[0]):
        return 0
    return next((index + 1 for index, line in enumerate(lines) if not is_incomplete_sentence(line)), len(lines))


def _take_own_links(sections: TextSections) -> None:
    """Move the links alone on a line below the abstract from the comment to `own_links`.

    A project page directly above a comment in a second language stays in it too: such comments begin with the link
    that they are about.
    """
    if not sections.abstract or not sections.comments:
        return
    language, paragraphs = next(iter(sections.comments.items()))
    sections.own_links += takewhile(is_link, paragraphs)
    count = len(sections.own_links)
    if language != DEFAULT_LANGUAGE:
        count = sum(1 for _ in takewhile(parse_arxiv_id, sections.own_links))
    if count == len(paragraphs):
        del sections.comments[language]
    else:
        del paragraphs[:count]


def assign_link_comments(papers: Sequence[Paper]) -> Iterator[Paper]:
    """Yield the papers; a comment of links alone gets the language with which most of the other comments begin."""
    languages = Counter(
        next(iter(paper.comments)) for paper in papers if paper.comments and not _is_link_comment(paper)
    )
    language = languages.most_common(1)[0][0] if languages else DEFAULT_LANGUAGE
    for paper in papers:
        if _is_link_comment(paper):
            yield paper._replace(comments={language: paper.comments[DEFAULT_LANGUAGE]})
        else:
            yield paper


def _is_link_comment(paper: Paper) -> bool:
    """Return whether the paper's only comment consists of links."""
    if paper.comments.keys() != {DEFAULT_LANGUAGE}:
        return False
    return all(map(is_only_link, paper.comments[DEFAULT_LANGUAGE].split("\n\n")))
