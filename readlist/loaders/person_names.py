"""Author lists: split them into the names of persons, and tell names from other words.

Two notations occur: given names first, separated by commas (`Ada Lovelace, Alan Turing`), and family names first,
separated by "and" or semicolons (`Lovelace, Ada and Turing, Alan`), as reference managers write. Korean, Chinese and
Japanese names keep the family name first: `김, 민수` is 김민수.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_PARENTHESIS = re.compile(r"[()（）]")
_OPENING_PARENTHESIS = re.compile(r"[(（]")
_SEPARATOR_WORD = re.compile(r"\s+and\s+|;")
# A dot in the middle separates names where it stands between spaces or Hangul; within a name it is Catalan or Japanese.
# Patterns with East Asian letters are strings, which `re` compiles at their first use: they are slow to compile.
_LINE_SEPARATOR = r"[;；]|\s[·•]\s?|[·•]\s|(?<=[\uac00-\ud7a3])·(?=[\uac00-\ud7a3])"
_LINE_SEPARATORS = frozenset(";；·•")
_SEPARATOR_OR_PARENTHESIS = rf"{_LINE_SEPARATOR}|[()（）]"
NAME_SUFFIXES = frozenset({"jr", "jr.", "sr", "sr.", "ii", "iii", "iv"})
_MAX_SUFFIX = max(map(len, NAME_SUFFIXES))
_ABBREVIATIONS = frozenset({"jr", "sr", "al", "inc", "ltd", "co", "corp"})
_SENTENCE_ENDS = ".!?…。！？"
_MAX_NAME_WORDS = 6
_INITIALS = re.compile(r"(?:[^\W\d_]\.[\s-]?)+")
_HAN = "\u3005\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_KANA = "\u3040-\u30ff"
# A family name in Katakana alone is a foreign one, which Japanese writes behind the given name.
_CJK_FAMILY = rf"[\uac00-\ud7a3]{{1,2}}|[{_HAN}\u3040-\u309f]{{1,4}}"
_CJK_GIVEN = rf"[\uac00-\ud7a3{_HAN}{_KANA}\s]+"
_COMPOUND_FAMILIES = frozenset(
    {"남궁", "독고", "동방", "사공", "서문", "선우", "제갈", "황보"}
    | {"上官", "令狐", "司馬", "司马", "歐陽", "欧阳", "諸葛", "诸葛"}
)


def split_author_list(text: str) -> list[str]:
    """Return the names of a list with given names first, split at the commas outside parentheses.

    >>> split_author_list("Ada L. King, Rai (Michael, P.), Martin King, Jr., and The Example Team")
    ['Ada L. King', 'Rai (Michael, P.)', 'Martin King, Jr.', 'The Example Team']
    """
    parts = text.replace("，", ",").replace("、", ",").split(",")
    # Where parentheses do not match, all commas count: one that is never closed would swallow the names after it.
    if not _OPENING_PARENTHESIS.search(text) or count_unclosed_parentheses(text):
        return _clean_names(parts)
    names: list[list[str]] = []
    depth = 0
    for part in parts:
        if depth:
            names[-1].append(part)
        else:
            names.append([part])
        depth += part.count("(") + part.count("（") - part.count(")") - part.count("）")
    return _clean_names(map(",".join, names))


def split_author_line(text: str) -> list[str]:
    """Return the names of a list in a digest: separated by commas, else by semicolons or by dots in the middle.

    >>> split_author_line("Ada Lovelace; Alan Turing (A; B)"), split_author_line("Lovelace, Ada; Turing, Alan")
    (['Ada Lovelace', 'Alan Turing (A; B)'], ['Ada Lovelace', 'Alan Turing'])
    >>> split_author_line("Ada Lovelace · Alan Turing"), split_author_line("김철수·이영희, 박민수")
    (['Ada Lovelace', 'Alan Turing'], ['김철수', '이영희', '박민수'])
    """
    if _LINE_SEPARATORS.isdisjoint(text) or not re.search(_LINE_SEPARATOR, text):
        return split_author_list(text)
    parts = _split_outside_parentheses(text)
    if len(parts) > 1 and all(part.count(",") == 1 and not _OPENING_PARENTHESIS.search(part) for part in parts):
        return _clean_names(map(invert_name, parts))
    return [name for part in parts for name in split_author_list(part)]


def _split_outside_parentheses(text: str) -> list[str]:
    """Return the parts between semicolons and dots that are in no parentheses; in any, if those do not match."""
    is_matched = count_unclosed_parentheses(text) == 0
    parts, depth, start = [], 0, 0
    for match in re.finditer(_SEPARATOR_OR_PARENTHESIS, text):
        if match[0] in "(（":
            depth += 1
        elif match[0] in ")）":
            depth -= 1
        elif not depth or not is_matched:
            parts.append(text[start : match.start()].strip())
            start = match.end()
    return [*filter(None, parts), *filter(None, [text[start:].strip()])]


def split_author_field(text: str) -> list[str]:
    """Return the names of a list in either notation, each with the given name first.

    >>> split_author_field("Lovelace, Ada and Turing, Alan"), split_author_field("Ada Lovelace, and Alan Turing")
    (['Ada Lovelace', 'Alan Turing'], ['Ada Lovelace', 'Alan Turing'])
    >>> split_author_field("김, 민수"), split_author_field("김민수, 이지은")
    (['김민수'], ['김민수', '이지은'])
    """
    if ", and " in text or not _SEPARATOR_WORD.search(text):
        inverted = _parse_inverted_name(text)
        return [inverted] if inverted else split_author_list(text)
    parts = [part.strip() for part in _SEPARATOR_WORD.split(text) if part.strip()]
    return [name for part in parts for name in (_parse_cjk_name(part) or split_author_field(part))]


def join_name(family: str, given: str) -> str:
    """Return a name from its two parts: given name first, but in Korean, Chinese and Japanese family name first.

    >>> join_name("Lovelace", "Ada"), join_name("김", "민수"), join_name("田中", "太郎"), join_name("Kim", "민수")
    ('Ada Lovelace', '김민수', '田中太郎', '민수 Kim')
    """
    if re.fullmatch(_CJK_FAMILY, family) and re.fullmatch(_CJK_GIVEN, given):
        return family + "".join(given.split())
    return f"{given} {family}".strip()


def _parse_cjk_name(text: str) -> list[str]:
    """Return 김민수 for "김, 민수", in a list that "and" or semicolons separate; nothing for any other text."""
    family, _, given = map(str.strip, text.partition(","))
    is_cjk = re.fullmatch(_CJK_FAMILY, family) and re.fullmatch(_CJK_GIVEN, given)
    return [join_name(family, given)] if is_cjk else []


def invert_name(text: str) -> str:
    """Return the name of one person with the given name first, where a comma says that the family name is.

    >>> invert_name("van den Berg, Jan"), invert_name("King, Martin, Jr."), invert_name("Martin King, Jr.")
    ('Jan van den Berg', 'Martin King, Jr.', 'Martin King, Jr.')
    """
    family, *rest = [part.strip() for part in text.split(",", _MAX_NAME_WORDS) if part.strip()] or [""]
    suffixes = [part for part in rest if part.lower() in NAME_SUFFIXES]
    given = [part for part in rest if part.lower() not in NAME_SUFFIXES]
    return ", ".join((join_name(family, "".join(given)), *suffixes)) if len(given) <= 1 else text.strip()


def split_names(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the authors in the fields of metadata, once each: one text is a list, several are a name each.

    >>> split_names(["Lovelace, Ada", "Turing, Alan"]), split_names(["Lovelace, A., Turing, A. M."])
    (('Ada Lovelace', 'Alan Turing'), ('A. Lovelace', 'A. M. Turing'))
    """
    if len(texts) > 1:
        return tuple(dict.fromkeys(filter(None, map(invert_name, texts))))
    text = texts[0] if texts else ""
    parts = [part.strip() for part in text.split(",")]
    families, initials = parts[::2], parts[1::2]
    if len(families) == len(initials) and all(map(_INITIALS.fullmatch, initials)):
        return tuple(f"{given} {family}" for family, given in zip(families, initials, strict=True))
    return tuple(dict.fromkeys(split_author_field(text)))


