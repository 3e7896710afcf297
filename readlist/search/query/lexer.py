"""Lexer: reads the words, quoted phrases and operators of a query, and knows the column of each.

Used by `parser` alone. White space ends a word, a ")" ends it too unless the word opened it; every other character is
a part of the word, so that any pasted text can be read.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from readlist.errors import QueryError

OPERATORS = ("AND", "OR", "NOT")

_MAX_MORE_WORDS = 5
"""Words after the first of a value that has spaces: `2025년 2월 3일..2025년 3월 4일` has six."""
_OPERATOR = r"[A-Z]{2,3}(?=[\s()\"-]|\Z)"
_WORD = r"[^\s)]*"


class UnbalancedQuery(QueryError):
    """A quote or parenthesis is not closed, or not opened."""


class SourcePosition(NamedTuple):
    """A column (0-based, in characters) of a query."""

    query: str
    column: int

    def error(self, message: str) -> QueryError:
        """Return an error that points to this position."""
        return QueryError(message, self.query, self.column)


class Lexer:
    """A cursor over the text of one query."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.column = 0

    @property
    def position(self) -> SourcePosition:
        """The current position."""
        return SourcePosition(self.text, self.column)

    def error(self, message: str, column: int | None = None) -> QueryError:
        """Return an error that points to `column`, by default to the current one."""
        return QueryError(message, self.text, self.column if column is None else column)

    def unbalanced(self, message: str, column: int | None = None) -> UnbalancedQuery:
        """Return an error about an unmatched quote or parenthesis at `column`, by default at the current one."""
        return UnbalancedQuery(message, self.text, self.column if column is None else column)

    @property
    def character(self) -> str:
        """The current character, "" at the end of the text."""
        return self.text[self.column : self.column + 1]

    def is_at_end(self) -> bool:
        """Skip white space; return whether the text or the current group ends here."""
        while self.character.isspace():
            self.column += 1
        return self.character in {"", ")"}

    def peek_operator(self) -> str:
        """Skip white space; return the operator that follows, "" for none."""
        if self.is_at_end() or not "A" <= self.character <= "Z":
            return ""
        word = self.match(_OPERATOR)
        return word[0] if word and word[0] in OPERATORS else ""

    def match(self, pattern: str) -> re.Match[str] | None:
        """Match a regular expression, compiled at its first use, at the current column, without moving on."""
        return re.compile(pattern).match(self.text, self.column)

    def read_word(self) -> str:
        """Read up to white space or a ")" that the word did not open itself: f(x) is one word."""
        start = self.column
        while True:
            end = self.match(_WORD)
            self.column = end.end() if end else self.column
            word = self.text[start : self.column]
            if self.character != ")" or word.count("(") <= word.count(")"):
                return word
            self.column += 1

    def read_longest(self, is_continued: Callable[[str], bool], is_value: Callable[[str], bool]) -> str:
        """Read a word, and as many words after it as make a value with it: `last week`, else the word alone.

        `is_continued` says whether a word may be a further one of a value.
        """
        value = words = self.read_word()
        end = self.column
        for _ in range(_MAX_MORE_WORDS):
            if self.is_at_end() or not is_continued(word := self.read_word()):
                break
            words = f"{words} {word}"
            if is_value(words):
                value, end = words, self.column
        self.column = end
        return value

    def read_quoted(self) -> str:
        """Read a quoted text, of which the opening quote is the current character. Raises QueryError."""
        end = self.text.find('"', self.column + 1)
        if end < 0:
            raise self.unbalanced('unclosed quote; add a closing "')
        quoted = self.text[self.column + 1 : end]
        self.column = end + 1
        return quoted
