"""Markdown notes, one paper a file: each layout as a whole, other Markdown files, and laws of parsing."""

from __future__ import annotations

import datetime as dt
import json
import tracemalloc
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.loaders.base import ParseResult, Source
from readlist.loaders.files import find_files
from readlist.loaders.notes.front_matter import MAX_FRONT_MATTER
from readlist.loaders.notes.parser import MAX_NOTE, NoteLoader
from readlist.loaders.registry import load_bytes
from readlist.models import Appearance, Mark, Paper, Status
from tests.conftest import Run
from tests.scaling import assert_linear
from tests.strategies import build_model

NAME = "250211 On Tides.md"
DAY = dt.date(2025, 2, 11)
LINK = "https://arxiv.org/abs/2501.00001"
HEAD = f"{LINK}\n\n*On Tides* (Ada Lovelace, Alan Turing)\n\n"
ABSTRACT = "> Tides rise and fall.\n\n"


def parse(text: str, name: str = NAME) -> ParseResult:
    source = Source(name, text, "notes")
    assert NoteLoader().detect(source)
    return NoteLoader().parse(source)


def parse_paper(text: str, name: str = NAME) -> Paper:
    result = parse(text, name)
    assert result.problems == ()
    (paper,) = result.papers
    return paper


def is_note(text: str, name: str = NAME) -> bool:
    return NoteLoader().detect(Source(name, text))


def messages(result: ParseResult) -> list[str]:
    return list(map(str, result.problems))


TIDES = Paper(
    "On Tides",
    ("Ada Lovelace", "Alan Turing"),
    arxiv_id="2501.00001",
    url=LINK,
    digests=(Appearance(DAY, "notes"),),
)


# Whole notes, one of each layout


def test_a_note_with_everything() -> None:
    text = f"""{LINK}v2

*On Tides: Why They Rise* (Ada Lovelace, Alan Turing (Example))

> Tides rise and fall. Code: https://example.org/tides.

조수에 대한 연구. (https://arxiv.org/abs/2501.00002)

정말 좋다.

<english>
A study of tides.

Really good.
</english>

#tides #moon/phases\x20

# Links

[[250101 On Moons.md]]
[[250102 On Suns.md|On Suns]]
"""
    assert parse_paper(text) == Paper(
        "On Tides: Why They Rise",
        ("Ada Lovelace", "Alan Turing (Example)"),
        "Tides rise and fall. Code: https://example.org/tides.",
        {
            "ko": "조수에 대한 연구. (https://arxiv.org/abs/2501.00002)\n\n정말 좋다.",
            "en": "A study of tides.\n\nReally good.",
        },
        ("tides", "moon/phases"),
        ("https://example.org/tides", "https://arxiv.org/abs/2501.00002"),
        "2501.00001",
        f"{LINK}v2",
        (Appearance(DAY, "notes"),),
    )


def test_the_title_of_a_note_with_only_a_link_and_a_comment_is_its_file_name() -> None:
    text = "https://example.org/tides\nhttps://example.org/code\n\n좋은 논문.\n\n#tides\n"
    assert parse_paper(text, "200211 On Tides 2.md") == Paper(
        "On Tides 2",
        comments={"ko": "좋은 논문."},
        tags=("tides",),
        links=("https://example.org/code",),
        url="https://example.org/tides",
        digests=(Appearance(dt.date(2020, 2, 11), "notes"),),
    )


def test_a_note_whose_fields_are_lines() -> None:
    text = """# On Tides

- **Authors**: Ada Lovelace; Alan Turing
- **Paper**: [OpenReview](https://openreview.net/forum?id=aB3xQ)
- **Date**: 2025-02-11
- **Tags**: tides, open seas

> Tides rise and fall.

좋은 논문.

Keywords: #moon
"""
    assert parse_paper(text, "On Tides.md") == Paper(
        "On Tides",
        ("Ada Lovelace", "Alan Turing"),
        "Tides rise and fall.",
        {"ko": "좋은 논문."},
        ("tides", "open-seas", "moon"),
        url="https://openreview.net/forum?id=aB3xQ",
        digests=(Appearance(DAY, "notes"),),
    )


