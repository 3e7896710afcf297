"""Pure functions of text: cleaning, folding, words, arXiv IDs, links, keys, plurals.

Text that others wrote enters through `clean`, `clean_lines` or `clean_markdown`; two texts are the same where `fold`
returns the same, two tags where `fold_tag` does.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import filterfalse

_MAX_SLUG = 60
_MAX_MARKS = 30
"""Combining marks on one letter, as in Unicode's Stream-Safe Text Format; no language needs more than ten."""
_TOO_MANY_MARKS = rf"[^\w\s!-~]{{{_MAX_MARKS + 1}}}"  # no combining mark is a letter, white space or ASCII
_KEY_DIGITS = 6

# Categories that must not reach a terminal: controls, formats (bidi, zero-width, tags), surrogates. Not unassigned
# ones: which characters are unassigned depends on the version of Python, and a key must be the same on every machine.
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs"})
# Invisible letters and marks: fillers and variation selectors, except those between text and emoji style.
_FILLERS = "\u2800\u3164\uffa0"
_INVISIBLE = f"[{_FILLERS}\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\ufe00-\ufe0d\U000e0100-\U000e01ef]"
# Patterns are strings, which `re` compiles at their first use and caches: most commands need none of them.
_LINE_ENDS = r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]"

_ARXIV_NEW_OR_OLD = r"\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7}"
_ARXIV_ID = rf"(?i)(?:arxiv:)?({_ARXIV_NEW_OR_OLD})(?:v\d+)?"
_ARXIV_LINK = (
    r"(?i)(?:arxiv\.org/(?:abs|pdf|html)/|arxiv:\s?|(?:alphaxiv\.org/abs|huggingface\.co/papers)/)"
    rf"({_ARXIV_NEW_OR_OLD})"
)
# A URL ends where Korean, Japanese or Chinese text follows without a space.
_URL = r"(?i:https?)://[^\s<>\"'`\\^{}|\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3]+"

_ASCII_AND_HANGUL = r"[\0-\x7f\uac00-\ud7a3]*"


def clean(text: str) -> str:
    """Return one line of printable text: NFC, without control, bidi or invisible characters, white space folded."""
    if "  " not in text and text.isprintable() and is_ascii_and_hangul(text):  # the common case
        return text.strip()
    return " ".join(make_printable(text).split())


def make_printable(text: str) -> str:
    """Return one line without characters that control a terminal or are invisible; tabs and line ends become spaces."""
    if not text.isprintable():
        text = "".join(filter(_is_printable, re.sub(_LINE_ENDS, " ", text.replace("\t", " "))))
    if text.isascii():
        return text
    if re.search(_INVISIBLE, text):
        text = re.sub(_INVISIBLE, lambda match: " " if match[0] in _FILLERS else "", text)
    return unicodedata.normalize("NFC", _limit_marks(text))


def clean_lines(text: str) -> str:
    """Return several lines, each cleaned; paragraphs are separated by one empty line."""
    lines = (clean(line) for line in re.split(_LINE_ENDS, text))
    return _collapse_empty_lines("\n".join(lines))


def clean_markdown(text: str) -> str:
    """Return printable Markdown: indentation, which has a meaning there, is kept; a tab becomes four spaces."""
    lines = (make_printable(line.expandtabs(4)).rstrip() for line in re.split(_LINE_ENDS, text))
    return _collapse_empty_lines("\n".join(lines))


