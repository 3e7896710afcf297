"""`readlist stats --year`: a year in review as a page, Markdown, HTML, JSON and tab-separated lines."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt
from rich.cells import cell_len
from rich.console import Console

from readlist.exporters import year_html, year_markdown
from readlist.models import Appearance, Entry, Mark, Paper, Status
from readlist.search.query.parser import parse
from readlist.search.year_review import review_year
from readlist.stats import Activity, AuthorActivity, ReadingDay, TagActivity, YearReview, get_level, get_levels
from readlist.views.bars import ASCII, UNICODE, Glyphs
from readlist.views.year_review import year_page
from tests.conftest import Done, Run
from tests.hostile import CONTROL_SEQUENCES, INVISIBLE, MARKUP
from tests.search.index_file import IndexFile

TODAY = dt.date(2025, 11, 20)
AUTHORS = ("Ada Lovelace", "김철수", "Alan Turing", "Grace Hopper", "Łukasz Kaiser")


def at(month: int, day: int, year: int = 2025) -> dt.datetime:
    return dt.datetime(year, month, day, 12).astimezone().astimezone(dt.UTC)


def entry(id_: int, day: dt.date, **mark: Any) -> Entry:
    tags = ("강화학습", "rl") if id_ % 2 else ("rl",)
    paper = Paper(
        f"Paper *{id_}* <b>", AUTHORS[: id_ + 1], tags=tags, digests=(Appearance(day, "a"),), id=id_, key=f"k{id_}"
    )
    return Entry(paper, Mark(paper.key)._replace(**mark), tags)


ENTRIES = [
    entry(1, dt.date(2025, 2, 11), status=Status.READ, status_at=at(2, 12), starred=True, starred_at=at(3, 1)),
    entry(2, dt.date(2025, 2, 11), status=Status.READ, status_at=at(2, 12), note="메모", note_at=at(5, 5)),
    entry(3, dt.date(2025, 2, 12), status=Status.SKIPPED, status_at=at(2, 12)),
    entry(4, dt.date(2025, 9, 1)),
    entry(5, dt.date(2024, 12, 31), status=Status.READ, status_at=at(9, 3), starred=True, starred_at=at(12, 31, 2024)),
    entry(6, dt.date(2024, 3, 1), status=Status.READ, status_at=at(3, 2, 2024)),
]


@pytest.fixture
def index(tmp_path: Path) -> IndexFile:
    index = IndexFile(tmp_path / "index")
    index.build(ENTRIES)
    return index


def review_of(index: IndexFile, year: int = 2025, query: str = "") -> YearReview:
    return index.read(review_year, parse(query, TODAY), year, TODAY)


def page_of(review: YearReview, width: int, query: str = "", glyphs: Glyphs = UNICODE) -> str:
    console = Console(width=width, color_system=None, force_terminal=False)
    with console.capture() as captured:
        console.print(year_page(review, query, width, glyphs))
    return "\n".join(line.rstrip() for line in captured.get().splitlines())


# The figures


def test_every_figure_of_a_year_agrees_with_the_entries(index: IndexFile) -> None:
    review = review_of(index)
    assert review.total == Activity("2025", added=4, read=3, skipped=1, starred=1, noted=1)
    assert review.months[1] == Activity("2025-02", added=3, read=2, skipped=1)
    assert [month.period for month in review.months] == [f"2025-{month:02}" for month in range(1, 13)]
    assert review.previous == Activity("2024", added=2, read=1, starred=1)
    assert (review.unread, review.last) == (1, TODAY)
    assert review.reading_days == (ReadingDay(dt.date(2025, 2, 12), 2), ReadingDay(dt.date(2025, 9, 3), 1))
    assert (review.busiest_month, review.busiest_week) == ("2025-02", dt.date(2025, 2, 10))
    assert review.tags == (TagActivity("rl", 3, 4), TagActivity("강화학습", 2, 2))
    assert review.authors[:2] == (AuthorActivity("Ada Lovelace", 3), AuthorActivity("김철수", 3))
    assert AuthorActivity("Alan Turing", 2) in review.authors
    assert "Grace Hopper" not in {author.author for author in review.authors}
    assert [(paper.date, paper.entry.paper.id) for paper in review.starred] == [(dt.date(2025, 3, 1), 1)]
    assert [one.paper.id for one in review.oldest_unread] == [4]


def test_a_query_narrows_the_year(index: IndexFile) -> None:
    review = review_of(index, query="tag:강화학습")
    assert review.total == Activity("2025", added=2, read=2, skipped=1, starred=1)
    assert review.unread == 0


def test_spellings_of_one_author_are_one_author(tmp_path: Path) -> None:
    index = IndexFile(tmp_path / "index")
    names = ["Łukasz Kaiser", "Lukasz Kaiser", "Łukasz Kaiser"]
    index.build(
        one._replace(paper=one.paper._replace(authors=(name,)))
        for one, name in zip([ENTRIES[0], ENTRIES[1], ENTRIES[4]], names, strict=True)
    )
    assert review_of(index).authors == (AuthorActivity("Łukasz Kaiser", 3),)


@pytest.mark.parametrize("year", [1, 1969, 2024, 2026, 9999])
def test_every_year_of_the_calendar_can_be_reviewed(index: IndexFile, year: int) -> None:
    review = review_of(index, year)
    assert len(review.months) == 12
    assert "".join(year_markdown.export_year(review))
    assert "".join(year_html.export_year(review))
    assert page_of(review, 80)


def test_the_levels_of_a_calendar_are_the_quartiles_of_the_counts_that_occur() -> None:
    assert get_levels([]) == []
    assert get_levels([3, 3]) == [3]
    assert get_levels([1, 500]) == [1, 500]
    assert get_levels(range(1, 21)) == [5, 10, 15, 20]
    levels = get_levels([1, 2, 3, 4, 400])
    assert [get_level(levels, count) for count in (0, 1, 2, 3, 4, 400)] == [0, 1, 2, 3, 4, 4]


# The page on a terminal


def test_the_page_of_a_year(index: IndexFile) -> None:
    assert page_of(review_of(index), 80, "tag:rl") == PAGE.strip("\n")


PAGE = """
2025 in review  tag:rl

