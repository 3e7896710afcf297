"""Lists of papers in Markdown: items and tables with every field, what is not a paper, hostile texts."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.loaders.base import ParseResult, Source
from readlist.loaders.paper_lists.parser import PaperListLoader
from readlist.loaders.registry import load_bytes
from readlist.models import Appearance, Paper
from tests.hostile import is_harmless
from tests.scaling import assert_linear

DAY = dt.date(2025, 2, 11)
NAME = "list.md"
TIDES = "https://arxiv.org/abs/2501.00001"
MOONS = "https://openreview.net/forum?id=aB3xQ"
SUNS = "https://doi.org/10.1000/ABC"
STARS = "https://stars.example/papers/stars.pdf"
CODE = "https://github.com/ada/tides"


def parse(text: str, name: str = NAME) -> ParseResult:
    assert PaperListLoader().detect(Source(name, text))
    result = load_bytes(text.encode(), name)
    assert result == PaperListLoader().parse(Source(name, text))
    return result


def parse_papers(text: str) -> list[Paper]:
    result = parse(text)
    assert result.problems == ()
    return list(result.papers)


def parse_item(text: str) -> Paper:
    """Return the paper of the first item of a list with two."""
    papers = parse_papers(f"- {text}\n- [Second Paper]({STARS})\n")
    assert [paper.title for paper in papers[1:]] == ["Second Paper"]
    return papers[0]


def messages(result: ParseResult) -> list[str]:
    return list(map(str, result.problems))


def paper(title: str, url: str, **fields: object) -> Paper:
    """Return a paper of the list without a date."""
    return Paper(**{"title": title, "url": url, "digests": (Appearance(None, NAME),), **fields})  # type: ignore[arg-type] # Any


# Whole lists


AWESOME = f"""# Awesome Tides [![Awesome](https://awesome.example/badge.svg)](https://awesome.example)

A curated list of papers on tides, moons and suns.

## Contents

