"""Parser of the query language, the same in every command: text -> syntax tree.

    query  := or ;  or := and { OR and } ;  and := not { [AND] not } ;  not := [NOT | -] atom
    atom   := ( query ) | field:value | field:"two words" | "a phrase" | word | @saved

    grpo reasoning              both words, each also as the start of a longer one
    "kl penalty"                the words side by side
    grpo OR dpo                 either; operators are in capitals, lower-case or/and/not are words
    reasoning -distillation     without the word; NOT distillation is the same
    (grpo OR dpo) math          parentheses group
    pre-training                also pretraining and pre training
    title:scaling               in one field: title author tag abstract comment note
    author:"sergey levine"      first and last name in either order
    tag:rl -tag:synthetic-data  tags; case, "-" and "_" fold, nothing else does: c++ is not c#
    source:hf-daily             the name of a digest has this part
    is:unread                   is: unread reading read skipped starred later new deleted
    has:note                    has: note abstract comment tag arxiv doi url
    date:2025-05..              in a digest of these days: 2024, 2024-05, 2024-05-01, 7d, monday, last week,
                                지난주, A..B, A.., ..B, >A, <=B; see `periods`
    first:2025                  the earliest digest is of these days
    date:last                   in the newest digest
    read:7d                     marked as read on these days, in local time; also loaded: starred: noted: later:
    id:12  id:15-18             by ID; key:…, arxiv:2502.06781, doi:10.1000/182, url:github.com by other identifiers
    by:kim is:starred           starred by a person of the lab: the terms on marks beside it mean that person's marks;
                                by:any is one and the same person, see `people`
    c++  don't  foo-bar         any text may be searched, and a title may be pasted with its colon, quote or bracket
    @fresh                      the saved query of this name; "@fresh" is the word; @today is what `today` lists as new

The fields are declared in `search.fields`. A QueryError with the column is raised for an unknown field, a field without
a value, an unclosed quote or unmatched parenthesis in a query with an operator or a field, an operator without its
operands, an unknown value of is: or has:, an invalid date, and a saved query that does not exist or refers to itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from readlist.errors import QueryError
from readlist.query_names import QUERY_NAME, TODAY
from readlist.search.fields import DATE_KINDS, FIELDS, Field, Kind
from readlist.search.query.ast import And, FieldEquals, NewPapers, Not, Or, Query, Text, all_of, conjuncts
from readlist.search.query.identifiers import parse_identifier
from readlist.search.query.lexer import OPERATORS, Lexer, UnbalancedQuery
from readlist.search.query.terms import build_term, closest_name
from readlist.search.tokens import replace_surrogates
from readlist.text import drop_ignored

if TYPE_CHECKING:
    import datetime as dt

MAX_DEPTH = 12
"""Nested parentheses and negations: each may take six of the hundred places on the stack of FTS5's parser."""
MAX_QUERY = 100_000
"""Characters of a query; a pasted page of text has a tenth of that."""
MAX_WORDS = 64
"""Plain words that are searched; further ones add nothing, since 64 words identify any paper."""
MAX_TERMS = 1_000
"""Terms with a field, phrases, negations, arXiv IDs and links, none of which may be ignored silently."""

SavedQueries: TypeAlias = Callable[[], Mapping[str, str]]
"""Returns the texts of the saved queries by their names; called only where a query refers to one."""
People: TypeAlias = Callable[[], Collection[str]]
"""Returns the names of the other persons of the lab; called only where a query has `by:`."""

_FIELD = r"([^\W\d_]{2,20}):(?![:/])"
"""A name of letters before a colon that neither begins a URL nor is doubled, as in std::vector."""
_UNBALANCED = r'["()]'
_FORMER_FIELDS = {"added": "first"}
_NEGATION = r"-[^\s\-)]"
_SAVED_QUERY = rf"@({QUERY_NAME})(?=[\s)]|\Z)"
_PIECE = r"[^\s,;:!?()\[\]{}<>|=\"“”…]+"
_LINK = r"(?i)https?://(?:www\.)?(\S+)"


def parse(  # noqa: PLR0913, PLR0917 -- what a query depends on
    text: str,
    today: dt.date,
    saved_queries: SavedQueries = dict,
    call_stack: tuple[str, ...] = (),
    people: People | None = None,
    terms: Sequence[Query] = (),
) -> Query:
    """Parse a query; relative dates such as "7d" count from `today`. Raises QueryError.

    `call_stack` has the names of saved queries that this one is a part of, and so must not refer to. Without `people`
    any name may follow `by:`. All of `terms` must match as well, as if they were typed at the end.
    """
    context = _Context(today, saved_queries, people)
    return _bind_people(all_of([_parse_text(text, context, call_stack), *terms]))


