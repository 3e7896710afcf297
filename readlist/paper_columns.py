"""The columns that lists of papers have, as tables and as tab-separated lines; `--columns` takes them by name.

COLUMNS is the one declaration: the option, its help and completion, the topic `lists` and the tests read it, and
`exporters.tsv` and `views.papers` print it. A column added there is complete; `views.papers` may give it a style.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from readlist.errors import UsageError
from readlist.models import Status
from readlist.query_results import Excerpt, Hit

if TYPE_CHECKING:
    from readlist.suggestions import Suggestion

_SCORE_DIGITS = 4
Value: TypeAlias = str | int | float | dt.date | dt.datetime | None
"""What a column has in one row: a text is "" and the others None where there is nothing."""


class Column(NamedTuple):
    """A column: its name, a phrase that says what it has, and its value for a row, whose times are in UTC."""

    name: str
    help: str
    value: Callable[[Hit], Value]


def _join_authors(hit: Hit) -> str:
    return ", ".join(hit.entry.paper.authors)


def _first_comment(hit: Hit) -> str:
    return next(iter(hit.entry.paper.comments.values()), "")


def _read_at(hit: Hit) -> dt.datetime | None:
    return hit.entry.mark.status_at if hit.entry.mark.status is Status.READ else None


def _starred_at(hit: Hit) -> dt.datetime | None:
    return hit.entry.mark.starred_at if hit.entry.mark.starred else None


def _noted_at(hit: Hit) -> dt.datetime | None:
    return hit.entry.mark.note_at if hit.entry.mark.note else None


def _describe_marks(hit: Hit) -> str:
    mark = hit.entry.mark
    states = {"starred": mark.starred, "noted": mark.note, "later": mark.later is not None}
    return " ".join((mark.status.value, *(state for state, is_set in states.items() if is_set)))


def _later(hit: Hit) -> dt.date | str:
    later = hit.entry.mark.later
    return later if isinstance(later, dt.date) else "" if later is None else "queue"


def _score(hit: Hit) -> float | None:
    return round(hit.score, _SCORE_DIGITS) or None


def _match(hit: Hit) -> str:
    return f"{hit.matched.field}: {hit.matched.text}" if hit.matched and hit.matched.field else ""


def _reason(hit: Hit) -> str:
    return hit.matched.text if hit.matched and not hit.matched.field else ""


_ALL = (
    Column("id", "the ID of the paper", lambda hit: hit.entry.paper.id),
    Column("date", "the date of its newest digest", lambda hit: hit.entry.paper.date),
    Column("first", "the date of its first digest", lambda hit: hit.entry.paper.first_date),
    Column("marks", "status, star, note, later: symbols in a table, words in TSV", _describe_marks),
    Column("status", "unread, reading, read or skipped", lambda hit: hit.entry.mark.status.value),
    Column("star", "* for a starred paper", lambda hit: "*" if hit.entry.mark.starred else ""),
    Column("votes", "how many persons of your lab starred it, you included", lambda hit: hit.entry.votes or None),
    Column("title", "the title", lambda hit: hit.entry.paper.title),
    Column("authors", "the authors: last names in a table, all names in TSV", _join_authors),
    Column("tags", "the tags in effect", lambda hit: " ".join(f"#{tag}" for tag in hit.entry.tags)),
    Column("arxiv", "the arXiv ID", lambda hit: hit.entry.paper.arxiv_id),
    Column("doi", "the DOI", lambda hit: hit.entry.paper.doi),
    Column("url", "the URL", lambda hit: hit.entry.paper.url),
    Column("key", "the key, the same on every machine", lambda hit: hit.entry.paper.key),
    Column("abstract", "the abstract", lambda hit: hit.entry.paper.abstract),
    Column("comment", "the first comment of its digests", _first_comment),
    Column("note", "your note", lambda hit: hit.entry.mark.note),
    Column("read", "when you read it", _read_at),
    Column("starred", "when you starred it", _starred_at),
    Column("noted", "when you last changed its note", _noted_at),
    Column("loaded", "when it was added to the library", lambda hit: hit.entry.paper.loaded_at),
    Column("later", "the date until which it is postponed, or `queue`", _later),
    Column("score", "of search, next and similar: the higher, the better", _score),
    Column("match", "of search: where the query matched", _match),
    Column("reason", "of next and similar: why it is suggested", _reason),
)
COLUMNS: Mapping[str, Column] = {column.name: column for column in _ALL}
"""The columns by their names, in the order in which messages and help list them."""


def find_columns(names: Iterable[str]) -> tuple[Column, ...]:
    """Return the columns of these names."""
    return tuple(COLUMNS[name] for name in names)


def parse_columns(text: str) -> tuple[Column, ...]:
    """Return the columns that `id,title` names, in its order; case and spaces around the commas are ignored.

    Raises UsageError for an unknown name or none, with the names that exist.
    """
    names = [name.strip().lower() for name in text.split(",")]
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        problem = f"unknown column: {', '.join(unknown)}" if any(unknown) else f"empty column name: {text}"
        raise UsageError(f"{problem}; use: {', '.join(COLUMNS)}")
    return find_columns(names)


def suggestion_row(suggestion: Suggestion) -> Hit:
    """Return the suggestion as a row, whose match is the reason, with the shared terms, at its end, as matches."""
    return Hit(suggestion.entry, suggestion.score, _reason_excerpt(suggestion))


def _reason_excerpt(suggestion: Suggestion) -> Excerpt | None:
    if not suggestion.reason:
        return None
    spans: list[tuple[int, int]] = []
    start = len(suggestion.reason) - len(", ".join(suggestion.terms))
    for term in suggestion.terms:
        spans.append((start, start + len(term)))
        start += len(f"{term}, ")
    return Excerpt("", suggestion.reason, tuple(spans))
