"""From the lines of one paper to the paper: its own link, the abstract, the comments by language."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from readlist.loaders import limits
from readlist.loaders.languages import LATIN, language
from readlist.loaders.newsletter.lines import TAIL, Kind, Line, authors, glue, is_only_link, is_open, starts_with_link
from readlist.models import Appearance, Paper
from readlist.text import extract_links, parse_arxiv_id

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Sequence


@dataclass(slots=True)
class Draft:
    """The lines of one paper, sorted by what they are."""

    date: dt.date | None
    title: Line
    authors: Line | None
    body: list[Line]
    tags: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    """What stands below the tags, which end a paper."""


def paper(draft: Draft, source: str, say: limits.Say) -> Paper:
    """The paper that a draft says, within the limits."""
    url, below_title, body = _own_links(draft)
    texts = _texts(body)
    for line in draft.late:
        texts.comments.setdefault(language(line), []).append(line)
    abstract = limits.cut(" ".join(texts.abstract), limits.MAX_TEXT, "abstract", say)
    comments = {
        code: limits.cut("\n\n".join(paragraphs), limits.MAX_TEXT, f"comment ({code})", say)
        for code, paragraphs in texts.comments.items()
    }
    return Paper(
        title=limits.cut(draft.title.text, limits.MAX_TITLE, "title", say),
        authors=limits.cut_all(authors(draft.authors.text) if draft.authors else (), limits.MAX_AUTHOR, "author", say),
        abstract=abstract,
        comments=comments,
        tags=tuple(dict.fromkeys(limits.cut_all(draft.tags, limits.MAX_TAG, "tag", say))),
        links=limits.usable_links(_links((abstract, *comments.values()), draft, url), say),
        arxiv_id=parse_arxiv_id(url) or parse_arxiv_id(below_title),
        url=url,
        digests=(Appearance(draft.date, source),),
    )


def _links(texts: Iterable[str], draft: Draft, url: str) -> Iterable[str]:
    """The links in the paper's text, then those that a page has behind its words."""
    found = [link for text in texts if "://" in text for link in extract_links(text)]
    behind = [link for line in (draft.title, *draft.body) for link in line.markup.links if link != url]
    return dict.fromkeys(found + behind)


def _own_links(draft: Draft) -> tuple[str, str, Sequence[Line]]:
    """The paper's URL, its own link alone on a line, and the lines that remain. The link of a title comes first."""
    below_title = _own_link(draft)
    link = draft.title.markup.link
    url = link if link and len(link) <= limits.MAX_URL else below_title
    return url, below_title, draft.body[1:] if below_title else draft.body


def _own_link(draft: Draft) -> str:
    """The paper's own link: one alone on the line below title or authors, if it leads to arXiv or an abstract follows.

    A link anywhere else is a mention: other papers, code, a project page.
    """
    if not draft.body or draft.body[0].kind is not Kind.LINK:
        return ""
    link = next(iter(extract_links(draft.body[0].text)), "")
    above_authors = draft.authors is not None and draft.body[0].number < draft.authors.number
    own = above_authors or parse_arxiv_id(link) or (len(draft.body) > 1 and _may_be_abstract(draft.body[1]))
    return link if own and len(link) <= limits.MAX_URL else ""


def _may_be_abstract(line: Line) -> bool:
    return line.kind is Kind.TEXT and line.text[0].isalnum() and language(line.text) == LATIN


def _whole_lines(body: Sequence[Line]) -> list[str]:
    """The lines as they were before links broke them."""
    whole: list[list[str]] = []
    tail, after_link = "", False
    for line in body:
        joint = glue(tail, line.text, after_link=after_link) if whole else None
        if joint is None:
            whole.append([line.text])
            tail = line.text[-TAIL:]
        else:
            whole[-1] += (joint, line.text)
            tail = (tail + joint + line.text[-TAIL:])[-TAIL:]
        after_link = starts_with_link(line.text)
    return ["".join(parts) for parts in whole]


@dataclass(slots=True)
class _Texts:
    """A paper's text: the abstract's lines, and the paragraphs of the comments by language."""

    abstract: Sequence[str]
    comments: dict[str, list[str]]


def _texts(body: Sequence[Line]) -> _Texts:
    """Abstract and comments: a page may quote the abstract, else the lines themselves have to tell."""
    start, end = _quoted(body)
    texts = _parted(_whole_lines([*body[:start], *body[end:]]))
    if start == end:
        return texts
    said = [*texts.abstract, *texts.comments.pop(LATIN, [])]
    return _Texts(_whole_lines(body[start:end]), {**texts.comments, **({LATIN: said} if said else {})})


def _quoted(body: Sequence[Line]) -> tuple[int, int]:
    """From where to where the abstract is quoted: in Latin script, and with no other such text above it."""
    start = next((at for at, line in enumerate(body) if language(line.text) == LATIN), 0)
    end = next((at for at in range(start, len(body)) if not body[at].markup.quoted), len(body))
    return (start, end) if all(language(line.text) == LATIN for line in body[start:end]) else (0, 0)


def _parted(lines: Sequence[str]) -> _Texts:
    """Part the abstract from the comments."""
    codes = [language(line) for line in lines]
    foreign = [at for at, code in enumerate(codes) if code != LATIN]
    if not foreign:
        end = _end_of_abstract(lines)
        return _Texts(lines[:end], {LATIN: list(lines[end:])} if end < len(lines) else {})
    first, last = _with_links_around(lines, foreign[0], foreign[-1])
    code = Counter(codes[at] for at in foreign).most_common(1)[0][0]
    comments = {code: list(lines[first : last + 1])}
    if last + 1 < len(lines):
        comments[LATIN] = list(lines[last + 1 :])
    return _Texts(lines[:first], comments)


def _end_of_abstract(lines: Sequence[str]) -> int:
    """Where no second language shows it, an abstract ends with the first line that ends a sentence."""
    if lines and is_only_link(lines[0]):
        return 0
    return next((at + 1 for at, line in enumerate(lines) if not is_open(line)), len(lines))


def _with_links_around(lines: Sequence[str], first: int, last: int) -> tuple[int, int]:
    """Links alone on a line next to the comment in the second language are part of it."""
    while first > 0 and is_only_link(lines[first - 1]):
        first -= 1
    while last + 1 < len(lines) and is_only_link(lines[last + 1]):
        last += 1
    return first, last


def with_links_placed(papers: Sequence[Paper]) -> Iterator[Paper]:
    """A comment of links alone is in no language: it goes to the one in which the digest's comments begin."""
    first = Counter(next(iter(paper.comments)) for paper in papers if paper.comments and not _only_links(paper))
    code = first.most_common(1)[0][0] if first else LATIN
    for paper in papers:
        yield replace(paper, comments={code: paper.comments[LATIN]}) if _only_links(paper) else paper


def _only_links(paper: Paper) -> bool:
    """Whether the comment has no text but links."""
    if paper.comments.keys() != {LATIN}:
        return False
    return all(map(is_only_link, paper.comments[LATIN].split("\n\n")))
