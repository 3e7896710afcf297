"""Digests in Markdown: each layout with every field, what is not one, hostile texts, and a law of parsing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.loaders.base import ParseResult, Source
from readlist.loaders.paper_lists.digest import MarkdownDigestLoader
from readlist.loaders.registry import load_bytes
from readlist.models import Appearance, Paper
from readlist.text import clean
from tests.scaling import assert_linear

DAY = dt.date(2025, 2, 11)
NAME = "digest.md"
ARXIV = "https://arxiv.org/abs/2501.00001"
MOONS = "https://openreview.net/forum?id=aB3xQ"
APPEARANCE = (Appearance(DAY, NAME),)


def parse(text: str, name: str = NAME) -> ParseResult:
    assert MarkdownDigestLoader().detect(Source(name, text))
    result = load_bytes(text.encode(), name)
    assert result == MarkdownDigestLoader().parse(Source(name, text))
    return result


def parse_papers(text: str) -> list[Paper]:
    result = parse(text)
    assert result.problems == ()
    return list(result.papers)


def messages(result: ParseResult) -> list[str]:
    return list(map(str, result.problems))


# Whole digests, one of each layout


TIDES = Paper(
    "On Tides: Why They Rise",
    ("Ada Lovelace", "Alan Turing"),
    "Tides rise and fall. They do so twice a day.",
    {"ko": "조수에 대한 연구.\n\n정말 좋다.", "en": "A good study of tides."},
    ("tides", "c++"),
    (),
    "2501.00001",
    ARXIV,
    APPEARANCE,
)
SUNS = Paper(
    "On Moons",
    ("Grace Hopper", "Katherine Johnson", "Mary Jackson"),
    "Moons rise too.",
    {"ko": "달에 대한 연구."},
    ("moon",),
    ("https://github.com/grace/moons",),
    "",
    MOONS,
    APPEARANCE,
)
LAYOUTS = {
    "headings that are links": f"""# 2025-02-11

## [On Tides: Why They Rise]({ARXIV})

Ada Lovelace, Alan Turing

Tides rise and fall.
They do so twice a day.

조수에 대한 연구.

정말 좋다.

A good study of tides.

#tides #c++

## [On Moons]({MOONS})

Grace Hopper, Katherine Johnson,
Mary Jackson