4 papers added   3 read   1 skipped   1 starred   1 noted
1 of those added still unread
Papers were read on 2 days.
The busiest month was 2025-02, with 2 read.
The busiest week began on 2025-02-10, with 2 read.
In 2024: 2 added, 1 read, 0 skipped, 1 starred, 0 noted.

month    █ read  ░ skipped  read  skipped  added  starred  noted
2025-02  ██░                   2        1      3        –      –
2025-03                        –        –      –        1      –
2025-04                        –        –      –        –      –
2025-05                        –        –      –        –      1
⋮
2025-09  █                     1        –      1        –      –
⋮

3 papers read on 2 days, 2025-01-01 to 2025-11-20
    Jan  Feb Mar  Apr May Jun  Jul Aug Sep  Oct Nov
Mon  ··············································
     ··············································
Wed ······▒····························░···········
    ···············································
Fri ··············································
    ··············································
    ··············································
    · 0   ░ 1   ▒ 2  read a day

tag        read  added    author        papers read
#rl           3      4    Ada Lovelace            3
#강화학습     2      2    김철수                  3
                          Alan Turing             2

id  starred
 1  2025-03-01  Paper *1* <b>

id  oldest unread of 2025
 4  2025-09-01  Paper *4* <b>
"""


@pytest.mark.parametrize("width", [20, 36, 48, 72, 80, 111, 200])
def test_no_line_of_the_page_is_wider_than_the_terminal(index: IndexFile, width: int) -> None:
    for glyphs in (UNICODE, ASCII):
        assert max(map(cell_len, page_of(review_of(index), width, "tag:rl", glyphs).splitlines())) <= width


def test_a_narrow_calendar_has_the_last_weeks(index: IndexFile) -> None:
    page = page_of(review_of(index), 30)
    assert "1 paper read on 1 day,\n2025-05-26 to 2025-11-20\n" in page
    assert "\nMon " + "·" * 26 + "\n" in page


def test_a_year_without_activity_is_one_sentence(index: IndexFile) -> None:
    sentence = "No digest is from 2031, and no paper was read, skipped, starred or noted in it."
    review = review_of(index, 2031)
    assert page_of(review, 100) == f"2031 in review\n\n{sentence}"
    assert "".join(year_markdown.export_year(review)) == f"# 2031 in review\n\n{sentence}\n"
    assert f"<p>{sentence}</p>\n</body>" in "".join(year_html.export_year(review))


# Markdown and HTML


def test_the_review_in_markdown(index: IndexFile) -> None:
    review = review_of(index)
    text = "".join(year_markdown.export_year(review, "tag:rl _x_"))
    assert text.startswith(MARKDOWN.lstrip("\n"))
    assert "\n| total | 3 | 1 | 4 | 1 | 1 |\n" in text
    assert "\n## Starred papers\n\n### 2025-03\n\n- Paper \\*1\\* \\<b> · Ada Lovelace, 김철수\n" in text
    oldest = "- 2025-09-01 Paper \\*4\\* \\<b> · Ada Lovelace, 김철수, Alan Turing and 2 others\n"
    assert text.endswith(f"\n## Oldest unread papers of 2025\n\n{oldest}")


MARKDOWN = """
# 2025 in review

