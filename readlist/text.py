"""Pure functions of text: cleaning, folding, words, arXiv IDs, links, keys, plurals, lists.

Text that others wrote enters through `clean` or `clean_lines`, a message through `clean_message`. What the user writes
is stored as written: a note by `normalize_note`, a tag by `printable_line`; `clean_markdown` makes a note safe for a
terminal where it is shown. Two texts are the same where `fold` returns the same, two tags where `fold_tag` does; a
search compares texts by `fold_for_search`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import filterfalse

from readlist.errors import UsageError

_MAX_SLUG = 60
_MAX_MARKS = 30
"""Combining marks on one letter, as in Unicode's Stream-Safe Text Format; no language needs more than ten."""
_TOO_MANY_MARKS = rf"[^\w\s!-~]{{{_MAX_MARKS + 1}}}"  # no combining mark is a letter, white space or ASCII
_KEY_DIGITS = 6
KEY_SUFFIX = 1 + _KEY_DIGITS
"""Characters of a key after the slug of the title: "-" and hexadecimal digits."""

# Categories that must not reach a terminal: controls and formats (bidi, zero-width). Not unassigned characters: which
# ones are unassigned depends on the version of Python, and a key must be the same on every machine.
_UNPRINTABLE = frozenset({"Cc", "Cf"})
_SURROGATES = "[\ud800-\udfff]"
_REPLACEMENT = "\ufffd"
# Invisible characters that have a meaning in some places only, see `_drop_isolated`.
_JOINERS = "\u200c\u200d"
_VARIATION_SELECTORS = "\u180b-\u180d\u180f\ufe00-\ufe0d\U000e0100-\U000e01ef"
_TAG_CHARACTERS = "\U000e0020-\U000e007f"
_CONTEXTUAL = rf"[{_JOINERS}{_VARIATION_SELECTORS}{_TAG_CHARACTERS}]"
# Invisible letters and marks: fillers and the above, except the selectors of text and emoji style (U+FE0E, U+FE0F).
_FILLERS = "\u2800\u3164\uffa0"
_EMPTY_LETTERS = "\u034f\u115f\u1160\u17b4\u17b5"
_INVISIBLE = f"[{_FILLERS}{_EMPTY_LETTERS}{_CONTEXTUAL[1:]}"
_FLAG_TAGS = r"\U000e0067\U000e0062[\U000e0030-\U000e007a]{2,5}\U000e007f|[\U000e0030-\U000e007a]{3,8}\U000e007f"
_MAX_NORMALIZATIONS = 4
# What `fold` ignores: format characters and the selectors above. U+FE0E and U+FE0F are part of existing keys.
_IGNORED = (
    "[\xad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0d\ufeff\U000e0000-\U000e0fff]"
)
# Controls but the line feed and the tab, and the characters that change the direction or the display of what follows.
_COMMANDS = "[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufff9-\ufffb\U000e0001]"
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

_VISIBLE = "[!-~\uac00-\ud7a3]"
"""Characters that `clean` never removes, one of which is in nearly every text; not all of them."""
_PLAIN = r"[\n -~\xa1-\xac\xae-\u02ff\u2010-\u2027\u2030-\u205e\uac00-\ud7a3]*"
_ASCII_AND_HANGUL = r"[\0-\x7f\uac00-\ud7a3]*"

# Latin letters in lower case that Unicode does not decompose, and their usual spellings without them, mostly those of
# the transform Latin-ASCII of Unicode's CLDR. Not the letters of phonetics and of medieval texts, which no name has.
_PLAIN_SPELLINGS = """
æ ae, œ oe, ø o, ł l, đ d, ð d, þ th, ı i, ħ h, ŋ n, ŧ t, ĸ q, ʒ z, ȷ j, ə e, ǝ e, ɛ e, ɔ o, ɣ g, ɩ i, ɲ n, ʋ v,
ʊ u, ɵ o, ɯ m, ʀ r, ɑ a, ɡ g, ƀ b, ɓ b, ƃ b, ƈ c, ȼ c, ɖ d, ɗ d, ƌ d, ȡ d, ɇ e, ƒ f, ɠ g, ǥ g, ɦ h, ƕ hv, ɨ i, ɉ j,
ƙ k, ƚ l, ȴ l, ɫ l, ƞ n, ȵ n, ƣ oi, ȣ ou, ƥ p, ɋ q, ɍ r, ɽ r, ʂ s, ȿ s, ƫ t, ƭ t, ʈ t, ȶ t, ⱦ t, ʉ u, ƴ y, ɏ y, ƶ z,
ȥ z, ɀ z, ⱥ a, ⱡ l, ᵽ p, ⱨ h, ⱪ k, ⱬ z, ⱳ w, ỻ ll, ỽ v, ỿ y
"""
APOSTROPHE_LETTERS = "\u02b9\u02bb\u02bc\u02bd\u02be\u02bf\ua78c"
"""Letters that stand for an apostrophe, in Hawaiian and Ukrainian names and in transliterated ones."""
PLAIN_LETTERS = str.maketrans(
    dict(map(str.split, _PLAIN_SPELLINGS.split(","))) | dict.fromkeys(APOSTROPHE_LETTERS, "'")
)
"""Translates the letters above to ASCII, for `str.translate` of folded text."""
_HAS_PLAIN_SPELLING = "[\xe6-\u02bf\u1d7d-\u1eff\u2c60-\u2c7f\ua78c]"
"""Where they are: a search is faster than to translate a text without any, such as an English one with a dash."""


