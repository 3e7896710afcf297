"""The full-screen reader, operated by keys; its effect is read from the library afterwards, as commands read it."""

from __future__ import annotations

import asyncio
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import typer
from rich.cells import cell_len
from textual.events import Key
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from readlist import edits
from readlist.browse.app import Browser
from readlist.browse.display import Programs
from readlist.browse.draft import NoteDraft
from readlist.browse.paper_list import PaperList
from readlist.browse.pending import PendingChange
from readlist.browse.rows import row_lines
from readlist.browse.screens import KeysScreen, NoteScreen, TagScreen
from readlist.cli.commands import browse as browse_command
from readlist.cli.context import find_directories
from readlist.errors import Busy, ReadlistError
from readlist.library.library import Library
from readlist.models import Entry, Mark, Paper, PaperRef, PersonMark, Status
from readlist.store.lock import Lock
from readlist.store.people import write_people
from readlist.text import clean_markdown
from tests.browse.reader import (
    LARGE,
    MIDDLING,
    SMALL,
    browse,
    edit_nothing,
    entry,
    open_backlog,
    press_keys,
    read_until,
    rendered_lines,
    screen_lines,
    start_browse,
    wait_for_redraw,
)
from tests.conftest import Run, _until_closed
from tests.library_files import LibraryFiles, refs, replace_papers

# Triage


@pytest.mark.parametrize("size", [SMALL, MIDDLING, LARGE])
def test_a_backlog_is_processed_by_keys_alone(library: Library, size: tuple[int, int]) -> None:
    browse(library, press_keys("r", "s", "x", "r", "i", "j", "u", "q"), size=size)
    assert [entry(library, id_).mark.status for id_ in (9, 10, 11, 12, 13)] == [
        Status.READ,
        Status.SKIPPED,
        Status.READ,
        Status.READING,
        Status.UNREAD,
    ]
    assert entry(library, 11).mark.starred
    assert [step.description for step in library.history()][:-1] == [
        "reading 12",
        "read 11",
        "star 11",
        "skip 10",
        "read 9",
    ]


def test_read_and_skip_move_on_to_the_next_unread_paper(library: Library) -> None:
    library.apply(edits.SetStatus(Status.READ), refs(library, [10, 11]))
    browse(library, press_keys("r", "s"))
    assert entry(library, 9).mark.status is Status.READ
    assert entry(library, 12).mark.status is Status.SKIPPED


def test_it_begins_at_the_first_unread_paper_so_that_a_triage_can_be_resumed(library: Library) -> None:
    browse(library, press_keys("r", "r", "r", "q"))
    assert screen_lines(library)[10].strip().startswith("FP4 All the Way")


def test_papers_keep_their_positions_while_they_are_marked(library: Library) -> None:
    lines = screen_lines(library, "r", "r", text="is:unread")
    assert lines[0].split() == ["is:unread", "11", "of", "13", "unread"]
    assert [line[:3].strip() for line in lines[2:5]] == ["✓", "✓", ""]


def test_undo_restores_the_last_mark_and_moves_to_its_paper(library: Library) -> None:
    browse(library, press_keys("r", "r", "z", "x", "z", "Z"))
    assert entry(library, 9).mark.status is Status.READ
    assert entry(library, 10).mark.status is Status.UNREAD
    assert entry(library, 10).mark.starred


def test_undo_announces_the_step_that_it_will_undo(library: Library, own_folders: Path) -> None:
    """Not the newest one, which cron made, and which it passes over."""
    library.apply(edits.SetStar(starred=True), refs(library, [12]))
    cron = Library(find_directories(str(own_folders / "home")))
    cron.record_as_unattended()
    cron.apply(edits.SetStatus(Status.SKIPPED), refs(library, [9]))
    step = open_backlog(library).find_step_of_others(is_undone=False)
    assert step
    assert step.description == "star 12"


def test_undoing_the_load_leaves_an_empty_list_with_a_notice(library: Library) -> None:
    lines = screen_lines(library, "z", "z", "r", "x", "n", "t", "o")
    assert lines[1].strip() == "The library is empty. To add papers: readlist load PATH"
    assert library.statuses().by_id == {}


