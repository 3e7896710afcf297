"""Texts of others send no control sequence to a terminal, in any command and any output."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from readlist.cli.registry import COMMANDS
from readlist.exporters.registry import EXPORTERS
from readlist.models import Appearance, Mark, Paper
from readlist.store import Store
from readlist.text import clean, clean_markdown
from tests.commands import CALLS
from tests.conftest import Done, Run
from tests.hostile import MARKUP, is_harmless, is_visible, strip_colors, titles
from tests.store.changes import edit_marks, merge

NOON = dt.datetime(2025, 2, 11, 12, tzinfo=dt.UTC)
NUMBERS = [500, pytest.param(5_000, marks=pytest.mark.slow)]
READING: Sequence[tuple[str, ...]] = [
    ("list",),
    ("list", "--json"),
    ("search", "paper"),
    ("search", "paper", "--json"),
    ("tags",),
    ("tags", "--json"),
    ("digests",),
    ("digests", "--json"),
    ("sources",),
    ("sources", "--json"),
    ("history",),
    ("history", "--json"),
    ("next",),
    ("next", "--json"),
    ("similar", "2"),
    ("similar", "2", "--json"),
    ("stats",),
    ("stats", "--json"),
    ("stats", "--year", "2025"),
    ("stats", "--year", "2025", "--to", "markdown"),
    ("stats", "--year", "2025", "--to", "html"),
    ("today",),
    ("today", "--json"),
    ("later",),
    ("later", "--json"),
    *(("export", "--to", name) for name in EXPORTERS),
]
CHANGING = [name for name in CALLS if name in {"read", "unread", "reading", "skip", "star", "unstar", "note", "tag"}]


def digest_of(texts: Sequence[str]) -> str:
    """A digest in which each text is title, author, abstract, comment and tag of a paper."""
    return "2025-02-11\n" + "".join(
        f"Paper {number} {text}\n(Ann {text} Other)\nAbstract {text}\n논평 {text}\nComment {text}\n#t{text}\n#end\n"
        for number, text in enumerate(texts)
    )


def put_into_store(folders: Path, texts: Sequence[str], note: str = "") -> None:
    """Papers whose every field is as it came, as if somebody had written the store by hand."""
    store = Store(folders / "home", folders / "elsewhere")
    papers = [
        Paper(f"Paper {n} {text}", (text,), text, {"ko": text, text: text}, (text,), (text,), url=text, digests=seen)
        for n, text in enumerate(texts)
        for seen in [(Appearance(dt.date(2025, 2, 11), text),)]
    ]
    added = merge(store.papers, papers).added
    notes = {paper.key: note or text for paper, text in zip(added, texts, strict=True)}
    edit_marks(store.marks, list(notes), lambda mark: _noted(mark, notes[mark.key]))


def _noted(mark: Mark, note: str) -> Mark:
    return mark._replace(note=note, note_at=NOON, tags_added=(note,), tags_at=NOON)


def assert_harmless(done: Done) -> None:
    assert done.code == 0, done.err
    for written in (done.out.replace("\r\n", "\n"), done.err):
        assert is_harmless(written.replace("\t", "")), repr(written[:200])


def test_the_table_of_calls_has_every_command() -> None:
    assert list(CALLS) == [name for name in COMMANDS if name != "browse"]


@pytest.mark.parametrize("number", NUMBERS)
def test_hostile_text_from_a_digest_prints_no_control_sequence_and_one_row_a_paper(
    run: Run, tmp_path: Path, number: int
) -> None:
    source = tmp_path / "d.txt"
    source.write_bytes(digest_of(titles(number)).replace("\0", "").encode())
    assert is_harmless(run("load", source).err)
    papers = run("list", "--json").json
    assert len(papers) >= number * 0.5  # a line end in a title makes two lines of it
    _assert_every_reader_is_harmless(run, len(papers))
    assert is_visible(run("list").out.replace("\t", "") + run("show", f"1-{min(len(papers), 500)}").out)


@pytest.mark.parametrize("number", NUMBERS)
def test_hostile_text_in_the_store_prints_no_control_sequence_and_one_row_a_paper(
    run: Run, own_folders: Path, number: int
) -> None:
    texts = [text for text in titles(number) if clean(text)]
    put_into_store(own_folders, texts)
    _assert_every_reader_is_harmless(run, len(texts))
    for name in CHANGING:
        for item in range(1, len(texts), len(texts) // 6):
            assert_harmless(run(name, str(item), *CALLS[name][1:]))
            assert_harmless(run("note", str(item), "--show"))
    for name in ("undo", "redo"):
        assert_harmless(run(name))
    opened = run("open", "1-100", "--print")
    assert (opened.code, is_harmless(opened.out + opened.err)) == (1, True)  # some are no addresses


def _assert_every_reader_is_harmless(run: Run, papers: int) -> None:
    for call in READING:
        done = run(*call)
        assert_harmless(done)
        if call[0] == "list":
            assert len(done.json if "--json" in call else done.out.splitlines()) == papers
        if call == ("search", "paper"):
            assert len(done.out.splitlines()) == len(run(*call, "--json").json)
        if call[-1] == "jsonl":
            assert len(done.out.splitlines()) == papers
    assert_harmless(run("show", f"1-{papers}", "--json"))
    assert_harmless(run("show", f"1-{min(papers, 500)}"))


def test_hostile_text_on_a_terminal_has_our_own_colors_alone(
    run: Run, own_folders: Path, on_terminal: Callable[..., Done]
) -> None:
    texts = [text for text in titles(500) if clean(text)]
    put_into_store(own_folders, texts)
    run("read", "1")
    run("later", "2-9")
    run("star", "10-15", "--yes")
    for call in [
        ("list", "--limit", "0"),
        ("today", "--limit", "0"),
        ("later",),
        ("next",),
        ("stats",),
        ("stats", "--year", "2025"),
        ("search", "paper"),
        ("show", "1-100"),
        ("tags",),
        ("digests",),
        ("history",),
    ]:
        shown = on_terminal(*call)
        assert (shown.code, is_harmless(strip_colors(shown.out))) == (0, True), call


@pytest.mark.parametrize(
    "call",
    [
        ("search", "\udcff\x1b[31m\x9b\u202e"),
        ("search", "tag:\x1b[31m\udcff"),
        ("search", "is:\x1b[31m\udcff\u202e"),
        ("search", '"\x1b[31m'),
        ("list", "--tag", "\x1b[31m\udcff"),
        ("list", "--since", "\x1b[31m\udcff"),
        ("list", "--limit", "\x1b[31m\udcff"),
        ("list", "--\x1b[31m\udcff"),
        ("\x1b[31m\udcff",),
        ("show", "\x1b[31m\udcff\n\u202e"),
        ("read", "12", "\x1b[31m\udcff"),
        ("read", "--where", "\x1b[31m\udcff", "--yes"),
        ("load", "\x1b[31m\udcff\n\u202e"),
        ("note", "12", "\x1b[31m\udcff\u202e"),
        ("note", "12", "15", "\x1b[31m\udcff\u202e"),
        ("help", "\x1b[31m\udcff\u202e"),
        ("list", "-t\x1b[31m\udcff\u202e"),
        ("list", "--home=\x1b[31m\u202e/\0"),
        ("query", "\x1b[31m\udcff\u202e"),
        ("tag", "12", "--add", "a\x1b[31m\udcff\u202e"),
        ("tag", "12", "--remove", "a\x1b[31m\udcff\u202e"),
        ("export", "--to", "\x1b[31m\udcff"),
        ("export", "-o", "/dev/null/\x1b[31m\udcff"),
        ("sources", "forget", "\x1b[31m\udcff"),
        ("undo", "\x1b[31m\udcff"),
        ("tags", "rename", "rl", "a\x1b[31m\udcff\u202e"),
        ("tags", "rename", "a\x1b[31m\udcff\u202e", "b"),
        ("query", "save", "x", "\x1b[31m\udcff\u202e"),
        ("query", "save", "\x1b[31m\udcff\u202e", "x"),
        ("query", "show", "\x1b[31m\udcff\u202e"),
        ("query", "delete", "\x1b[31m\udcff\u202e"),
        ("words", "add", "a\x1b[31m\udcff\u202e", "=", "b"),
        ("words", "add", "a\x1b[31m\u202e", "=", "b"),
        ("words", "delete", "\x1b[31m\udcff\u202e"),
        ("list", "@\x1b[31m\udcff\u202e"),
        ("open", "\x1b[31m\udcff\u202e", "--print"),
        ("similar", "\x1b[31m\udcff\u202e"),
        ("completion", "\x1b[31m\udcff\u202e"),
        ("backup", "restore", "\x1b[31m\udcff\u202e"),
    ],
)
def test_hostile_arguments_print_no_control_sequence(loaded: Run, call: tuple[str, ...]) -> None:
    done = loaded(*call)
    after = [
        ("history",),
        ("history", "--json"),
        ("note", "12", "--show"),
        ("tags",),
        ("query", "list"),
        ("words",),
        ("list", "@x"),
    ]
    for each in (done, *(loaded(*words) for words in after), loaded("query", "show", "x")):
        assert is_harmless((each.out + each.err).replace("\t", "")), repr(each)
    assert done.code in {0, 1, 2, 3}
    assert "internal error" not in done.err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completions_of_hostile_text_have_no_control_sequence(
    run: Run, own_folders: Path, monkeypatch: pytest.MonkeyPatch, shell: str
) -> None:
    put_into_store(own_folders, [text for text in titles(200) if clean(text)])
    run("list")
    monkeypatch.setenv("_READLIST_COMPLETE", shell)
    for words in [
        ["list", "tag:"],
        ["list", "author:"],
        ["list", "--tag", ""],
        ["show", ""],
        ["tag", "1", "--add", ""],
    ]:
        typed = [f"readlist {' '.join(words)}", words[-1], "9"] if shell == "bash" else words
        done = run(*typed)
        assert is_harmless((done.out + done.err).replace("\t", "")), repr(done.out[:300])


def test_hostile_file_names_print_no_control_sequence(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"a\x1b[31m\xff\nb\xe2\x80\xae")
    folder.mkdir()
    (folder / os.fsdecode(b"d\x1b[31m\xff\n.txt")).write_text(digest_of(["x"]), encoding="utf-8")
    for call in [
        ("load", folder),
        ("digests",),
        ("digests", "--json"),
        ("sources",),
        ("history",),
        ("update",),
        ("show", "1"),
    ]:
        assert_harmless(run(*call))


def test_200_titles_with_markup_are_printed_verbatim(
    run: Run, on_terminal: Callable[..., Done], tmp_path: Path
) -> None:
    frames = ["{} models", "On {}", "언어 {} 모델", "a{0}{0}", "x[{}", "{}] x", "a: {}", "{} :smile: b"]
    naughty = [frame.format(text) for frame in frames for text in MARKUP if "1b" not in text]
    assert len(naughty) >= 200
    digest = tmp_path / "d.txt"
    digest.write_text("".join(f"{title}\n({title})\nOf {title}\n#end\n" for title in naughty), encoding="utf-8")
    run("load", digest)
    wanted = [clean(title) for title in naughty]
    assert [entry["title"] for entry in sorted(run("list", "--json").json, key=lambda e: e["id"])] == wanted
    assert sorted(line.split("\t")[4] for line in run("list").out.splitlines()) == sorted(wanted)
    pages = "".join(strip_colors(on_terminal("show", f"1-{len(wanted)}", columns=200).out).split())
    messages = [run("star", str(number)).err for number in range(1, len(wanted), 10)]
    assert messages == [f"Starred: {n} {wanted[n - 1]}\n" for n in range(1, len(wanted), 10)]
    for title in wanted:
        assert "".join(title.split()) in pages


def test_a_note_is_shown_as_it_was_written(loaded: Run) -> None:
    for text in MARKUP[::3]:
        loaded("note", "12", "--clear")
        assert loaded("note", "12", "--", f"a {text}").code == 0
        assert loaded("note", "12", "--show").out == clean_markdown(f"a {text}") + "\n"
        assert json.loads(loaded("show", "12", "--json").out)[0]["note"] == clean_markdown(f"a {text}")