def clean(text: str) -> str:
    """Return one line of printable text in NFC, with white space folded; see `make_printable`."""
    if "  " not in text and text.isprintable() and is_ascii_and_hangul(text):  # the common case
        return text.strip()
    text, has_invisible = _replace_unprintable(text)
    if has_invisible:
        return _drop_isolated_and_normalize(" ".join(_drop_isolated(text).split()))
    text = " ".join(text.split())
    return text if text.isascii() else unicodedata.normalize("NFC", _limit_marks(text))


def is_blank(text: str) -> bool:
    """Return whether `clean` leaves nothing of the text."""
    return not (re.search(_VISIBLE, text) or clean(text))


def clean_message(text: str) -> str:
    """Return what a server or another program wrote as one line, clean, with U+FFFD for noise.

    `clean` keeps characters that are unassigned or private, which no message consists of, but noise does; and joiners
    where they have a meaning, which stay: a message names files and folders.
    """
    text = clean(text)
    if not text.isprintable():
        text = "".join(c if c.isprintable() or re.match(_CONTEXTUAL, c) else _REPLACEMENT for c in text)
    return re.sub(f"{_REPLACEMENT}+", _REPLACEMENT, text)


def make_printable(text: str) -> str:
    """Return one line without characters that control a terminal or are invisible; tabs and line ends become spaces.

    Joiners, variation selectors and the tag characters of flags stay where they have a meaning, and are removed where
    they are isolated. A lone surrogate, which stands for a byte that is not UTF-8, becomes U+FFFD.
    """
    text, has_invisible = _replace_unprintable(text)
    return _drop_isolated(text) if has_invisible else text


def _replace_unprintable(text: str) -> tuple[str, bool]:
    """Return the text with no other unprintable or invisible characters than _CONTEXTUAL, and whether it had any."""
    if not text.isprintable():
        text = _replace_surrogates(re.sub(_LINE_ENDS, " ", text.replace("\t", " ")))
        if not text.isprintable():  # it nearly always is now, and this takes 50 times as long
            text = "".join(filter(_is_printable, text))
    if text.isascii() or not re.search(_INVISIBLE, text):
        return text, False
    return re.sub(f"[{_EMPTY_LETTERS}]", "", re.sub(f"[{_FILLERS}]", " ", text)), True


def printable_line(text: str) -> str:
    """Return one line of printable text, letter for letter: white space is folded, but nothing is normalized."""
    return " ".join(make_printable(text).split())


def require_unicode(text: str) -> str:
    """Return the text. Raises UsageError for a lone surrogate: Python's reading of a byte that is not UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError as failure:
        # Each surrogate stands for one byte; other characters are counted as UTF-8 encodes them.
        offset = len(text[: failure.start].encode(errors="surrogatepass"))
        code = ord(text[failure.start]) & 0xFF
        raise UsageError(
            f"text is not UTF-8: {printable_line(text)}: byte 0x{code:02x} at offset {offset}; pass it in UTF-8"
        ) from None
    return text


def _replace_surrogates(text: str) -> str:
    """Return the text with U+FFFD for lone surrogates; encoding finds them sooner than their expression is compiled."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return re.sub(_SURROGATES, _REPLACEMENT, text)
    return text


def mask_unprintable(text: str) -> str:
    """Return text of the same length with a space for each character that `make_printable` would remove."""
    if text.isascii() and text.isprintable():
        return text
    text = re.sub(f"[{_FILLERS}{_EMPTY_LETTERS}\u2028\u2029]", " ", _replace_surrogates(text))
    return _drop_isolated("".join(c if _is_printable(c) else " " for c in text), " ")


def _drop_isolated_and_normalize(text: str) -> str:
    """Return NFC text without isolated invisible characters; what removing one composes may isolate another."""
    for _ in range(_MAX_NORMALIZATIONS):
        normal = unicodedata.normalize("NFC", _limit_marks(_drop_isolated(text)))
        if normal == text:
            return text
        text = normal
    return unicodedata.normalize("NFC", re.sub(_CONTEXTUAL, "", text))