@pytest.mark.parametrize(
    ("text", "url", "arxiv_id", "doi"),
    [
        ("# On Tides\n\nhttps://openreview.net/forum?id=x\n\n좋다", "https://openreview.net/forum?id=x", "", ""),
        ("# On Tides\n\nhttps://doi.org/10.1000/ABC\n\n좋다", "https://doi.org/10.1000/ABC", "", "10.1000/abc"),
        ("# On Tides\nDOI: 10.1000/ABC\n\n좋다", "https://doi.org/10.1000/abc", "", "10.1000/abc"),
        ("# On Tides\narXiv: 2501.00001v2\n\n좋다", LINK, "2501.00001", ""),
        ("# On Tides\n\nhttps://a.example/tides.pdf\n\n좋다", "https://a.example/tides.pdf", "", ""),
        ("https://www.nature.com/articles/s1\n\n좋다", "https://www.nature.com/articles/s1", "", ""),
        ("# On Tides\n\nhttps://tides.example\n\n좋다\n\n#tides", "https://tides.example", "", ""),
        ("# On Tides\nURL: https://tides.example\nDate: 2025-02-11\n\n좋다", "https://tides.example", "", ""),
        ("# On Tides\n\n[page](https://tides.example)\n\n> Tides rise.\n\n좋다", "https://tides.example", "", ""),
        ("---\ntitle: On Tides\ndoi: 10.1000/ABC\n---\n좋다", "https://doi.org/10.1000/abc", "", "10.1000/abc"),
        ("---\ntitle: On Tides\ndoi: 10.48550/arXiv.2501.00001\n---\n좋다", LINK, "2501.00001", ""),
    ],
)
def test_the_link_of_a_note_need_not_lead_to_arxiv(text: str, url: str, arxiv_id: str, doi: str) -> None:
    paper = parse_paper(text, "On Tides.md")
    assert (paper.title, paper.url, paper.arxiv_id, paper.doi) == ("On Tides", url, arxiv_id, doi)
    assert paper.comments == {"ko": "좋다"}


@pytest.mark.parametrize(
    ("line", "name", "date"),
    [
        ("Date: 2025-02-11", "On Tides.md", DAY),
        ("날짜: 2025년 2월 11일 (화)", "On Tides.md", DAY),
        ("**Date:** 11. Februar 2025", "On Tides.md", DAY),
        ("Date: 2025-02-11", "250101 On Tides.md", dt.date(2025, 1, 1)),
    ],
)
def test_a_line_states_the_date_of_a_note_whose_name_has_none(line: str, name: str, date: dt.date) -> None:
    for text in (f"{HEAD}{line}\n\n좋다", f"{HEAD}좋다\n\n{line}"):
        paper = parse_paper(text, name)
        assert (paper.date, paper.comments) == (date, {"ko": "좋다"})


def test_a_date_line_that_cannot_be_read_is_reported() -> None:
    result = parse(f"{HEAD}Date: 2025-02-31\n\nDate: some day\n", "On Tides.md")
    assert messages(result) == ["On Tides.md:5: unrecognized date: '2025-02-31'; write 2025-02-11"]
    assert (result.papers[0].date, result.papers[0].comments) == (None, {"en": "Date: some day"})


@pytest.mark.parametrize(
    ("body", "comment"),
    [
        ("- a\n  - b\n    - c\n- d", "- a\n  - b\n    - c\n- d"),
        ("1. a\n   1. b\n\n   c\n2. d", "1. a\n   1. b\n\n   c\n2. d"),
        ("- a\n\t- b\n\t\tc", "- a\n    - b\n        c"),
        ("a:\n\n    x = 1\n      y = 2\n\nb", "a:\n\n    x = 1\n      y = 2\n\nb"),
        ("```python\nif x:\n    y = 1\n```", "if x:\n    y = 1"),
        ("- a\n  ```\n  if x:\n    y\n  ```", "- a\nif x:\n  y"),
        ("~~~\n\ttides\n~~~", "    tides"),
        ("  a line\n   and another", "a line\nand another"),
    ],
)
def test_lists_and_code_keep_their_indentation(body: str, comment: str) -> None:
    assert parse_paper(f"{HEAD}{body}\n").comments == {"en": comment}


