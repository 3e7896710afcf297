"""What the user writes comes back as it was written, by every path; text that is not UTF-8 is refused, never cut."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from readlist.cli.commands.note import note_texts
from readlist.cli.editor import edit_text
from readlist.edits import ReplaceNote
from readlist.exporters.csv import escape_formula
from readlist.models import Entry, Mark, Paper
from readlist.text import clean_markdown, fold_tag, normalize_note
from tests.conftest import Run
from tests.hostile import is_harmless

WORDS = [
    "می\u200cروم",
    "LLM\u200cها",
    "یادگیری\u200cماشین",
    "क\u094d\u200dष",
    "क\u094d\u200cष",
    "👩\u200d🔬",
    "👩🏽\u200d🚀",
    "❤\ufe0f\u200d🔥",
    "👨\u200d👩\u200d👧\u200d👦",
    "🇰🇷",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "1\ufe0f\u20e3",
    "葛\U000e0100",
    "\u1820\u180b",
    "e\u0301",
    "강화학습",
    "ไทย",
    "c++",
    "plain",
]
NOTES = [
    *WORDS,
    "    indented code\n\tx = 1\n",
    "a line break  \nin a paragraph",
    "- a\n  - b\n\n\n\n- c   ",
    "ends in a joiner \u200c",
    "\u200d\u200c alone",
    "zero\u200bwidth\u2060 soft\xadhyphen \ufeff",
    ">",
    "=1+1",
    "\n\nafter blank lines",
    "```\n\n\nfenced  \n```",
    "<!-- readlist:end -->",
]
WRITTEN = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\u061c\u200e\u200f\ufeff")
    | st.sampled_from("\u200c\u200d\ufe0f \t\n")
    | st.sampled_from("میकष가é")
)
NOTE_TEXTS = (
    (st.text() | WRITTEN | st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(" ".join))
    .map(normalize_note)
    .filter(bool)
)
TAGS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map("-".join)
LAW = settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])


def write_note(run: Run, text: str, way: str) -> None:
    """Replace the note on paper 3, by an argument or by stdin."""
    run("note", "3", "--clear")
    done = run("note", "3", "--", text) if way == "argument" else run("note", "3", "-", stdin=text.encode() + b"\n")
    assert done.code == 0, done.err


def read_csv(run: Run) -> dict[str, str]:
    return next(csv.DictReader(io.StringIO(run("export", "id:3", "--to", "csv").out, newline="")))


def assert_note(run: Run, text: str) -> None:
    """Check the note by every path: exact in JSON, elsewhere without what could command a terminal."""
    shown = clean_markdown(text)
    assert run("show", "3", "--json").json[0]["note"] == text
    assert run("list", "id:3", "--json").json[0]["note"] == text
    assert run("export", "id:3", "--to", "json").json[0]["note"] == text
    assert json.loads(run("export", "id:3", "--to", "jsonl").out)["note"] == text
    printed = run("note", "3", "--show").out
    assert printed == shown + "\n"
    assert is_harmless(printed.replace("\t", ""))
    assert read_csv(run)["note"] == escape_formula(shown)


@pytest.mark.parametrize("way", ["argument", "stdin"])
@pytest.mark.parametrize("text", NOTES)
def test_a_note_comes_back_as_it_was_written(loaded: Run, text: str, way: str) -> None:
    text = normalize_note(text)
    write_note(loaded, text, way)
    assert clean_markdown(text) == text
    assert_note(loaded, text)


@LAW
@given(text=NOTE_TEXTS, way=st.sampled_from(["argument", "stdin"]))
@example(text="\x1b[31m\x9b\u202e\0 a\x85b\u2028c", way="stdin")
def test_any_note_comes_back_as_it_was_written(loaded: Run, text: str, way: str) -> None:
    if "\0" in text:
        way = "stdin"  # the system passes no NUL in an argument
    if len(text) <= 1000:
        write_note(loaded, text, way)
        assert_note(loaded, text)


@pytest.mark.heavy
@LAW
@given(text=NOTE_TEXTS)
@example(text="    code\n\n\n\n\tx  ")
@example(text=">")
def test_a_note_survives_undo_redo_a_new_index_the_vault_and_an_editor(
    loaded: Run, own_folders: Path, text: str
) -> None:
    write_note(loaded, text, "stdin")
    assert loaded("undo").code == loaded("redo").code == 0
    for index in (own_folders / "cache").rglob("index.sqlite*"):
        index.unlink()
    assert_note(loaded, text)
    vault = own_folders / "vault"
    loaded("export", "id:3", "--split", vault)
    (file,) = vault.glob("*.md")
    body = file.read_bytes().decode()
    quoted = body.partition("> [!note] Note\n")[2].partition("\n\n<!-- readlist:data ")[0]
    assert "\n".join(line[2:] for line in quoted.split("\n")) == clean_markdown(text)
    file.unlink()


@pytest.mark.parametrize("text", NOTES)
def test_an_editor_writes_and_reads_a_note_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    text = normalize_note(text)
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdin", terminal)
    typed = tmp_path / "typed.md"
    typed.write_bytes(text.replace("\n", "\r\n").encode() + b"\r\n")
    unread = Entry(Paper("T"), Mark("k"), ())
    for editor, before in ((f"cp {typed}", ""), ("true", text)):
        monkeypatch.setenv("EDITOR", editor)
        with edit_text(before, note_texts(12)) as edited:
            assert ReplaceNote(edited).apply(unread).note == text


def test_a_paragraph_is_added_after_a_blank_line_with_its_indentation(loaded: Run) -> None:
    loaded("note", "3", "first  ")
    loaded("note", "3", "    code\n")
    assert loaded("note", "3", "--show").out == "first  \n\n    code\n"


def test_the_limit_of_a_note_counts_what_is_stored(loaded: Run) -> None:
    assert loaded("note", "3", "-", stdin="\u200c" * 10_000 + "\n").code == 0
    loaded("note", "3", "--clear")
    done = loaded("note", "3", "-", stdin="x" * 10_001)
    assert (done.code, done.err) == (
        2,
        "readlist: note is too long: 10,001 characters; the maximum is 10,000\n",
    )


# Tags


def assert_tag(run: Run, folders: Path, tag: str) -> None:
    assert tag in run("show", "3", "--json").json[0]["tags"]
    assert run("list", "id:3", "--json").json[0]["my_tags"] == [tag]
    assert tag in [count["tag"] for count in run("tags", "--json").json]
    assert f"#{tag}" in run("list", "id:3").out.split("\t")[-1].split()
    assert tag in read_csv(run)["tags"].split("; ")
    assert tag in json.loads(run("export", "id:3", "--to", "jsonl").out)["tags"]
    assert f"#{tag}<" in run("export", "id:3", "--to", "html").out
    assert run("list", "--tag", tag, "--json").json[0]["id"] == 3
    assert run("list", "--tag", fold_tag(tag), "--json").json[0]["id"] == 3


@LAW
@given(tag=TAGS)
def test_a_tag_comes_back_as_it_was_written(loaded: Run, own_folders: Path, tag: str) -> None:
    assert loaded("tag", "3", "--add", tag).code == 0
    assert_tag(loaded, own_folders, tag)
    assert loaded("undo").code == loaded("redo").code == 0
    assert_tag(loaded, own_folders, tag)
    vault = own_folders / "vault"
    loaded("export", "id:3", "--split", vault)
    (file,) = vault.glob("*.md")
    assert f'  - "{tag}"\n' in file.read_text("utf-8")
    file.unlink()
    assert loaded("tag", "3", "--remove", fold_tag(tag)).code == 0
    assert loaded("list", "id:3", "--json").json[0]["my_tags"] == []


@pytest.mark.parametrize(
    ("typed", "tag"),
    [("a\u200b\u200c\u202e", "a"), ("\ufeffrl2", "rl2"), ("x\x1b[31m", "x[31m"), ("#می\u200cروم", "می\u200cروم")],
)
def test_a_tag_has_no_isolated_invisible_character_and_no_command(loaded: Run, typed: str, tag: str) -> None:
    loaded("tag", "3", "--add", typed)
    assert loaded("list", "id:3", "--json").json[0]["my_tags"] == [tag]


def test_a_saved_query_is_found_with_and_without_joiners(loaded: Run) -> None:
    loaded("tag", "3", "--add", "یادگیری\u200cماشین")
    assert loaded("query", "save", "می\u200cخوانم", "tag:یادگیری\u200cماشین").code == 0
    for name in ("می\u200cخوانم", "میخوانم"):
        assert [entry["id"] for entry in loaded("list", f"@{name}", "--json").json] == [3]


def test_a_search_finds_both_spellings_and_marks_the_word(loaded: Run) -> None:
    loaded("note", "3", "من به خانه می\u200cروم امروز")
    for word in ("می\u200cروم", "میروم"):
        (hit,) = loaded("search", word, "--json").json
        assert (hit["id"], hit["matched"]["field"]) == (3, "note")


# Text that is not UTF-8

NOT_UTF_8 = "na\udcefve"
REFUSED = "readlist: text is not UTF-8: na\ufffdve: byte 0xef at offset 2; pass it in UTF-8\n"


@pytest.mark.parametrize(
    "call",
    [
        ("note", "3", NOT_UTF_8),
        ("note", NOT_UTF_8, "x"),
        ("tag", "3", "--add", NOT_UTF_8),
        ("tag", "3", "--remove", NOT_UTF_8),
        ("tags", "rename", "rl", NOT_UTF_8),
        ("query", "save", "q", NOT_UTF_8),
        ("query", "save", NOT_UTF_8, "q"),
        ("words", "add", NOT_UTF_8, "=", "q"),
        ("words", "delete", NOT_UTF_8),
        ("search", NOT_UTF_8),
        ("list", NOT_UTF_8),
        ("list", "--tag", NOT_UTF_8),
        ("list", f"--author={NOT_UTF_8}"),
        ("read", "--where", NOT_UTF_8, "--yes"),
        ("read", NOT_UTF_8),
        ("show", NOT_UTF_8),
        ("export", NOT_UTF_8),
        ("help", NOT_UTF_8),
        ("backup", "restore", NOT_UTF_8),
    ],
)
def test_an_argument_that_is_not_utf_8_is_refused(loaded: Run, call: tuple[str, ...]) -> None:
    before = loaded("history").out
    done = loaded(*call)
    assert (done.code, done.out, done.err) == (2, "", REFUSED)
    assert loaded("history").out == before


def test_a_path_that_is_not_utf_8_is_a_path(run: Run, seeds: Path, tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"d\xef")
    folder.mkdir()
    (folder / os.fsdecode(b"\xef.txt")).write_bytes(min(seeds.glob("*.txt")).read_bytes())
    assert run("load", folder).code == 0
    assert run("export", "-o", folder / "out.md").code == 0
    assert run("export", "--split", folder / os.fsdecode(b"vault\xef")).code == 0
    assert run("list", "--home", folder).code == 0
    assert (folder / "out.md").exists()
    for name in ("digests", "sources"):
        assert run(name, "--json").code == run(name).code == 0


def test_stdin_that_is_not_utf_8_is_refused_unless_the_terminal_has_its_encoding(
    loaded: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = loaded("note", "3", "-", stdin="na\u00efve".encode("latin-1"))
    assert (done.code, done.err) == (
        2,
        "readlist: stdin is not UTF-8: byte 0xef at offset 2; convert it, for example: iconv -t UTF-8\n",
    )
    assert loaded("note", "3", "--show").out == ""
    from readlist.cli import stdin

    terminal = io.TextIOWrapper(io.BytesIO("학습".encode("cp949")), encoding="cp949")
    monkeypatch.setattr(sys, "stdin", terminal)
    assert stdin.read_stdin_text() == "학습"
