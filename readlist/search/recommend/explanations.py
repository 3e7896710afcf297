"""Explanations of suggestions, in one line: `similar to OREAL (starred): outcome reward, RL`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from readlist.models import Entry, Mark, Status
from readlist.search.excerpts import WORD_RE
from readlist.search.index.schema import COLUMN_TEXTS
from readlist.search.recommend.similarity import stem
from readlist.search.tokens import tokenize

if TYPE_CHECKING:
    from readlist.search.recommend.profile import PreferenceModel
    from readlist.search.recommend.similarity import TermVector

MAX_TERMS = 3
"""Terms that an explanation lists."""
MAX_TITLE = 40
"""Characters of a short title: half a line of 80."""
_COLUMNS = ("title", "comments", "abstract", "tags")


def explain(entry: Entry, vector: TermVector, model: PreferenceModel) -> tuple[str, tuple[str, ...]]:
    """Return the explanation, and the words at its end, as `entry` writes them; "" where no liked paper is similar."""
    overlap = model.find_overlap(entry, vector)
    if overlap is None:
        return "", ()
    words = _written_forms(entry, overlap.terms)
    similar = f"similar to {short_title(overlap.liked)}{_describe_mark(overlap.liked.mark)}"
    return f"{similar}: {', '.join(words)}" if words else similar, words


def short_title(entry: Entry) -> str:
    """Return a short form of the title: what precedes its colon, else its first words.

    >>> from readlist.models import Mark, Paper
    >>> for title in ("OREAL: Outcome Reward", "The Curse of Depth in Large Language Models of Our Time"):
    ...     short_title(Entry(Paper(title), Mark(""), ()))
    'OREAL'
    'The Curse of Depth in Large Language…'
    """
    title = entry.paper.title.partition(": ")[0].strip() or entry.paper.title
    if len(title) <= MAX_TITLE:
        return title
    return f"{title[:MAX_TITLE].rpartition(' ')[0] or title[:MAX_TITLE]}…"


def _describe_mark(mark: Mark) -> str:
    """Return ` (starred)`, ` (noted)`, ` (read)` or ` (reading)`; "" for an unmarked paper."""
    if mark.starred:
        return " (starred)"
    if mark.note:
        return " (noted)"
    return f" ({mark.status.value})" if mark.status in {Status.READ, Status.READING} else ""


def _written_forms(entry: Entry, terms: Sequence[str]) -> tuple[str, ...]:
    """Return the first few terms as the paper writes them, without those that are part of another.

    Of several forms it is the shortest, without a particle or the rest of a compound, and not capitalized only because
    it begins a title or a sentence: "reward" for Reward, "RL" as it is.
    """
    forms: dict[str, str] = {}
    for word in _iter_words(entry):
        for token in tokenize(word):
            known = forms.setdefault(stem(token), word)
            if (len(word), word.istitle()) < (len(known), known.istitle()):
                forms[stem(token)] = word
    selected: list[str] = []
    for word in (forms[term] for term in terms if term in forms and len(term) > 1):
        folded = word.casefold()
        if not any(folded in other.casefold() or other.casefold() in folded for other in selected):
            selected.append(word)
        if len(selected) == MAX_TERMS:
            break
    return tuple(selected)


def _iter_words(entry: Entry) -> Iterator[str]:
    for text in chain.from_iterable(COLUMN_TEXTS[name](entry) for name in _COLUMNS):
        yield from (match[0] for match in re.finditer(WORD_RE, text))