def test_indentation_is_stored(run: Run, tmp_path: Path) -> None:
    (tmp_path / NAME).write_text(f"{HEAD}- 하나\n  - 둘\n", encoding="utf-8")
    assert run("load", tmp_path / NAME).code == 0
    assert run("show", "1", "--json").json[0]["comments"] == {"ko": "- 하나\n  - 둘"}


def test_a_note_with_a_front_matter() -> None:
    text = """---
title: "On Tides"
authors:
  - "[[Ada Lovelace]]"
  - "[[people/Alan Turing|Alan Turing]]"
url: https://arxiv.org/abs/2501.00001
created: 2025-02-11T10:00:00
published: 2025-01-01
tags: [tides, "#moon"]
aliases: []
---
# On Tides

## Abstract

Tides rise
and fall.

## Notes

A [good](https://example.org/why) paper on [[Moons|the moon]].
![[tides.png]]

- It *rises*
- It falls %% or does it? %%

<!-- to do:
read again -->

```python
tide = 1
```
"""
    assert parse_paper(text, "Tides.md") == Paper(
        "On Tides",
        ("Ada Lovelace", "Alan Turing"),
        "Tides rise and fall.",
        {"en": "A good paper on the moon.\n\n- It *rises*\n- It falls\n\ntide = 1"},
        ("tides", "moon"),
        ("https://example.org/why",),
        "2501.00001",
        LINK,
        (Appearance(DAY, "notes"),),
    )


@pytest.mark.parametrize(
    "text",
    [
        HEAD,
        HEAD.strip(),
        f"*On Tides* (Ada Lovelace, Alan Turing)\n{LINK}",
        f"{LINK}\n**On Tides** (Ada Lovelace, Alan Turing)",
        f"{LINK}\n_On Tides_\n(Ada Lovelace, Alan Turing)",
        f"{LINK}\n*On\nTides* (Ada Lovelace,\nAlan Turing)",
        f"{LINK}\n\nOn Tides (Ada Lovelace, Alan Turing)",
        f"[*On Tides*]({LINK}) (Ada Lovelace, Alan Turing)",
        f"# On Tides\n\n{LINK}\n(Ada Lovelace, Alan Turing)",
        f"# On Tides\n(Ada Lovelace, Alan Turing)\n<{LINK}>",
        f"# [On Tides]({LINK})\n(Ada Lovelace, Alan Turing)",
        f"[arXiv]({LINK})\n\n*On Tides* (Ada Lovelace, Alan Turing)\n\n---\n",
        "---\ntitle: On Tides\nauthor: Ada Lovelace, Alan Turing\narxiv: 2501.00001v3\n---\n",
        "---\nTitle: On Tides\nauthor: Ada Lovelace and Alan Turing\nDOI: 10.48550/arXiv.2501.00001\n---\n",
        "---\narxiv_id: 2501.00001\n---\n*On Tides* (Ada Lovelace, Alan Turing)",
        f"---\nurl: {LINK}\nauthors: [[[Ada Lovelace]], [[Alan Turing]]]\n...\n",
        f"---\nsource: {LINK}\nauthors: Lovelace, Ada; Turing, Alan\n---\n",
        f"---\nlink: {LINK}\nauthors:\n- Lovelace, Ada\n- name: Alan Turing\n  url: x\n---\n",
    ],
)
def test_title_authors_and_link_may_be_written_in_several_ways(text: str) -> None:
    assert parse_paper(text) == TIDES
    assert parse_paper(text.replace("\n", "\r\n")) == TIDES


# Titles


@pytest.mark.parametrize(
    ("line", "title", "authors"),
    [
        ("*From $r$ to $Q^*$: A Q-Function* (Ada Lovelace)", "From $r$ to $Q^*$: A Q-Function", ("Ada Lovelace",)),
        ("*Tides** (Ada Lovelace)", "Tides*", ("Ada Lovelace",)),
        ("*Tides (and Moons)* (Ada Lovelace (Example, Inc.))", "Tides (and Moons)", ("Ada Lovelace (Example, Inc.)",)),
        ("*Tides*", "Tides", ()),
        ("***Tides*** （김철수, 이영희）", "Tides", ("김철수", "이영희")),
        ("*Tides* (the moon team)", "Tides", ("the moon team",)),
    ],
)
def test_a_title_below_a_link_is_in_emphasis(line: str, title: str, authors: tuple[str, ...]) -> None:
    paper = parse_paper(f"{LINK}\n{line}\n")
    assert (paper.title, paper.authors, paper.comments) == (title, authors, {})


