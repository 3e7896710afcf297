"""Lines that begin with the name of a field: `Authors: Ada Lovelace`, `**Date**: 2025-02-11`, `- 초록: …`."""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import NamedTuple

from readlist.dois import doi_page, parse_doi
from readlist.loaders.paper_lists.inline import cut_links, find_links, strip_separators
from readlist.text import parse_arxiv_id
from readlist.urls import arxiv_page


class Label(Enum):
    """The field that a line states."""

    TITLE = auto()
    AUTHORS = auto()
    DATE = auto()
    LINK = auto()
    TAGS = auto()
    ABSTRACT = auto()
    COMMENT = auto()


class LabeledLine(NamedTuple):
    """A line that states a field, and its value, "" where it is on the next lines."""

    label: Label
    value: str


_NAMES = {
    Label.TITLE: ("title", "제목", "标题", "タイトル"),
    Label.AUTHORS: ("author", "authors", "author(s)", "by", "저자", "지은이", "作者", "著者"),
    Label.DATE: ("date", "published", "날짜", "일자", "日付", "日期"),
    Label.LINK: ("link", "links", "url", "paper", "arxiv", "doi", "pdf", "openreview", "source", "링크", "논문"),
    Label.TAGS: ("tag", "tags", "keywords", "topics", "태그", "키워드"),
    Label.ABSTRACT: ("abstract", "초록", "요약문", "抄録", "摘要"),
    Label.COMMENT: ("comment", "comments", "note", "notes", "remark", "코멘트", "논평", "메모", "한마디"),
}
_LABELS = {name: label for label, names in _NAMES.items() for name in names}
_COLON = r"(?:::?|：)"
_LABELED = re.compile(
    rf"(?:[-*+]\s+)?(\*\*|__|\*|_|)([^\W\d_][^\W\d_]{{0,12}}(?:\(s\))?)(?:\1\s?{_COLON}|{_COLON}\1)\s*"
)


def parse_label(line: str) -> LabeledLine | None:
    """Return the field that a cleaned line states, None for a line that states none.

    >>> parse_label("**Authors:** Ada Lovelace"), parse_label("Tides: a study")
    (LabeledLine(label=<Label.AUTHORS: 2>, value='Ada Lovelace'), None)
    """
    match = _LABELED.match(line)
    label = _LABELS.get(match[2].lower()) if match else None
    return LabeledLine(label, line[match.end() :]) if match and label else None


def read_link_line(text: str) -> list[str]:
    """Return the links of a line that has nothing else, or states them as a field; an empty list for other lines.

    >>> read_link_line("[arXiv](https://arxiv.org/abs/2501.00001) | [Code](https://github.com/ada/tides)")
    ['https://arxiv.org/abs/2501.00001', 'https://github.com/ada/tides']
    >>> read_link_line("arXiv: 2501.00001"), read_link_line("It is at https://tides.example")
    (['https://arxiv.org/abs/2501.00001'], [])
    """
    labeled = parse_label(text)
    if labeled and labeled.label is Label.LINK:
        text = labeled.value
        if arxiv_id := parse_arxiv_id(text.strip(" `")):
            return [arxiv_page(arxiv_id)] if "://" not in text else [text.strip()]
        if "://" not in text and (doi := parse_doi(text)):
            return [doi_page(doi)]
    links = [link for link in find_links(text) if link.is_label or (labeled and labeled.label is Label.LINK)]
    return [link.url for link in links] if links and not strip_separators(cut_links(text, links)) else []


def split_tags(value: str) -> list[str]:
    """Return the tags of a field, which are separated by commas, else by "#" or spaces; a tag is one word.

    >>> split_tags("machine learning, RL"), split_tags("#tides #moon"), split_tags("tides moon")
    (['machine-learning', 'RL'], ['tides', 'moon'], ['tides', 'moon'])
    """
    parts = re.split(r"[,;，、]", value) if re.search(r"[,;，、]", value) else value.split()
    tags = (part.strip().strip("`").removeprefix("#").strip() for part in parts)
    return ["-".join(tag.split()) for tag in tags if tag]
