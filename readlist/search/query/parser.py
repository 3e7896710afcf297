"""The query language, the same in every command: text -> Query.

    query  := or ;  or := and { OR and } ;  and := not { [AND] not } ;  not := [NOT | -] atom
    atom   := ( query ) | field:value | field:"two words" | "a phrase" | word

    grpo reasoning              both words, each also as the start of a longer one
    "kl penalty"                the words side by side
    grpo OR dpo                 either; operators are in capitals, lower-case or/and/not are words
    reasoning -distillation     without the word; NOT distillation is the same
    (grpo OR dpo) math          parentheses group
    pre-training                also pretraining and pre training
    title:scaling               in one field: title author tag abstract comment note
    author:"sergey levine"      first and last name in either order
    tag:rl -tag:synthetic-data  tags; case, "-" and "_" fold, nothing else does: c++ is not c#
    is:unread                   is: unread reading read skipped starred
    has:note                    has: note abstract tag arxiv url
    date:2025-05..              in a digest of these days: 2024, 2024-05, 2024-05-01, today, yesterday, 7d,
                                A..B, A.., ..B
    read:7d                     ticked off as read then, by the reader's own clock
    added:2025                  the earliest digest is of these days
    id:12  id:15-18             by number; key:… and arxiv:2502.06781 and url:github.com by the other names
    c++  don't  foo-bar         any text may be searched, and a title may be pasted with its colon
    @fresh                      what the saved query of this name finds; "@fresh" is the word

What cannot be meant is a QueryError with the column: an unknown field that is nearly a known one, an open quote, a
parenthesis without its other half, an operator without its words, an unknown is: or has:, a bad date, a saved query
that there is not or that calls itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from readlist.edits import QUERY_NAME
from readlist.errors import QueryError, UsageError
from readlist.models import Status
from readlist.search.index.schema import HAS, storable
from readlist.search.query.ast import All, Any, No, Query, Span, Text, Value, all_of, any_of
from readlist.text import fold_tag, parse_arxiv_id

if TYPE_CHECKING:
    import datetime as dt

__all__ = ["All", "Any", "No", "Query", "Span", "Text", "Value", "all_of", "any_of", "parse", "term"]

TEXT_FIELDS = ("title", "author", "abstract", "comment", "note")
VALUE_FIELDS = ("tag", "id", "key", "arxiv", "url", "is", "has")
DATE_FIELDS = ("date", "read", "added")
FIELDS = (*TEXT_FIELDS, *VALUE_FIELDS, *DATE_FIELDS)
STATES = (*(status.value for status in Status), "starred")

MAX_DEPTH = 12
"""Parentheses and negations inside each other: each may take six of the hundred places that FTS5's parser has."""
MAX_QUERY = 100_000
"""Characters of a query; a pasted page of text has 10,000."""
MAX_WORDS = 64
"""Plain words that are looked at; those after them add nothing, since 64 words already single out any paper."""
MIN_NAME = 3
SHORT = 4
"""Letters up to which a name is misspelt by half as many errors: "his:" is not "is:"."""
MAX_TERMS = 1_000
"""Terms with a field, phrases, negations, arXiv ids and links, none of which may be left out in silence."""


Saved: TypeAlias = Callable[[], Mapping[str, str]]
"""Gives the texts of the saved queries by their names; asked only where a query calls one."""


def parse(text: str, today: dt.date, saved: Saved = dict, within: tuple[str, ...] = ()) -> Query:
    """Read a query; `today` is the day that "today" and "7d" speak of. Raises QueryError.

    `within` names saved queries that this one is to be a part of, and so may not call.
    """
    text = storable(text)
    if len(text) > MAX_QUERY:
        raise QueryError(f"a query has {MAX_QUERY:,} characters at most; this one has {len(text):,}", text[:80], 0)
    return _Parser(text, today, saved, within).query()


def term(field: str, value: str, today: dt.date | None = None) -> Query:
    """The query `field:value`, whatever characters the value holds. Raises QueryError."""
    value = storable(value)
    return _term(field, value, today, _Place(value, 0))


class _Place(NamedTuple):
    """Where in which query something went wrong."""

    query: str
    column: int

    def error(self, message: str) -> QueryError:
        return QueryError(message, self.query, self.column)


def _term(field: str, value: str, today: dt.date | None, place: _Place) -> Query:
    if field in DATE_FIELDS:
        return _span(field, value, today, place)
    if field in TEXT_FIELDS:
        return Text(value, field)
    if field == "id" and not re.fullmatch(r"[0-9]{1,9}(?:-[0-9]{1,9})?", value):
        raise place.error(f"not an id: {value}; write id:12 or id:15-18")
    return Value(field, _value(field, value, place))