@pytest.mark.parametrize(
    ("name", "title", "date"),
    [
        ("250211 Llama 3.md", "Llama 3", DAY),
        ("2025-02-11 - On Tides.md", "On Tides", DAY),
        ("20250211_On Tides.MARKDOWN", "On Tides", DAY),
        ("3D Tides.md", "3D Tides", None),
        ("999999 On Tides.md", "On Tides", None),
    ],
)
def test_the_file_name_without_its_date_is_the_title_of_a_note_without_one(
    name: str, title: str, date: dt.date | None
) -> None:
    paper = parse_paper(f"{LINK}\n좋다", name)
    assert (paper.title, paper.date) == (title, date)


def test_a_heading_that_is_not_the_title_is_text() -> None:
    paper = parse_paper(f"# My Thoughts\n{LINK}\n*On Tides* (Ada Lovelace)\n## Method\nThey rise.\n## Links\n[[x]]")
    assert (paper.title, paper.comments) == ("On Tides", {"en": "My Thoughts\n\nMethod\n\nThey rise."})


# Abstract and comments


@pytest.mark.parametrize(
    ("body", "abstract", "comments"),
    [
        ("> Tides rise\n> and fall.\n>\n> Always.", "Tides rise and fall. Always.", {}),
        ("> Tides rise\nand fall.\n좋다", "Tides rise and fall.", {"ko": "좋다"}),
        ("> Tides rise.\n\n> Always.\n\n좋다\n\n> 인용", "Tides rise. Always.", {"ko": "좋다\n\n인용"}),
        ("> [!abstract]- Abstract\n> Tides rise.\n\nGood.", "Tides rise.", {"en": "Good."}),
        ("> [!note] Mine\n> Good.\n\nYes.", "", {"en": "Mine\nGood.\n\nYes."}),
        ("## Abstract:\nTides rise.\n\nAlways.\n## Notes\nGood.", "Tides rise. Always.", {"en": "Good."}),
        (
            f"{ABSTRACT}https://example.org\n\n좋다\n\nhttps://example.org/2",
            "Tides rise and fall.",
            {"ko": "https://example.org\n\n좋다\n\nhttps://example.org/2"},
        ),
        (
            f"{ABSTRACT}좋다\n\n1. Multi-Head\n\n정말\n\nGood.",
            "Tides rise and fall.",
            {"ko": "좋다\n\n1. Multi-Head\n\n정말", "en": "Good."},
        ),
        ("좋다\n\n#tides\n\nGood.", "", {"ko": "좋다", "en": "Good."}),
        ("> Tides rise.\nGood.", "Tides rise.", {"en": "Good."}),
        ("## Abstract\nTides rise.\n#tides\nGood.", "Tides rise.", {"en": "Good."}),
        ("```tide = 1```\n#tides\n\n좋다", "", {"ko": "좋다", "en": "```tide = 1```"}),
        ("https://example.org\n\n좋다", "", {"ko": "https://example.org\n\n좋다"}),
        ("좋다\n<enligsh>Good.</english>\n정말", "", {"ko": "좋다\n\n정말", "en": "Good."}),
        ("좋다\n\n<english>\nGood.\n\n#tides", "", {"ko": "좋다", "en": "Good."}),
        (
            "좋다\n\n<english>\n좋다 means good.\n</english>\nFine.",
            "",
            {"ko": "좋다", "en": "좋다 means good.\n\nFine."},
        ),
        (
            r"> A \textbf{bold} \emph{claim} at \url{https://example.org}: $\mathbf{x}$",
            r"A bold claim at https://example.org: $\mathbf{x}$",
            {},
        ),
        ("a < b and a_b and 50%% and [x] and [[", "", {"en": "a < b and a_b and 50%% and [x] and [["}),
        ("~~~\n#a\n~~~\n#b", "", {"en": "#a"}),
    ],
)
def test_abstract_and_comments_are_split(body: str, abstract: str, comments: dict[str, str]) -> None:
    paper = parse_paper(HEAD + body)
    assert (paper.abstract, paper.comments) == (abstract, comments)


