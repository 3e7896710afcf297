"""What the reader shows of a paper, which papers it shows in which order, and how a day's papers are judged."""

from __future__ import annotations

import datetime as dt

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from readlist import edits
from readlist.browse.screens import LaterScreen
from readlist.library.library import Library
from readlist.models import Status
from readlist.store.lock import Lock
from tests.browse.reader import (
    LARGE,
    MIDDLING,
    SMALL,
    browse,
    entry,
    open_backlog,
    press_keys,
    rendered_lines,
    screen_lines,
    wait_for_redraw,
)
from tests.library_files import refs

MORNING = (100, 30)


def load_paper(library: Library, authors: int) -> None:
    """Add a paper, the newest of all, with so many authors and a comment in two languages."""
    names = ", ".join(f"{chr(65 + number % 26)}. Author{number}" for number in range(authors))
    text = f"2026-01-05\nOn Tides\n({names})\nTides rise and fall.\n한국어 코멘트입니다.\nEnglish comment.\n#tides\n"
    library.load([], text.encode())


# The page


@pytest.mark.parametrize("size", [SMALL, MORNING, MIDDLING])
def test_ten_papers_are_read_and_judged_with_ten_keys(library: Library, size: tuple[int, int]) -> None:
    shown: list[str] = []

    async def steps(pilot: Pilot[None]) -> None:
        for key in "rslrlsrrls":
            await wait_for_redraw(pilot)
            shown.append("".join("".join(line[:-1].split()) for line in rendered_lines(pilot.app)))  # no scroll bar
            await pilot.press(key)

    judged = open_backlog(library).papers[:10]
    browse(library, steps, size=size)
    entries = library.entries([paper.id for paper in judged])
    assert [one.mark.status for one in entries] == [
        {"r": Status.READ, "s": Status.SKIPPED, "l": Status.UNREAD}[key] for key in "rslrlsrrls"
    ]
    assert [one.mark.later for one in entries] == [None, None, 1, None, 2, None, None, None, 3, None]
    if size == MORNING:
        for one, text in zip(entries, shown, strict=True):
            comment = next(iter(one.paper.comments.values()))
            assert "".join(one.paper.title.split()) in text
            assert "".join(comment.split()) in text


def test_the_comments_are_above_the_abstract_the_preferred_language_first(library: Library) -> None:
    load_paper(library, 1)
    for language, first, second in [
        ("", "Korean", "English"),
        ("en", "English", "Korean"),
        ("ja", "Korean", "English"),
    ]:
        lines = [line.strip() for line in screen_lines(library, size=MORNING, language=language)]
        assert lines.index(first) < lines.index(second) < lines.index("Abstract")


def test_of_many_authors_three_are_named_until_a_shows_all(library: Library) -> None:
    load_paper(library, 100)

    async def steps(pilot: Pilot[None]) -> None:
        for keys, is_folded in [((), True), (("a",), False), (("a",), True), (("a", "j", "k"), True)]:
            await pilot.press(*keys)
            await wait_for_redraw(pilot)
            text = "\n".join(rendered_lines(pilot.app))
            assert ("A. Author0, B. Author1, C. Author2 and 97 " in text) is is_folded
            assert ("Author40" in text) is not is_folded

    browse(library, steps, size=LARGE)


# Later


def test_l_puts_a_paper_at_the_end_of_the_queue_and_goes_on(library: Library) -> None:
    lines = screen_lines(library, "l", "l", "k", "k", "l", size=MORNING)
    assert [entry(library, id_).mark.later for id_ in (9, 10, 11)] == [3, 2, None]
    assert [line[4] for line in lines[2:5]] == ["◷", "◷", " "]
    assert "11 · 2025-05-27 · unread" in "\n".join(lines)
    assert [step.description for step in library.history()[:-1]] == ["later 9", "later 10", "later 9"]


def test_a_paper_that_is_put_off_is_not_the_next_unread_one(library: Library) -> None:
    browse(library, press_keys("l", "l"))
    browse(library, press_keys("r"))
    assert entry(library, 11).mark.status is Status.READ


def test_papers_keep_their_order_in_the_queue_while_the_lock_is_held(library: Library) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        with Lock(library.directories.state / "lock"):
            await pilot.press("l", "l", "L", "enter")
        await pilot.pause(1.5)

    browse(library, steps)
    assert [one.paper.id for one in library.postponed()] == [11, 9, 10]