def _drop_isolated(text: str, replacement: str = "") -> str:
    """Replace joiners, variation selectors and tag characters that have no meaning where they are.

    They have one: tag characters after a black flag, one variation selector after a character that is not ASCII (or
    the digit 0), a joiner between two emoji, and a joiner between letters or digits one of which is of a script from
    Arabic on. Everywhere else they are invisible.
    """

    def keep(run: re.Match[str]) -> str:
        start, end = run.span()
        base, following = text[max(start - 1, 0) : start], text[end : end + 1]
        rest, kept = run[0], ""
        if base == "\U0001f3f4" and (tags := re.match(_FLAG_TAGS, rest)):
            kept, base = tags[0], tags[0][-1]
        elif re.match(f"[{_VARIATION_SELECTORS}]", rest) and _takes_selector(base):
            kept = rest[0]
        joiner = re.search(f"[{_JOINERS}]", rest[len(kept) :])
        if joiner and _is_joined(base, following, joiner[0]):
            kept += joiner[0]
        if replacement and kept != run[0]:
            return replacement * len(run[0])  # a joiner beside a replacement would be isolated
        return kept

    return re.sub(f"{_CONTEXTUAL}+", keep, text)


def _takes_selector(base: str) -> bool:
    return base == "0" or (base > "\x7f" and not base.isspace() and base not in "\ufe0e\ufe0f")


def _is_joined(before: str, after: str, joiner: str) -> bool:
    """Return whether a joiner has a meaning between these characters, "" for none."""
    if not before or not after:
        return False
    if joiner == "\u200d" and _is_emoji_part(before) and unicodedata.category(after) in {"So", "Sm"}:
        return True
    return max(before, after) >= "\u0600" and _is_word_part(before) and _is_word_part(after)


def _is_emoji_part(character: str) -> bool:
    return unicodedata.category(character) in {"So", "Sk"} or character in "\ufe0f\U000e007f"