Papers that match: tag:rl \\_x\\_

- 4 papers added, 1 of them still unread
- 3 read
- 1 skipped
- 1 starred
- 1 with a note written or changed

Papers were read on 2 days.
"""


class _Elements(HTMLParser):
    """The tags, attributes and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.names: set[str] = set()
        self.text: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.names |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_the_page_of_a_browser_has_no_script_and_loads_nothing(index: IndexFile) -> None:
    page = "".join(year_html.export_year(review_of(index), "tag:rl"))
    elements = _Elements(page)
    assert not {"script", "link", "img", "iframe", "form"} & set(elements.tags)
    assert not {name for name in elements.names if name.startswith("on")} | ({"src", "style"} & elements.names)
    assert re.search(r"default-src 'none'; style-src 'sha256-[\w+/=]+'; base-uri 'none'; form-action 'none'", page)
    assert page.count("<title>2025-") == (TODAY - dt.date(2024, 12, 31)).days
    assert "<title>2025-02-12: 2</title>" in page


def test_text_of_others_is_escaped_in_both_formats(tmp_path: Path) -> None:
    for number, text in enumerate([*MARKUP, *CONTROL_SEQUENCES[:6], *INVISIBLE[:6]]):
        one = ENTRIES[0]
        paper = one.paper._replace(title=f"x {text}", authors=(text, text), tags=(text,))
        index = IndexFile(tmp_path / f"index{number}")
        index.build([Entry(paper, one.mark, (text,)), ENTRIES[3]])
        review = review_of(index)
        elements = _Elements("".join(year_html.export_year(review, text)))
        assert not {"script", "img", "b", "a"} & set(elements.tags)
        rendered = MarkdownIt("commonmark").enable(["table", "strikethrough"])
        page = _Elements(rendered.render("".join(year_markdown.export_year(review, text))))
        assert not set(page.tags) - {"h1", "h2", "h3", "p", "ul", "li", "table", "thead", "tbody", "tr", "th", "td"}


# The command


def mark_some(loaded: Run) -> None:
    for words in (("read", "1-3"), ("skip", "4"), ("star", "2"), ("note", "2", "compare")):
        assert loaded(*words).code == 0