- [Surveys](#surveys)
- [Models](#models)

## Surveys

- [On Tides]({TIDES}) [[code]]({CODE}) ![stars](https://img.shields.io/github/stars/ada/tides) - A study of tides.
- **On Moons**, *ICLR 2025*. [[paper]({MOONS})] [[project](https://moons.example)]
- On Suns. Ada Lovelace, Alan Turing. NeurIPS 2024. [[doi]({SUNS})] [[code]({CODE})]

## Models

* (ICML 2024) [On Stars]({STARS}): 별에 대한 연구.
  - 정말 좋다
* [2025/02] On Rains [![arXiv](https://img.shields.io/badge/arXiv-red.svg)](https://arxiv.org/abs/2501.00003)
* [TidesKit]({CODE}) - a tool, no paper

## Contributing

See [the guide](CONTRIBUTING.md).
"""


def test_every_field_of_an_awesome_list_is_exact() -> None:
    assert parse_papers(AWESOME) == [
        paper("On Tides", TIDES, comments={"en": "A study of tides."}, links=(CODE,), arxiv_id="2501.00001"),
        paper("On Moons", MOONS, comments={"en": "*ICLR 2025*."}, links=("https://moons.example",)),
        paper(
            "On Suns",
            SUNS,
            authors=("Ada Lovelace", "Alan Turing"),
            comments={"en": "NeurIPS 2024."},
            links=(CODE,),
            doi="10.1000/abc",
        ),
        paper("On Stars", STARS, comments={"ko": "(ICML 2024) 별에 대한 연구.\n\n정말 좋다"}),
        paper("On Rains", "https://arxiv.org/abs/2501.00003", arxiv_id="2501.00003"),
    ]


WEEKLY = f"""## Top Papers of the Week (February 3 - February 9)

| **Paper** | **Links** |
| ------------- | ------------- |
| 1) **On Tides** - Tides rise and fall. ● It is good. | [Paper]({TIDES}), [Tweet](https://x.com/ada/status/1) |
| 2) **On Moons** - 달에 대한 연구. | [Paper]({MOONS}) |

## 2025-02-11

| Title | Authors | Date | Venue | Keywords | Code |
|:------|:-------:|------|-------|---|------|
| [**On Suns**]({SUNS}) <br> | Ada King; Alan Turing | 2024-12-30 | ICML \\| Oral | suns, hot stars | [Github]({CODE}) |
| On Stars | Grace Hopper | soon | - | | <a href="{STARS}">PDF</a> |
| No Link | Grace Hopper | | | | [Github]({CODE}) |
"""


def test_every_field_of_a_weekly_list_in_tables_is_exact() -> None:
    authors = ("Ada King", "Alan Turing")
    assert parse_papers(WEEKLY) == [
        paper(
            "On Tides",
            TIDES,
            comments={"en": "Tides rise and fall. ● It is good."},
            links=("https://x.com/ada/status/1",),
            arxiv_id="2501.00001",
        ),
        paper("On Moons", MOONS, comments={"ko": "달에 대한 연구."}),
        paper(
            "On Suns",
            SUNS,
            authors=authors,
            comments={"en": "ICML | Oral"},
            tags=("suns", "hot-stars"),
            links=(CODE,),
            doi="10.1000/abc",
            digests=(Appearance(dt.date(2024, 12, 30), NAME),),
        ),
        paper(
            "On Stars",
            STARS,
            authors=("Grace Hopper",),
            comments={"en": "soon"},
            digests=(Appearance(DAY, NAME),),
        ),
    ]


def test_a_table_may_have_no_bars_around_its_rows() -> None:
    rows = f"On Tides | [arXiv]({TIDES}) | 좋다\nOn Moons | [PDF]({STARS}) |\n"
    assert parse_papers(f"# Papers\n\nTitle | Link | Comment\n--- | :-: | ---\n{rows}\nSee also | them\n") == [
        paper("On Tides", TIDES, comments={"ko": "좋다"}, arxiv_id="2501.00001"),
        paper("On Moons", STARS),
    ]


def test_numbers_of_the_rows_of_a_table_are_not_part_of_the_titles() -> None:
    rows = f"| **1. On Tides** - Good. | [Paper]({TIDES}) |\n| **2. On Moons** | [Paper]({MOONS}) |\n"
    assert [found.title for found in parse_papers(f"| Paper | Links |\n| --- | --- |\n{rows}")] == [
        "On Tides",
        "On Moons",
    ]


@pytest.mark.parametrize(("beside", "comments"), [("좋다 ", {"ko": "좋다"}), ("", {})])
def test_tags_at_the_end_of_an_item_are_its_tags(beside: str, comments: dict[str, str]) -> None:
    found = parse_item(f"[On Tides]({TIDES}) {beside}#tides #c++")
    assert (found.tags, found.comments) == (("tides", "c++"), comments)
    assert parse_item(f"[On Tides]({TIDES}), see #12").comments == {"en": "see #12"}


def test_lines_below_an_item_are_its_fields_and_comment() -> None:
    text = f"""# Papers of 2025-02-11

1. [ ] [On Tides]({TIDES})
   Ada Lovelace, Alan Turing
   - Abstract: Tides rise and fall.
   - 조수에 대한 연구. [여기](https://tides.example)
   - A good study
   - Tags: tides, open seas
   - [[code]]({CODE})
   - #moon
2. [x] [On Moons]({MOONS})
"""
    date = (Appearance(DAY, NAME),)
    assert parse_papers(text) == [
        Paper(
            "On Tides",
            ("Ada Lovelace", "Alan Turing"),
            "Tides rise and fall.",
            {"ko": "조수에 대한 연구. 여기", "en": "A good study"},
            ("tides", "open-seas", "moon"),
            (CODE, "https://tides.example"),
            "2501.00001",
            TIDES,
            date,
        ),
        paper("On Moons", MOONS, digests=date),
    ]


# Items


@pytest.mark.parametrize(
    ("item", "title", "comments", "authors"),
    [
        (f"[On Tides]({TIDES})", "On Tides", {}, ()),
        (f"**[On Tides]({TIDES})**: Good.", "On Tides", {"en": "Good."}, ()),
        (f"[**On Tides**]({TIDES} 'arXiv') Good.", "On Tides", {"en": "Good."}, ()),
        (f"[On Tides [v2]]({TIDES})", "On Tides [v2]", {}, ()),
        (f"**On Tides** [[arXiv:2501.00001]]({TIDES})", "On Tides", {}, ()),
        (f"**On Tides**: Good <{TIDES}>", "On Tides", {"en": "Good"}, ()),
        (f"“On Tides,” 2024. [[pdf]({TIDES})]", "On Tides", {}, ()),
        (f"On Tides: Why They Rise {TIDES}", "On Tides", {"en": "Why They Rise"}, ()),
        (f"[2501.00001]({TIDES}) On Tides - Good.", "On Tides", {"en": "Good."}, ()),
        (f"[[paper]({TIDES})] [[code]({CODE})] On Tides", "On Tides", {}, ()),
        (f"[On Tides](https://tides.example) ([paper]({TIDES}))", "On Tides", {}, ()),
        (f"[On Tides]({TIDES}), 조수에 대한 연구", "On Tides", {"ko": "조수에 대한 연구"}, ()),
        (f"조수에 대한 연구: [On Tides]({TIDES})", "On Tides", {"ko": "조수에 대한 연구"}, ()),
        (f"[On Tides]({TIDES}) (Ada King, Mary King) Good.", "On Tides", {"en": "Good."}, ("Ada King", "Mary King")),
        (f"[On Tides]({TIDES}) by Ada Lovelace, Alan Turing", "On Tides", {}, ("Ada Lovelace", "Alan Turing")),
        (f"**On Tides** - *Ada King, Mary King* - [[pdf]({TIDES})]", "On Tides", {}, ("Ada King", "Mary King")),
        (f"[On Tides]({TIDES}) (Nature)", "On Tides", {"en": "(Nature)"}, ()),
        (f"[On Tides]({TIDES}) see [this](https://x.example)", "On Tides", {"en": "see this"}, ()),
        (f"🔥 [On Tides]({TIDES}) ⭐", "On Tides", {}, ()),
        (f"[2. On Tides]({TIDES})", "On Tides", {}, ()),
        (f"**1. On Tides** - Good. [[paper]({TIDES})]", "On Tides", {"en": "Good."}, ()),
        (f"**[2022] On Tides.** Ada King, Mary King. [[pdf]({TIDES})]", "On Tides", {}, ("Ada King", "Mary King")),
        (f"**[ICML 2021] On Tides** [[pdf]({TIDES})]", "On Tides", {"en": "[ICML 2021]"}, ()),
        (f"**3D On Tides** [[pdf]({TIDES})]", "3D On Tides", {}, ()),
        (f"**[Re] On Tides** [[pdf]({TIDES})]", "[Re] On Tides", {}, ()),
    ],
)  # fmt: skip
def test_the_title_is_the_text_of_the_link_or_what_stands_out_beside_it(
    item: str, title: str, comments: dict[str, str], authors: tuple[str, ...]
) -> None:
    found = parse_item(item)
    assert (found.title, found.url, found.arxiv_id) == (title, TIDES, "2501.00001")
    assert (found.comments, found.authors) == (comments, authors)


@pytest.mark.parametrize(
    ("url", "arxiv_id", "doi"),
    [
        ("http://arxiv.org/pdf/2501.00001v2.pdf", "2501.00001", ""),
        ("https://huggingface.co/papers/2501.00001", "2501.00001", ""),
        ("https://doi.org/10.48550/arXiv.2501.00001", "2501.00001", ""),
        ("https://dx.doi.org/10.1145/3292500.3330701", "", "10.1145/3292500.3330701"),
        ("https://openreview.net/pdf?id=aB3xQ", "", ""),
        ("https://aclanthology.org/2024.acl-long.1/", "", ""),
        ("https://tides.example/a_(b).pdf?dl=1", "", ""),
    ],
)
def test_the_links_of_papers_are_those_of_arxiv_dois_openreview_the_acl_and_pdf_files(
    url: str, arxiv_id: str, doi: str
) -> None:
    found = parse_item(f"[On Tides]({url})")
    assert (found.title, found.url, found.arxiv_id, found.doi) == ("On Tides", url, arxiv_id, doi)


@pytest.mark.parametrize(
    "item",
    [
        f"[TidesKit]({CODE}) - a tool",
        f"[[code]]({CODE})",
        "[Contents](#contents)",
        "[A blog](https://tides.example/blog.html)",
        "![On Tides](https://tides.example/tides.pdf)",
        "plain text",
        f"`[On Tides]`({CODE})",
    ],
)
def test_an_item_without_a_link_to_a_paper_is_no_paper(item: str) -> None:
    titles = [found.title for found in parse_papers(f"- [A]({TIDES})\n- {item}\n- [B]({MOONS})\n")]
    assert titles == ["A", "B"]


@pytest.mark.parametrize(
    "below",
    [
        "\n   *Ada Lovelace, Alan Turing.* [[Paper](LINK)] [[Code](CODE)], 2022.12",
        "   *Ada Lovelace, Alan Turing*\n   [[Paper]](LINK) [[Code]](CODE)",
    ],
)
def test_the_link_of_a_title_in_bold_may_be_below_it(below: str) -> None:
    tides, moons = (below.replace("LINK", link).replace("CODE", CODE) for link in (TIDES, MOONS))
    papers = parse_papers(f"1. **On Tides.** `ICLR 2025`\n{tides}\n\n2. **On Moons**\n{moons}\n\n3. **On Suns**\n")
    assert [(found.title, found.url, found.links) for found in papers] == [
        ("On Tides", TIDES, (CODE,)),
        ("On Moons", MOONS, (CODE,)),
    ]
    assert {found.authors for found in papers} == {("Ada Lovelace", "Alan Turing")}


@pytest.mark.parametrize(
    "row", ["- **On Brains** - A study. [Paper](URL)", "| **On Brains** - A study. | [Paper](URL) |"]
)
def test_a_link_that_is_called_paper_leads_to_one_on_any_site(row: str) -> None:
    url = "https://ai.example/research/brains"
    head = "| Paper | Links |\n|---|---|\n" if row.startswith("|") else ""
    first = row.replace("URL", TIDES).replace("Brains", "Tides")
    assert [(found.title, found.url) for found in parse_papers(f"{head}{first}\n{row.replace('URL', url)}\n")] == [
        ("On Tides", TIDES),
        ("On Brains", url),
    ]


def test_a_link_without_a_title_is_reported() -> None:
    result = parse(f"- [On Tides]({TIDES})\n- [On Moons]({MOONS})\n- {STARS}\n- [[pdf]]({STARS}) [[code]]({CODE})\n")
    assert [found.title for found in result.papers] == ["On Tides", "On Moons"]
    assert messages(result) == [
        f"{NAME}:3: no title beside the link: '{STARS}'; ignored",
        f"{NAME}:4: no title beside the link: '[[pdf]]({STARS[:32]}…'; ignored",
    ]


def test_papers_below_a_heading_with_a_date_that_cannot_be_read_have_no_date() -> None:
    days = ["2025-02-10", "2025년 2월 31일", "Week 7", "12. Februar 2025"]
    text = "".join(f"# {day}\n- [On Tides {n}]({TIDES})\n" for n, day in enumerate(days))
    result = parse(text)
    assert [str(found.date) for found in result.papers] == ["2025-02-10", "None", "None", "2025-02-12"]
    assert messages(result) == [f"{NAME}:3: unrecognized date: '2025년 2월 31일'; write 2025-02-11"]
    assert {found.date for found in parse(f"- [A]({TIDES})\n- [B]({MOONS})\n", "2025-02-11.md").papers} == {DAY}


# Titles whose link is on a line below


VENUE = paper(
    "On Tides: Why They Rise",
    TIDES,
    authors=("Ada Lovelace", "Alan Turing"),
    comments={"en": "ICLR 2025."},
    links=(CODE,),
    arxiv_id="2501.00001",
    digests=(Appearance(DAY, NAME),),
)
LINES = ("*Ada Lovelace, Alan Turing*", f"ICLR 2025. [[Paper]({TIDES})] [[Code]({CODE})]", "11 Feb 2025")


@pytest.mark.parametrize("mark", ["- ", "1. ", ""])
@pytest.mark.parametrize("line_break", [" \\", "\\", " <br>", "  ", ""])
def test_authors_venue_links_and_date_may_be_on_the_lines_below_a_title(mark: str, line_break: str) -> None:
    lines = f"{line_break}\n{' ' * len(mark)}".join(("**On Tides: Why They Rise**", *LINES))
    assert parse_papers(f"# Awesome\n\n{mark}{lines}\n\n- [On Moons]({MOONS})\n") == [VENUE, paper("On Moons", MOONS)]
    assert parse_papers(f"{mark}{lines}\n") == [VENUE]


@pytest.mark.parametrize(
    "item",
    [
        f"- **On Tides**\n  [paper]({TIDES})",
        f"- On Tides\n  [paper]({TIDES})",
        f"- “On Tides.”\n  [paper]({TIDES})",
        f"- **On Tides** \\\n  [[Paper]({TIDES})]",
        f"- **On Tides**\n\n  [paper]({TIDES})",
        f"- **On Tides**\n  - [paper]({TIDES})",
        f"**On Tides** [paper]({TIDES})",
        f"**On Tides**\n[paper]({TIDES})",
        f"### 4. On Tides\n[paper]({TIDES})",
    ],
)
def test_a_link_below_a_title_is_that_of_the_paper(item: str) -> None:
    text = f"- [On Moons]({MOONS})\n  *Ada Lovelace, Alan Turing*\n{item}\n- **On Suns** [doi]({SUNS})\n"
    assert parse_papers(text) == [
        paper("On Moons", MOONS, authors=("Ada Lovelace", "Alan Turing")),
        paper("On Tides", TIDES, arxiv_id="2501.00001"),
        paper("On Suns", SUNS, doi="10.1000/abc"),
    ]


@pytest.mark.parametrize("mark", ["- ", ""])
def test_the_first_title_below_a_heading_is_no_author(mark: str) -> None:
    known = (("On Tides", TIDES), ("On Moons", MOONS))
    items = (f"{mark}**{title}**\n{' ' * len(mark)}[paper]({url})\n" for title, url in known)
    papers = parse_papers("# Awesome Tides\n\n" + "\n".join(items))
    assert [(found.title, found.authors) for found in papers] == [("On Tides", ()), ("On Moons", ())]


def test_an_item_with_papers_below_is_the_name_of_a_group() -> None:
    text = f"- **All About Tides**\n  - [On Tides]({TIDES})\n  - [On Moons]({MOONS})\n    [[code]({CODE})]\n"
    assert [found.title for found in parse_papers(text)] == ["On Tides", "On Moons"]


@pytest.mark.parametrize("item", ["- **On Suns and Stars**", "- **On Suns**\n  *Ada King, Mary King*\n  ICLR 2025"])
@pytest.mark.parametrize("end", ["", "\n# More\n", "\n- [TidesKit](https://tides.example)\n"])
def test_a_title_without_a_link_is_reported_and_the_other_papers_are_loaded(item: str, end: str) -> None:
    result = parse(f"- [On Tides]({TIDES})\n- [On Moons]({MOONS})\n{item}{end}\n")
    assert [found.title for found in result.papers] == ["On Tides", "On Moons"]
    title = item.splitlines()[0].removeprefix("- ")
    assert messages(result) == [f"{NAME}:3: no link below the title: '{title}'; ignored"]


@pytest.mark.parametrize(
    "item", ["- **On Suns and Stars**", "- **On Suns**\n  ICLR 2025", f"- [[paper]({SUNS})]", f"- [paper]({SUNS})"]
)
def test_one_item_that_cannot_be_read_does_not_refuse_the_only_other_one(item: str) -> None:
    result = parse(f"- [On Tides]({TIDES})\n{item}\n")
    assert [found.title for found in result.papers] == ["On Tides"]
    assert len(messages(result)) == 1


def test_a_link_to_a_paper_in_a_text_between_the_items_is_reported() -> None:
    result = parse(f"See [Suns]({SUNS}).\n\n- [On Tides]({TIDES})\n- [On Moons]({MOONS})\n")
    assert messages(result) == [
        f"{NAME}:1: the link to a paper is not in an item: 'See [Suns]({SUNS}).'; ignored",
    ]


# Other texts


@pytest.mark.parametrize(
    "text",
    [
        f"# A Tool\n\nIt is based on [On Tides]({TIDES}) and\n[On Moons]({MOONS}).\n",
        f"# An Essay\n\n{'Tides rise and fall. ' * 20}\n\n- [On Tides]({TIDES})\n- [On Moons]({MOONS})\n",
        f"# Tuesday\n\n- read [On Tides]({TIDES})\n- slept\n- ate\n",
        f"2025-02-11\nOn Tides\n(Ada Lovelace, Alan Turing)\nTides.\n- [a paper]({TIDES})\n- [b paper]({MOONS})\n",
        f"**Tides** rise, says [1]({TIDES}).\n\n**Moons** do not, says [2]({MOONS}).\n",
        f"**Tides** are in [On Tides]({TIDES}).\n\n**Moons** are in [On Moons]({MOONS}).\n",
        f"- Fast: it is based on tides\n  ([paper]({TIDES}))\n- Simple: so is this\n  ([paper]({MOONS}))\n",
        f"{TIDES}\n{MOONS}\n",
        f"- {TIDES}\n- {MOONS}\n",
        f"```\n- [On Tides]({TIDES})\n- [On Moons]({MOONS})\n```\n",
        "- one\n- two\n",
        "",
    ],
)
def test_a_text_that_mentions_papers_is_no_list(text: str) -> None:
    assert not PaperListLoader().detect(Source(NAME, text))


def test_a_note_with_a_list_of_papers_is_a_note() -> None:
    text = f"# On Tides\n(Ada Lovelace)\n{TIDES}\n\nGood.\n\n- [On Moons]({MOONS})\n- [On Suns]({SUNS})\n"
    assert [found.title for found in load_bytes(text.encode(), NAME).papers] == ["On Tides"]


# Hostile texts

UNITS = [
    f"- [a]({TIDES})\n", f"- {TIDES}\n", f"[a]({TIDES}) ", "[", "[[", "[a](", "- [a](http", "|", "| a ", "|---", "\\|",
    f"|{TIDES}", f"| [a]({TIDES}) |\n", "|---|\n", "<a href=", "<", "**", "“a", "(A B, ", ". ", ", A B", "[]", "(",
    "- ", "  - a\n", "  - A B, C D\n", "![", "- [[code]](http://a.b)\n", "http://", "http://a.b ", "A B, C D. ",
    "#a ", "*A B, C D* ", "a | b\n", "--- | ---\n", "- **a**\n", "  - **a b c**\n", "**a b c**\n", "## 1. a\n", "\\\n",
    "  a b\n", "- a\n  - b\n    - c\n", f"- a\n  [b]({TIDES})\n",
]  # fmt: skip


@pytest.mark.heavy
@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("head", ["", f"- [On Moons]({MOONS})\n- [On Tides]({TIDES}) ", f"- {TIDES} "])
def test_the_time_for_a_hostile_list_grows_linearly(unit: str, head: str) -> None:
    def load(text: str) -> None:
        source = Source(NAME, text)
        PaperListLoader().detect(source)
        PaperListLoader().parse(source)

    assert_linear(lambda size: head + unit * (size // len(unit)), load, start=1_000, limit=100_000)


PIECES = st.sampled_from([*UNITS, TIDES, "\n", " ", "좋다", "# 2025-02-11\n", "Authors: a", "#a", "by ", "\u200b"])


@given(st.text() | st.lists(st.text() | PIECES).map("".join) | st.lists(PIECES).map("\n".join))
def test_any_text_is_parsed(text: str) -> None:
    source = Source(NAME, text)
    result = PaperListLoader().parse(source)
    assert result.papers or not PaperListLoader().detect(source)
    for found in result.papers:
        fields = f"{found.title}{found.authors}{found.abstract}{found.tags}{found.url}"
        assert found.title
        assert is_harmless(fields)
        assert "\n" not in fields
