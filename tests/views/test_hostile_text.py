"""At any width, no text sends a command to the terminal, is interpreted as markup, or breaks the columns."""

from __future__ import annotations

import datetime as dt
import io
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console, RenderableType
from wcwidth import wcswidth

from readlist.counts import DigestCount, TagCount
from readlist.models import Appearance, Entry, Mark, Paper, PersonMark
from readlist.query_results import Excerpt, Hit
from readlist.suggestions import DailyPapers, Suggestion
from readlist.text import clean
from readlist.views.daily import daily_page
from readlist.views.later import postponed_table
from readlist.views.paper import brief_page, paper_page
from readlist.views.papers import papers_table
from readlist.views.tables import digests_table, tags_table
from tests.hostile import is_harmless

SEEDS = Path(__file__).parents[2] / "seeds"
WIDTHS = (40, 80, 120)
MAY = (Appearance(dt.date(2025, 5, 27), "003.txt"),)
_COLOR = re.compile(r"\x1b\[[\d;]*m")


def render(view: RenderableType, width: int, *, color: bool = False) -> str:
    """Return what a terminal of this width shows."""
    screen = io.StringIO()
    Console(file=screen, width=width, force_terminal=color, color_system="standard" if color else None).print(view)
    return screen.getvalue()


def build_entry(paper: Paper, note: str = "") -> Entry:
    return Entry(paper, Mark(paper.key, note=note), paper.tags)


def without_spaces(text: str) -> str:
    return "".join(_COLOR.sub("", text).split())


_PARTS = [
    "[/]", "[bold]x[/bold]", "[link=file:///etc/passwd]x[/link]", "[red]", "\\[x]", "[/red", "[[", "]]",
    ":smile:", ":x:", "[@click=app.quit]x[/]", "[not bold]", "\x1b[31mred",
    "\x1b]8;;https://evil.example\x1b\\x\x1b]8;;\x1b\\", "\x9b31m", "\x1b]52;c;aGk=\x07", "\x1b[2J",
    "\u202etxt.exe", "\u2066x\u2069", "zero\u200bwidth", "\ufeffBOM", "a\u0301\u0301", "x\ry",
]  # fmt: skip
_FRAMES = [
    "{}",
    "{} Models",
    "On {}",
    "언어 {} 모델",
    "{0}{0}",
    "[{}",
    "{}]",
    "{}\nid 2",
    "{}\t{}",
    "({} 👩\u200d🔬 学習)",
]
HOSTILE_TITLES = [frame.replace("{0}", "{}").format(*[part] * 2) for frame in _FRAMES for part in _PARTS]


def hostile_entry(text: str) -> Entry:
    """Return an entry with the text in every field, and in what another person shares."""
    digests = (Appearance(dt.date(2025, 5, 27), text),)
    paper = Paper(text, (text,), text, {"ko": text, text: text}, (text,), (text,), text, text, digests, 1)
    other = PersonMark(text, Mark(paper.key, starred=True, tags_added=(text,), note=text))
    return build_entry(paper, text)._replace(others=(other,))


def all_views(text: str, width: int) -> list[RenderableType]:
    one = hostile_entry(text)
    excerpt = Excerpt("comment", text, ((0, min(3, len(text))),))
    return [
        papers_table([Hit(one), Hit(one, matched=excerpt), Hit(one, matched=excerpt._replace(field="title"))], width),
        paper_page(one, width),
        brief_page(one, width),
        tags_table([TagCount(text, 1, 1)]),
        digests_table([DigestCount(Appearance(None, text), 1, 1)]),
        daily_page(DailyPapers((Suggestion(one, 1.0, text),), 1, 1, True, (one,), (one,), (), 0, 1), width),
        postponed_table([one], dt.date(2025, 5, 28)),
    ]


def test_there_are_200_hostile_titles() -> None:
    assert len(set(HOSTILE_TITLES)) >= 200


@pytest.mark.parametrize("width", WIDTHS)
def test_a_hostile_title_is_harmless_and_shown_literally(width: int) -> None:
    for title in HOSTILE_TITLES:
        for view in all_views(title, width):
            written = render(view, width, color=True)
            assert is_harmless(_COLOR.sub("", written)), repr(written)
        lines = render(papers_table([Hit(build_entry(Paper(title, id=1)))], width), width).splitlines()
        start, header = (8, 0) if width < 60 else (20, 1)
        assert without_spaces("".join(line[start:] for line in lines[header:])) == without_spaces(clean(title))
        assert without_spaces(clean(title)) in without_spaces(render(paper_page(hostile_entry(title), width), width))


def test_no_title_adds_a_row_to_the_table() -> None:
    ids = [
        line[:2]
        for line in render(papers_table([Hit(hostile_entry("a\n 2  2025-01-01\r\n\x85b"))], 80), 80).splitlines()
    ]
    assert ids == ["id", " 1"]


@given(st.text(), st.integers(1, 160))
def test_any_text_fits_any_width(text: str, width: int) -> None:
    for view in all_views(text, width):
        assert is_harmless(_COLOR.sub("", render(view, width, color=True)))


_WIDE = [
    "대규모 언어 모델의 추론", "大規模言語モデルの学習", "视觉语言模型", "🚀 Rocket", "👍🏽 Thumbs", "❤️ Heart",
    "🇰🇷 Korea", "1️⃣ One", "ｆｕｌｌ", "ﾊﾝｶｸ", "Ünïcödé", "a\u0301e\u0301", "ไทย", "Слово", "עברית", "العربية",
    "𝔽𝕡𝟠", "“quotes” — dash", "①②③", "한글English혼용", "∑∫√", "☃★✓", "👨\u200d👩\u200d👧 Family", "한글",
    "㈜회사",
]  # fmt: skip
TITLES = [
    f"{a} {b}" for a in _WIDE for b in [*_WIDE[:10], "in Large Language Models: " * 3, "긴 제목이 이어집니다 " * 5]
]


@pytest.mark.parametrize("width", WIDTHS)
def test_no_line_is_wider_than_the_terminal_and_columns_line_up(width: int) -> None:
    assert len(TITLES) == 300
    for title in TITLES:
        one = build_entry(Paper(title, (title,), title, tags=("끝",), digests=MAY, id=1))
        table = render(papers_table([Hit(one)], width), width)
        for line in (table + render(paper_page(one, width), width)).splitlines():
            assert wcswidth(line) <= width, (title, line)
        if width >= 80:
            first = table.splitlines()[1]
            assert wcswidth(first[: first.index("#")]) == table.index("tags"), (title, first)


def test_the_seeds_fit_at_every_width() -> None:
    words = [line for file in SEEDS.glob("*.txt") for line in file.read_text("utf-8").splitlines()]
    for width in WIDTHS:
        for i, line in enumerate(words):
            one = build_entry(Paper(line[:500], (), line, {"ko": line}, digests=MAY, id=i), note=line)
            views = render(papers_table([Hit(one)], width), width) + render(paper_page(one, width), width)
            assert all(wcswidth(row) <= width for row in views.splitlines())
            assert without_spaces(line) in without_spaces(render(paper_page(one, width), width))