@pytest.mark.parametrize(
    ("lines", "tags"),
    [
        ("#tides #moon ", ("tides", "moon")),
        ("#tides\n#moon #tides", ("tides", "moon")),
        ("Tags: #tides, #moon", ("tides", "moon")),
        ("**Tags:** #tides #조수", ("tides", "조수")),
        ("It is about #tides", ()),
        ("# Tides", ()),
    ],
)
def test_tags_are_on_lines_of_their_own_and_not_in_sentences(lines: str, tags: tuple[str, ...]) -> None:
    assert parse_paper(f"{HEAD}좋다\n\n{lines}\n\n# Links").tags == tags


# Front matter


@pytest.mark.parametrize(
    ("lines", "field", "value"),
    [
        ("title: Tides: A Survey", "title", "Tides: A Survey"),
        ("title: 2001", "title", "2001"),
        ("title: 'Null'", "title", "Null"),
        ("url: https://example.org\narxiv: 2401.10240", "arxiv_id", "2401.10240"),
        ("title: None", "title", "None"),
        ("title: >\n  On\n  Tides", "title", "On Tides"),
        ("title: '[[On Tides]]'", "title", "On Tides"),
        ("arxiv: 2401.10240", "arxiv_id", "2401.10240"),
        ("arxiv: https://arxiv.org/pdf/2401.10240v2", "url", "https://arxiv.org/pdf/2401.10240v2"),
        ("doi: https://doi.org/10.1000/182", "url", "https://doi.org/10.1000/182"),
        ("tags: #tides #moon", "tags", ("tides", "moon")),
        ("tags:\n- #tides\n- no", "tags", ("tides", "no")),
        ("tags: tides, moon", "tags", ("tides", "moon")),
        ("tags:\n\t- tides", "tags", ("tides",)),
        ("tags: null", "tags", ()),
        ("tags: &t [a]\ntag: *t", "tags", ("a",)),
        (
            "author: Ada Lovelace, Alan Turing, and Grace Hopper",
            "authors",
            ("Ada Lovelace", "Alan Turing", "Grace Hopper"),
        ),
        ("author: Lovelace, Ada and Turing, Alan", "authors", ("Ada Lovelace", "Alan Turing")),
        ("author: King, Jr.", "authors", ("King, Jr.",)),
        ("author: [OpenAI]", "authors", ("OpenAI",)),
        ("date: '[[2024-05-01]]'", "date", dt.date(2024, 5, 1)),
        ("date: 2023-01-01\ncreated: 2024-05-01 10:00", "date", dt.date(2024, 5, 1)),
        ("abstract: |\n  Tides rise\n  and fall.", "abstract", "Tides rise and fall."),
    ],
)
def test_values_of_the_front_matter_are_text_even_if_they_look_like_numbers_or_dates(
    lines: str, field: str, value: object
) -> None:
    url = "" if field in ("url", "arxiv_id") else f"url: {LINK}\n"
    assert getattr(parse_paper(f"---\n{url}{lines}\n---\n좋다", "Tides.md"), field) == value


@pytest.mark.parametrize(("value", "status"), [("read", "read"), ("Reading", "reading"), ('"skipped"', "skipped")])
def test_a_status_in_the_front_matter_is_that_of_the_paper(value: str, status: str) -> None:
    result = parse(f"---\ntitle: On Tides\nurl: {LINK}\nstatus: {value}\n---\nGood.\n")
    assert result.marks == {0: Mark("", Status(status))}


@pytest.mark.parametrize("value", ["unread", "draft", "", "[]", "1"])
def test_a_status_that_is_unread_or_unknown_marks_nothing(value: str) -> None:
    result = parse(f"---\ntitle: On Tides\nurl: {LINK}\nstatus: {value}\n---\nGood.\n")
    assert (result.marks, result.problems) == ({}, ())


def test_the_status_of_a_note_fills_the_one_that_was_never_set(run: Run, tmp_path: Path) -> None:
    (tmp_path / NAME).write_text(f"---\ntitle: On Tides\nurl: {LINK}\nstatus: read\n---\nGood.\n")
    assert run("load", tmp_path / NAME).code == 0
    assert [paper["status"] for paper in run("list", "--json").json] == ["read"]
    assert run("unread", "1").code == 0
    assert run("load", tmp_path / NAME).code == 0
    assert [paper["status"] for paper in run("list", "--json").json] == ["unread"]


