"""The metadata of a web page about one paper: meta tags, JSON-LD, and the elements with its abstract and subjects.

    <meta name="citation_title">, citation_author, citation_abstract, citation_doi, …     Google Scholar's tags, which
                                                                    arXiv, OpenReview, ACL and most publishers have
    <meta name="DC.title">, DC.creator, DC.identifier, DCTERMS.abstract …                   Dublin Core
    <script type="application/ld+json"> {"@type": "ScholarlyArticle", …}                    schema.org

`page.paper` decides with them whether the page is about one paper.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from readlist.loaders.json_text import get_list, get_text, parse_json
from readlist.loaders.limits import MAX_ITEMS, MAX_LINE
from readlist.loaders.markup import EventBudget, MarkupHandler, parse_markup, remove_markup
from readlist.text import clean

_MAX_NODES = 10_000
"""Objects and lists of JSON-LD that are visited in the search for the article."""
_ABSTRACT_NAMES = frozenset({"abstract", "acl-abstract"})
_ABSTRACT_LABEL = re.compile(r"(?i)\Aabstract\s?[:.]\s*")
_INLINE_TAGS = frozenset(
    {"a", "b", "code", "em", "font", "i", "math", "mark", "small", "span", "strong", "sub", "sup", "tt", "u"}
)
_IGNORED_TAGS = frozenset({"button", "h1", "h2", "h3", "h4", "h5", "h6", "script", "style"})
"""Within an abstract: its heading, and what is not text."""
_SUBJECTS_NAME = "subjects"
_ARTICLE_TYPES = frozenset({"ScholarlyArticle", "MedicalScholarlyArticle"})
_UNRELATED = frozenset({"citation", "hasPart", "isPartOf", "mentions", "isBasedOn", "itemListElement"})
"""Properties of JSON-LD that lead to other articles."""


@dataclass(slots=True)
class PageMetadata:
    """The metadata of a page: the values of each meta tag in their order, by its name in lower case, and the rest.

    `article` is the scholarly article of JSON-LD, {} where there is none or more than one. `abstract` and `subjects`
    are the text of the elements with these names.
    """

    values: dict[str, list[str]] = field(default_factory=dict)
    article: Mapping[str, Any] = field(default_factory=dict)
    canonical: str = ""
    abstract: str = ""
    subjects: str = ""

    def get_all(self, *names: str) -> list[str]:
        """Return the values of the first of these tags that is on the page."""
        return next((values for name in names if (values := self.values.get(name))), [])

    def get(self, *names: str) -> str:
        """Return the first value of the first of these tags that is on the page."""
        return next(iter(self.get_all(*names)), "")

    def get_article_field(self, *names: str) -> str:
        """Return the first of these properties of the article that is a text, on one line."""
        return clean(remove_markup(get_text(self.article, *names)))

    def get_article_authors(self) -> list[str]:
        """Return the names of the article's authors, which are texts or persons."""
        authors = get_list(self.article, "author")[: MAX_ITEMS + 1]
        names = (author if isinstance(author, str) else _get_person_name(author) for author in authors)
        return [name for text in names if (name := clean(remove_markup(text)))]


def parse_metadata(html: str) -> PageMetadata:
    """Return the metadata of a page, as far as it can be parsed."""
    handler = _MetadataHandler()
    parse_markup(html, handler, EventBudget())
    metadata = handler.metadata
    articles = [article for script in handler.scripts for article in _iter_articles(parse_json("".join(script)))]
    metadata.article = articles[0] if len(articles) == 1 else {}
    metadata.abstract = _ABSTRACT_LABEL.sub("", clean("".join(handler.abstract)[:MAX_LINE]), count=1)
    metadata.subjects = clean("".join(handler.subjects)[:MAX_LINE])
    return metadata


class _MetadataHandler(MarkupHandler):
    """Collects the meta tags, the JSON-LD scripts, and the text of the elements named after abstract and subjects.

    Of those elements, the first one with text counts.
    """

    def __init__(self) -> None:
        self.metadata = PageMetadata()
        self.scripts: list[list[str]] = []
        self.abstract: list[str] = []
        self.subjects: list[str] = []
        self._depth = 0
        self._collected: list[str] | None = None
        self._end_depth = 0
        self._ignored_depth = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._depth += 1
        if tag == "meta":
            self._add_value(attributes)
        elif tag == "link" and attributes.get("rel", "").lower() == "canonical":
            self.metadata.canonical = self.metadata.canonical or attributes.get("href", "").strip()
        if self._collected is not None:
            self._start_within(self._collected, tag)
            return
        if pieces := self._choose_pieces(tag, attributes):
            self._collected, self._end_depth = pieces[0], self._depth

    def _start_within(self, collected: list[str], tag: str) -> None:
        if tag in _IGNORED_TAGS and not self._ignored_depth:
            self._ignored_depth = self._depth
        if tag not in _INLINE_TAGS:
            collected.append(" ")

    def _add_value(self, attributes: Mapping[str, str]) -> None:
        name = attributes.get("name") or attributes.get("property") or ""
        value = clean(remove_markup(attributes.get("content", "")))
        if name and value:
            self.metadata.values.setdefault(name.strip().lower().removeprefix("bepress_"), []).append(value)

    def _choose_pieces(self, tag: str, attributes: Mapping[str, str]) -> list[list[str]]:
        """Return, in a list, the list that collects the text of this element; an empty one for all other elements."""
        if tag == "script":
            if "ld+json" not in attributes.get("type", "").lower():
                return []
            self.scripts.append([])
            return [self.scripts[-1]]
        names = {*attributes.get("class", "").lower().split(), attributes.get("id", "").lower()}
        if tag not in ("html", "body") and not _ABSTRACT_NAMES.isdisjoint(names) and not self._has_abstract():
            self.abstract.clear()
            return [self.abstract]
        return [self.subjects] if _SUBJECTS_NAME in names and not self.subjects else []

    def _has_abstract(self) -> bool:
        return bool("".join(self.abstract).strip())

    def end(self, tag: str) -> None:
        if self._collected is not None and self._depth == self._end_depth:
            self._collected = None
        if self._depth == self._ignored_depth:
            self._ignored_depth = 0
        self._depth -= 1

    def data(self, text: str) -> None:
        if self._collected is not None and not self._ignored_depth:
            self._collected.append(text)


def _iter_articles(document: object) -> Iterator[Mapping[str, Any]]:
    """Yield the scholarly articles of a JSON-LD document that are not part of another, or cited by it."""
    pending: list[object] = [document]
    for _ in range(_MAX_NODES):
        if not pending:
            return
        node = pending.pop()
        if isinstance(node, list):
            pending += reversed(node)
        elif isinstance(node, dict) and _is_article(node):
            yield node
        elif isinstance(node, dict):
            pending += [value for name, value in node.items() if name not in _UNRELATED]


def _is_article(node: Mapping[str, Any]) -> bool:
    types = (name.rpartition("/")[2] for name in get_list(node, "@type") if isinstance(name, str))
    return not _ARTICLE_TYPES.isdisjoint(types)


def _get_person_name(person: object) -> str:
    if name := get_text(person, "name"):
        return name
    return f"{get_text(person, 'givenName')} {get_text(person, 'familyName')}"