def _is_word_part(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN"


def clean_lines(text: str) -> str:
    """Return several lines, each cleaned; paragraphs are separated by one empty line."""
    if text.isprintable():  # no end of a line is: the common case
        return clean(text)
    lines = (clean(line) for line in re.split(_LINE_ENDS, text))
    return _collapse_empty_lines("\n".join(lines))


def clean_markdown(text: str) -> str:
    """Return Markdown without the characters that could control a terminal.

    Those are controls other than line ends and tabs, and the characters that change the direction of text.
    """
    if text.isascii() and text.replace("\n", "").isprintable():  # the common case
        return text
    text = _replace_surrogates(re.sub(_LINE_ENDS, "\n", text))
    return re.sub(_COMMANDS, "", text)


def normalize_note(text: str) -> str:
    """Return the text of a note as it is stored: as written, with a line feed for every line end.

    What an editor or a pipe adds is removed: a byte order mark at the beginning, line ends at the end. A text of
    nothing but white space is "".
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
    return text if text.strip() else ""


def _collapse_empty_lines(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")


def _limit_marks(text: str) -> str:
    """Return the text with at most _MAX_MARKS combining marks on a letter.

    Normalization sorts the marks of a letter by insertion: the time grows with the square of their number.
    """
    if not re.search(_TOO_MANY_MARKS, text):
        return text
    from io import StringIO

    kept = StringIO()  # not a list: 10 MB of emoji would take 200 MB
    run = 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run <= _MAX_MARKS:
            kept.write(character)
    return kept.getvalue()


@lru_cache(maxsize=4096)
def _is_printable(character: str) -> bool:
    return unicodedata.category(character) not in _UNPRINTABLE or re.match(_CONTEXTUAL, character) is not None


def fold(text: str) -> str:
    """Fold case, width, ligatures, accents and white space, so that two spellings of one text are equal.

    Invisible characters are ignored, among them joiners and variation selectors.

    >>> fold("  Ｇödel’s  ﬁrst ")
    "godel's first"
    """
    plain = text.replace("’", "'")
    if is_ascii_and_hangul(plain):  # only case to fold: much faster
        return " ".join(plain.lower().split())
    return _fold_unicode(plain)


def fold_for_search(text: str) -> str:
    """Fold as `fold` does, and letters with strokes, ligatures and letters like apostrophes to ASCII.

    `fold` must not do this: the keys of papers are made from it.

    >>> fold_for_search("Łukasz Sørensen"), fold_for_search("Hawaiʻi")
    ('lukasz sorensen', "hawai'i")
    """
    plain = text.replace("’", "'")
    if is_ascii_and_hangul(plain):
        return " ".join(plain.lower().split())
    folded = _fold_unicode(plain)
    return folded.translate(PLAIN_LETTERS) if re.search(_HAS_PLAIN_SPELLING, folded) else folded


def _fold_unicode(text: str) -> str:
    folded = unicodedata.normalize("NFKD", _limit_marks(drop_ignored(text))).casefold()
    if not folded.isascii():
        folded = unicodedata.normalize("NFC", "".join(filterfalse(unicodedata.combining, folded)))
    return " ".join(folded.split())


def is_plain(text: str) -> bool:
    """Return whether the text has only printable characters that `clean` never changes, besides line feeds.

    They are ASCII, letters with accents, punctuation and Hangul. For a long text this is faster than `isprintable`.
    """
    return re.fullmatch(_PLAIN, text) is not None


def is_ascii_and_hangul(text: str) -> bool:
    """Return whether the text consists of these characters, as nearly all Korean and English text does."""
    return text.isascii() or re.fullmatch(_ASCII_AND_HANGUL, text) is not None


def fold_tag(tag: str) -> str:
    """Fold case and "_" to "-", so that spellings of one tag are equal: Object_Detection is object-detection."""
    if not tag.isascii():
        tag = unicodedata.normalize("NFC", _limit_marks(drop_ignored(tag)))
    return tag.strip().lstrip("#").casefold().replace("_", "-")


def drop_ignored(text: str) -> str:
    """Return the text without the invisible characters that `fold` ignores."""
    return re.sub(_IGNORED, "", text)


def split_words(text: str) -> list[str]:
    """Return the folded words of a text, without punctuation."""
    return re.findall(r"[^\W_]+", fold(text))


@lru_cache(maxsize=4)  # a load needs the slug and the key of a paper several times in succession
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


def plural(count: int, noun: str, plural_noun: str = "") -> str:
    """Return a count and its noun, in the plural unless the count is 1; `plural_noun` is that of an irregular one.

    >>> plural(1, "paper"), plural(1200, "paper"), plural(2, "match", "matches")
    ('1 paper', '1,200 papers', '2 matches')
    """
    return f"{count:,} {noun if count == 1 else plural_noun or noun + 's'}"


def list_some(names: Sequence[str], limit: int = 5) -> str:
    """Return the first names and the number of the others.

    >>> list_some(["1", "2", "3"]), list_some(["1", "2", "3"], limit=2)
    ('1, 2, 3', '1, 2 and 1 more')
    """
    more = len(names) - limit
    return ", ".join(names[:limit]) + (f" and {more:,} more" if more > 0 else "")


@lru_cache(maxsize=4)
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
    text = (text if text.isascii() else drop_ignored(text)).strip()
    if "." not in text and "/" not in text:  # for the words of a query no expression is compiled
        return ""
    if match := re.fullmatch(_ARXIV_ID, text):
        return match[1]
    in_link = re.search(_ARXIV_LINK, text) if re.fullmatch(r"https?://\S+", text) else None
    return in_link[1] if in_link else ""


def find_arxiv_ids(text: str) -> tuple[str, ...]:
    """Return every arXiv ID that a link or `arXiv:…` in the text names, once each, in order."""
    return tuple(dict.fromkeys(re.findall(_ARXIV_LINK, text)))


def extract_links(text: str) -> tuple[str, ...]:
    """Return every http(s) link in the text, once each, in order, without the punctuation around it.

    A joiner in a link is percent-encoded: browsers do so, and a URL has no invisible character.

    >>> extract_links("Code (https://github.com/InternLM/OREAL). See https://en.wikipedia.org/wiki/A_(b).")
    ('https://github.com/InternLM/OREAL', 'https://en.wikipedia.org/wiki/A_(b)')
    """
    return tuple(dict.fromkeys(encode_invisible(_trim(url)) for url in re.findall(_URL, text)))


def replace_links(text: str, replace: Callable[[str], str]) -> str:
    """Return the text with what `replace` returns for each of the links that `extract_links` finds, in their places."""

    def replace_match(match: re.Match[str]) -> str:
        url = _trim(match[0])
        return replace(encode_invisible(url)) + match[0][len(url) :]

    return re.sub(_URL, replace_match, text)


def encode_invisible(url: str) -> str:
    """Return the URL with joiners, selectors and tag characters percent-encoded."""
    if url.isascii() or not re.search(_CONTEXTUAL, url):
        return url
    from urllib.parse import quote

    return re.sub(_CONTEXTUAL, lambda match: quote(match[0]), url)


def _trim(url: str) -> str:
    """Return the URL without trailing punctuation and without a closing bracket that it did not open."""
    unopened = {")": url.count(")") - url.count("("), "]": url.count("]") - url.count("[")}
    end = len(url)
    while end and (url[end - 1] in ".,;:!?*_…" or unopened.get(url[end - 1], 0) > 0):
        end -= 1
        if url[end] in unopened:
            unopened[url[end]] -= 1
    return url[:end]