@pytest.mark.parametrize(
    ("line", "comment"),
    [
        ("See [[PPO]] and ![[fig.png]].", "See PPO."),
        ("See [[PPO]], and ![Figure](fig.png)", "See PPO"),
        ("See ![[fig.png|300]]; it is good.", "See; it is good."),
        ("See ![[fig.png]] and [[PPO]].", "See and PPO."),
        ("![[fig.png]]: the result", ": the result"),
    ],
)
def test_an_image_at_the_end_of_a_clause_leaves_no_gap(line: str, comment: str) -> None:
    assert parse_paper(f"{HEAD}{ABSTRACT}{line}\n").comments == {"en": comment}


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ("title: [", "3: front matter ignored: not valid YAML"),
        ("a: *", "2: front matter ignored: not valid YAML"),
        ("- a", "1: front matter ignored: it has no keys"),
        ("title: A\ntitle: B", "3: duplicate key in the front matter: 'title'; ignored"),
    ],
)
def test_an_invalid_front_matter_is_reported_and_the_rest_is_parsed(lines: str, reason: str) -> None:
    result = parse(f"---\n{lines}\n---\n{HEAD}좋다")
    assert messages(result) == [f"{NAME}:{reason}"]
    assert result.papers[0].comments == {"ko": "좋다"}


# Other Markdown files


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("README.md", "# A Tool\n\nSee https://example.org.\n"),
        ("README.md", f"{LINK}\n\nThe code of this paper.\n"),
        ("250211.md", f"{LINK}\n\nI read this today.\n"),
        ("Diary.md", "# Tuesday\n\n- read *On Tides* (Ada Lovelace)\n- slept\n"),
        ("todo.md", "- [ ] read\n- [x] write\n"),
        ("Tides.md", "# On Tides\n\nAn essay, with links: https://example.org, https://example.com.\n"),
        ("Tides.md", "*On Tides* (in three parts)\n\nAn essay.\n"),
        ("Tides.md", "*On Tides*\n\nAn essay.\n"),
        ("Page.md", "# A Page\n\nhttps://example.org\n\nGood.\n"),
        ("To Read.md", "https://doi.org/10.1000/1\nhttps://openreview.net/forum?id=x\n"),
        ("Pages.md", "https://example.org\n\nA page.\n\nhttps://example.com\n\nAnother page.\n"),
        ("To Read.md", f"{LINK}\nhttps://arxiv.org/abs/2501.00002\n"),
        ("To Read.md", f"# To Read\n\n{LINK}\n\nhttps://arxiv.org/abs/2501.00002\n"),
        ("250211 Pages.md", "https://a.org\nhttps://b.org\nhttps://c.org\nhttps://d.org\n"),
        ("Log.md", f"# 2025-02-11\n\n{LINK}\n\nI read this today.\n"),
        ("Moons.md", "# Links\n\n[[On Tides]]\n[[On Suns]]\n"),
        ("250211 Digest.md", "2025-02-11\nOn Tides\n(Ada Lovelace)\nTides.\n"),
        ("250211 Digest.md", "# 2025-02-11\nOn Tides\n(Ada Lovelace)\nTides.\n"),
        ("250211 Digest.md", "https://example.org\nOn Tides\n(Ada Lovelace)\n\nOn Moons\n(Alan Turing)\n"),
        ("250211 Digest.md", f"{HEAD}{ABSTRACT}*On Moons* (Alan Turing, Grace Hopper)\n"),
        ("-", f"{LINK}\n\n좋다\n"),
        ("d.txt", f"{LINK}\n\n좋다\n"),
        ("Log.md", "---\ntags: [daily]\ncreated: 2025-02-11\n---\nI slept.\n"),
        ("On Tides.md", "---\ntitle: On Tides\n---\nAn essay.\n"),
        ("On Tides.md", "---\n\nAn essay below a rule.\n"),
        ("a.md", ""),
        ("a.md", " \n"),
    ],
)
def test_a_file_that_is_not_a_note_of_one_paper_is_not_detected(name: str, text: str) -> None:
    assert not is_note(text, name)