def test_a_machine_gets_one_object_of_the_year(loaded: Run) -> None:
    mark_some(loaded)
    year = dt.date.today().year
    review = json.loads(loaded("stats", "--year", str(year), "--json").out)
    assert (review["read"], review["skipped"], review["starred"], review["noted"]) == (3, 1, 1, 1)
    assert review["reading_days"] == [{"date": dt.date.today().isoformat(), "read": 3}]
    assert [paper["id"] for paper in review["starred_papers"]] == [2]
    added = json.loads(loaded("stats", "--year", "2025", "tag:rl", "--json").out)
    assert added["added"] == len(loaded("list", "first:2025", "tag:rl").out.splitlines()) > 0


def test_a_pipe_gets_a_line_a_figure_of_the_year(loaded: Run) -> None:
    lines = [line.split("\t") for line in loaded("stats", "--year", "2025").out.splitlines()]
    assert lines[:3] == [["year", "2025"], ["added", "13"], ["read", "0"]]
    assert ["activity", "2025-05", "5", "0", "0", "0", "0"] in lines
    assert [line[0] for line in lines].count("oldest_unread") == 5


@pytest.mark.parametrize(("name", "first"), [("r.md", "# 2025 in review\n"), ("r.html", "<!DOCTYPE html>\n")])
def test_the_suffix_of_the_file_chooses_the_format(loaded: Run, tmp_path: Path, name: str, first: str) -> None:
    path = tmp_path / name
    done = loaded("stats", "--year", "2025", "-o", path)
    assert (done.code, done.out, done.err) == (0, "", f"Wrote the review of 2025 to {path}\n")
    assert path.read_text(encoding="utf-8").startswith(first)
    assert (
        loaded("stats", "--year", "2025", "-o", path).err == f"readlist: file exists: {path}; --force overwrites it\n"
    )
    assert loaded("stats", "--year", "2025", "-o", path, "--force").code == 0


def test_a_review_is_not_written_into_the_library(loaded: Run, own_folders: Path) -> None:
    path = own_folders / "home" / "papers.json"
    done = loaded("stats", "--year", "2025", "--to", "html", "-o", path, "--force")
    assert done.code == 1
    assert done.err.startswith("readlist: cannot write into the library's own directories")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--year abc", "invalid year: abc; pass four digits, such as"),
        ("--year 0000", "invalid year: 0000; pass four digits, such as"),
        ("--year 25", "invalid year: 25; pass four digits, such as"),
        ("--to html", "--to is for a year in review; add --year"),
        ("-o x.md", "--output is for a year in review; add --year"),
        ("--force", "--force is for a year in review; add --year"),
        ("--year 2025 --to pdf", "unknown format: pdf; use markdown or html"),
        ("--year 2025 -o x.txt", "no format of a review has the suffix .txt: x.txt; add --to markdown or html"),
        ("--year 2025 -o x", "no format of a review has the suffix (none): x; add --to markdown or html"),
        ("--year 2025 --json --to html", "pass --json or --to, not both"),
        ("--year 2025 --json -o x.md", "pass --json or --output, not both"),
    ],
)
def test_what_cannot_be_reviewed_is_a_usage_error(loaded: Run, words: str, message: str) -> None:
    done = loaded("stats", *words.split())
    assert done.code == 2
    assert done.out == ""
    assert done.err.startswith(f"readlist: {message}")


def test_an_empty_path_is_a_usage_error(loaded: Run) -> None:
    assert loaded("stats", "--year", "2025", "-o", "").err == "readlist: empty value for --output; pass a path\n"


def test_a_terminal_shows_the_page_of_the_year(loaded: Run, on_terminal: Callable[..., Done]) -> None:
    page = on_terminal("stats", "--year", "2025", "tag:rl", NO_COLOR="1").out
    assert re.sub(r"\x1b\[[\d;]*m", "", page).startswith("2025 in review  tag:rl\n")
    assert "\x1b[3" not in page
