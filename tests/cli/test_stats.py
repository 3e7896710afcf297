"""`readlist stats`: the numbers, and their output on a terminal, in a pipe and as JSON."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from readlist.counts import TagCount
from readlist.models import Appearance, Entry, Mark, Paper, Status
from readlist.search.query.parser import parse
from readlist.search.statistics import compute_stats
from readlist.stats import Activity, MonthCount, ReadingDay, Stats, Week
from readlist.views.bars import ASCII, UNICODE, Glyphs, choose_glyphs
from readlist.views.stats import stats_page
from tests.conftest import Done, Run
from tests.search.index_file import IndexFile

TODAY = dt.date(2025, 6, 4)
"""A Wednesday; its week begins on June 2."""
MONDAY = dt.date(2025, 6, 2)


def at(day: dt.date, hour: int = 12) -> dt.datetime:
    """Return a local time as UTC."""
    return dt.datetime.combine(day, dt.time(hour)).astimezone().astimezone(dt.UTC)


def entry(id_: int, day: dt.date | None, status: Status = Status.UNREAD, done: dt.date | None = None) -> Entry:
    tags = ("RL", "math") if id_ % 2 else ("rl",)
    seen = (Appearance(day, "a"),)
    paper = Paper(f"Paper {id_}", tags=tags, digests=seen, id=id_, key=f"k{id_}")
    return Entry(paper, Mark(paper.key, status, at(done) if done else None, starred=id_ == 1), tags)


ENTRIES = [
    entry(1, dt.date(2025, 2, 11)),
    entry(2, dt.date(2025, 3, 17), Status.READ, dt.date(2025, 6, 3)),
    entry(3, MONDAY, Status.SKIPPED, MONDAY),
    entry(4, MONDAY, Status.READ, dt.date(2025, 6, 1)),
    entry(5, dt.date(2025, 6, 4)),
    entry(6, None),
    entry(7, dt.date(2025, 2, 10), Status.READ, dt.date(2025, 3, 16)),
    entry(8, dt.date(2025, 5, 26), Status.READING, dt.date(2025, 6, 3)),
]


@pytest.fixture
def index(tmp_path: Path) -> IndexFile:
    index = IndexFile(tmp_path / "index")
    index.build(ENTRIES)
    return index


def test_every_statistic_agrees_with_the_entries(index: IndexFile) -> None:
    counted = index.read(compute_stats, parse("", TODAY), TODAY)
    mondays = [MONDAY - dt.timedelta(weeks=ago) for ago in reversed(range(12))]
    weeks = {day: Week(day) for day in mondays} | {
        dt.date(2025, 3, 17): Week(dt.date(2025, 3, 17), added=1),
        dt.date(2025, 5, 26): Week(dt.date(2025, 5, 26), added=1, read=1),
        MONDAY: Week(MONDAY, added=3, read=1, skipped=1),
    }
    assert counted == Stats(
        TODAY,
        8,
        {Status.UNREAD: 3, Status.READING: 1, Status.READ: 3, Status.SKIPPED: 1},
        1,
        tuple(weeks.values()),
        (TagCount("RL", 8, 3), TagCount("math", 4, 2)),
        (
            MonthCount("2025-02", 2, 1),
            MonthCount("2025-03", 1, 0),
            MonthCount("2025-05", 1, 0),
            MonthCount("2025-06", 3, 1),
        ),
        (ENTRIES[0], ENTRIES[4]),
        (
            Activity("2025-02", added=2),
            Activity("2025-03", added=1, read=1),
            Activity("2025-05", added=1),
            Activity("2025-06", added=3, read=2, skipped=1),
        ),
        (
            ReadingDay(dt.date(2025, 3, 16), 1),
            ReadingDay(dt.date(2025, 6, 1), 1),
            ReadingDay(dt.date(2025, 6, 3), 1),
        ),
    )
    assert counted.growth == 5 - 2 - 1


def test_a_query_narrows_every_number(index: IndexFile) -> None:
    counted = index.read(compute_stats, parse("tag:math date:2025-06..", TODAY), TODAY)
    assert counted.papers == 2
    assert counted.statuses[Status.SKIPPED] == 1
    assert sum(week.added for week in counted.weeks) == 2
    assert [one.paper.id for one in counted.longest_unread] == [5]
    assert index.read(compute_stats, parse("zebra", TODAY), TODAY).papers == 0


def test_weeks_are_in_local_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sunday_evening_in_utc = dt.datetime(2025, 6, 1, 20, tzinfo=dt.UTC)
    index = IndexFile(tmp_path / "index")
    one = ENTRIES[1]._replace(mark=ENTRIES[1].mark._replace(status_at=sunday_evening_in_utc))
    index.build([one])
    read = {}
    for zone in ("UTC", "Asia/Seoul"):
        with monkeypatch.context() as patch:
            patch.setenv("TZ", zone)
            time.tzset()
            read[zone] = [week.read for week in index.read(compute_stats, parse("", TODAY), TODAY).weeks][-2:]
    time.tzset()
    assert read == {"UTC": [1, 0], "Asia/Seoul": [0, 1]}


def test_undated_papers_alone_can_be_counted(tmp_path: Path) -> None:
    index = IndexFile(tmp_path / "index")
    index.build([ENTRIES[5]])
    counted = index.read(compute_stats, parse("", TODAY), TODAY)
    assert (counted.papers, counted.months, counted.longest_unread) == (1, (), ())


def shown(stats: Stats, width: int, glyphs: Glyphs = UNICODE) -> str:
    console = Console(width=width, color_system=None, force_terminal=False)
    with console.capture() as captured:
        console.print(stats_page(stats, width, glyphs))
    return "\n".join(line.rstrip() for line in captured.get().splitlines())


def test_the_page(index: IndexFile) -> None:
    assert shown(index.read(compute_stats, parse("", TODAY), TODAY), 80) == PAGE.strip("\n")


PAGE = """
8 papers   3 unread   ▸ 1 reading   ✓ 3 read   – 1 skipped   ★ 1 starred
last 12 weeks: 5 added, 2 read, 1 skipped, backlog +2