def test_the_seeds_saved_as_markdown_are_digests(seeds: Path) -> None:
    for path in find_files(seeds):
        text = path.read_text(encoding="utf-8")
        assert not is_note(text)
        assert len(load_bytes(text.encode(), NAME).papers) > 1


def test_a_note_that_is_also_a_digest_is_parsed_as_a_note() -> None:
    assert load_bytes(f"{HEAD}좋다".encode(), NAME).papers[0].comments == {"ko": "좋다"}


# Limits and problems


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"{HEAD}좋다\n\n#tides #moon a", "7: not a tag: 'a'; added to the comment"),
        (f"{HEAD}<!-- a\nb -->\n#tides #moon a", "7: not a tag: 'a'; added to the comment"),
        (f"{LINK}\n\n*{'T' * 501}* (Ada King)", "3: title truncated: 501 characters; the first 500 are kept"),
        (f"{HEAD}#{'t' * 65}", "3: tag truncated: 65 characters; the first 64 are kept"),
        (f"{HEAD}> {'x' * 20_001}", "3: abstract truncated: 20,001 characters; the first 20,000 are kept"),
        (f"{HEAD}{'가' * 20_001}", "3: comment (ko) truncated: 20,001 characters; the first 20,000 are kept"),
        (f"{HEAD}https://a.b/{'x' * 2_048} 좋다", "3: link ignored: longer than 2,048 characters"),
    ],
)
def test_truncated_fields_and_unplaced_words_are_reported(text: str, reason: str) -> None:
    assert messages(parse(text)) == [f"{NAME}:{reason}"]


HOSTILE_UNITS = [
    *("> ", "> \n", "[[", "[[\n", "---", "---\n", "![](", "[a](http://x(", "<!--"),
    *("%%", "*", "_", "(", "*a* (", "#a ", "<english>", r"\text{"),
]


def make_alias_bomb(size: int) -> str:
    """Return aliases of aliases: expanded, they would double with each line."""
    lines = ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, size // 25))]
    return "\n".join([*lines, f"tags: *a{len(lines) - 1}"])


def make_merge_bomb(size: int) -> str:
    lines = ["a0: &a0 {x: 1}", *(f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}" for n in range(1, size // 30))]
    return "\n".join(lines)


def repeat(unit: str, before: str = "") -> Callable[[int], str]:
    return lambda size: before + unit * (size // len(unit))


@pytest.mark.heavy
@pytest.mark.parametrize(
    "make_front_matter",
    [
        make_alias_bomb,
        make_merge_bomb,
        repeat("[", "authors: "),
        repeat("{a: ", "x: "),
        repeat("? "),
        repeat("a and ", "authors: "),
        repeat("*a, ", "tags: &a ["),
    ],
)
def test_the_time_for_a_hostile_front_matter_grows_linearly(make_front_matter: Callable[[int], str]) -> None:
    def make_note(size: int) -> Source:
        return Source(NAME, f"---\n{make_front_matter(size)}\n---\n{HEAD}")

    assert_linear(make_note, NoteLoader().parse, start=200, limit=MAX_FRONT_MATTER)


@pytest.mark.heavy
@pytest.mark.parametrize("unit", HOSTILE_UNITS)
@pytest.mark.parametrize("head", ["", HEAD])
def test_the_time_for_a_hostile_note_grows_linearly(unit: str, head: str) -> None:
    def make_note(size: int) -> Source:
        return Source(NAME, repeat(unit, head)(size))

    assert_linear(make_note, NoteLoader().parse, start=1_000, limit=MAX_NOTE)


@pytest.mark.heavy
@pytest.mark.parametrize("unit", HOSTILE_UNITS)
def test_a_note_of_10_mb_takes_less_than_100_mb_of_memory(unit: str) -> None:
    source = Source(NAME, repeat(unit, HEAD)(10_000_000))
    tracemalloc.start()
    NoteLoader().detect(source)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100_000_000


@pytest.mark.heavy
def test_a_note_beyond_the_limit_is_truncated_with_a_problem() -> None:
    reasons = messages(parse(HEAD + "x\n" * MAX_NOTE))
    note_size = len(HEAD) + 2 * MAX_NOTE
    assert reasons[0] == f"{NAME}: note truncated: {note_size:,} characters; the first {MAX_NOTE:,} are kept"


# Laws

WORDS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=9)
HANGUL = st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), min_size=1, max_size=6)


