"""`readlist today`: new, due, queued and recent unread papers."""

from __future__ import annotations

import datetime as dt
import email
import errno
import os
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import time_machine

from readlist.errors import ReadlistError
from readlist.library.last_seen import MAX_QUERIES, LastSeen, read_last_seen, write_last_seen
from readlist.library.library import Library
from readlist.search.daily import MAX_RANKED
from readlist.search.query.ast import And
from tests.conftest import Run
from tests.library_files import LibraryFiles

NOON = dt.datetime(2025, 6, 2, 12)
DAY = dt.timedelta(1)


@pytest.fixture
def library(own_folders: Path) -> Library:
    """The library that `run` works on."""
    return Library(LibraryFiles(own_folders).directories)


def digest(folder: Path, day: dt.date, *titles: str) -> Path:
    path = folder / f"{day}.txt"
    blocks = "\n\n".join(f"{title}\n(Ada Lovelace)\nAbout {title}.\n{title}에 대하여.\n#tides" for title in titles)
    path.write_text(f"{day}\n\n{blocks}\n", encoding="utf-8")
    return path


def group(run: Run, name: str) -> list[str]:
    return [entry["title"] for entry in run("today", "--json").json if entry["group"] == name]


def test_a_new_user_sees_the_newest_digest(loaded: Run) -> None:
    entries = loaded("today", "--json").json
    assert {entry["id"] for entry in entries if entry["group"] == "new"} == {9, 10, 11, 12, 13}
    assert loaded("list", "@today", "--json").json == loaded("list", "date:last", "--json").json
    assert {entry["id"] for entry in loaded("list", "is:new", "--json").json} == {9, 10, 11, 12, 13}


def test_what_is_new_stays_new_for_the_day_and_is_left_the_next(loaded: Run, library: Library, tmp_path: Path) -> None:
    with time_machine.travel(NOON) as clock:
        library.record_seen(13)
        loaded("load", digest(tmp_path, NOON.date(), "Ebb", "Flow"))
        clock.move_to(NOON + DAY)
        assert sorted(group(loaded, "new")) == ["Ebb", "Flow"]
        library.record_seen(15)
        loaded("read", "14")
        loaded("load", digest(tmp_path, NOON.date() + DAY, "Swell"))
        assert sorted(group(loaded, "new")) == ["Flow", "Swell"]
        assert {entry["title"] for entry in loaded("list", "is:new", "--json").json} == {"Ebb", "Flow", "Swell"}
        library.record_seen(16)
        clock.move_to(NOON + 2 * DAY)
        assert loaded("list", "is:new", "--json").json == []
        assert group(loaded, "new") == ["Swell"], "nothing is new: the newest digest"
        assert group(loaded, "earlier") == ["Flow"]


def test_a_paper_that_was_added_by_hand_is_no_digest(loaded: Run, library: Library) -> None:
    with time_machine.travel(NOON):
        library.record_seen(13)
    loaded("add", "10.1000/182", "--title", "On Tides", "--authors", "Ada Lovelace")
    assert loaded("list", "is:new", "--json").json == []
    assert "On Tides" not in [entry["title"] for entry in loaded("list", "date:last", "--json").json]


def test_due_and_queued_papers_are_listed_and_papers_that_wait_are_not(loaded: Run) -> None:
    loaded("later", "3", "5")
    loaded("later", "12", "tomorrow")
    assert group(loaded, "due") == []
    assert [title[:9] for title in group(loaded, "queue")] == ["The Curse", "μnit Scal"]
    assert "FP4 All the Way: Fully Quantized Training of LLMs" not in group(loaded, "new")
    with time_machine.travel(dt.datetime.now() + DAY):
        assert [title[:7] for title in group(loaded, "due")] == ["FP4 All"]


def test_a_query_selects_what_is_shown(loaded: Run) -> None:
    loaded("later", "3", "5")
    titles = [entry["id"] for entry in loaded("today", "tag:quantization", "--json").json]
    assert titles == [12]


def test_on_a_terminal_the_comment_comes_before_the_title_and_what_was_shown_is_remembered(
    loaded: Run, on_terminal: Any, library: Library
) -> None:
    page = on_terminal("today").out
    assert page.index("MXFP4 기반 학습") < page.index("FP4 All the Way")
    assert read_last_seen(library.directories.state).shown == 13


def test_a_pipe_and_json_do_not_count_as_looking(loaded: Run, library: Library) -> None:
    loaded("today")
    loaded("today", "--json")
    assert read_last_seen(library.directories.state) == LastSeen()


def test_what_was_sent_is_sent_once_and_nothing_new_is_silent(loaded: Run, tmp_path: Path) -> None:
    first = loaded("today", "--to", "markdown")
    assert first.out.count("\n## ") + first.out.count("\n- ") >= 5
    assert first.out.startswith("# New papers, ")
    again = loaded("today", "--to", "markdown")
    assert (again.code, again.out, again.err) == (0, "", "")
    loaded("load", digest(tmp_path, NOON.date(), "Ebb"))
    sent = loaded("today", "--to", "mail", "--mail-to", "a@b.example").out
    mail = email.message_from_string(sent, EmailMessage, policy=policy.default)
    assert (mail["To"], mail["Subject"]) == ("a@b.example", f"New papers, {dt.date.today()}")
    text = mail.get_body(("plain",))
    assert text
    assert "Ebb에 대하여" in text.get_content()
    assert loaded("today", "--to", "text").out == ""


