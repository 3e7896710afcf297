"""The Markdown that readlist exports is loaded back: papers with what it shows of them, and the user's marks."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.edits import build_entry
from readlist.exporters.handout import FIELDS, Handout, Section
from readlist.exporters.registry import export_handout
from readlist.loaders.base import ParseResult, Source
from readlist.loaders.own import markdown
from readlist.loaders.own.parser import ExportLoader
from readlist.loaders.registry import load_bytes
from readlist.models import Appearance, Mark, Paper, Status
from readlist.text import paper_key
from tests.conftest import Run
from tests.exporters.test_exporters import export_text
from tests.scaling import assert_linear
from tests.strategies import build_model

DAY = dt.date(2025, 2, 11)
NAME = "list.md"
EXPORT = r"""# Reading list

## 2025-02-11

- [x] **[On Tides: \*Why\* They Rise \[v2\]](https://arxiv.org/abs/2501.00001)** ★

  Ada Lovelace, Martin King, Jr. · #tides #c++

  > 조수에 대한 연구. 코드: <https://tides.example/a_b>
  >
  > 1\. 정말 좋다.

  > A study of tides.

  **Note**

  # Mine

  - read
    - again

- [ ] **On Moons** · reading

  Grace Hopper

  **Abstract**

  > Moons rise
  > \> and fall.

## Undated

- [ ] **[On Suns](https://doi.org/10.1000/182)**

  #suns
"""


def parse(text: str) -> ParseResult:
    return load_bytes(text.encode(), NAME)


def test_every_field_of_an_export_is_exact() -> None:
    result = parse(EXPORT)
    assert result.problems == ()
    assert [paper._replace(key="") for paper in result.papers] == [
        Paper(
            "On Tides: *Why* They Rise [v2]",
            ("Ada Lovelace", "Martin King, Jr."),
            comments={
                "ko": "조수에 대한 연구. 코드: https://tides.example/a_b\n\n1. 정말 좋다.",
                "en": "A study of tides.",
            },
            tags=("tides", "c++"),
            links=("https://tides.example/a_b",),
            arxiv_id="2501.00001",
            url="https://arxiv.org/abs/2501.00001",
            digests=(Appearance(DAY, NAME),),
        ),
        Paper("On Moons", ("Grace Hopper",), "Moons rise\n> and fall.", digests=(Appearance(DAY, NAME),)),
        Paper(
            "On Suns",
            tags=("suns",),
            url="https://doi.org/10.1000/182",
            doi="10.1000/182",
            digests=(Appearance(None, NAME),),
        ),
    ]
    assert dict(result.marks) == {
        0: Mark("", Status.READ, starred=True, note="# Mine\n\n- read\n  - again"),
        1: Mark("", Status.READING),
    }
    assert [paper.key for paper in result.papers][1] == paper_key("On Moons", "Grace Hopper")


def test_a_quotation_that_is_marked_as_the_abstract_is_the_abstract() -> None:
    quotes = "  > [!abstract] Abstract\n  > Moons rise.\n\n  > Good.\n"
    (paper,) = parse(f"# Reading list\n\n## 2025-02-11\n\n- [ ] **On Moons**\n\n{quotes}").papers
    assert (paper.abstract, paper.comments) == ("Moons rise.", {"en": "Good."})


def test_a_comment_in_english_alone_is_loaded_back_as_a_comment() -> None:
    known = Paper("On Moons", comments={"en": "Good."}, digests=(Appearance(DAY, NAME),))
    (paper,) = parse(export_text("markdown", build_entry(known, Mark(""), {}))).papers
    assert (paper.abstract, paper.comments) == ("", {"en": "Good."})


def test_a_quotation_without_a_label_is_a_comment() -> None:
    (paper,) = parse("# Reading list\n\n## 2025-02-11\n\n- [ ] **On Moons**\n\n  > Good.\n").papers
    assert (paper.abstract, paper.comments) == ("", {"en": "Good."})


def test_what_is_added_to_an_export_is_reported_and_the_rest_is_loaded() -> None:
    result = parse(EXPORT.replace("# Reading list\n", "# Reading list\n\nFor Mary\n", 1))
    assert list(map(str, result.problems)) == [f"{NAME}:3: belongs to no paper; ignored"]
    assert len(result.papers) == 3


def test_an_introduction_is_passed_over_with_the_papers_that_it_names() -> None:
    intro = "Dear all,\n\n- **Not a paper**\n\n## 2020-01-01\n\n- [x] **Nor this**"
    known = Paper("On Moons", comments={"en": "Good."}, digests=(Appearance(DAY, NAME),))
    written = export_text("markdown", build_entry(known, Mark("", Status.READ), {}), title="Group, May #", intro=intro)
    assert written.startswith(f"# Group, May \\#\n\n{intro}\n\n<!-- readlist:papers -->\n\n## 2025-02-11\n")
    result = parse(written)
    assert (result.problems, dict(result.marks)) == ((), {})
    assert [paper._replace(key="") for paper in result.papers] == [known]


def test_the_details_after_the_authors_are_read() -> None:
    known = Paper(
        "On Tides",
        ("Ada · Lovelace", "Grace Hopper"),
        tags=("tides",),
        arxiv_id="2501.00001",
        url="https://tides.example/",
        doi="10.1000/182",
        digests=(Appearance(DAY, NAME),),
    )
    entry = build_entry(known, Mark("", Status.SKIPPED, starred=True), {})
    sections = [Section("#tides", [entry]), Section("Nothing", [])]
    written = "".join(export_handout("markdown", sections, Handout(fields=frozenset(FIELDS))))
    assert "Ada · Lovelace, Grace Hopper · 2025-02-11 · arXiv:2501.00001 · doi:10.1000/182 · ID 0 · #tides" in written
    result = parse(written)
    assert [paper._replace(key="") for paper in result.papers] == [known]
    assert dict(result.marks) == {0: Mark("", Status.SKIPPED, starred=True)}


def test_another_heading_has_no_date() -> None:
    (paper,) = parse("# Reading list\n\n## Earlier\n\n- **On Moons**\n\n  > Good.\n").papers
    assert paper.digests == (Appearance(None, NAME),)


@pytest.mark.parametrize("rest", ["", "\n- [ ] milk\n", "\n## 2025-02-11\n", " of May\n\n- **On Moons**\n"])
def test_another_list_with_the_same_title_is_not_an_export(rest: str) -> None:
    assert not ExportLoader().detect(Source(NAME, f"# Reading list{rest}"))


def test_the_seeds_are_loaded_back_into_an_empty_library(loaded: Run, run: Run, tmp_path: Path) -> None:
    fields = ("title", "authors", "url", "comments", "tags", "status", "starred", "note")

    def list_papers(home: tuple[str, ...]) -> list[dict[str, Any]]:
        papers: list[dict[str, Any]] = run(*home, "list", "--limit", "0", "--json").json
        return sorted(({name: paper[name] for name in fields} for paper in papers), key=str)

    assert loaded("read", "2").code == 0
    assert loaded("star", "3").code == 0
    assert loaded("note", "3", "my *note*").code == 0
    shown = "authors,tags,status,star,comment,note"
    assert loaded("export", "--fields", shown, "-o", tmp_path / NAME).code == 0
    other = ("--home", str(tmp_path / "other"))
    done = run(*other, "load", tmp_path / NAME)
    assert (done.code, done.err.splitlines()[-1].split(",")[0]) == (0, "13 papers added")
    assert list_papers(other) == list_papers(())


# Laws

TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z"), min_codepoint=0x21, max_codepoint=0xFF)
    | st.sampled_from("*_[]()<>#>-\\`~$|&;:.!+=%1 "),
    min_size=1,
    max_size=40,
).map(lambda text: f"X {' '.join(text.split())}".strip())
HANGUL = TEXT.map(lambda text: f"{text} 조수에 대한 연구다")
NAMES = st.sampled_from(["Ada Lovelace", "Zoë Čapek", "김철수", "Ben _x_ *y*", "The #1 Team", "Martin King, Jr."])
PAPERS = build_model(
    Paper,
    title=TEXT,
    authors=st.lists(NAMES, max_size=3, unique=True).map(tuple),
    tags=st.lists(st.sampled_from(["c++", "c#", "tides", "a_b_", "*"]), max_size=3, unique=True).map(tuple),
    url=st.sampled_from(["", "https://arxiv.org/abs/2501.00001", "https://a.example/?b=1&amp;c=2&d;"]),
    digests=st.sampled_from([DAY, None]).map(lambda day: (Appearance(day, NAME),)),
)
COMMENTS = st.fixed_dictionaries(
    {"ko": st.lists(HANGUL, min_size=1, max_size=2).map("\n\n".join)}, optional={"en": TEXT}
) | st.fixed_dictionaries({"en": TEXT})
TEXTS = st.fixed_dictionaries({"abstract": TEXT | st.just("")}) | st.fixed_dictionaries({"comments": COMMENTS})


@given(st.lists(st.tuples(PAPERS, TEXTS), min_size=1, max_size=3, unique_by=lambda pair: pair[0].title.lower()))
def test_any_papers_are_loaded_back(papers: list[tuple[Paper, dict[str, Any]]]) -> None:
    known = [paper._replace(**texts) for paper, texts in papers]
    entries = [build_entry(paper, Mark(""), {}) for paper in known]
    result = parse(export_text("markdown", *entries))
    assert result.problems == ()
    names = ("title", "authors", "abstract", "comments", "tags", "url", "digests")
    loaded, expected = (
        sorted(({name: getattr(paper, name) for name in names} for paper in source), key=lambda paper: paper["title"])
        for source in (result.papers, known)
    )
    assert loaded == expected


UNITS = [
    "- [ ] **a**\n", "- [x] **[a](http://b.c)**\n", "- [ ] **[", "\\", "- [ ] **\\*", "  > a\n", "## Undated\n",
    "#a · ", "<http://",
]  # fmt: skip


@pytest.mark.heavy
@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("head", ["# Reading list\n", "# Reading list\n- [ ] **a**\n\n  "])
def test_the_time_for_a_hostile_export_grows_linearly(unit: str, head: str) -> None:
    def load(text: str) -> None:
        markdown.detect(text)
        markdown.parse(Source(NAME, text))

    assert_linear(lambda size: head + unit * (size // len(unit)), load, start=1_000, limit=100_000)
