"""Why a paper is offered, in one line: `like OREAL, which you starred: outcome reward, RL`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain

from readlist.models import Entry, Mark, Status
from readlist.search.excerpts import SPELT
from readlist.search.index.schema import PARTS
from readlist.search.recommend.profile import Bag, Taste, stem
from readlist.search.tokens import tokens

MAX_TERMS = 3
"""Terms that a reason names."""
SHORT = 40
"""Characters of the name by which a reason calls a paper: half a line of 80."""
_SPELT_IN = ("title", "comments", "abstract", "tags")


def reason(entry: Entry, bag: Bag, taste: Taste) -> tuple[str, tuple[str, ...]]:
    """The line, and the words at its end that both papers share, as `entry` spells them; "" where they share none."""
    shared = taste.shared(bag)
    if shared is None:
        return "", ()
    words = _spelt(entry, shared.terms)
    like = f"like {short_title(shared.known)}{_what_was_done(shared.known.mark)}"
    return f"{like}: {', '.join(words)}" if words else like, words


def short_title(entry: Entry) -> str:
    """What a paper is called in passing: what stands before its colon, else its first words.

    >>> from readlist.models import Mark, Paper
    >>> for title in ("OREAL: Outcome Reward", "The Curse of Depth in Large Language Models of Our Time"):
    ...     short_title(Entry(Paper(title), Mark(""), ()))
    'OREAL'
    'The Curse of Depth in Large Language…'
    """
    title = entry.paper.title.partition(": ")[0].strip() or entry.paper.title
    if len(title) <= SHORT:
        return title
    return f"{title[:SHORT].rpartition(' ')[0] or title[:SHORT]}…"


def _what_was_done(mark: Mark) -> str:
    """`, which you starred`; nothing for a paper that was only named."""
    if mark.starred:
        return ", which you starred"
    if mark.note:
        return ", which you noted"
    done = {Status.READ: "read", Status.READING: "are reading"}.get(mark.status)
    return f", which you {done}" if done else ""


def _spelt(entry: Entry, terms: Sequence[str]) -> tuple[str, ...]:
    """The first few terms as the paper spells them, none that is a part of another.

    Of several spellings it is the shortest, without a particle or the rest of a compound, and not the capital of a
    title or a sentence: "reward" for Reward, "RL" as it is.
    """
    spellings: dict[str, str] = {}
    for word in _words(entry):
        for token in tokens(word):
            known = spellings.setdefault(stem(token), word)
            if (len(word), word.istitle()) < (len(known), known.istitle()):
                spellings[stem(token)] = word
    chosen: list[str] = []
    for word in (spellings[term] for term in terms if term in spellings and len(term) > 1):
        if not any(word.casefold() in other.casefold() or other.casefold() in word.casefold() for other in chosen):
            chosen.append(word)
        if len(chosen) == MAX_TERMS:
            break
    return tuple(chosen)


def _words(entry: Entry) -> Iterator[str]:
    for text in chain.from_iterable(PARTS[name](entry) for name in _SPELT_IN):
        yield from (found[0] for found in re.finditer(SPELT, text))