def sentences(words: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(words, min_size=1, max_size=8).map(lambda w: f"{w[0].capitalize()} {' '.join(w[1:])}".strip() + ".")


NAMES = st.tuples(WORDS, WORDS).map(lambda parts: " ".join(map(str.capitalize, parts)))
PAPERS = build_model(
    Paper,
    title=sentences(WORDS).map(lambda text: text[:-1]),
    authors=st.lists(NAMES, min_size=1, max_size=5, unique=True).map(tuple),
    abstract=st.just("") | sentences(WORDS),
    comments=st.fixed_dictionaries(
        {},
        optional={
            code: st.lists(sentences(of), min_size=1, max_size=3).map("\n\n".join)
            for code, of in (("ko", HANGUL), ("en", WORDS))
        },
    ),
    tags=st.lists(WORDS, max_size=3, unique=True).map(tuple),
    arxiv_id=st.from_regex(r"2[0-9]{3}\.[0-9]{5}", fullmatch=True),
    digests=st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31)).map(lambda day: (Appearance(day, "notes"),)),
)


def to_note(paper: Paper, marks: bool) -> str:
    english = paper.comments.get("en", "")
    return "\n\n".join(
        [
            f"https://arxiv.org/abs/{paper.arxiv_id}",
            f"*{paper.title}* ({', '.join(paper.authors)})",
            *([f"> {paper.abstract}"] if paper.abstract else []),
            *([paper.comments["ko"]] if "ko" in paper.comments else []),
            *([f"<english>\n{english}\n</english>" if marks else english] if english else []),
            " ".join(f"#{tag}" for tag in paper.tags),
            "# Links\n\n[[250101 On Moons.md]]\n",
        ]
    )


def to_front_matter(paper: Paper) -> str:
    """Return a note with everything but the comments in a front matter; JSON is valid YAML."""
    front_matter = {
        "title": paper.title,
        "authors": paper.authors,
        "abstract": paper.abstract,
        "tags": paper.tags,
        "arxiv": paper.arxiv_id,
    }
    return "\n".join(
        [
            "---",
            *(f"{key}: {json.dumps(value)}" for key, value in front_matter.items()),
            "---",
            *(f"{t}\n" for t in paper.comments.values()),
        ]
    )


@given(PAPERS, st.booleans())
def test_generated_papers_are_parsed_from_the_notes_that_are_written_from_them(paper: Paper, marks: bool) -> None:
    (parsed,) = parse(to_note(paper, marks), f"{paper.date:%y%m%d} x.md").papers
    expected = Paper(**{**to_fields(paper), "url": f"https://arxiv.org/abs/{paper.arxiv_id}"})
    assert parsed == expected
    assert to_fields(parse(to_front_matter(paper), f"{paper.date:%y%m%d} x.md").papers[0]) == to_fields(expected)


def to_fields(paper: Paper) -> dict[str, Any]:
    names = ("title", "authors", "abstract", "comments", "tags", "links", "arxiv_id", "url", "digests")
    return {name: getattr(paper, name) for name in names}


PIECES = st.sampled_from(
    [
        *(
            LINK,
            "*On Tides*",
            "(Ada Lovelace, Alan Turing)",
            "---",
            "title: x",
            "tags: [",
            "> ",
            "> [!abstract]",
            "```",
        ),
        *("<english>", "</english>", "#a b", "# Abstract", "[[x]]", "![[x]]", "[x](https://y.z)", "<!--", "-->", "%%"),
        *("좋다", "Good.", "*", "_", "", " ", "\\text{"),
    ]
)


@given(st.text() | st.lists(st.text() | PIECES | st.tuples(PIECES, PIECES).map(" ".join)).map("\n".join))
def test_any_text_is_parsed_and_the_fields_are_printable(text: str) -> None:
    for source in (Source(NAME, text), Source(NAME, HEAD + text), Source("x.txt", f"---\n{text}")):
        is_detected = NoteLoader().detect(source)
        (paper,) = NoteLoader().parse(source).papers
        fields = json.dumps(to_fields(paper), ensure_ascii=False, default=str)
        assert not {unicodedata.category(c) for c in fields} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
        assert paper.title or not is_detected