def _parse_text(text: str, context: _Context, call_stack: tuple[str, ...]) -> Query:
    text = replace_surrogates(text)
    if len(text) > MAX_QUERY:
        message = f"query is too long: {len(text):,} characters; the maximum is {MAX_QUERY:,}"
        raise QueryError(message, text[:80], 0)
    parser = _Parser(text, context, call_stack, _Usage())
    try:
        return parser.parse()
    except UnbalancedQuery:
        if parser.has_syntax:
            raise
        prose = _Parser(re.sub(_UNBALANCED, " ", text), context, call_stack, _Usage())
        query = prose.parse()
        if prose.has_syntax:
            raise
        return query  # of prose, such as a title that was cut off


class _Context(NamedTuple):
    """What a query is parsed with."""

    today: dt.date
    saved_queries: SavedQueries
    people: People | None


class _Usage:
    """How much of the limits a query has used, the saved queries that it refers to included."""

    def __init__(self) -> None:
        self.depth = 0
        self.words = 0
        self.terms = 0


class _Parser:
    """Recursive descent over the text of one query."""

    def __init__(self, text: str, context: _Context, call_stack: tuple[str, ...], usage: _Usage) -> None:
        self._lexer = Lexer(text)
        self._context = context
        self._today = context.today
        self._call_stack = call_stack
        self._usage = usage
        self.has_syntax = any(word in OPERATORS for word in text.split())
        """Whether the text has an operator, a field or a saved query, and so is no prose."""

    def parse(self) -> Query:
        """Parse the whole text."""
        query = self._or()
        text = self._lexer.text
        if self._lexer.column < len(text):
            raise self._lexer.unbalanced('unmatched ")"; remove it or put the text in quotes')
        if query == And() and text.strip():
            return Text(text.strip())  # punctuation alone: it matches no paper, where And() would match every one
        return query

    # Operators

    def _or(self) -> Query:
        parts = [self._and()]
        while (operator := self._lexer.peek_operator()) == "OR":
            column = self._lexer.column
            self._lexer.column += len(operator)
            if parts[-1] == And() or (operand := self._and()) == And():
                raise self._lexer.error("OR needs a word on both sides", column)
            parts.append(operand)
        return parts[0] if len(parts) == 1 else Or(tuple(map(_bind_people, parts)))

    def _and(self) -> Query:
        parts: list[Query] = []
        and_column: int | None = None  # of an AND that has no right operand yet
        while not self._lexer.is_at_end():
            operator = self._lexer.peek_operator()
            if operator == "OR":
                break
            if operator == "AND":
                if not parts or and_column is not None:
                    raise self._lexer.error("AND needs a word on both sides")
                and_column = self._lexer.column
                self._lexer.column += len(operator)
            elif (part := self._not(operator)) is not None:
                parts.append(part)
                and_column = None
        if and_column is not None:
            raise self._lexer.error("AND needs a word on both sides", and_column)
        return all_of(parts)

    def _not(self, operator: str) -> Query | None:
        if operator == "NOT":
            column = self._lexer.column
            self._lexer.column += len(operator)
            if self._lexer.is_at_end() or self._lexer.peek_operator() in {"AND", "OR"}:
                raise self._lexer.error("NOT needs a word after it", column)
            return self._negated()
        if self._lexer.character == "-" and self._lexer.match(_NEGATION):
            self.has_syntax = True
            self._lexer.column += 1
            return self._negated()
        return self._atom()

    def _negated(self) -> Query | None:
        self._enter()
        part = self._not(self._lexer.peek_operator())
        self._usage.depth -= 1
        self._count_term()
        return None if part is None else Not(part)

    # Atoms; None where there is no letter or digit to search for

    def _atom(self) -> Query | None:
        if self._lexer.character == "(":
            return self._group()
        if self._lexer.character == '"':
            return self._phrase()
        if ":" in self._lexer.text and (match := self._lexer.match(_FIELD)):
            return self._field(match)
        if self._lexer.character == "@" and (match := self._lexer.match(_SAVED_QUERY)):
            return self._saved_query(match)
        return self._word()

    def _group(self) -> Query | None:
        column = self._lexer.column
        self._enter()
        self._lexer.column += 1
        query = _bind_people(self._or())
        if not self._lexer.character:
            raise self._lexer.unbalanced('unmatched "("; close it with ")" or put the text in quotes', column)
        self._lexer.column += 1
        self._usage.depth -= 1
        return None if query == And() else query

    def _phrase(self) -> Query | None:
        text = self._lexer.read_quoted()
        self._count_term()
        return Text(text, phrase=True) if text.strip() else None

    def _field(self, match: re.Match[str]) -> Query | None:
        name = match[1]
        field = FIELDS.get(name.casefold())
        has_value = match.end() < len(self._lexer.text) and not self._lexer.text[match.end()].isspace()
        if field is None:
            if has_value and not _is_capitalized(name):
                raise self._unknown_field(name)
            return self._word()
        if not has_value:
            if not name.islower():
                return self._word()  # a title: "Note: on tides"
            raise self._lexer.error(f"no value after {name}:; write {name}:VALUE without a space")
        self.has_syntax = True
        self._lexer.column = match.end()
        position = self._lexer.position
        value = self._read_value(field)
        if not value.strip():
            raise position.error(f"no value after {name}:")
        self._count_term()
        if field.kind is Kind.PERSON and self._context.people:
            from readlist.search.query.people import find_person  # only for a query that has by:

            value = find_person(value, self._context.people(), position)
        return build_term(field, value, self._today, position)

    def _read_value(self, field: Field) -> str:
        """Read a value in quotes, or one word; of a date also the further words of `last week` and `2025년 12월`."""
        if self._lexer.character == '"':
            return self._lexer.read_quoted()
        if field.kind not in DATE_KINDS:
            return self._lexer.read_word()
        from readlist.periods import is_date_in_words, may_continue_date

        return self._lexer.read_longest(may_continue_date, lambda text: is_date_in_words(text, self._today))

    def _unknown_field(self, name: str) -> QueryError:
        known = _FORMER_FIELDS.get(name) or closest_name(name, FIELDS)
        hint = f"did you mean {known}?" if known else f"the fields are {', '.join(FIELDS)}."
        return self._lexer.error(f'unknown field: {name}; {hint} To search for the words, write "{name}:…"')

    def _saved_query(self, match: re.Match[str]) -> Query:
        """Parse the saved query that is referred to; it counts as if it were typed here in parentheses."""
        self.has_syntax = True
        name, saved = drop_ignored(match[1]).casefold(), self._context.saved_queries()
        if name == TODAY and name not in saved:
            self._lexer.column = match.end()
            return NewPapers(or_newest_digest=True)
        if name in self._call_stack:
            raise self._lexer.error(f"saved query @{name} refers to itself")
        if name not in saved:
            closest = closest_name(name, saved)
            hint = f"did you mean @{closest}? To" if closest else "to"
            raise self._lexer.error(f'no saved query @{name}; {hint} search for the word, write "@{name}"')
        self._enter()
        self._count_term()
        parser = _Parser(saved[name], self._context, (*self._call_stack, name), self._usage)
        try:
            query = _bind_people(parser.parse())
        except QueryError as error:
            raise self._lexer.error(f"in @{name} ({saved[name]}): {error}") from error
        self._usage.depth -= 1
        self._lexer.column = match.end()
        return query

    def _word(self) -> Query | None:
        word = self._lexer.read_word()
        if not word:
            self._lexer.column += 1
            return None
        identifier = parse_identifier(word.rstrip(".,;:!?"))
        link = re.fullmatch(_LINK, word) if "://" in word else None
        if identifier or link:
            self._count_term()
        if identifier and (identifier.field == "arxiv" or not link):
            return Or((Text(identifier.value), identifier))  # the paper's own, or one that a text mentions
        if link:
            return Or((Text(link[1]), FieldEquals("url", link[1]), *([identifier] if identifier else [])))
        pieces = [piece for piece in re.findall(_PIECE, word) if any(map(str.isalnum, piece))]
        pieces = pieces[: max(0, MAX_WORDS - self._usage.words)]
        self._usage.words += len(pieces)
        return all_of(map(Text, pieces)) if pieces else None

    # Limits

    def _enter(self) -> None:
        self._usage.depth += 1
        if self._usage.depth > MAX_DEPTH:
            raise self._lexer.error(f"more than {MAX_DEPTH} nested parentheses or negations")

    def _count_term(self) -> None:
        self._usage.terms += 1
        if self._usage.terms > MAX_TERMS:
            raise self._lexer.error(f"more than {MAX_TERMS:,} terms")


def _is_capitalized(name: str) -> bool:
    """Return whether a name has a capital, as a word of a title does: AlphaZero:self-play."""
    return name != name.casefold()


def _bind_people(query: Query) -> Query:
    """Bind the terms of an AND group to the persons that it names, see `people`, which is imported only for such."""
    if not any(isinstance(part, FieldEquals) and part.field == "by" for part in conjuncts(query)):
        return query
    from readlist.search.query.people import bind_people

    return bind_people(query)
