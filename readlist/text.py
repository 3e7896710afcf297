"""Text in, values out: cleaning, folding, words, arXiv ids, links, keys.

`clean` and `clean_lines` are the one door through which text that others wrote comes in; `fold` is the one way in which
two pieces of text are held to be the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import filterfalse

_MAX_SLUG = 60
_MAX_MARKS = 30
"""Marks over one letter, as Unicode's Stream-Safe Text Format has it; no language needs more than ten."""
_MANY_MARKS = rf"[^\w\s!-~]{{{_MAX_MARKS + 1}}}"  # no mark is a letter, a blank or ASCII
_KEY_DIGITS = 6

# Categories that may not reach a terminal: controls, formats (bidi, zero-width, tags), surrogates. Unassigned is not
# among them: what is unassigned depends on the Python that runs, and a key must be the same on every machine.
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs"})
# Letters and marks that show nothing: fillers and selectors of variants, but for those between text and emoji style.
_BLANKS = "\u2800\u3164\uffa0"
_UNSEEN = f"[{_BLANKS}\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\ufe00-\ufe0d\U000e0100-\U000e01ef]"
# Patterns are text, which `re` compiles at their first use and keeps: most commands need none of them, and compiling
# them all takes 4 ms.
_LINE_ENDS = r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]"

_ARXIV_NEW_OR_OLD = r"\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7}"
_ARXIV_ID = rf"(?i)(?:arxiv:)?({_ARXIV_NEW_OR_OLD})(?:v\d+)?"
_ARXIV_LINK = (
    r"(?i)(?:arxiv\.org/(?:abs|pdf|html)/|arxiv:\s?|(?:alphaxiv\.org/abs|huggingface\.co/papers)/)"
    rf"({_ARXIV_NEW_OR_OLD})"
)
# It ends where a Korean, Japanese or Chinese sentence goes on without a space.
_URL = r"(?i:https?)://[^\s<>\"'`\\^{}|\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3]+"

_ASCII_AND_HANGUL = r"[\0-\x7f\uac00-\ud7a3]*"


def clean(text: str) -> str:
    """One line of printable text: NFC, without controls, bidi marks or invisible characters, white space folded."""
    if "  " not in text and text.isprintable() and is_ascii_and_hangul(text):  # as nearly every line is
        return text.strip()
    return " ".join(make_printable(text).split())


def make_printable(text: str) -> str:
    """One line without what could command a terminal or cannot be seen; a tab and a line end are a blank each."""
    if not text.isprintable():
        text = "".join(filter(_is_printable, re.sub(_LINE_ENDS, " ", text.replace("\t", " "))))
    if text.isascii():
        return text
    if re.search(_UNSEEN, text):
        text = re.sub(_UNSEEN, lambda found: " " if found[0] in _BLANKS else "", text)
    return unicodedata.normalize("NFC", _with_few_marks(text))


def clean_lines(text: str) -> str:
    """Several lines of printable text, each as `clean` makes it; one empty line at most parts paragraphs."""
    lines = (clean(line) for line in re.split(_LINE_ENDS, text))
    return _without_gaps("\n".join(lines))


def clean_markdown(text: str) -> str:
    """Printable Markdown: indentation, which has a meaning there, stays; tabs are four spaces."""
    lines = (make_printable(line.expandtabs(4)).rstrip() for line in re.split(_LINE_ENDS, text))
    return _without_gaps("\n".join(lines))


def _without_gaps(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")


def _with_few_marks(text: str) -> str:
    """`text` without those of its marks that stand over one letter with _MAX_MARKS others.

    Normalising puts the marks of a letter in order by insertion: 4 s for 40,000 of them, a day for 10 MB.
    """
    if not re.search(_MANY_MARKS, text):
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
    """What two spellings of one text have in common: case, width, ligatures, accents and white space are folded.

    >>> fold("  Ｇödel’s  ﬁrst ")
    "godel's first"
    """
    plain = text.replace("’", "'")
    if is_ascii_and_hangul(plain):  # there is nothing but case to be folded: it takes a tenth of the time
        return " ".join(plain.lower().split())
    folded = unicodedata.normalize("NFKD", _with_few_marks(plain)).casefold()
    if not folded.isascii():
        folded = unicodedata.normalize("NFC", "".join(filterfalse(unicodedata.combining, folded)))
    return " ".join(folded.split())


def is_ascii_and_hangul(text: str) -> bool:
    """Whether there are no other characters: so it is with nearly all Korean and English text."""
    return text.isascii() or re.fullmatch(_ASCII_AND_HANGUL, text) is not None


def fold_tag(tag: str) -> str:
    """Tags that differ in case, "-" and "_" only are one: Object-Detection is object_detection, c++ is not c#."""
    return unicodedata.normalize("NFC", _with_few_marks(tag)).strip().lstrip("#").casefold().replace("_", "-")


def split_words(text: str) -> list[str]:
    """The folded words of a text, without what stands between them."""
    return re.findall(r"[^\W_]+", fold(text))


def slugify(title: str) -> str:
    """The folded title as words joined by "-", 60 characters at most, cut between words where it can be."""
    short = "-".join(split_words(title))
    if len(short) > _MAX_SLUG:
        cut = short[: _MAX_SLUG + 1]
        short = cut.rpartition("-")[0] or cut[:_MAX_SLUG]
    return short or "untitled"


def format_ranges(ids: Iterable[int]) -> str:
    """Ids as a person writes them.

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
    """A paper's name on every machine: slug of the title, "-", 6 hex digits of SHA-256 over folded title and author.

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
    if found := re.fullmatch(_ARXIV_ID, text):
        return found[1]
    in_link = re.search(_ARXIV_LINK, text) if re.fullmatch(r"https?://\S+", text) else None
    return in_link[1] if in_link else ""


def find_arxiv_ids(text: str) -> tuple[str, ...]:
    """Every arXiv id that is linked to or named as arXiv:… in `text`, once each, in order."""
    return tuple(dict.fromkeys(re.findall(_ARXIV_LINK, text)))


def extract_links(text: str) -> tuple[str, ...]:
    """Every http(s) link in `text`, once each, in order, without the punctuation of the sentence around it.

    >>> extract_links("Code (https://github.com/InternLM/OREAL). See https://en.wikipedia.org/wiki/A_(b).")
    ('https://github.com/InternLM/OREAL', 'https://en.wikipedia.org/wiki/A_(b)')
    """
    return tuple(dict.fromkeys(_trim(found) for found in re.findall(_URL, text)))


def _trim(url: str) -> str:
    """`url` without trailing punctuation and without a closing bracket that it did not open."""
    unopened = {")": url.count(")") - url.count("("), "]": url.count("]") - url.count("[")}
    end = len(url)
    while end and (url[end - 1] in ".,;:!?*_…" or unopened.get(url[end - 1], 0) > 0):
        end -= 1
        if url[end] in unopened:
            unopened[url[end]] -= 1
    return url[:end]
