"""A web page as the lines of a newsletter: every block is a line, links stay in their sentences.

    <h3><a href="https://arxiv.org/abs/2502.06781">On Tides</a></h3>      On Tides                 and its link
    <p>(Ada Lovelace)<br>Tides rise.</p>                                  (Ada Lovelace)
                                                                          Tides rise.
    <blockquote>…</blockquote>                                            a quoted line: the abstract
    <a rel="tag">rl</a> <a>#moon</a>                                      #rl #moon

What is around the papers (navigation, side bars, readers' comments, scripts) is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import quote, urljoin, urlsplit

from readlist.dates import find_date
from readlist.loaders.limits import MAX_URL
from readlist.loaders.newsletter.lines import Kind, Line, Markup, kind, look_like_names
from readlist.loaders.newsletter.parser import holds_paper
from readlist.loaders.page.markup import Allowance, Walker, walk
from readlist.text import clean, parse_arxiv_id


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = _HEADINGS.keys() | _names(
    "address article blockquote body br center dd details div dl dt fieldset figcaption figure footer form head header"
    " hr html li main ol p pre section summary table tbody td tfoot th thead title tr ul"
)
_LEFT_OUT = _names(
    "annotation aside audio button canvas footer iframe nav noscript object script select style svg template textarea"
    " video"
)
_NAMES_LEFT_OUT = _names(
    "breadcrumb breadcrumbs comments comment-list disqus_thread footer menu nav navigation navbar related"
    " related-posts respond share sharing sidebar"
)
_ARTICLE, _MAIN, _PAGE = range(3)
_SCOPES = {"article": _ARTICLE, "main": _MAIN}
_TELLING = _LEFT_OUT | _HEADINGS.keys() | _SCOPES.keys() | _names("a b blockquote em header i pre strong time title")
_MAX_HEADING_WITH_DATE = 80
_NO_LETTERS = re.compile(r"[\W\d_]*")
_UNSAFE = re.compile(r"[\s<>\"'\\^`{|}]")


class _Place(NamedTuple):
    """What holds for the text at a place in the page, as the elements around it say."""

    left_out: bool = False
    scope: int = _PAGE
    heading: int = 0
    quoted: bool = False
    preserved: bool = False
    strong: bool = False
    names: bool = False
    time: bool = False
    tag: bool = False
    title: bool = False
    href: str = ""


@dataclass(slots=True)
class _Run:
    """Text of one element within a line, in the pieces that it came in: joined one by one they take square time."""

    place: _Place
    line: int
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.pieces)


@dataclass(slots=True)
class Page:
    """What was read of a page: its lines, what it says of itself, and what kept it from being read to its end."""

    lines: list[Line] = field(default_factory=list)
    title: str = ""
    published: str = ""
    problem: str = ""


def read(html: str, allowance: Allowance, address: str = "", first_line: int = 1) -> Page:
    """The page; `address` is what relative links are relative to, `first_line` the number of its first line."""
    walker = _PageWalker(address, first_line, preserved=not re.search(r"<[A-Za-z/!]", html))
    problem = walk(html, walker, allowance)
    walker.flush()
    lines = next((lines for lines in walker.in_scopes() if holds_paper(lines)), [])
    return Page(lines, clean("".join(walker.title)), walker.published, problem)


class _PageWalker(Walker):
    """Gathers runs of text until a block begins or ends, which makes them a line."""

    def __init__(self, address: str, first_line: int, *, preserved: bool) -> None:
        self.title: list[str] = []
        self.published = ""
        self._base = address
        self._first_line = first_line
        self._places = [_Place(preserved=preserved)]
        self._runs: list[_Run] = []
        self._lines: list[tuple[int, Line]] = []

    def in_scopes(self) -> Iterator[list[Line]]:
        """The lines in articles, in the main part, in the whole page."""
        for widest in (_ARTICLE, _MAIN, _PAGE):
            yield [line for scope, line in self._lines if scope <= widest]

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag in _BLOCKS:
            self.flush()
        if tag == "base" and (base := _link(attributes.get("href", ""), self._base)):
            self._base = base
        self._note_publication(tag, attributes)
        around = self._places[-1]
        plain = not attributes and tag not in _TELLING
        self._places.append(around if plain else self._place(around, tag, attributes))

    def end(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.flush()
        if len(self._places) > 1:
            self._places.pop()

    def data(self, text: str) -> None:
        place = self._places[-1]
        if place.title:
            self.title.append(text)
        elif place.preserved and "\n" in text:
            for piece in text.splitlines(keepends=True):
                self._add(place, piece)
                if piece[-1] == "\n":
                    self.flush()
        elif not place.left_out:
            self._add(place, text)

    def flush(self) -> None:
        """The line is complete."""
        runs = [run for run in self._runs if run.text.strip()]
        if runs and not all(run.place.time for run in runs):
            above = self._lines[-1][1] if self._lines else None
            self._lines += [(runs[0].place.scope, line) for line in _lines(self._runs, above)]
        self._runs.clear()

    def _add(self, place: _Place, text: str) -> None:
        if not self._runs or self._runs[-1].place is not place:
            self._runs.append(_Run(place, self._first_line + self.line - 1))
        self._runs[-1].pieces.append(f" {text}" if text.startswith("#") else text)  # tags side by side are parted

    def _note_publication(self, tag: str, attributes: Mapping[str, str]) -> None:
        said = ""
        if tag == "meta" and attributes.get("property") == "article:published_time":
            said = attributes.get("content", "")
        elif tag == "time":
            said = attributes.get("datetime", "")
        self.published = self.published or said

    def _place(self, around: _Place, tag: str, attributes: Mapping[str, str]) -> _Place:
        classes = attributes.get("class", "").lower().split()
        return _Place(
            left_out=around.left_out or _is_left_out(tag, attributes, classes, around.scope),
            scope=min(around.scope, _SCOPES.get(tag, _PAGE)),
            heading=_HEADINGS.get(tag, around.heading),
            quoted=around.quoted or tag == "blockquote",
            preserved=around.preserved or tag == "pre" or "pre-" in attributes.get("style", ""),
            strong=around.strong or tag in ("b", "strong"),
            names=around.names or tag in ("em", "i") or any("author" in name for name in classes),
            time=around.time or tag == "time",
            tag=around.tag or (tag == "a" and "tag" in attributes.get("rel", "").split()),
            title=tag == "title",
            href=_link(attributes.get("href", ""), self._base) if tag == "a" else around.href,
        )


def _is_left_out(tag: str, attributes: Mapping[str, str], classes: Iterable[str], scope: int) -> bool:
    """Whether an element is none of the text; a header within the text may hold its title and date."""
    if tag in ("html", "body"):
        return False  # their names tell of what is on the page, and not what they are
    hidden = "hidden" in attributes or attributes.get("aria-hidden") == "true"
    named = not _NAMES_LEFT_OUT.isdisjoint((*classes, attributes.get("id", "").lower(), attributes.get("role", "")))
    return tag in _LEFT_OUT or hidden or named or (tag == "header" and scope == _PAGE)


def _link(href: str, base: str) -> str:
    """Where a link leads to; "" where it is none to another page on the web."""
    href = re.sub(r"[\t\r\n]", "", href[: MAX_URL * 4])  # as browsers do, for which "java\nscript:" is one word
    href = _UNSAFE.sub(lambda found: quote(found[0]), clean(href))
    if not href or href[0] == "#":
        return ""
    try:
        url = urljoin(base, href)
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.hostname else ""


def _lines(runs: list[_Run], above: Line | None) -> Iterator[Line]:
    """The line that the runs make; two where a title and its authors stand on one."""
    text = _text(runs)
    if not text:
        return
    first = next(run for run in runs if run.text.strip())
    links = tuple(dict.fromkeys(run.place.href for run in runs if run.place.href and clean(run.text)))
    markup = Markup(heading=first.place.heading, quoted=first.place.quoted, links=links)
    if not any(run.place.href or run.place.strong or run.place.names for run in runs):
        yield _line(first.line, text, markup)
        return
    before, marked, after = _parted(runs)
    link = marked[0].place.href if marked and not _is_address(_text(marked)) else ""
    rest = _text(after)
    if marked and rest and kind(rest) is Kind.PARENTHESES:
        yield _line(first.line, _text(marked), Markup(markup.heading, markup.quoted, link, links))
        yield _line(first.line, rest, Markup())
    elif marked and _NO_LETTERS.fullmatch(rest):
        without_number = text[len(_text(before)) :].strip() if link or markup.heading else text
        yield _line(first.line, without_number, Markup(markup.heading, markup.quoted, link, links))
    else:
        paper = next(filter(parse_arxiv_id, links), "") if markup.heading else ""
        yield _line(
            first.line, _with_parentheses(text, runs, above), Markup(markup.heading, markup.quoted, paper, links)
        )


def _parted(runs: list[_Run]) -> tuple[list[_Run], list[_Run], list[_Run]]:
    """What stands before the link or bold text that a line begins with, that text, and what stands behind it."""
    start = next((at for at, run in enumerate(runs) if not _NO_LETTERS.fullmatch(run.text)), len(runs))
    if start == len(runs) or not (runs[start].place.href or runs[start].place.strong):
        return runs, [], []
    href = runs[start].place.href
    end = start
    while end < len(runs) and (runs[end].place.href == href if href else runs[end].place.strong):
        end += 1
    return runs[:start], runs[start:end], runs[end:]


def _text(runs: Iterable[_Run]) -> str:
    """The runs as one cleaned line; what is marked as a tag gets its sign."""
    return clean("".join(_as_tag(run.text) if run.place.tag else run.text for run in runs))


def _as_tag(text: str) -> str:
    return f" #{'-'.join(text.split()).lstrip('#')} " if text.strip() else ""


def _line(number: int, text: str, markup: Markup) -> Line:
    """The line; a heading with a date in it is the date of what is below."""
    if markup.heading and not markup.link and len(text) <= _MAX_HEADING_WITH_DATE and (date := find_date(text)):
        text = date.isoformat()
    return Line(number, text, kind(text), markup)


def _with_parentheses(text: str, runs: Iterable[_Run], above: Line | None) -> str:
    """The text; in parentheses where it is marked as names and stands below a title."""
    named = all(run.place.names for run in runs if run.text.strip())
    names = text.removeprefix("by ").removeprefix("By ")
    if above and above.markup.is_title and named and kind(text) is Kind.TEXT and look_like_names(names, above.text):
        return f"({names})"
    return text


def _is_address(text: str) -> bool:
    return text.startswith(("http://", "https://"))