[Code](https://github.com/grace/moons)

Moons rise too.

달에 대한 연구.

#moon
""",
    "numbered headings, quotations, fields": f"""# Daily Papers: February 11, 2025

### 1. On Tides: Why They Rise

**Authors:** Ada Lovelace; Alan Turing
**Link:** {ARXIV}

> Tides rise and fall.
> They do so twice a day.

**Comment:** 조수에 대한 연구.

정말 좋다.

A good study of tides.

**Tags:** tides, c++

---

### 2. On Moons

**Authors:** Hopper, Grace; Johnson, Katherine; Jackson, Mary
**Paper:** [OpenReview]({MOONS}) / [Code](https://github.com/grace/moons)

**Abstract:** Moons rise too.

**Comment:** 달에 대한 연구.

**Tags:** moon
""",
    "titles in bold, dots between authors": f"""2025년 2월 11일

**On Tides: Why They Rise**
*Ada Lovelace · Alan Turing*
{ARXIV}
Tides rise and fall. They do so twice a day.
조수에 대한 연구.
정말 좋다.
A good study of tides.
#tides #c++

**[On Moons]({MOONS})** [[code](https://github.com/grace/moons)]
*Grace Hopper · Katherine Johnson ·
Mary Jackson*
Moons rise too.
달에 대한 연구.
#moon
""",
    "items of a list": f"""11. Februar 2025

- **On Tides: Why They Rise** (Ada Lovelace, Alan Turing)
  [arXiv]({ARXIV})
  - Tides rise and fall. They do so twice a day.
  - 조수에 대한 연구.
  - 정말 좋다.
  - A good study of tides.
  - #tides #c++
- **On Moons** (Grace Hopper, Katherine Johnson, Mary Jackson)
  [OpenReview]({MOONS}), [code](https://github.com/grace/moons)
  - Moons rise too.
  - 달에 대한 연구.
  - #moon
""",
    "links as titles, sections of each paper as headings": f"""---
title: Papers of the day
date: 2025-02-11
---

1. [On Tides: Why They Rise]({ARXIV}) — Ada Lovelace and Alan Turing

   #### Abstract

   Tides rise and fall.
   They do so twice a day.

   #### Comments

   조수에 대한 연구.

   정말 좋다.

   A good study of tides.

   #tides #c++

2. [On Moons]({MOONS}) — Grace Hopper, Katherine Johnson,
   Mary Jackson
   [[code]](https://github.com/grace/moons)

   #### Abstract

   Moons rise too.

   #### Comments

   달에 대한 연구.

   #moon
""",
    "authors in parentheses on two lines, tags first": f"""## 2025年2月11日（火）

### On Tides: Why They Rise
(Ada Lovelace,
Alan Turing)
- arXiv: 2501.00001
- Tags: #tides, #c++

Tides rise and fall.
They do so twice a day.

조수에 대한 연구.

정말 좋다.

A good study of tides.

### On Moons [[paper]({MOONS})] [[code](https://github.com/grace/moons)]
(Grace Hopper, Katherine Johnson,
Mary Jackson)
- Tags: #moon

Moons rise too.

달에 대한 연구.
""",
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_field_of_a_digest_is_exact(layout: str) -> None:
    assert parse_papers(LAYOUTS[layout]) == [TIDES, SUNS]
    assert parse_papers(LAYOUTS[layout].replace("\n", "\r\n")) == [TIDES, SUNS]


# Titles and authors


@pytest.mark.parametrize(
    ("authors", "names"),
    [
        ("Ada Lovelace; Alan Turing", ("Ada Lovelace", "Alan Turing")),
        ("Ada Lovelace;\nAlan Turing;\nGrace Hopper", ("Ada Lovelace", "Alan Turing", "Grace Hopper")),
        ("Ada Lovelace\n· Alan Turing", ("Ada Lovelace", "Alan Turing")),
        ("Ada Lovelace, Alan\u00a0Turing and Grace Hopper", ("Ada Lovelace", "Alan Turing", "Grace Hopper")),
        ("Lovelace, Ada; van den Berg, Jan", ("Ada Lovelace", "Jan van den Berg")),
        ("(Ada Lovelace; Alan Turing (A; B))", ("Ada Lovelace", "Alan Turing (A; B)")),
        ("_Ada Lovelace, Alan Turing_", ("Ada Lovelace", "Alan Turing")),
        ("by Ada Lovelace, Alan Turing", ("Ada Lovelace", "Alan Turing")),
        ("Ada Lovelace et al.", ("Ada Lovelace",)),
        ("Authors: OpenAI", ("OpenAI",)),
        ("저자: 김철수, 이영희", ("김철수", "이영희")),
        ("김철수·이영희", ("김철수", "이영희")),
        ("Ada Lovelace", ("Ada Lovelace",)),
        ("Jan van der Berg, Maria de la Cruz", ("Jan van der Berg", "Maria de la Cruz")),
    ],
)
def test_authors_below_a_heading_need_no_parentheses(authors: str, names: tuple[str, ...]) -> None:
    (paper, _) = parse(f"# 2025-02-11\n## On Tides\n{authors}\n\nTides rise.\n\n## On Moons\n(Grace Hopper)\n").papers
    assert (paper.title, paper.authors, paper.abstract) == ("On Tides", names, "Tides rise.")


@pytest.mark.parametrize(
    "text", ["Tides rise, Moons fall.", "However, they rise", "Good", "We rise. They fall", "see https://a.example"]
)
def test_text_below_a_link_is_not_a_list_of_authors(text: str) -> None:
    digest = f"# 2025-02-11\n## [On Tides]({ARXIV})\n{text}\n\n## On Moons\n(Grace Hopper)\n"
    assert parse(digest).papers[0].authors == ()


def test_only_titles_in_the_style_of_the_first_paper_are_titles() -> None:
    related = "- **Seas** (Alan Turing, Mary Jackson)"
    text = f"# 2025-02-11\n## On Tides\n(Ada Lovelace)\n좋다\n{related}\n좋다\n\n## [On Moons]({MOONS})\n"
    first, second = parse_papers(text)
    assert first.comments == {"ko": f"좋다\n\n{related}\n\n좋다"}
    assert (second.title, second.authors, second.url) == ("On Moons", (), MOONS)


def test_a_heading_of_the_level_of_the_titles_ends_a_paper() -> None:
    text = "# 2025-02-11\n## On Tides\n(Ada Lovelace)\nTides rise.\n\n## Announcements\n\nWe are hiring.\n"
    result = parse(text)
    assert result.papers[0].abstract == "Tides rise."
    assert messages(result) == [f"{NAME}:8: belongs to no paper: no title with authors above it"]


def test_the_arxiv_link_of_a_paper_is_preferred_to_other_links_beside_the_title() -> None:
    text = f"# 2025-02-11\n## [On Tides](https://tides.example)\n(Ada Lovelace)\n[paper]({ARXIV})\nTides rise.\n"
    (paper,) = parse_papers(text)
    assert (paper.url, paper.arxiv_id, paper.links) == (ARXIV, "2501.00001", ("https://tides.example",))


def test_the_doi_of_a_link_is_the_doi_of_the_paper_unless_arxiv_assigned_it() -> None:
    links = ["https://doi.org/10.1000/ABC", "https://doi.org/10.48550/arXiv.2501.00001"]
    text = "# 2025-02-11\n" + "".join(f"## [On Tides {n}]({link})\n(Ada Lovelace)\n" for n, link in enumerate(links))
    assert [(paper.doi, paper.arxiv_id) for paper in parse_papers(text)] == [("10.1000/abc", ""), ("", "2501.00001")]


def test_a_title_that_is_a_link_to_a_note_has_no_brackets() -> None:
    text = f"# 2025-02-11\n## [[On Tides]]\nAda Lovelace; Alan Turing\n{ARXIV}\n## [[moons|On Moons]]\nAlan Turing\n"
    assert [paper.title for paper in parse_papers(text)] == ["On Tides", "On Moons"]


def test_a_number_of_votes_beside_the_title_is_no_author() -> None:
    text = (
        f"## Daily Papers 2025-02-11\n\n1. **[On Tides]({ARXIV})** (▲ 120)\n   - Authors: Ada Lovelace, Alan Turing\n"
    )
    (paper,) = parse_papers(f"{text}   - Tides rise.\n")
    assert (paper.title, paper.authors, paper.abstract) == ("On Tides", ("Ada Lovelace", "Alan Turing"), "Tides rise.")


# Dates


def test_papers_below_a_heading_with_a_date_that_cannot_be_read_have_no_date() -> None:
    days = ["2025-02-10", "2025년 2월 31일", "Papers of February 12, 2025"]
    text = "".join(f"# {day}\n## On Tides {n}\n(Ada Lovelace)\nTides.\n\n" for n, day in enumerate(days))
    result = parse(text)
    assert [str(paper.date) for paper in result.papers] == ["2025-02-10", "None", "2025-02-12"]
    assert messages(result) == [f"{NAME}:6: unrecognized date: '2025년 2월 31일'; write 2025-02-11"]


def test_the_date_of_a_digest_may_be_a_field_or_in_the_file_name() -> None:
    text = "## On Tides\n(Ada Lovelace)\n\n## On Moons\n(Alan Turing)\n"
    assert {paper.date for paper in parse(f"**Date:** 2025-02-11\n\n{text}").papers} == {DAY}
    assert {paper.date for paper in parse(text, "2025-02-11.md").papers} == {DAY}
    assert {paper.date for paper in parse(text).papers} == {None}


# Other texts


@pytest.mark.parametrize(
    "text",
    [
        "2025-02-11\nOn Tides\n(Ada Lovelace, Alan Turing)\nTides rise.\n",
        "# 2025-02-11\nOn Tides\n(Ada Lovelace)\n좋다\n**Seas** (Alan Turing, Mary Jackson)\n",
        "2025-02-11\nOn Tides\n(Ada Lovelace)\n좋다\n## Seas (Alan Turing, Mary Jackson)\n",
        f"# A Tool\n\nIt is based on [On Tides]({ARXIV}).\n",
        f"- [On Tides]({ARXIV})\n- [On Moons]({MOONS})\n",
        "# Notes\n\n## Monday\n\nslept\n\n## Tuesday\n\nread **a lot** (of papers)\n",
        "**Note** (I was wrong.)\n",
        "```\n## On Tides\n(Ada Lovelace)\n```\n",
        "",
    ],
)
def test_a_text_without_marked_titles_of_papers_is_no_digest_in_markdown(text: str) -> None:
    assert not MarkdownDigestLoader().detect(Source(NAME, text))


def test_a_note_with_a_list_of_other_papers_is_a_note() -> None:
    related = "## Related\n\n- **On Moons** (Grace Hopper, Mary Jackson)\n- **On Suns** (Alan Turing, Mary Jackson)\n"
    (paper,) = load_bytes(f"# On Tides\n(Ada Lovelace)\n{ARXIV}\n\nGood.\n\n{related}".encode(), "x.md").papers
    assert (paper.title, paper.authors) == ("On Tides", ("Ada Lovelace",))


# Hostile texts

UNITS = [
    "## a\n", "## [a](http://b.c)\n", "**a**\n", "- **a** (", "**a** (\n", "[", "[a](", "[a](http://b.c", "**", "- [",
    "## a\nA B,\n", "## a\n(A,\n", "**a\n", "Tags: a,\n", "<a ", "![", "Abstract:\n", "> [!", "# 2025-02-11\n", "a · ",
    "## A (B", "[[", "[[a](http://b.c)] ",
]  # fmt: skip


@pytest.mark.heavy
@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("head", ["", "# 2025-02-11\n## On Tides\n(Ada Lovelace)\n"])
def test_the_time_for_a_hostile_digest_grows_linearly(unit: str, head: str) -> None:
    def load(text: str) -> None:
        source = Source(NAME, text)
        MarkdownDigestLoader().detect(source)
        MarkdownDigestLoader().parse(source)

    assert_linear(lambda size: head + unit * (size // len(unit)), load, start=1_000, limit=100_000)


PIECES = st.sampled_from([*UNITS, "(Ada Lovelace)", "Ada Lovelace,", "좋다", "#a", "---", "\n", " ", "> ", ARXIV])


@given(st.text() | st.lists(st.text() | PIECES).map("".join) | st.lists(PIECES).map("\n".join))
def test_any_text_is_parsed(text: str) -> None:
    source = Source(NAME, text)
    result = MarkdownDigestLoader().parse(source)
    assert result.papers or not MarkdownDigestLoader().detect(source)
    assert all(paper.title for paper in result.papers)


# Laws

WORDS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=9)
HANGUL = st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), min_size=2, max_size=6)


def sentences(words: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(words, min_size=2, max_size=8).map(lambda w: f"{w[0].capitalize()} {' '.join(w[1:])}.")


NAMES = st.tuples(WORDS, WORDS).map(lambda parts: " ".join(map(str.capitalize, parts)))
FIELDS = st.fixed_dictionaries(
    {
        "title": sentences(WORDS).map(lambda text: f"X{text[:-1]}"),
        "authors": st.lists(NAMES, min_size=2, max_size=5, unique=True).map(tuple),
        "abstract": sentences(WORDS),
        "ko": sentences(HANGUL),
        "en": sentences(WORDS),
        "tags": st.lists(WORDS, min_size=1, max_size=3, unique=True).map(tuple),
    }
)


@given(
    st.lists(FIELDS, min_size=2, max_size=3),
    st.sampled_from(["## {}", "### 1. {}", "**{}**", "- **{}**", "**1. {}**"]),
    st.sampled_from([", ", "; ", " · ", ";\n  ", ",\n  "]),
    st.sampled_from(["\n", "\n\n"]),
)
def test_generated_papers_are_parsed_from_the_digests_that_are_written_from_them(
    papers: list[dict[str, Any]], mark: str, separator: str, gap: str
) -> None:
    write: Callable[[dict[str, Any]], str] = lambda fields: gap.join(  # noqa: E731 -- a function of one expression
        [
            mark.format(fields["title"]),
            f"  ({separator.join(fields['authors'])})",
            *(f"  {fields[name]}" for name in ("abstract", "ko", "en")),
            "  " + " ".join(f"#{tag}" for tag in fields["tags"]),
        ]
    )
    parsed = parse_papers("# 2025-02-11\n\n" + "\n\n".join(map(write, papers)) + "\n")
    assert [
        {
            "title": paper.title,
            "authors": paper.authors,
            "abstract": paper.abstract,
            **paper.comments,
            "tags": paper.tags,
        }
        for paper in parsed
    ] == papers


# The seeds


@pytest.mark.parametrize("mark", ["## {}", "**{}**", "- **{}**"])
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_the_seeds_with_marked_titles_have_the_same_papers(seeds: Path, mark: str, gap: str) -> None:
    for path in sorted(seeds.iterdir()):
        text = path.read_text(encoding="utf-8")
        papers = load_bytes(text.encode(), path.name).papers
        titles = {paper.title for paper in papers}
        lines = [mark.format(line) if line in titles else line for line in map(clean, text.splitlines()) if line]
        result = parse(gap.join(lines), path.name)
        assert result.problems == ()
        assert list(map(to_words, result.papers)) == list(map(to_words, papers))


def to_words(paper: Paper) -> Paper:
    """Return a paper with its texts as words: where a paragraph of a comment ends is another matter in Markdown."""
    comments = {language: text.split() for language, text in paper.comments.items()}
    return paper._replace(comments=comments, abstract=paper.abstract.split())  # type: ignore[arg-type] # words