def count_unclosed_parentheses(text: str) -> int | None:
    """Return how many parentheses a text leaves open, None where it closes one that it did not open: `a) and (b`."""
    depth = 0
    for mark in _PARENTHESIS.findall(text):
        depth += 1 if mark in "(（" else -1
        if depth < 0:
            return None
    return depth


def look_like_names(names: Sequence[str]) -> bool:
    """Return whether at least three in four of these texts look like the name of a person or an organization."""
    return sum(map(_looks_like_name, names)) * 4 >= len(names) * 3


def _looks_like_name(name: str) -> bool:
    """Return whether a text is short, capitalised where the script has capitals, and does not end a sentence."""
    words = name.split()
    if len(words) > _MAX_NAME_WORDS or (name[-1] in _SENTENCE_ENDS and not _is_abbreviation(words[-1])):
        return False
    lower_case = sum(word[0].islower() for word in words)
    return lower_case * 2 <= len(words) and not name.isdigit()


def _is_abbreviation(word: str) -> bool:
    stem = word.rstrip(".").lower()
    return len(stem) == 1 or stem in _ABBREVIATIONS


def _clean_names(parts: Iterable[str]) -> list[str]:
    """Return the names without white space and "and"; "Jr." and the like are joined to the name before."""
    names: list[str] = []
    accepts_suffix = False
    for part in parts:
        name = part.strip().removeprefix("and ").strip()
        if accepts_suffix and len(name) <= _MAX_SUFFIX and name.lower() in NAME_SUFFIXES:
            names[-1] += f", {name}"
            accepts_suffix = False
        elif name:
            names.append(name)
            accepts_suffix = True
    return names


def _parse_inverted_name(text: str) -> str:
    """Return "Ada Lovelace" for "Lovelace, Ada", "" where the text is not a single name with the family name first."""
    family, _, given = map(str.strip, text.partition(","))
    is_inverted = given and "," not in given and " " not in family and given.lower() not in NAME_SUFFIXES
    if (
        is_inverted
        and re.fullmatch(_CJK_GIVEN, family + given)
        and len(family) > 1
        and family not in _COMPOUND_FAMILIES
    ):
        return ""  # two names: 김민수, 이지은
    return join_name(family, given) if is_inverted else ""
