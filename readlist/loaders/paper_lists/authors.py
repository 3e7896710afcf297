"""Author lists in Markdown: in parentheses, in emphasis or as they are, on one line or on several."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from readlist.loaders.notes.header import are_authors
from readlist.loaders.notes.markdown import strip_emphasis
from readlist.loaders.paper_lists.labels import Label, parse_label
from readlist.loaders.person_names import count_unclosed_parentheses, look_like_names, split_author_line

if TYPE_CHECKING:
    from collections.abc import Sequence

_MAX_LINES = 60
"""Lines of one author list; the longest have some thousand names."""
_SEPARATOR_AT_END = re.compile(r"(?:[,;·•，、&]|\band)\Z")
_SEPARATOR_AT_START = re.compile(r"[,;·•，、&]|and\s")
_ET_AL = re.compile(r",?\s(?:et al|외)\.?\Z")
_CONJUNCTION = re.compile(r",?\s(?:and|&|und|et|y)\s")
_BY = re.compile(r"(?i)by:?\s+|—\s*|–\s*|-\s+")
_BOLD_MARKS = ("**", "__")
_MIN_NAME_WORDS, _MAX_NAME_WORDS = 2, 5
_WORD_OF_NAME = re.compile(r"[^\W\d_][\w.'’-]*")
_PARTICLES = frozenset({"de", "la", "van", "von", "der", "den", "di", "da", "dos", "bin", "al", "el"})
_END_OF_SENTENCE = re.compile(r"\w{3}\.\s")
_EAST_ASIAN_NAME = r"[\uac00-\ud7a3]{2,4}|[\u3040-\u30ff\u4e00-\u9fff]{2,5}"  # slow to compile, seldom needed


def read_authors(lines: Sequence[str], title: str, *, expected: bool) -> tuple[str, int]:
    """Return the author list with which these lines begin, and how many of them it has; "" and 0 for none.

    `expected` says that the line above is a title by its marks; then any list in parentheses is accepted.
    """
    if not lines:
        return "", 0
    labeled = parse_label(lines[0])
    is_labeled = labeled is not None and labeled.label is Label.AUTHORS
    if labeled and not is_labeled:
        return "", 0
    first = labeled.value if labeled else _BY.sub("", lines[0], count=1) if _BY.match(lines[0]) else lines[0]
    if first[:1] in ("(", "（"):
        text, count = _join_parentheses(first, lines)
        return (text[1:-1].strip(), count) if _are_in_parentheses(text, title, expected=expected) else ("", 0)
    text, count = _join_wrapped(first, lines)
    is_bold = text.startswith(_BOLD_MARKS)
    text = strip_emphasis(text) or text
    if text[:1] in ("(", "（") and text[-1:] in (")", "）"):
        return (text[1:-1].strip(), count) if _are_in_parentheses(text, title, expected=expected) else ("", 0)
    text = _CONJUNCTION.sub(", ", _ET_AL.sub("", text)).strip(" ,;·")
    if is_bold and not is_labeled and len(split_author_line(text)) == 1:
        return "", 0  # a title of two words, as the first of a list
    return (text, count) if text and (is_labeled or are_plain_names(text)) else ("", 0)


def _join_parentheses(first: str, lines: Sequence[str]) -> tuple[str, int]:
    """Return the lines up to the one that closes the parentheses of the first; only the first where none does."""
    parts, depth = [first], count_unclosed_parentheses(first)
    for line in lines[1:_MAX_LINES]:
        if not line or depth is None or depth <= 0:
            break
        parts.append(line)
        depth += line.count("(") + line.count("（") - line.count(")") - line.count("）")
    return (" ".join(parts), len(parts)) if depth == 0 else (first, 1)


def _join_wrapped(first: str, lines: Sequence[str]) -> tuple[str, int]:
    """Return the first line with those that continue its list: a separator ends the line, or begins the next one."""
    parts = [first]
    for line in lines[1:_MAX_LINES]:
        before = parts[-1].rstrip("*_ ")
        if not line or not (_SEPARATOR_AT_END.search(before[-5:]) or _SEPARATOR_AT_START.match(line)):
            break
        parts.append(line)
    return " ".join(parts), len(parts)


def _are_in_parentheses(text: str, title: str, *, expected: bool) -> bool:
    return text[-1:] in (")", "）") and are_authors(title, text, expected=expected)


def are_names_alone(text: str) -> bool:
    """Return whether a text is a list of at least two names, all of which look like one."""
    names = split_author_line(text)
    return len(names) > 1 and are_plain_names(text) and all(map(_is_likely_name, names))


def are_plain_names(text: str) -> bool:
    """Return whether a text without parentheses around it consists of names of persons and nothing else.

    A single name has at least two words, each with a capital letter.
    """
    if not text or text[-1] in "!?…。:" or "://" in text:
        return False
    names = split_author_line(text)
    if not names or not look_like_names(names):
        return False
    likely = sum(map(_is_likely_name, names))
    return likely == 1 if len(names) == 1 else likely * 4 >= len(names) * 3


def _is_likely_name(name: str) -> bool:
    plain = re.sub(r"\s*[(（][^()（）]*[)）]|[*†‡\d]+\Z", "", name).strip()
    if _END_OF_SENTENCE.search(plain):
        return False
    if re.fullmatch(_EAST_ASIAN_NAME, plain):
        return True
    words = plain.split()
    is_capitalized = all(_WORD_OF_NAME.fullmatch(word) and (word[0].isupper() or word in _PARTICLES) for word in words)
    return is_capitalized and _MIN_NAME_WORDS <= len(words) <= _MAX_NAME_WORDS
