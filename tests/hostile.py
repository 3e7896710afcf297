"""Hostile text: control sequences, invisible characters and markup, and checks of what reaches a terminal."""

from __future__ import annotations

import random
import re
import unicodedata

_COLOR_RE = re.compile(r"\x1b\[[\d;]*m")
_CONTROL_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})
BIDI = frozenset("\u061c\u200e\u200f") | {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x2070))}
_BLANK_RE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0]")
_JOINER_RE = re.compile(r"[\u200c\u200d]")
_SELECTOR_RE = re.compile("[\u180b-\u180d\u180f\ufe00-\ufe0d\U000e0100-\U000e01ef]")
_FLAG_RE = re.compile("\U0001f3f4[\U000e0030-\U000e007a]{3,8}\U000e007f")

CONTROL_SEQUENCES = [
    "\x1b[31mred\x1b[0m", "\x1b[2J\x1b[H", "\x1b]0;title\x07", "\x1b]8;;https://evil.example\x1b\\x\x1b]8;;\x1b\\",
    "\x1b]52;c;aGk=\x07", "\x1b]1337;File=inline=1:AAAA\x07", "\x1bP$q\x1b\\", "\x1b[6n", "\x1b[c", "\x1bc",
    "\x1b_Gi=1;AAAA\x1b\\", "\x1b^pm\x1b\\", "\x1b[?1049h", "\x1b(0", "\x1b#8", "\x1b[201~", "\x9b31m", "\x9d0;t\x9c",
    "\x90q\x9c", "\x84\x85\x8d", "\x00", "\x07", "\b\b\b\b", "\x7f\x7f", "\x0e\x0f", "\r", "\r\n", "\n", "\n\n", "\v",
    "\f", "\x1c", "\x1d", "\x1e", "\u2028", "\u2029", "\t", "\t\t",
]  # fmt: skip
INVISIBLE = [
    "\u202etxt.exe\u202c", "\u202d", "\u2066x\u2069", "\u2067", "\u061c", "\u200e\u200f", "\u200b", "\u200c\u200d",
    "\u2060\u2061", "\ufeff", "\xad", "\u034f", "\u115f\u1160", "\u17b4", "\u180e", "\u3164\u3164", "\u2800", "\uffa0",
    "\ufe00", "\U000e0100", "\U000e0001\U000e0041\U000e0042\U000e007f", "\U0001d173", "\U0001bca0", "\ufff9x\ufffb",
]  # fmt: skip
MARKUP = [
    "[/]", "[bold]x[/bold]", "[link=file:///etc/passwd]x[/link]", "[red]", "\\[x]", "[/red", "[[", "]]", ":smile:",
    ":x:", "[@click=app.quit]x[/]", "[not bold]", "[x](https://evil.example)", "<script>alert(1)</script>", "<!--",
    "`code`", "*bold*", "$x$", "&lt;", "=1+1", "{0}", "{x!r}", "%s", "%(x)s", "\\x1b[31m", "\\u202e", "…", "<b>",
]  # fmt: skip
_ORDINARY = [
    "Models",
    "언어 모델",
    "On",
    "학습",
    "x",
    "👩\u200d🔬",
    "e\u0301",
    "می\u200cروم",
    "क्\u200dष",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "葛\U000e0100",
    "한글",
    "ﬁ",
    "'",
    '"',
    "(",
    ")",
    "#",
    "-",
    "1",
]
_PARTS = [*CONTROL_SEQUENCES, *INVISIBLE, *MARKUP, *_ORDINARY]


def titles(count: int) -> list[str]:
    """Return `count` different texts: every part alone, then random sequences of two to eight parts."""
    rng = random.Random(20250211)
    texts = dict.fromkeys(_PARTS)
    while len(texts) < count:
        parts = rng.choices(_PARTS, k=rng.randint(2, 8))
        texts[rng.choice(["", " "]).join(parts)] = None
    return list(texts)[:count]


def is_harmless(text: str) -> bool:
    """Return whether the text has no control except newlines, no surrogate and no bidi control."""
    return not any(unicodedata.category(c) in _CONTROL_CATEGORIES or c in BIDI for c in set(text.replace("\n", "")))


def is_visible(text: str) -> bool:
    """Return whether the text is harmless and everything in it is displayed, or changes how its neighbors are."""
    if not is_harmless(text) or _BLANK_RE.search(text):
        return False
    text = _FLAG_RE.sub("x", text)
    for place in _JOINER_RE.finditer(text):
        start, end = place.span()
        before, after = text[max(start - 1, 0) : start], text[end : end + 1]
        if not (_is_sign(before) and _is_sign(after)) or max(before, after) < "\u0600":
            return False
    for place in _SELECTOR_RE.finditer(text):
        before = text[max(place.start() - 1, 0) : place.start()]
        if not before or before.isspace() or _SELECTOR_RE.match(before):
            return False
    return not any(unicodedata.category(c) == "Cf" and not _JOINER_RE.match(c) for c in set(text))


def _is_sign(character: str) -> bool:
    return bool(character) and unicodedata.category(character)[0] in "LMNS"


def strip_colors(screen: str) -> str:
    """Return terminal output without the colors of readlist itself."""
    return _COLOR_RE.sub("", screen)
