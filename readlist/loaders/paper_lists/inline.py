"""The links in one line of Markdown, and which of them say what they lead to (`[code]`) instead of a title."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from readlist.loaders.identifiers import is_paper_link
from readlist.text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

_URL = r"<?(https?://(?:[^\s()<>]|\([^\s()<>]*+\))++)>?(?:\s+(?:\"[^\"\n()]*\"|'[^'\n()]*'))?"
# The text of a link may contain one level of brackets. No text is scanned from more than two starts: linear time.
_LINK = re.compile(rf"(?i)(?<!!)\[((?:[^\[\]\n]|\[[^\[\]\n]*+\])*+)\]\(\s?{_URL}\s?\)|<(https?://[^\s<>]++)>")
_IMAGE = re.compile(r"!\[[^\[\]\n]*+\]\([^()\n]*+\)")
_NOTE_LINK = re.compile(r"\[\[(?:[^\[\]|\n]*+\|)?([^\[\]|\n]++)\]\](?!\()")  # not a label: [[code]](https://…)
_HTML_IMAGE = re.compile(r"(?i)<img\b[^<>]*+>")
_HTML_LINK = re.compile(r"(?i)<a\s[^<>]*?\bhref=[\"']?(https?://[^\"'<>\s]++)[^<>]*+>([^<>]*+)</a>")
_HTML_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9]{0,20}(?:\s[^<>\n]*+)?/?>")
_BARE_LINK = re.compile(r"(?i)https?://[^\s<>\"'`|\\^{}\[\]]++")
_EMPTY_BRACKETS = re.compile(r"[\[(（]\s*(?:[,/|·•;:&-]\s*)*+[\])）]")
_WORD = re.compile(r"[^\W_]+")
_LETTER = re.compile(r"[^\W\d_]")
_IDENTIFIER = re.compile(r"(?i)(?:arxiv[:\s]*)?\d{4}\.\d{4,5}(?:v\d+)?|\d{1,3}|doi[:\s]*10\.\S+|10\.\d{4,9}/\S+")
_LABEL_WORDS = frozenset(
    """
    paper papers pdf arxiv abs html link links url code github gitlab project page pages homepage website web site
    blog post blogpost demo video videos youtube talk slides poster data dataset datasets model models weights
    checkpoint checkpoints huggingface hugging face hf tweet twitter thread x openreview doi acm ieee springer
    elsevier aclanthology acl anthology bib bibtex cite citation supp supplementary supplement appendix here source
    sources read more full text official unofficial pytorch tensorflow jax implementation repo repository preprint
    version colab notebook media news review reviews publication proceedings docs documentation abstract discussion
    reddit alphaxiv
    논문 코드 링크 페이지 프로젝트 데모 데이터 영상 블로그 원문
    """.split()  # noqa: SIM905 -- a list of strings would be four times as long
)
_NUMBER = re.compile(r"(?:\d{1,3}[.)]|\(\d{1,3}\)|\[\d{1,3}\])\s+(?=\S)")
_PAPER_LABELS = frozenset({"paper", "pdf", "논문", "논문 링크"})
_ORNAMENTS = " \t-–—:：|,.·•*_~/;⭐🔥🌟✨📄📃🔗💻📝"


class InlineLink(NamedTuple):
    """A link in a line: its text without emphasis, its target, and where it starts and ends."""

    text: str
    url: str
    start: int
    end: int

    @property
    def is_label(self) -> bool:
        """Whether the text says only what the link leads to: `paper`, `PDF`, `arXiv:2501.00001`; or is empty."""
        return is_label(self.text)

    @property
    def leads_to_paper(self) -> bool:
        """Whether the target shows that it is a paper, or the text says so: many papers are on a site of their own."""
        return is_paper_link(self.url) or self.text.strip("[]").lower() in _PAPER_LABELS


def normalize_inline(text: str) -> str:
    """Return Markdown without images and HTML tags, with links in HTML as links in Markdown, and note links as text."""
    if "[[" in text:
        text = _NOTE_LINK.sub(r"\1", text)
    if "!" in text:
        text = _IMAGE.sub("", text)
    if "<" in text:
        text = _HTML_TAG.sub(" ", _HTML_LINK.sub(r"[\2](\1)", _HTML_IMAGE.sub("", text)))
    return text


def find_links(text: str) -> list[InlineLink]:
    """Return the links of a normalized line, those without a text included: `<https://…>`, and bare URLs."""
    links = [
        InlineLink(strip_ornaments(match[1] or ""), match[2] or match[3], *match.span())
        for match in _LINK.finditer(text)
    ]
    covered = [(link.start, link.end) for link in links]
    position = 0
    for match in _BARE_LINK.finditer(text):
        while position < len(covered) and covered[position][1] <= match.start():
            position += 1
        if position == len(covered) or match.start() < covered[position][0]:
            url = match[0].rstrip(".,;:!?*_)")
            links.append(InlineLink("", url, match.start(), match.start() + len(url)))
    return sorted(links, key=lambda link: link.start)


def cut_links(text: str, links: Sequence[InlineLink]) -> str:
    """Return a text without these links of it, which are in their order."""
    parts, position = [], 0
    for link in links:
        parts.append(text[position : link.start])
        position = link.end
    return " ".join((*parts, text[position:]))


def render(text: str) -> tuple[str, tuple[str, ...]]:
    """Return a normalized line with the texts of its links instead of the links, and the targets that it hides."""
    if "](" not in text and "<" not in text:
        return clean(text), ()
    hidden = tuple(match[2] for match in _LINK.finditer(text) if match[1])
    return clean(_LINK.sub(lambda match: match[1] or match[3] or match[2], text)), hidden


def is_label(text: str) -> bool:
    """Return whether a text only says what a link leads to, as `is_label` of a link."""
    stripped = strip_ornaments(text).strip("[]()")
    if _IDENTIFIER.fullmatch(stripped):
        return True
    words = _WORD.findall(stripped.lower())
    return all(word in _LABEL_WORDS or word.isdigit() for word in words)


def strip_ornaments(text: str) -> str:
    """Return a text without emphasis marks, separators and emoji around it.

    >>> strip_ornaments("** On Tides **"), strip_ornaments("— It is good.")
    ('On Tides', 'It is good')
    """
    return clean(text).strip(_ORNAMENTS)


def strip_separators(text: str) -> str:
    """Return what remains of a line beside its links, without empty brackets and without separators at its ends."""
    for _ in range(2):  # brackets may contain brackets: [[]]
        text = _EMPTY_BRACKETS.sub(" ", text)
    text = clean(text).strip(" \t-–—:：|,·•/;&")
    text = text.lstrip(".").strip()
    return text if _LETTER.search(text) else ""


def strip_number(title: str) -> str:
    """Return a title without the number that it has in a list.

    >>> strip_number("1. On Tides"), strip_number("[2] On Moons"), strip_number("3D Suns")
    ('On Tides', 'On Moons', '3D Suns')
    """
    return _NUMBER.sub("", title, count=1) if _NUMBER.match(title) else title