def test_changes_by_another_process_are_visible_at_the_next_action(library: Library, own_folders: Path) -> None:
    other = Library(find_directories(str(own_folders / "home")))
    lines: list[str] = []

    async def steps(pilot: Pilot[None]) -> None:
        other.apply(edits.SetStatus(Status.SKIPPED), refs(other, [10]))
        await pilot.press("x")
        await wait_for_redraw(pilot)
        lines.extend(rendered_lines(pilot.app))

    browse(library, steps)
    assert lines[3].startswith(" – ")
    assert lines[0].endswith("12 of 13 unread ")


def test_a_change_while_the_lock_is_held_waits_without_stopping_the_screen(library: Library) -> None:
    lines: list[str] = []

    async def steps(pilot: Pilot[None]) -> None:
        with Lock(library.directories.state / "lock"):
            start = time.monotonic()
            await pilot.press("r", "x", "t", "+", "a", "enter")
            await wait_for_redraw(pilot)
            assert time.monotonic() - start < 15, "each of three changes would wait for ten seconds"
            lines.extend(rendered_lines(pilot.app))
            await pilot.press("z")
        await pilot.pause(1.5)
        lines.extend(rendered_lines(pilot.app))

    browse(library, steps)
    assert "busy: 3 changes not saved yet; another process holds the lock; retrying" in lines[1]
    assert lines[0].endswith("13 of 13 unread ")
    assert "not saved yet" not in "\n".join(lines[24:26])
    assert entry(library, 9).mark.status is Status.READ
    assert entry(library, 10).mark.starred
    assert entry(library, 10).tags[-1] == "a"
    assert [step.description for step in library.history()[:-1]] == ["tag --add a 10", "star 10", "read 9"]