def _value(field: str, value: str, place: _Place) -> str:
    """`value` as the index holds it."""
    match field:
        case "is":
            return _one_of(field, value, STATES, place)
        case "has":
            return _one_of(field, value, tuple(HAS), place)
        case "tag":
            return fold_tag(value)
        case "arxiv":
            return parse_arxiv_id(value) or value
        case _:
            return value


def _span(field: str, value: str, today: dt.date | None, place: _Place) -> Span:
    import datetime as dt

    from readlist.dates import parse_date_range

    try:
        return Span(field, *parse_date_range(value, today or dt.date.today()))
    except UsageError as error:
        raise place.error(str(error)) from error


def _one_of(field: str, value: str, known: tuple[str, ...], place: _Place) -> str:
    name = value.casefold()
    if name in known:
        return name
    near = _nearest(name, known, most=2)
    hint = f"did you mean {near}?" if near else f"write one of {', '.join(known)}"
    raise place.error(f"no such {field}: {value}; {hint}")


def _nearest(word: str, known: Iterable[str], most: int) -> str | None:
    """The one of `known` that is at most `most` typing errors away, half of that for words of up to four letters."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    ranked = process.extract(word[:40], tuple(known), scorer=OSA.distance, score_cutoff=most, limit=None)
    return next((name for name, errors, _ in ranked if errors <= (most if len(name) > SHORT else most / 2)), None)


# Reading text

_OPERATORS = ("AND", "OR", "NOT")
_FIELD = re.compile(r"([A-Za-z]{2,12}):(?=[^\s)])")
_CHUNK = re.compile(r"[^\s)]*")
_CALL = re.compile(rf"@({QUERY_NAME})(?=[\s)]|\Z)")
_PIECE = re.compile(r"[^\s,;:!?()\[\]{}<>|=\"“”…]+")
_LINK = r"(?i)https?://(?:www\.)?(\S+)"


class _Parser:
    """Recursive descent over one query text."""

    def __init__(self, text: str, today: dt.date, saved: Saved, within: tuple[str, ...]) -> None:
        self._text = text
        self._today = today
        self._saved = saved
        self._within = within
        self._at = 0
        self._depth = 0
        self._words = 0
        self._terms = 0

    def query(self) -> Query:
        found = self._any()
        if self._at < len(self._text):
            raise self._error("no ( opens this )")
        if found == All() and self._text.strip():
            return Text(self._text.strip())  # nothing but signs: no paper holds them as words
        return found

    def _error(self, message: str, column: int | None = None) -> QueryError:
        return QueryError(message, self._text, self._at if column is None else column)

    def _any(self) -> Query:
        parts = [self._all()]
        while (operator := self._operator()) == "OR":
            column = self._at
            self._at += len(operator)
            if parts[-1] == All() or (following := self._all()) == All():
                raise self._error("OR needs a word on both sides", column)
            parts.append(following)
        return parts[0] if len(parts) == 1 else Any(tuple(parts))

    def _all(self) -> Query:
        parts: list[Query] = []
        pending = -1
        while not self._ended():
            operator = self._operator()
            if operator == "OR":
                break
            if operator == "AND":
                if not parts or pending >= 0:
                    raise self._error("AND needs a word on both sides")
                pending = self._at
                self._at += len(operator)
                continue
            found = self._not(operator)
            if found is not None:
                parts.append(found)
                pending = -1
        if pending >= 0:
            raise self._error("AND needs a word on both sides", pending)
        return all_of(parts)

    def _ended(self) -> bool:
        while self._at < len(self._text) and self._text[self._at].isspace():
            self._at += 1
        return self._at == len(self._text) or self._text[self._at] == ")"

    def _operator(self) -> str:
        """The operator that stands here, "" where none does."""
        if self._ended():
            return ""
        word = re.compile(r"[A-Z]{2,3}(?=[\s()\"-]|\Z)").match(self._text, self._at)
        return word[0] if word and word[0] in _OPERATORS else ""

    def _not(self, operator: str) -> Query | None:
        if operator == "NOT":
            column = self._at
            self._at += len(operator)
            if self._ended() or self._operator() in ("AND", "OR"):
                raise self._error("NOT needs a word after it", column)
            return self._negated()
        if re.compile(r"-[^\s\-)]").match(self._text, self._at):
            self._at += 1
            return self._negated()
        return self._atom()

    def _negated(self) -> Query | None:
        self._enter()
        part = self._not(self._operator())
        self._depth -= 1
        self._count_term()
        return None if part is None else No(part)

    def _enter(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._error(f"more than {MAX_DEPTH} parentheses inside each other")

    def _atom(self) -> Query | None:
        first = self._text[self._at]
        if first == "(":
            return self._group()
        if first == '"':
            return self._phrase()
        if found := _FIELD.match(self._text, self._at):
            return self._field(found)
        if found := _CALL.match(self._text, self._at):
            return self._call(found)
        return self._chunk()

    def _call(self, found: re.Match[str]) -> Query:
        """What a saved query finds; it counts as if it stood here in parentheses."""
        name, saved = found[1].casefold(), self._saved()
        if name in self._within:
            raise self._error(f"@{name} calls itself")
        if name not in saved:
            near = _nearest(name, saved, most=2)
            hint = f"; did you mean @{near}?" if near else "."
            raise self._error(f'no saved query @{name}{hint} To search for the word: "@{name}"')
        self._enter()
        self._count_term()
        called = _Parser(saved[name], self._today, self._saved, (*self._within, name))
        called._depth, called._words, called._terms = self._depth, self._words, self._terms
        try:
            query = called.query()
        except QueryError as error:
            raise self._error(f"in @{name}, which is {saved[name]}: {error}") from error
        self._depth, self._words, self._terms = self._depth - 1, called._words, called._terms
        self._at = found.end()
        return query

    def _group(self) -> Query | None:
        column = self._at
        self._enter()
        self._at += 1
        found = self._any()
        if self._at == len(self._text):
            raise self._error('no ) closes this (; put it in quotes to search for it: "("', column)
        self._at += 1
        self._depth -= 1
        return None if found == All() else found

    def _phrase(self) -> Query | None:
        text = self._quoted()
        self._count_term()
        return Text(text, phrase=True) if text.strip() else None

    def _quoted(self) -> str:
        end = self._text.find('"', self._at + 1)
        if end < 0:
            raise self._error("this quote is never closed")
        text = self._text[self._at + 1 : end]
        self._at = end + 1
        return text

    def _field(self, found: re.Match[str]) -> Query | None:
        name = found[1].casefold()
        column = self._at
        if name not in FIELDS:
            self._refuse_misspelt(found[1], self._text[found.end()])
            return self._chunk()
        self._at = found.end()
        value = self._quoted() if self._text[self._at] == '"' else self._take_chunk()
        self._count_term()
        place = _Place(self._text, found.end() if name in ("is", "has", "id", *DATE_FIELDS) else column)
        return _term(name, value, self._today, place)

    def _refuse_misspelt(self, name: str, following: str) -> None:
        """Raise where `name` is nearly a field; a capital, two letters or a slash (http://) say that it is prose."""
        prose = not name.islower() or len(name) < MIN_NAME or following == "/"
        near = None if prose else _nearest(name, FIELDS, most=2)
        if near:
            raise self._error(f'no such field: {name}; did you mean {near}? To search for the words: "{name}:…"')

    def _take_chunk(self) -> str:
        """The characters up to white space or a ")" that they did not open themselves: f(x) is whole."""
        start = self._at
        while True:
            end = _CHUNK.match(self._text, self._at)
            self._at = end.end() if end else self._at
            taken = self._text[start : self._at]
            if self._text[self._at : self._at + 1] != ")" or taken.count("(") <= taken.count(")"):
                return taken
            self._at += 1

    def _chunk(self) -> Query | None:
        chunk = self._take_chunk()
        if not chunk:
            self._at += 1
            return None
        if arxiv := parse_arxiv_id(chunk.rstrip(".,;:!?")):
            self._count_term()
            return Any((Text(arxiv), Value("arxiv", arxiv)))  # its own, or one that a text mentions
        if link := re.fullmatch(_LINK, chunk):
            self._count_term()
            return Any((Text(link[1]), Value("url", link[1])))
        return self._words_in(chunk)

    def _words_in(self, chunk: str) -> Query | None:
        pieces = [piece for piece in _PIECE.findall(chunk) if any(map(str.isalnum, piece))]
        kept = pieces[: max(0, MAX_WORDS - self._words)]
        self._words += len(kept)
        return all_of(map(Text, kept)) if kept else None

    def _count_term(self) -> None:
        self._terms += 1
        if self._terms > MAX_TERMS:
            raise self._error(f"more than {MAX_TERMS:,} terms")
