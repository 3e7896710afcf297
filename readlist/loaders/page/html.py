"""HTML as the lines of a newsletter: every block of the page is a line.

Text around the papers (navigation, side bars, readers' comments, scripts) is ignored, and <article> or <main> is
preferred to the whole page where it contains a paper. `page.parser` and `feed.parser` call `parse_page`; they import
this module when they need it, for most digests are plain text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin, urlsplit

from readlist.dates import find_date
from readlist.loaders.markup import EventBudget, MarkupHandler, parse_markup
from readlist.loaders.newsletter.parser import contains_paper
from readlist.loaders.page.text_runs import WHOLE_PAGE, ElementContext, TextRun, build_lines
from readlist.loaders.page.titles import mark_titles
from readlist.loaders.tracking import MAX_UNWRAPPED, unwrap_link
from readlist.text import clean, encode_invisible
from readlist.urls import MAX_URL

if TYPE_CHECKING:
    import datetime as dt

    from readlist.loaders.newsletter.lines import Line


def _split_words(words: str) -> frozenset[str]:
    return frozenset(words.split())


_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCK_TAGS = _HEADINGS.keys() | _split_words(
    "address article blockquote body br center dd details div dl dt fieldset figcaption figure footer form head header"
    " hr html li main ol p pre section summary table tbody td tfoot th thead title tr ul"
)
_IGNORED_TAGS = _split_words(
    "annotation aside audio button canvas footer iframe nav noscript object script select style svg template textarea"
    " video"
)
_IGNORED_NAMES = _split_words(
    "breadcrumb breadcrumbs comments comment-list disqus_thread footer menu nav navigation navbar related"
    " related-posts respond share sharing sidebar"
)
_ARTICLE, _MAIN = 0, 1
_SCOPES = {"article": _ARTICLE, "main": _MAIN}
_SEMANTIC_TAGS = (
    _IGNORED_TAGS | _HEADINGS.keys() | _SCOPES.keys() | _split_words("a b blockquote em header i pre strong time title")
)
_UNSAFE_URL_CHARACTERS = re.compile(r"[\s<>\"'\\^`{|}]")


@dataclass(slots=True)
class Page:
    """The lines, title and time of publication of a page; `problem` is why it was not parsed to its end."""

    lines: list[Line] = field(default_factory=list)
    title: str = ""
    published: str = ""
    problem: str = ""


def parse_page(html: str, budget: EventBudget, url: str = "", first_line: int = 1) -> Page:
    """Return the page; `url` is the base of relative links, `first_line` the number of its first line."""
    is_plain_text = not re.search(r"<[A-Za-z/!]", html)
    handler = _PageHandler(url, first_line, preformatted=is_plain_text)
    problem = parse_markup(html, handler, budget)
    handler.end_line()
    lines = next(filter(contains_paper, map(mark_titles, handler.iter_scopes())), [])
    return Page(lines, clean("".join(handler.title)), handler.published, problem)


def parse_publication_date(text: str) -> dt.date | None:
    """Return the day of a time of publication in its own time zone, None where it cannot be parsed.

    >>> parse_publication_date("Tue, 11 Feb 2025 09:00:00 +0900"), parse_publication_date("2025-02-11T23:00:00Z")
    (datetime.date(2025, 2, 11), datetime.date(2025, 2, 11))
    """
    if day := find_date(text[:10]):
        return day
    try:
        return parsedate_to_datetime(text[:100]).date()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


class _PageHandler(MarkupHandler):
    """Collects runs of text until a block begins or ends, and builds a line from them."""

    def __init__(self, base_url: str, first_line: int, *, preformatted: bool) -> None:
        self.title: list[str] = []
        self.published = ""
        self._base_url = base_url
        self._first_line = first_line
        self._contexts = [ElementContext(preformatted=preformatted)]
        self._runs: list[TextRun] = []
        self._lines: list[tuple[int, Line]] = []
        self._unwrapped = 0

    def iter_scopes(self) -> Iterator[list[Line]]:
        """Yield the lines in articles, those in the main part, those of the whole page."""
        for widest in (_ARTICLE, _MAIN, WHOLE_PAGE):
            yield [line for scope, line in self._lines if scope <= widest]

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag in _BLOCK_TAGS:
            self.end_line()
        if tag == "base" and (base_url := resolve_link(attributes.get("href", ""), self._base_url)):
            self._base_url = base_url
        self._record_publication(tag, attributes)
        parent = self._contexts[-1]
        is_neutral = not attributes and tag not in _SEMANTIC_TAGS
        self._contexts.append(parent if is_neutral else self._create_context(parent, tag, attributes))

    def end(self, tag: str) -> None:
        if tag in _BLOCK_TAGS:
            self.end_line()
        if len(self._contexts) > 1:
            self._contexts.pop()

    def data(self, text: str) -> None:
        context = self._contexts[-1]
        if context.title:
            self.title.append(text)
        elif context.preformatted and "\n" in text:
            for piece in text.splitlines(keepends=True):
                self._add_text(context, piece)
                if piece[-1] == "\n":
                    self.end_line()
        elif not context.ignored:
            self._add_text(context, text)

    def end_line(self) -> None:
        """Build a line from the runs collected so far; a line of nothing but a time is ignored."""
        if not self._runs:
            return
        runs, self._runs = self._runs, []
        if runs[0].context.time and all(run.context.time for run in runs if run.text.strip()):
            return
        above = self._lines[-1][1] if self._lines else None
        self._lines += [(runs[0].context.scope, line) for line in build_lines(runs, above)]

    def _add_text(self, context: ElementContext, text: str) -> None:
        if not self._runs and not text.strip():
            return
        if not self._runs or self._runs[-1].context is not context:
            self._runs.append(TextRun(context, self._first_line + self.line - 1))
        # Adjacent tags have no white space between them.
        self._runs[-1].pieces.append(f" {text}" if text.startswith("#") else text)

    def _record_publication(self, tag: str, attributes: Mapping[str, str]) -> None:
        published = ""
        if tag == "meta" and attributes.get("property") == "article:published_time":
            published = attributes.get("content", "")
        elif tag == "time":
            published = attributes.get("datetime", "")
        self.published = self.published or published

    def _resolve_target(self, href: str) -> str:
        """Return the target of a link, unwrapped: a heading that leads to arXiv is a paper."""
        url = resolve_link(href, self._base_url)
        self._unwrapped += 1
        return unwrap_link(url) if self._unwrapped <= MAX_UNWRAPPED else url

    def _create_context(self, parent: ElementContext, tag: str, attributes: Mapping[str, str]) -> ElementContext:
        classes = attributes.get("class", "").lower().split()
        return ElementContext(
            ignored=parent.ignored or _is_ignored(tag, attributes, classes, parent.scope),
            scope=min(parent.scope, _SCOPES.get(tag, WHOLE_PAGE)),
            heading=_HEADINGS.get(tag, parent.heading),
            quoted=parent.quoted or (tag == "blockquote" and not _is_mail_quotation(attributes, classes)),
            preformatted=parent.preformatted or tag == "pre" or "pre-" in attributes.get("style", ""),
            strong=parent.strong or tag in ("b", "strong"),
            names=parent.names or tag in ("em", "i") or any("author" in name for name in classes),
            time=parent.time or tag == "time",
            tag=parent.tag or (tag == "a" and "tag" in attributes.get("rel", "").split()),
            title=tag == "title",
            href=self._resolve_target(attributes.get("href", "")) if tag == "a" else parent.href,
        )


def _is_mail_quotation(attributes: Mapping[str, str], classes: Collection[str]) -> bool:
    """Return whether a quotation is the message that a mail program answers or forwards, rather than an abstract."""
    return attributes.get("type") == "cite" or "gmail_quote" in classes


def _is_ignored(tag: str, attributes: Mapping[str, str], classes: Collection[str], scope: int) -> bool:
    """Return whether an element is not part of the text.

    A header within <article> or <main> is, for it may contain title and date.
    """
    if tag in ("html", "body"):
        return False  # their class names describe what is on the page, not what they are
    is_invisible = "display:none" in attributes.get("style", "").lower().replace(" ", "")  # the preview of a mail
    is_hidden = "hidden" in attributes or attributes.get("aria-hidden") == "true" or is_invisible
    names: Iterable[str] = (*classes, attributes.get("id", "").lower(), attributes.get("role", ""))
    is_page_header = tag == "header" and scope == WHOLE_PAGE
    return tag in _IGNORED_TAGS or is_hidden or not _IGNORED_NAMES.isdisjoint(names) or is_page_header


def resolve_link(href: str, base_url: str) -> str:
    """Return the URL of a link, "" where it does not lead to another page on the web."""
    href = re.sub(r"[\t\r\n]", "", href[: MAX_URL * 4])  # as browsers do, for which "java\nscript:" is one word
    href = encode_invisible(_UNSAFE_URL_CHARACTERS.sub(lambda match: quote(match[0]), clean(href)))
    if not href or href[0] == "#":
        return ""
    try:
        url = urljoin(base_url, href)
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.hostname else ""