def _collapse_empty_lines(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")


def _limit_marks(text: str) -> str:
    """Return the text with at most _MAX_MARKS combining marks on a letter.

    Normalisation sorts the marks of a letter by insertion: the time grows with the square of their number.
    """
    if not re.search(_TOO_MANY_MARKS, text):
        return text
    kept: list[str] = []
    run = 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run <= _MAX_MARKS:
            kept.append(character)
    return "".join(kept)


@lru_cache(maxsize=4096)
def _is_printable(character: str) -> bool:
    return unicodedata.category(character) not in _UNPRINTABLE


def fold(text: str) -> str:
    """Fold case, width, ligatures, accents and white space, so that two spellings of one text are equal.

    >>> fold("  Ｇödel’s  ﬁrst ")
    "godel's first"
    """
    plain = text.replace("’", "'")
    if is_ascii_and_hangul(plain):  # only case to fold: much faster
        return " ".join(plain.lower().split())
    folded = unicodedata.normalize("NFKD", _limit_marks(plain)).casefold()
    if not folded.isascii():
        folded = unicodedata.normalize("NFC", "".join(filterfalse(unicodedata.combining, folded)))
    return " ".join(folded.split())


def is_ascii_and_hangul(text: str) -> bool:
    """Return whether the text consists of these characters, as nearly all Korean and English text does."""
    return text.isascii() or re.fullmatch(_ASCII_AND_HANGUL, text) is not None


def fold_tag(tag: str) -> str:
    """Fold case and "_" to "-", so that spellings of one tag are equal: Object_Detection is object-detection."""
    return unicodedata.normalize("NFC", _limit_marks(tag)).strip().lstrip("#").casefold().replace("_", "-")


def split_words(text: str) -> list[str]:
    """Return the folded words of a text, without punctuation."""
    return re.findall(r"[^\W_]+", fold(text))


def slugify(title: str) -> str:
    """Return the folded title as words joined by "-", at most 60 characters, cut between words where possible."""
    short = "-".join(split_words(title))
    if len(short) > _MAX_SLUG:
        cut = short[: _MAX_SLUG + 1]
        short = cut.rpartition("-")[0] or cut[:_MAX_SLUG]
    return short or "untitled"


def format_ranges(ids: Iterable[int]) -> str:
    """Return IDs with consecutive ones as ranges.

    >>> format_ranges([12, 15, 16, 17, 3])
    '3 12 15-17'
    """
    spans: list[list[int]] = []
    for id_ in sorted(ids):
        if spans and id_ == spans[-1][1] + 1:
            spans[-1][1] = id_
        else:
            spans.append([id_, id_])
    return " ".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)


def plural(count: int, noun: str) -> str:
    """Return a count and its noun, in the plural unless the count is 1.

    >>> plural(1, "paper"), plural(1200, "paper")
    ('1 paper', '1,200 papers')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def paper_key(title: str, first_author: str) -> str:
    """Return a paper's key, the same on every machine: slug, "-", 6 hex digits of SHA-256 of folded title and author.

    >>> paper_key("FP4 All the Way: Fully Quantized Training of LLMs", "Brian Chmiel")
    'fp4-all-the-way-fully-quantized-training-of-llms-5d589f'
    """
    import hashlib

    digest = hashlib.sha256(f"{fold(title)}\n{fold(first_author)}".encode()).hexdigest()
    return f"{slugify(title)}-{digest[:_KEY_DIGITS]}"


def parse_arxiv_id(text: str) -> str:
    """Return the arXiv ID, without its version, that `text` as a whole is (an ID or a link to one), "" otherwise.

    >>> parse_arxiv_id("arXiv:2502.06781v2"), parse_arxiv_id("https://arxiv.org/pdf/2502.06781"), parse_arxiv_id("v 2")
    ('2502.06781', '2502.06781', '')
    """
    text = text.strip()
    if match := re.fullmatch(_ARXIV_ID, text):
        return match[1]
    in_link = re.search(_ARXIV_LINK, text) if re.fullmatch(r"https?://\S+", text) else None
    return in_link[1] if in_link else ""


def find_arxiv_ids(text: str) -> tuple[str, ...]:
    """Return every arXiv ID that a link or `arXiv:…` in the text names, once each, in order."""
    return tuple(dict.fromkeys(re.findall(_ARXIV_LINK, text)))


def extract_links(text: str) -> tuple[str, ...]:
    """Return every http(s) link in the text, once each, in order, without the punctuation around it.

    >>> extract_links("Code (https://github.com/InternLM/OREAL). See https://en.wikipedia.org/wiki/A_(b).")
    ('https://github.com/InternLM/OREAL', 'https://en.wikipedia.org/wiki/A_(b)')
    """
    return tuple(dict.fromkeys(_trim(url) for url in re.findall(_URL, text)))


def _trim(url: str) -> str:
    """Return the URL without trailing punctuation and without a closing bracket that it did not open."""
    unopened = {")": url.count(")") - url.count("("), "]": url.count("]") - url.count("[")}
    end = len(url)
    while end and (url[end - 1] in ".,;:!?*_…" or unopened.get(url[end - 1], 0) > 0):
        end -= 1
        if url[end] in unopened:
            unopened[url[end]] -= 1
    return url[:end]
