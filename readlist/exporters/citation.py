"""How a paper is cited: its authors' names taken apart, when it came out, and the key that stands for it in a text.

    Wenfang Sun               Sun, Wenfang
    Laurens van der Maaten    van der Maaten, Laurens
    Robert Downey Jr.         Downey, Jr., Robert
    DeepSeek-AI, Gemma Team, Qwen: An Yang, 김철수    as they are

A name that might not be a person's stays whole: an organisation turned round reads worse than a person who is not.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from readlist.text import clean, parse_arxiv_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from readlist.models import Entry, Paper

_WORD_OF_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[.'’\-‐‑])*")
_EAST_ASIAN = re.compile(r"[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")  # the family's name stands first
_SUFFIXES = frozenset({"jr", "jr.", "sr", "sr.", "ii", "iii", "iv"})
_NO_PERSONS = frozenset(
    {
        "ai", "anonymous", "and", "authors", "collaboration", "company", "consortium", "deepmind", "foundation",
        "google", "group", "inc", "institute", "lab", "laboratory", "labs", "meta", "microsoft", "nvidia", "openai",
        "others", "project", "research", "team", "technologies", "the", "university",
    }
)  # fmt: skip

_NEW_ID = re.compile(r"(\d\d)(\d\d)\.")
_OLD_ID = re.compile(r"[^/]+/(\d\d)(\d\d)")
_FIRST_YEAR = 91  # of arXiv: cs/9301111 is of 1993, cs/0703001 of 2007

_ASCII = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
_MAX_PART = 30
_INSIGNIFICANT = frozenset(
    {
        "a", "an", "and", "are", "as", "at", "be", "by", "can", "do", "does", "for", "from", "how", "in", "into", "is",
        "it", "its", "of", "on", "or", "the", "through", "to", "towards", "toward", "via", "we", "what", "when",
        "where", "which", "who", "why", "with", "without",
    }
)  # fmt: skip


class Name(NamedTuple):
    """An author: `family` alone is a name that stays as it is."""

    family: str
    given: str = ""
    suffix: str = ""


def name(author: str) -> Name:
    """An author's name taken apart.

    >>> name("Laurens van der Maaten"), name("Gemma Team")
    (Name(family='van der Maaten', given='Laurens', suffix=''), Name(family='Gemma Team', given='', suffix=''))
    """
    words = author.split()
    suffix = words.pop() if len(words) > 2 and words[-1].casefold() in _SUFFIXES else ""  # noqa: PLR2004 # given, family, Jr.
    if len(words) < 2 or not _is_person(words):  # noqa: PLR2004 # given and family
        return Name(author)
    last = next((i for i, word in enumerate(words[1:-1], start=1) if word[0].islower()), len(words) - 1)
    return Name(" ".join(words[last:]), " ".join(words[:last]), suffix)


def _is_person(words: list[str]) -> bool:
    return (
        all(map(_WORD_OF_NAME.fullmatch, words))
        and not any(map(_EAST_ASIAN.search, words))
        and _NO_PERSONS.isdisjoint(word.casefold() for word in words)
    )


def names(paper: Paper) -> list[Name]:
    """The authors of a paper."""
    return [name(author) for author in map(clean, paper.authors) if author]


def issued(paper: Paper) -> str:
    """When it came out, as far as known: 2025-02 of its arXiv id, else the day of its first dated digest, else ""."""
    known_id = parse_arxiv_id(paper.arxiv_id)
    if found := _NEW_ID.match(known_id) or _OLD_ID.match(known_id):
        year, month = found.groups()
        if "01" <= month <= "12":
            return f"{'19' if int(year) >= _FIRST_YEAR else '20'}{year}-{month}"
    first = min((seen.date for seen in paper.digests if seen.date), default=None)
    return first.isoformat() if first else ""


def citation_keys(entries: Iterable[Entry]) -> dict[str, str]:
    """The citation key of each paper, by the paper's own key: sun2025curse.

    Of several that would have the same, the one that was loaded first has it and the next have a, b, c … behind it:
    what is loaded later takes no paper's key away.
    """
    keys: dict[str, str] = {}
    taken: set[str] = set()
    for paper in sorted((entry.paper for entry in entries), key=lambda paper: (paper.id, paper.key)):
        base = _citation_key(paper)
        if paper.key not in keys:
            keys[paper.key] = next(key for key in _lettered(base) if key not in taken)
            taken.add(keys[paper.key])
    return keys


def _citation_key(paper: Paper) -> str:
    authors = names(paper)
    words = [_ascii(word) for word in re.findall(r"[^\W_]+", authors[0].family)] if authors else []
    family = "".join(words) if authors and authors[0].given else _first(words)
    title = _first(map(_ascii, re.findall(r"[^\W_]+", paper.title)))
    return f"{family[:_MAX_PART] or 'anon'}{issued(paper)[:4]}{title[:_MAX_PART]}"


def _first(words: Iterable[str]) -> str:
    """The first word that says something."""
    return next((word for word in words if word and word not in _INSIGNIFICANT), "")


def _ascii(word: str) -> str:
    """The word in small ASCII letters and digits, "" where it cannot be written in them."""
    folded = unicodedata.normalize("NFKD", word).casefold().translate(_ASCII)
    letters = "".join(c for c in folded if not unicodedata.combining(c))
    return letters if letters.isascii() and letters.isalnum() else ""


def _lettered(base: str) -> Iterator[str]:
    """The base alone, then with a, b, … z, aa, ab … behind it."""
    yield base
    tails = [""]
    while True:
        tails = [tail + letter for tail in tails for letter in "abcdefghijklmnopqrstuvwxyz"]
        yield from (base + tail for tail in tails)