week of  █ read  ░ skipped  read  skipped  added
earlier                        1        –      2
03-17                          –        –      1
⋮
05-26    █                     1        –      1
06-02    █░                    1        1      3

3 papers read on 3 days, 2024-06-05 to 2025-06-04
    Jun Jul  Aug Sep  Oct Nov Dec  Jan Feb Mar  Apr May
Mon  ····················································
     ···················································░
Wed ·····················································
    ····················································
Fri ····················································
    ····················································
    ········································░··········░
    · 0   ░ 1  read a day

tag    papers  unread
#RL         8       3
#math       4       2

id  longest unread
 1  2025-02-11  Paper 1
 5  2025-06-04  Paper 5
"""


def test_without_activity_in_the_weeks_the_page_has_a_sentence_and_the_months(index: IndexFile) -> None:
    today = dt.date(2026, 11, 26)
    page = shown(index.read(compute_stats, parse("", today), today), 80)
    assert "No digest is from the last 12 weeks, and no paper was read or skipped in them.\n" in page
    assert "week of" not in page
    assert page.partition("\n\n")[2].partition("\n\n")[0] == MONTHS.strip("\n")
    assert "read on" not in page


MONTHS = """
month    █ read  ░ skipped  read  skipped  added
2025-02                        –        –      2
2025-03  █                     1        –      1
2025-04                        –        –      –
2025-05                        –        –      1
2025-06  ██░                   2        1      3
"""


def test_papers_of_years_are_shown_by_month_with_the_earlier_ones_in_one_row(tmp_path: Path) -> None:
    index = IndexFile(tmp_path / "index")
    index.build([entry(number, dt.date(2022 + number // 12, number % 12 + 1, 15)) for number in range(1, 40)])
    page = shown(index.read(compute_stats, parse("", TODAY), TODAY), 80)
    table = page.partition("\n\n")[2].partition("\n\n")[0].splitlines()
    assert [line.split() for line in table] == [
        ["month", "read", "skipped", "added"],
        ["earlier", "–", "–", "27"],
        *([f"2024-{month:02}", "–", "–", "1"] for month in range(5, 13)),
        *([f"2025-{month:02}", "–", "–", "1"] for month in range(1, 5)),
    ]


def test_undated_papers_have_a_page_without_activity(tmp_path: Path) -> None:
    index = IndexFile(tmp_path / "index")
    index.build([ENTRIES[5]])
    page = shown(index.read(compute_stats, parse("", TODAY), TODAY), 80)
    assert page.splitlines()[3:] == ["tag  papers  unread", "#rl       1       1"]


def test_in_an_encoding_without_blocks_the_page_is_ascii(index: IndexFile) -> None:
    counted = index.read(compute_stats, parse("", TODAY), TODAY)
    page = shown(counted, 80, choose_glyphs("ascii"))
    assert page.isascii()
    assert "06-02    #=" in page
    assert choose_glyphs("utf-8") == UNICODE
    assert choose_glyphs("no-such-encoding") == ASCII


@pytest.mark.parametrize("width", [20, 36, 48, 72, 80, 200])
def test_no_line_is_wider_than_the_terminal(index: IndexFile, width: int) -> None:
    one = ENTRIES[0]._replace(paper=ENTRIES[0].paper._replace(title="강화학습을 위한 아주 긴 제목 " * 8))
    index.update([one], ("", "", ""), ("x", "", ""))
    page = shown(index.read(compute_stats, parse("", TODAY), TODAY), width)
    assert max(map(cell_len, page.splitlines())) <= width
    assert "강화학습" in "".join(page.split())


def test_the_longest_bar_fits_and_small_numbers_are_counted_out() -> None:
    weeks = (Week(MONDAY - dt.timedelta(weeks=1), 0, 3, 1), Week(MONDAY, 0, 900, 100))
    statuses = dict.fromkeys(Status, 0)
    few = Stats(MONDAY, 1, statuses, 0, weeks[:1], activity=(Activity("2025-06", 0, 3, 1),))
    assert "███░ " in shown(few, 80)
    (longest,) = [line for line in shown(few._replace(weeks=weeks), 80).splitlines() if line.startswith("06-02")]
    assert 38 <= longest.count("█") + longest.count("░") <= 40
    assert longest.count("█") > 8 * longest.count("░")


def test_a_pipe_gets_a_line_a_figure(loaded: Run) -> None:
    loaded("read", "1-3")
    loaded("skip", "4")
    lines = [line.split("\t") for line in loaded("stats").out.splitlines()]
    assert lines[:7] == [
        ["papers", "13"],
        ["unread", "9"],
        ["reading", "0"],
        ["read", "3"],
        ["skipped", "1"],
        ["starred", "0"],
        ["growth", "-4"],
    ]
    assert [line[0] for line in lines].count("week") == 12
    assert next(line for line in reversed(lines) if line[0] == "week")[2:] == ["0", "3", "1"]
    assert ["month", "2025-05", "5", "5"] in lines
    assert [line[:3] for line in lines if line[0] == "longest_unread"][-1] == ["longest_unread", "9", "2025-05-27"]
    assert ["activity", "2025-05", "5", "0", "0", "0", "0"] in lines
    assert lines[-1] == ["reading_day", dt.date.today().isoformat(), "3"]


def test_a_machine_gets_one_object(loaded: Run) -> None:
    counted = json.loads(loaded("stats", "date:2025-05..", "--json").out)
    assert counted["papers"] == counted["unread"] == 5
    assert counted["months"] == [{"month": "2025-05", "papers": 5, "unread": 5}]
    assert [one["id"] for one in counted["longest_unread"]] == [9, 10, 11, 12, 13]
    assert list(counted["weeks"][0]) == ["monday", "added", "read", "skipped"]


@pytest.mark.parametrize("command", ["stats", "tags", "today"])
def test_a_query_without_matches_is_reported_with_the_reason(loaded: Run, command: str) -> None:
    done = loaded(command, "quantization", "is:read")
    assert (done.code, done.err) == (0, "No papers match; 1 matches without is:read\n")


def test_in_an_empty_library_the_command_prints_how_to_add_papers(run: Run) -> None:
    assert run("stats").err == "The library is empty. To add papers: readlist load PATH\n"


def test_a_terminal_shows_the_page_without_color_if_asked(loaded: Run, on_terminal: Callable[..., Done]) -> None:
    loaded("read", "1")
    page = on_terminal("stats", NO_COLOR="1").out
    assert "13 papers" in page
    assert "█" in page
    assert "\x1b[3" not in page


def test_the_last_day_of_the_calendar_has_statistics(index: IndexFile) -> None:
    counted = index.read(compute_stats, parse("", dt.date.max), dt.date.max)
    assert counted.weeks[-1] == Week(dt.date(9999, 12, 27))
    assert "No digest is from the last 12 weeks" in shown(counted, 80)