def test_changes_that_wait_at_the_end_are_saved(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lock is held until the application has ended."""
    lock = Lock(library.directories.state / "lock")

    def run(self: Browser) -> None:
        async def press() -> None:
            async with self.run_test() as pilot:
                await pilot.press("r", "x")

        with lock:
            asyncio.run(press())
        assert len(self._backlog.pending) == 2

    monkeypatch.setattr(Browser, "run", run)
    browse_command._run(open_backlog(library))
    assert entry(library, 9).mark.status is Status.READ
    assert entry(library, 10).mark.starred


def test_changes_that_cannot_be_saved_at_the_end_are_named(
    library: Library, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(browse_command, "QUIT_TIMEOUT_SECONDS", 0.1)
    backlog = open_backlog(library)
    backlog.pending = [
        PendingChange(edits.SetStatus(Status.READ), PaperRef(4, "a")),
        PendingChange(edits.SetStar(True), PaperRef(5, "b")),
    ]
    monkeypatch.setattr(Browser, "run", lambda _: None)
    with Lock(library.directories.state / "lock"), pytest.raises(typer.Exit) as ended:
        browse_command._run(backlog)
    assert ended.value.exit_code == Busy.exit_code
    assert capsys.readouterr().err == "readlist: 2 changes are not saved: read 4, star 5\n"


def test_ctrl_c_while_pending_changes_are_saved_names_them(
    library: Library, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    backlog = open_backlog(library)
    backlog.pending = [PendingChange(edits.SetStar(True), PaperRef(5, "b"))]
    monkeypatch.setattr(Browser, "run", lambda _: None)
    monkeypatch.setattr(library, "apply", interrupt)
    with pytest.raises(KeyboardInterrupt):
        browse_command._run(backlog)
    assert capsys.readouterr().err == "readlist: 1 change is not saved: star 5\n"


def test_a_pending_change_of_a_removed_paper_is_named_and_the_others_are_saved(library: Library) -> None:
    backlog = open_backlog(library)
    (paper,) = refs(library, [9])
    backlog.pending = [
        PendingChange(edits.SetStar(True), PaperRef(40, "removed")),
        PendingChange(edits.SetStar(True), paper),
    ]
    (failure,) = backlog.retry()
    assert str(failure).startswith("not saved: star 40: ")
    assert not backlog.needs_retry
    assert entry(library, 9).mark.starred


def test_a_saved_change_is_not_queued_where_the_library_is_locked_just_afterwards(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: str) -> None:
        raise Busy("locked")

    backlog = open_backlog(library)
    (paper,) = refs(library, [9])
    with monkeypatch.context() as patch:
        patch.setattr(library, "statuses", refuse)
        backlog.apply_or_queue(edits.SetStatus(Status.READ), paper)
    assert backlog.pending == []
    assert backlog.needs_retry, "the screen shows the state before"
    assert backlog.unread == 13
    assert backlog.retry() == []
    assert (backlog.unread, backlog.needs_retry) == (12, False)
    assert [step.description for step in library.history()[:-1]] == ["read 9"]
    with monkeypatch.context() as patch:
        patch.setattr(library, "statuses", refuse)
        step = backlog.undo()
    assert step
    assert step.entry.description == "read 9"


# Note


def test_keys_that_arrive_at_once_are_handled_in_their_order(library: Library) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        for key in [*"jrnrsq", "escape", "enter", *"jx", "slash", *"fp4"]:
            pilot.app.post_message(Key(key, key if len(key) == 1 else None))
        await pilot.pause(0.6)
        assert "FP4 All the Way" in rendered_lines(pilot.app)[2]

    browse(library, steps)
    assert [step.description for step in library.history()[:-1]] == ["star 11", "note 11", "read 10"]
    assert entry(library, 11).mark.note == "rsq"


@pytest.mark.parametrize("key", ["escape", "ctrl+s", "ctrl+q"])
def test_every_key_that_leaves_the_note_editor_saves_the_note(library: Library, key: str) -> None:
    browse(library, press_keys("n", *"q r", "enter", "한", key))
    assert entry(library, 9).mark.note == "q r\n한"
    assert entry(library, 9).mark.status is Status.UNREAD


def test_an_unchanged_note_adds_no_history_entry(library: Library) -> None:
    browse(library, press_keys("n", "escape"))
    assert len(library.history()) == 1


@pytest.mark.parametrize("note", ["a\x1b[31m\u202eb\x85c", "    code\n\tx  \n\n\n\nمی\u200cروم"])
def test_the_note_editor_shows_no_control_sequence_and_keeps_a_note_that_is_not_edited(
    library: Library, note: str
) -> None:
    library.apply(edits.ReplaceNote(note), refs(library, [9]))
    texts = []

    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("n")
        await pilot.pause()
        texts.append(pilot.app.screen.query_one(TextArea).text)
        await pilot.press("escape")

    before = library.history()
    browse(library, steps)
    assert texts == [clean_markdown(note)]
    assert entry(library, 9).mark.note == note
    assert library.history() == before


def test_a_saved_note_is_shown_below_its_paper(library: Library) -> None:
    assert "│ see OREAL" in "\n".join(screen_lines(library, "n", *"see", "space", *"OREAL", "escape"))


def test_a_note_that_is_written_while_the_lock_is_held_is_saved_later(library: Library) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        with Lock(library.directories.state / "lock"):
            await pilot.press("n", *"me", "escape", "j", "x", "k")
            assert "busy: 2 changes not saved yet" in rendered_lines(pilot.app)[1]
            await pilot.press("n", *"too", "escape")
            assert "busy: 2 changes not saved yet" in rendered_lines(pilot.app)[1]
        await pilot.pause(1.5)

    browse(library, steps)
    assert entry(library, 9).mark.note == "metoo"
    assert [step.description for step in library.history()[:-1]] == ["note 9", "star 10"]


def test_a_note_that_waited_is_added_where_another_process_changed_the_note(library: Library) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        with Lock(library.directories.state / "lock"):
            await pilot.press("n", *"mine", "escape")
        library.apply(edits.ReplaceNote("theirs"), refs(library, [9]))
        await pilot.pause(1.5)

    browse(library, steps)
    assert entry(library, 9).mark.note == "theirs\n\nmine"


def test_a_note_that_cannot_be_saved_at_the_end_is_kept_in_a_file(
    library: Library, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    backlog = open_backlog(library)
    backlog.pending = [PendingChange(edits.ReplaceNote("mine", ""), PaperRef(40, "removed"))]
    monkeypatch.setattr(Browser, "run", lambda _: None)
    with pytest.raises(typer.Exit):
        browse_command._run(backlog)
    failure, recovery = capsys.readouterr().err.splitlines()
    assert failure.startswith("readlist: not saved: note 40: ")
    assert Path(recovery.removeprefix("readlist: your note is in ")).read_text() == "mine"


def test_a_draft_combines_both_versions_where_another_process_changed_the_note(library: Library) -> None:
    draft = NoteDraft(open_backlog(library), entry(library, 9))
    draft.text = "mine"
    library.apply(edits.ReplaceNote("theirs"), refs(library, [9]))
    with pytest.raises(ReadlistError, match="changed by another command"):
        draft.save()
    assert entry(library, 9).mark.note == "theirs"
    draft.save()
    assert entry(library, 9).mark.note == "mine\n\ntheirs"
    assert not draft.has_changes


def test_the_note_editor_shows_both_versions_where_another_process_changed_the_note(library: Library) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("n", "a")
        library.apply(edits.ReplaceNote("b"), refs(library, [9]))
        await pilot.press("escape")
        assert pilot.app.screen.query_one(TextArea).text == "a\n\nb"
        await pilot.press("escape")
        assert not isinstance(pilot.app.screen, NoteScreen)

    browse(library, steps)
    assert entry(library, 9).mark.note == "a\n\nb"


@pytest.mark.parametrize("keys", [("x",), ("r",), ("n", "m", "escape"), ("t", "m", "enter")], ids=lambda keys: keys[0])
def test_a_mark_goes_to_the_paper_on_the_screen_where_papers_json_was_replaced(
    library: Library, seeds: Path, tmp_path: Path, keys: tuple[str, ...]
) -> None:
    """The other file gives its ID to another paper, before the key or while an editor is open."""
    displayed = entry(library, 11).paper

    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("j", "j", *keys[:-1])
        await wait_for_redraw(pilot)
        replace_papers(library, seeds, tmp_path / "other")
        await pilot.press(keys[-1])
        await wait_for_redraw(pilot)
        assert any(displayed.title[:20] in line for line in rendered_lines(pilot.app))

    browse(library, steps)
    entries = library.entries(range(1, 14))
    assert [one.paper.key for one in entries if one.mark != Mark(one.paper.key)] == [displayed.key]
    assert refs(library, [11])[0].key != displayed.key


def test_a_mark_of_a_paper_that_was_removed_is_an_error(library: Library, seeds: Path, tmp_path: Path) -> None:
    messages: list[str] = []

    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("end")
        await wait_for_redraw(pilot)
        replace_papers(library, seeds, tmp_path / "other", only_newest=True)
        await pilot.press("x")
        await wait_for_redraw(pilot)
        messages.extend(notification.message for notification in pilot.app._notifications)
        assert len(rendered_lines(pilot.app)) == 24

    browse(library, steps)
    assert [message.partition(":")[0] for message in messages] == ["paper is no longer in the library"]
    assert not any(one.mark.starred for one in library.entries(range(1, 14)))


# Tags


def test_tags_are_added_removed_and_toggled(library: Library) -> None:
    browse(library, press_keys("t", *"+my-own -rl c++ reasoning", "enter"))
    assert entry(library, 9).tags == ("my-own", "c++")
    assert library.history()[0].description == "tag --add my-own --add c++ --remove rl --remove reasoning 9"


def test_an_invalid_tag_is_an_error_and_can_be_corrected(library: Library) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("t", "+", "enter")
        assert isinstance(pilot.app.screen, TagScreen)
        await pilot.press("a", "enter")
        await wait_for_redraw(pilot)
        assert not isinstance(pilot.app.screen, TagScreen)

    browse(library, steps)
    assert "a" in entry(library, 9).tags


def test_escape_cancels_editing_tags(library: Library) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("t", "a", "escape")
        await wait_for_redraw(pilot)
        await pilot.press("x")

    browse(library, steps)
    assert entry(library, 9).tags == ("rl", "reasoning")
    assert entry(library, 9).mark.starred


# Search


async def type_query(pilot: Pilot[None], text: str) -> list[str]:
    """Type a query; return the lines of the screen after the search."""
    line = pilot.app.query_one("#search", Input)
    if pilot.app.focused is not line:
        await pilot.press("slash")
    line.value = text
    await pilot.pause(0.3)
    return rendered_lines(pilot.app)


def test_papers_are_found_while_the_query_is_typed(library: Library) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        assert "FP4 All the Way" in (await type_query(pilot, "fp4"))[2]
        lines = await type_query(pilot, "quantizd")
        assert lines[1].strip() == 'No match for "quantizd"; showing results for "quantized"'
        assert "FP4 All the Way" in lines[2]
        await pilot.press("enter", "r")

    browse(library, steps)
    assert entry(library, 12).mark.status is Status.READ


def test_keys_are_text_while_a_query_is_typed(library: Library) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("slash", *"q/?z x")
        await pilot.pause(0.3)
        assert rendered_lines(pilot.app)[0].startswith(" q/?z x")

    browse(library, steps)
    assert len(library.history()) == 1


def test_an_invalid_query_shows_an_error_and_keeps_the_list(library: Library) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        before = await type_query(pilot, "tag:rl")
        lines = await type_query(pilot, "tag:rl is:unred")
        assert lines[1].strip() == "unknown value for is: unred; did you mean unread?"
        assert lines[0].rstrip().endswith("  still tag:rl · 6 of 6 unread")
        assert lines[2:] == before[2:]
        await pilot.press("enter")
        assert pilot.app.focused is pilot.app.query_one("#search")

    browse(library, steps)


def test_escape_restores_the_query_and_paper_before_the_search(library: Library) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("j", "j")
        await wait_for_redraw(pilot)
        before = rendered_lines(pilot.app)
        await type_query(pilot, "fp4")
        await type_query(pilot, "is:nothing")
        await pilot.press("escape")
        await wait_for_redraw(pilot)
        assert rendered_lines(pilot.app) == before

    browse(library, steps)


def test_an_empty_result_suggests_similar_words(library: Library) -> None:
    lines = screen_lines(library, "r", "x", text="tag:quantisation")
    assert lines[1].strip() == "No papers match. Did you mean: tag:quantization?"
    assert len(library.history()) == 1


# The screen


@pytest.mark.parametrize("size", [SMALL, MIDDLING, LARGE, (40, 12), (20, 6)])
def test_every_line_fits_the_screen(library: Library, size: tuple[int, int]) -> None:
    library.apply(edits.ReplaceNote("한국어 메모 " * 40), refs(library, [9]))

    async def steps(pilot: Pilot[None]) -> None:
        for keys in [(), ("enter",), ("n",), ("escape", "t"), ("escape", "slash"), ("escape", "question_mark")]:
            await pilot.press(*keys)
            await wait_for_redraw(pilot)
            lines = rendered_lines(pilot.app)
            assert len(lines) == size[1]
            assert {cell_len(line) for line in lines} == {size[0]}

    browse(library, steps, size=size)


def test_a_screen_that_changes_its_size_is_filled_and_keeps_the_paper(library: Library) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("j", "j", "j")
        for size in [MIDDLING, (100, 30), SMALL, (40, 12), LARGE]:
            await pilot.resize_terminal(*size)
            await wait_for_redraw(pilot)
            lines = rendered_lines(pilot.app)
            assert (len(lines), {cell_len(line) for line in lines}) == (size[1], {size[0]})
            assert "12 · 2025-05-27" in "\n".join(lines)

    browse(library, steps)


def test_a_large_screen_shows_the_whole_paper_with_both_comments(library: Library) -> None:
    text = "\n".join(screen_lines(library, size=LARGE))
    for part in (
        "Xuandong Zhao, Zhewei Kang",
        "Abstract",
        "모델의 Certainty 기반으로",
        "Reasoning RL without verifiers",
    ):
        assert part in text


def test_a_small_screen_shows_only_the_paper_while_it_is_read(library: Library) -> None:
    tops: list[str] = []

    async def steps(pilot: Pilot[None]) -> None:
        for keys in [("enter",), ("r",), ("tab",)]:
            await pilot.press(*keys)
            await wait_for_redraw(pilot)
            tops.append(rendered_lines(pilot.app)[2].strip())

    browse(library, steps)
    assert tops[:2] == [
        "Learning to Reason without External Rewards",
        "Hybrid Latent Reasoning via Reinforcement Learning",
    ]
    assert tops[2].startswith("✓     2025-05-27  Learning to Reason")


def test_the_paper_is_scrolled_and_the_next_one_begins_at_its_top(library: Library) -> None:
    for keys in (("enter", "G"), ("space", "space", "space")):
        assert "Learning to Reason without" not in "\n".join(screen_lines(library, *keys)[11:])
    lines = screen_lines(library, "enter", "G", "right")
    assert lines[2].strip() == "Hybrid Latent Reasoning via Reinforcement Learning"


def test_the_list_of_keys_is_shown_until_a_key_is_pressed(library: Library) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("question_mark")
        assert isinstance(pilot.app.screen, KeysScreen)
        await pilot.press("r")
        assert not isinstance(pilot.app.screen, KeysScreen)

    browse(library, steps)
    assert entry(library, 9).mark.status is Status.UNREAD


def test_a_click_moves_the_cursor(library: Library) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await pilot.click(PaperList, offset=(10, 3))
        await pilot.press("r")

    browse(library, steps)
    assert entry(library, 12).mark.status is Status.READ


def test_a_paper_is_opened_at_its_url(library: Library) -> None:
    opened: list[str] = []
    browser = Browser(open_backlog(library, "id:12"), Programs(opened.append, edit_nothing))

    async def run() -> None:
        async with browser.run_test() as pilot:
            await pilot.press("o")

    asyncio.run(run())
    assert opened == ["https://scholar.google.com/scholar?q=%22FP4+All+the+Way%3A+Fully+Quantized+Training+of+LLMs%22"]


def test_a_pdf_is_opened_where_one_is_known(library: Library, tmp_path: Path) -> None:
    (tmp_path / "tides.md").write_text("https://arxiv.org/abs/2501.00001\n*On Tides* (Ada Lovelace)\n> Tides rise.\n")
    library.load([str(tmp_path / "tides.md")])
    opened: list[str] = []
    browser = Browser(open_backlog(library, "id:12 OR id:14"), Programs(opened.append, edit_nothing))
    messages: list[str] = []

    async def run() -> None:
        async with browser.run_test(notifications=True) as pilot:
            await pilot.press("p", "j", "p")
            messages.extend(notice.message for notice in browser._notifications)

    asyncio.run(run())
    assert opened == ["https://arxiv.org/pdf/2501.00001"]
    assert messages == ["no PDF is known; o opens the page of the paper"]


@pytest.mark.parametrize(
    "title", ["[/] [bold]x[/bold]", "[link=file:///etc/passwd]x[/link]", "[@click=app.quit]x", "a\\[b"]
)
def test_a_title_is_shown_literally(own_folders: Path, title: str) -> None:
    file = own_folders / "digest.txt"
    file.write_text(f"2025-02-11\n{title}\n(A [/] B, C D)\nAbstract {title}.\n{title} 한국어 comment.\n#rl\n")
    library = Library(find_directories(str(own_folders / "home")))
    library.load([str(file)])
    lines = screen_lines(library, size=LARGE)
    assert "\n".join(lines).count(title) >= 3
    searched = screen_lines(library, "slash", *"[/]", "n", size=LARGE)
    assert "[/]n" in searched[0]


def test_a_row_shows_status_and_star_without_color() -> None:
    mark = Mark("k", Status.READ, starred=True)
    paper = Paper("μnit Scaling: 스케일링 법칙", tags=("rl",), id=3)
    assert [text.plain for text in row_lines(Entry(paper, mark, ("rl", "한국어")), 40)] == [
        " ✓★   μnit Scaling: 스케일링 법칙       ",
        "      undated  #rl #한국어              ",
    ]
    assert [text.plain.rstrip() for text in row_lines(Entry(paper, mark, ("rl",)), 80)] == [
        " ✓★                μnit Scaling: 스케일링 법칙" + " " * 17 + "#rl"
    ]


def test_a_row_in_a_lab_shows_how_many_others_starred_a_paper() -> None:
    paper = Paper("μnit Scaling", id=3)
    others = tuple(PersonMark(name, Mark("k", starred=name != "c")) for name in "abc")
    entries = Entry(paper, Mark("k", starred=True), (), others), Entry(paper, Mark("k"), ())
    assert [text.plain for entry in entries for text in row_lines(entry, 32, in_lab=True)] == [
        "  ★   +2  μnit Scaling          ",
        "          undated               ",
        "          μnit Scaling          ",
        "          undated               ",
    ]
    assert [text.plain.rstrip() for text in row_lines(entries[0], 80, in_lab=True)] == [
        "  ★   +2               μnit Scaling"
    ]


def test_in_a_lab_papers_can_be_ordered_by_votes(library: Library, own_folders: Path) -> None:
    def orders() -> list[str]:
        backlog = open_backlog(library)
        names = []
        for _ in range(10):
            backlog.use_next_order()
            names.append(backlog.order.name)
        return names

    assert "votes" not in orders()
    write_people(LibraryFiles(own_folders).state / "sync" / "people.json", {"kim": {}})
    assert "votes" in orders()


# The command


def test_browse_without_a_terminal_is_an_error_in_one_line(loaded: Run) -> None:
    result = loaded("browse")
    assert (result.code, result.err) == (2, "readlist: browse needs a terminal; in a pipe use list and show\n")


def test_a_missing_package_is_an_error_that_names_it(
    loaded: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "textual" or "readlist.browse" in name]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "textual", None)
    monkeypatch.setattr(browse_command, "_has_terminal", lambda: True)
    result = loaded("browse")
    assert (result.code, result.err) == (
        1,
        'readlist: browse needs the package textual; run: pip install "readlist[browse]"\n',
    )


@pytest.mark.parametrize(
    ("args", "text"),
    [
        ([], ""),
        (["grpo", "-t", "rl", "--unread"], "grpo tag:rl is:unread"),
        (["a", "OR", "b", "--unread", "--reading"], "(a OR b) (is:unread OR is:reading)"),
        (["-a", "sergey levine", "--since", "7d", "--until", "2025"], 'author:"sergey levine" date:7d.. date:..2025'),
        (["a", "-bb", "-t", "c++", "--starred"], "a NOT bb tag:c++ is:starred"),
    ],
)
def test_options_become_the_query_that_can_be_edited(
    loaded: Run, monkeypatch: pytest.MonkeyPatch, args: list[str], text: str
) -> None:
    texts: list[str] = []
    monkeypatch.setattr(browse_command, "_has_terminal", lambda: True)
    monkeypatch.setattr(browse_command, "_run", lambda backlog: texts.append(backlog.text))
    assert loaded("browse", *args).code == 0
    assert texts == [text]


def test_closing_the_terminal_saves_the_edited_note(loaded: Run) -> None:
    screen, terminal = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "readlist", "browse"],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env={**os.environ, "TERM": "xterm-256color"},
    ) as process:
        os.close(terminal)
        output = read_until(screen, b"quit")
        os.write(screen, "n메모".encode())
        output += read_until(screen, "모".encode())
        process.send_signal(signal.SIGHUP)
        output += b"".join(_until_closed(screen))
    os.close(screen)
    assert process.returncode == 128 + signal.SIGHUP
    assert output.rfind(b"\x1b[?1049l") > output.rfind(b"\x1b[?1049h") > -1
    assert loaded("note", "9", "--show").out == "메모\n", output


def test_a_signal_saves_what_the_editor_shows_though_its_message_has_not_arrived(library: Library) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("n")
        editor = pilot.app.screen.query_one(TextArea)
        with editor.prevent(TextArea.Changed):
            editor.insert("메모")
        os.kill(os.getpid(), signal.SIGHUP)
        deadline = time.monotonic() + 60
        while pilot.app.return_code is None and time.monotonic() < deadline:
            await asyncio.sleep(0.01)

    browser = browse(library, steps)
    assert (browser.ended_by, browser.draft and browser.draft.text) == (signal.SIGHUP, "메모")


def test_bytes_that_are_not_utf8_are_ignored(loaded: Run) -> None:
    screen, terminal = pty.openpty()
    with start_browse(terminal) as process:
        os.close(terminal)
        output = read_until(screen, b"quit")
        os.write(screen, b"\xff\xc3(\xed\xa0\x80x")
        time.sleep(0.5)
        os.write(screen, b"q")
        output += b"".join(_until_closed(screen))
    os.close(screen)
    assert process.returncode == 0
    assert b"Traceback" not in output
    assert loaded("show", "9", "--json").json[0]["starred"]


def test_it_ends_when_its_terminal_is_gone_and_saves_the_note(loaded: Run) -> None:
    """In a session of its own the process gets no SIGHUP."""
    screen, terminal = pty.openpty()
    with start_browse(terminal) as process:
        os.close(terminal)
        read_until(screen, b"quit")
        os.write(screen, b"nmemo")
        read_until(screen, b"memo")
        os.close(screen)
        try:
            assert process.wait(60) == 128 + signal.SIGHUP
        finally:
            process.kill()
    assert loaded("note", "9", "--show").out == "memo\n"
