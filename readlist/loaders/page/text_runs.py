"""Text runs of a web page as the lines of a newsletter.

    <h3><a href="https://arxiv.org/abs/2502.06781">On Tides</a></h3>      On Tides            with its link as markup
    <b>On Tides</b> (Ada Lovelace)                                        On Tides            title and authors are
                                                                          (Ada Lovelace)      two lines
    <a rel="tag">rl</a> <a>#moon</a>                                      #rl #moon
    <a href="https://arxiv.org/abs/2502.06781">Read paper</a>             its link: a button

html.py collects the runs of each block and calls `build_lines`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from readlist.dates import find_date
from readlist.loaders.limits import MAX_LINE
from readlist.loaders.newsletter.lines import NO_MARKUP, Line, LineKind, Markup, classify_line, look_like_authors
from readlist.loaders.tag_words import join_tag_words
from readlist.text import clean, parse_arxiv_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

WHOLE_PAGE = 2
"""The scope of text outside <main> and <article>; the narrower a scope, the smaller its number."""

_MAX_HEADING_WITH_DATE = 80
_MAX_LABEL = 40
_LABEL_EDGES = r"\A[\W_]+|[\W_]+\Z"
# Patterns are strings, which `re` compiles at their first use.
_PAPER_LABEL = (
    r"(?i)(?:논문|원문)(?: ?(?:보기|읽기|링크|바로가기))?|자세히 보기"
    r"|(?:(?:read|view|full|link to)(?: the)? )?paper|paper link"
    r"|(?:(?:read|view) on )?arxiv|abs|abstract|pdf|openreview|doi"
)
_OTHER_LABEL = r"(?i)code|github|project(?: page)?|demo|website|코드|프로젝트|데모"
"""Links whose text is no more than the name of what they lead to, without arrows and brackets."""
_NO_LETTERS = re.compile(r"[\W\d_]*")


class ElementContext(NamedTuple):
    """The properties of text that follow from the elements around it."""

    ignored: bool = False
    scope: int = WHOLE_PAGE
    heading: int = 0
    quoted: bool = False
    preformatted: bool = False
    strong: bool = False
    names: bool = False
    time: bool = False
    tag: bool = False
    title: bool = False
    href: str = ""

    @property
    def has_markup(self) -> bool:
        """Whether something but its place in the page distinguishes this text from plain text."""
        return bool(self.href or self.heading or self.quoted or self.strong or self.names)


@dataclass(slots=True)
class TextRun:
    """Consecutive text in one context, in the pieces in which it arrived: joining them one by one is quadratic."""

    context: ElementContext
    line: int
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The pieces joined."""
        return "".join(self.pieces)


def build_lines(runs: Sequence[TextRun], above: Line | None) -> Iterator[Line]:
    """Yield the line of a block, or two where it holds a title and its authors; `above` is the line before."""
    text = _join_runs(runs)
    if not text:
        return
    first = runs[0]
    if len(runs) == 1 and not first.context.has_markup:  # most lines: this path takes half the time of the other
        yield Line(first.line, text, classify_line(text))
        return
    if buttons := _find_buttons(runs):
        yield Line(first.line, buttons[0], LineKind.LINK, Markup(buttons=buttons))
        return
    links = tuple(dict.fromkeys(run.context.href for run in runs if run.context.href and clean(run.text)))
    markup = Markup(heading=first.context.heading, quoted=first.context.quoted, links=links)
    if not any(run.context.href or run.context.strong or run.context.names for run in runs):
        yield _build_line(first.line, text, markup)
        return
    before, marked, after = _split_at_marked_text(runs)
    link = marked[0].context.href if marked and not _is_url(_join_runs(marked)) else ""
    rest = _join_runs(after)
    with_link = Markup(markup.heading, markup.quoted, link, links)
    if marked and rest and classify_line(rest) is LineKind.PARENTHESES:
        yield _build_line(first.line, _join_runs(marked), with_link)
        yield _build_line(first.line, rest, NO_MARKUP)
    elif marked and _NO_LETTERS.fullmatch(rest):
        has_list_number = link or markup.heading
        yield _build_line(first.line, text[len(_join_runs(before)) :].strip() if has_list_number else text, with_link)
    else:
        arxiv_link = next(filter(parse_arxiv_id, links), "") if markup.heading else ""
        text = _parenthesize_names(text, runs, above)
        yield _build_line(first.line, text, Markup(markup.heading, markup.quoted, arxiv_link, links))


def _find_buttons(runs: Sequence[TextRun]) -> tuple[str, ...]:
    """Return the targets of a block that consists of links to the paper and its code, () for any other block.

    The links to the paper come first, and there is at least one.
    """
    own: dict[str, None] = {}
    others: dict[str, None] = {}
    for href, group in groupby((run for run in runs if not _NO_LETTERS.fullmatch(run.text)), _get_href):
        label = _join_runs(list(group)) if href else ""
        label = re.sub(_LABEL_EDGES, "", label) if len(label) <= _MAX_LABEL else ""
        is_own = re.fullmatch(_PAPER_LABEL, label) is not None
        if not is_own and not re.fullmatch(_OTHER_LABEL, label):
            return ()
        (own if is_own else others)[href] = None
    return tuple(own | others) if own else ()


def _get_href(run: TextRun) -> str:
    return run.context.href


def _split_at_marked_text(runs: Sequence[TextRun]) -> tuple[Sequence[TextRun], Sequence[TextRun], Sequence[TextRun]]:
    """Return the runs before the link or bold text that a line begins with, its runs, and the runs after it."""
    start = next((index for index, run in enumerate(runs) if not _NO_LETTERS.fullmatch(run.text)), len(runs))
    if start == len(runs) or not (runs[start].context.href or runs[start].context.strong):
        return runs, (), ()
    href = runs[start].context.href
    end = start
    while end < len(runs) and (runs[end].context.href == href if href else runs[end].context.strong):
        end += 1
    return runs[:start], runs[start:end], runs[end:]


def _join_runs(runs: Iterable[TextRun]) -> str:
    """Return the text of the runs, cleaned; text that is marked as a tag gets a "#"."""
    return clean("".join(_format_tag(run.text) if run.context.tag else run.text for run in runs)[:MAX_LINE])


def _format_tag(text: str) -> str:
    return f" #{tag} " if (tag := join_tag_words(text)) else ""


def _build_line(number: int, text: str, markup: Markup) -> Line:
    """Return the line; a short heading that contains a date becomes a date line."""
    if markup.heading and not markup.link and len(text) <= _MAX_HEADING_WITH_DATE and (date := find_date(text)):
        text = date.isoformat()
    return Line(number, text, classify_line(text), markup)


def _parenthesize_names(text: str, runs: Iterable[TextRun], above: Line | None) -> str:
    """Return the text, in parentheses where it is marked as names and follows a title."""
    if not (above and above.markup.is_title and all(run.context.names for run in runs if run.text.strip())):
        return text
    names = text.removeprefix("by ").removeprefix("By ")
    if classify_line(text) is LineKind.TEXT and look_like_authors(names, above.text):
        return f"({names})"
    return text


def _is_url(text: str) -> bool:
    return text.startswith(("http://", "https://"))