def test_all_that_is_new_is_sent_and_listed_however_much_it_is(run: Run, tmp_path: Path) -> None:
    run("load", digest(tmp_path, NOON.date(), *(f"Tide {number}" for number in range(MAX_RANKED + 5))))
    assert len(group(run, "new")) == MAX_RANKED + 5
    assert len(run("today").out.splitlines()) == MAX_RANKED + 5
    assert run("today", "--limit", f"{MAX_RANKED + 2}").out.count("\n") == MAX_RANKED + 2
    assert run("today", "--to", "markdown").out.count("\n- ") == MAX_RANKED + 5


def test_each_query_is_sent_what_is_new_for_it(loaded: Run, tmp_path: Path) -> None:
    assert loaded("today", "--to", "text").out
    for query in ("title:Ebb", "title:Flow"):
        loaded("today", query, "--to", "text")
    loaded("load", digest(tmp_path, NOON.date(), "Ebb", "Flow"))
    for words in (("title:Ebb",), ("title:Flow",), ("--author", "Lovelace"), ()):
        assert loaded("today", *words, "--to", "text").out, words
        assert loaded("today", *words, "--to", "text").out == "", words


def test_what_was_sent_is_known_of_the_queries_that_were_used_last() -> None:
    last = LastSeen(shown=4)
    for number in range(MAX_QUERIES + 1):
        last = last.after_sending(f"id:{number}", 9)
    assert len(last.sent) == MAX_QUERIES
    assert (last.unsent_since("id:0", NOON.date()), last.unsent_since("id:1", NOON.date())) == (4, 9)


def test_a_mail_without_recipient_says_what_sendmail_needs(loaded: Run) -> None:
    hint = "The mail has no recipient; for sendmail -t, add --mail-to ADDRESS\n"
    assert loaded("today", "--to", "mail").err == hint
    assert loaded("today", "--to", "mail").err == ""


def test_sending_does_not_count_as_looking(loaded: Run) -> None:
    loaded("today", "--to", "html")
    assert len(loaded("list", "is:new", "--json").json) == 5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--to", "csv"), "unknown format: csv; use one of: markdown, html, text, mail"),
        (("--title", "x"), "--title is for"),
        (("--to", "text", "--json"), "omit the other formats and --limit"),
    ],
)
def test_options_of_a_handout_need_a_format_of_one(loaded: Run, arguments: tuple[str, ...], message: str) -> None:
    done = loaded("today", *arguments)
    assert done.code == 2
    assert message in done.err


@pytest.mark.parametrize("command", ["list", "search", "next", "tags", "stats", "stats --year 2025", "export", "today"])
def test_nothing_is_new_after_a_look_to_any_command(loaded: Run, library: Library, command: str) -> None:
    library.record_seen(library.today(And(), limit=None).last_id)
    with time_machine.travel(dt.datetime.now() + DAY, tick=False):
        name, *options = command.split()
        nothing = loaded(name, "id:999", *options)
        assert loaded(name, "is:new", *options).out == nothing.out
        assert loaded(name, "is:unread", *options).out != nothing.out


def test_what_was_last_seen_is_replaced_whole_and_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_last_seen(tmp_path, LastSeen(sent={"": 3}))
    path = tmp_path / "today.json"
    assert path.stat().st_mode & 0o777 == 0o600

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "write", refuse)
    with pytest.raises(ReadlistError, match="No space left"):
        write_last_seen(tmp_path, LastSeen(sent={"": 4}))
    assert read_last_seen(tmp_path) == LastSeen(sent={"": 3})
    assert list(tmp_path.iterdir()) == [path]


def test_the_library_is_empty(run: Run) -> None:
    assert run("today").err == "The library is empty. To add papers: readlist load PATH\n"


_INVALID = [
    f'{{"day":{day},"seen":{seen},"shown":2,"sent":{{}}}}'
    for day, seen in (('"x"', 1), ('"2025-06-02"', 10**30), ('"2025-06-02"', -1), ('"2025-06-02"', "true"))
]


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"day": 3}', "\0", "[" * 999, *_INVALID])
def test_a_damaged_file_counts_as_never(tmp_path: Path, content: str) -> None:
    write_last_seen(tmp_path, LastSeen(NOON.date(), 1, 2, {"": 3}))
    assert read_last_seen(tmp_path) == LastSeen(NOON.date(), 1, 2, {"": 3})
    (tmp_path / "today.json").write_text(content)
    assert read_last_seen(tmp_path) == LastSeen()


def test_update_lists_the_titles_of_a_few_new_papers_on_a_terminal(run: Run, on_terminal: Any, tmp_path: Path) -> None:
    folder = tmp_path / "digests"
    folder.mkdir()
    digest(folder, NOON.date(), "Ebb", "Flow")
    run("load", folder)
    digest(folder, NOON.date() + DAY, "Swell")
    assert "3 Swell\n" in on_terminal("update").out
    digest(folder, NOON.date() + 2 * DAY, *(f"Wave {number}" for number in range(21)))
    assert "Wave" not in on_terminal("update").out


@pytest.mark.parametrize("columns", [60, 65, 72, 76, 78, 84, 120])
def test_no_word_of_a_korean_comment_is_lost_where_a_line_ends(
    run: Run, on_terminal: Any, tmp_path: Path, columns: int
) -> None:
    words = [f"가나다{'라' * (number % 4)}{number}" for number in range(60)]
    path = tmp_path / "digest.txt"
    path.write_text(f"2025-06-02\n\nTides\n(Ada Lovelace)\nAbout tides.\n{' '.join(words)}\n#tides\n", encoding="utf-8")
    run("load", str(path))
    page = on_terminal("today", columns=columns).out
    assert set(words) <= set(page.split())


def test_a_query_on_a_terminal_does_not_count_as_looking(loaded: Run, on_terminal: Any, library: Library) -> None:
    on_terminal("today", "tag:quantization")
    assert read_last_seen(library.directories.state) == LastSeen()
