"""Citation keys, `sun2025curse`: what LaTeX and Pandoc documents cite a paper by.

    sun      the family name of its first author, or the first word of an organization; "anon" where there is none
    2025     the year of the digest in which it was loaded first; "-" where that digest has no date
    curse    the first word of its title, when it was loaded first, that is no stop word
    -2       where a paper with a lower ID has the same name, year and word: -2, -3 …

A key is computed from the library, so that it is the same in every export, and from what does not change: an arXiv ID,
a DOI, a URL, a corrected title, further authors, further digests, papers that are loaded later, and papers that are
deleted change no key. The family name of the first author does, when it is corrected, and so does the date of the first
digest. For the same reason the year is not that of the arXiv ID, which may become known later.

Keys are lower-case ASCII letters, digits and "-": classic BibTeX reads no others. Letters that have no decomposition to
ASCII are transliterated by anyascii (Han by their Chinese reading); where it is not installed, words with such letters
are left out. `bibtex`, `biblatex`, `csl` and `ris` use the keys; `library` computes them.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING

from readlist.exporters.citation import parse_name
from readlist.text import PLAIN_LETTERS, clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from readlist.models import Paper, PaperRef

_MAX_KEY_PART = 30
_DIGITS = re.compile(r"[0-9]")
_NOT_IN_KEYS = re.compile(r"[^a-z0-9]+")
_STOP_WORDS = frozenset(
    {
        "a", "an", "and", "are", "as", "at", "be", "by", "can", "do", "does", "for", "from", "how", "in", "into", "is",
        "it", "its", "of", "on", "or", "the", "through", "to", "towards", "toward", "via", "we", "what", "when",
        "where", "which", "who", "why", "with", "without",
    }
)  # fmt: skip


def citation_keys(papers: Iterable[Paper]) -> dict[str, str]:
    """Return paper key -> citation key.

    The papers have to include all of the library, the deleted ones too, with the `title_word` and the `key_year` of one
    of them.
    """
    counts = Counter[str]()
    keys: dict[str, str] = {}
    for ref, base in sorted(chain.from_iterable(map(_iter_bases, papers))):
        if ref.key not in keys:
            counts[base] += 1
            keys[ref.key] = f"{base}-{counts[base]}" if counts[base] > 1 else base
    return keys


def _iter_bases(paper: Paper) -> Iterator[tuple[PaperRef, str]]:
    """Yield a paper and those that were merged into it, each with its key without the number.

    So the number of a merged paper is not given to another one, as far as both had the same name and year.
    """
    base, word = _format_base(paper), title_word(paper.key)
    yield paper.ref, base
    yield from ((ref, base) for ref in paper.merged if title_word(ref.key) == word)


def title_word(paper_key: str) -> str:
    """Return the word of the title in the citation key of the paper with this key, which begins with its first title.

    >>> title_word("the-curse-of-depth-in-large-language-models-62ca69")
    'curse'
    """
    slug = paper_key.rpartition("-")[0] or paper_key
    return _first_significant(slug.split("-"))[:_MAX_KEY_PART] or "untitled"


def key_year(paper: Paper) -> str:
    """Return the year in the citation key of a paper, four digits; "" where its first digest has no date."""
    date = paper.digests[0].date if paper.digests else None
    return date.isoformat()[:4] if date else ""


def lacks_author_name(paper: Paper) -> bool:
    """Return whether the citation key lacks the name of the first author, for want of a transliteration."""
    return any(paper.authors) and not _format_author(paper)


def _format_base(paper: Paper) -> str:
    """Return the key without its number.

    A name has no digits, and a key without a year has a "-" in its place: so two keys are equal only where their years
    and their words of the title are, and `citation_keys` does not need the papers with others.
    """
    return f"{_format_author(paper) or 'anon'}{key_year(paper) or '-'}{title_word(paper.key)}"


def _format_author(paper: Paper) -> str:
    name = parse_name(next(filter(None, map(clean, paper.authors)), ""))
    words = re.findall(r"[^\W\d_]+", name.family)
    family = "".join(map(_to_ascii, words)) if name.given else _first_significant(words)
    return _DIGITS.sub("", family)[:_MAX_KEY_PART]


def _first_significant(words: Iterable[str]) -> str:
    """Return the first word in ASCII that is no stop word, else the first word; "" where there is none in ASCII."""
    first = ""
    for word in filter(None, map(_to_ascii, words)):
        if word not in _STOP_WORDS:
            return word
        first = first or word
    return first


def _to_ascii(word: str) -> str:
    """Return a word in lower-case ASCII letters and digits, "" where it has none."""
    if word.isascii():
        return word.lower() if word.isalnum() else _NOT_IN_KEYS.sub("", word.lower())
    folded = unicodedata.normalize("NFKD", word).casefold().translate(PLAIN_LETTERS)
    letters = "".join(c for c in folded if not unicodedata.combining(c))
    if not letters.isascii():
        letters = _load_transliterator()(unicodedata.normalize("NFC", word)).lower()
    return _NOT_IN_KEYS.sub("", letters)


@cache
def _load_transliterator() -> Callable[[str], str]:
    try:
        from anyascii import anyascii
    except ImportError:
        return lambda _: ""
    return anyascii