def test_capital_l_asks_for_a_day_and_empty_is_first_in_the_queue(library: Library) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("l", "L", "enter", "L", *"3일 뒤", "enter", "L", *"gestern", "enter")
        assert isinstance(pilot.app.screen, LaterScreen)
        assert [notice.message for notice in pilot.app._notifications] == [
            "invalid date: gestern; write tomorrow, monday, 3d, 2w, 2025-06-02"
        ]
        pilot.app.screen.query_one(Input).value = "2020-01-01"
        await pilot.press("enter")
        assert isinstance(pilot.app.screen, LaterScreen)
        await pilot.press("escape", "k", "L", "n", "o", "enter")
        await wait_for_redraw(pilot)

    browse(library, steps)
    in_three_days = dt.date.today() + dt.timedelta(3)
    assert [entry(library, id_).mark.later for id_ in (9, 10, 11, 12)] == [1, 0, None, None]
    assert f"later --until {in_three_days} 11" in [step.description for step in library.history()]


# Filter and order


def test_f_shows_only_papers_in_one_state_after_the_other(library: Library) -> None:
    library.apply(edits.SetStatus(Status.READ), refs(library, [9]))
    library.apply(edits.SetStar(True), refs(library, [10]))
    counts: list[list[str]] = []

    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("l")  # paper 10
        for _ in range(6):
            counts.append(rendered_lines(pilot.app)[0].split())
            await pilot.press("f")
            await wait_for_redraw(pilot)

    browse(library, steps, text="date:2025-05-27")
    date = "date:2025-05-27"
    assert counts == [
        [date, *["4", "of", "5", "unread"]],
        [date, "·", "is:unread", *["4", "of", "4", "unread"]],
        [date, "·", "is:starred", *["1", "of", "1", "unread"]],
        [date, "·", "is:later", *["1", "of", "1", "unread"]],
        [date, "·", "is:reading"],
        [date, *["4", "of", "5", "unread"]],
    ]


def test_the_filter_stays_in_a_search_and_the_paper_at_the_cursor(library: Library) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("j", "j", "f", "slash", *"rl", "enter", "x")
        await wait_for_redraw(pilot)
        assert rendered_lines(pilot.app)[0].startswith(" rl · is:unread ")

    library.apply(edits.SetStatus(Status.READ), refs(library, [9]))
    browse(library, steps)
    assert not entry(library, 9).mark.starred


def test_c_changes_the_order_and_v_reverses_it(library: Library) -> None:
    views: list[str] = []

    async def steps(pilot: Pilot[None]) -> None:
        for key in "vcccccccc":
            await pilot.press(key)
            await wait_for_redraw(pilot)
            views.append(rendered_lines(pilot.app)[0].split("  ")[0].strip())

    browse(library, steps, size=MORNING)
    orders = ["-date", "loaded", "read", "starred", "noted", "title", "author", "random", "date"]
    assert [view.removeprefix("all papers · by ") for view in views] == orders


def test_the_papers_come_in_the_order_that_is_shown(library: Library) -> None:
    titles = sorted(one.paper.title.casefold() for one in library.entries(range(1, 14)))
    for keys in ["cccccg", "cccccvG"]:
        lines = screen_lines(library, *keys, size=MORNING)
        assert [line[:-1].strip().startswith("2025") for line in lines[2:5]] == [True] * 3
        assert titles[0][:20] in "\n".join(lines[2:11]).casefold()


def test_relevance_is_an_order_only_where_the_query_has_words(library: Library) -> None:
    assert screen_lines(library, "v", text="reasoning")[0].startswith(" reasoning · by -relevance ")
    assert screen_lines(library, "v", text="tag:reasoning")[0].startswith(" tag:reasoning · by -date ")


# Undo


def test_a_change_of_an_earlier_session_is_named_before_it_is_undone(library: Library) -> None:
    library.apply(edits.SetStar(True), refs(library, [9]))
    messages: list[str] = []

    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("r", "z", "z", "j", "z")
        messages.extend(notice.message for notice in pilot.app._notifications)
        await wait_for_redraw(pilot)

    browse(library, steps)
    assert messages == [
        "Undone: read 9",
        "Not from this session: star 9; press z again to undo it",
        "Not from this session: star 9; press z again to undo it",
    ]
    assert entry(library, 9).mark.starred
    browse(library, press_keys("z", "z", "Z"))
    assert entry(library, 9).mark.starred, "undone and redone in this session"
