"""Undo and redo where the files were changed elsewhere: by another machine, or by a tool that puts older copies back.

The law is that undo and redo change no record that is not as the step left it, whoever wrote the files meanwhile.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from itertools import islice, takewhile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readlist import edits
from readlist.errors import Busy, ReadlistError
from readlist.library.library import Library
from readlist.models import PaperRef, Status
from readlist.paper_edits import EditPaper
from tests.commands import DIGEST
from tests.conftest import Run
from tests.library_files import LibraryFiles


@pytest.fixture
def ebb(tmp_path: Path) -> Path:
    path = tmp_path / "ebb.txt"
    path.write_text("2025-06-02\nEbb\n(Ada Lovelace)\nFlow\n(Ada Lovelace)\n", encoding="utf-8")
    return path


def titles(run: Run) -> set[str]:
    return {entry["title"] for entry in run("list", "--json").json}


def test_undo_of_a_load_leaves_papers_of_another_machine_alone(
    loaded: Run, files: LibraryFiles, ebb: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other_machine = tmp_path / "other machine"
    shutil.copytree(files.data, other_machine)
    monkeypatch.setenv("READLIST_HOME", str(other_machine))
    loaded("load", "-", stdin=DIGEST)  # which gets the ID that one of ours has
    monkeypatch.setenv("READLIST_HOME", str(files.data))
    loaded("load", ebb)
    before = titles(loaded)
    shutil.copy(other_machine / "papers.json", files.papers)
    done = loaded("undo")
    message = "readlist: cannot undo: load ebb.txt: 2 papers added; another program changed it: 14 조수에"
    assert (done.code, done.err.splitlines()[-1].startswith(message)) == (1, True)
    assert "조수에 대하여: On Tides — “ebb” & flow ★" in titles(loaded)
    assert before - titles(loaded) == {"Ebb", "Flow"}


def test_undo_says_that_a_step_is_not_in_effect_and_stops(loaded: Run, files: LibraryFiles, ebb: Path) -> None:
    loaded("load", ebb)
    older = files.marks.read_bytes()
    for words in ("star 1", "read 2", "note 3 text"):
        loaded(*words.split())
    files.marks.write_bytes(older)  # as a sync tool does
    before = titles(loaded)
    for description in ("note 3", "read 2", "star 1"):
        done = loaded("undo", "9")
        assert done.code == 1
        assert done.err.startswith(f"readlist: cannot undo: {description}; a data file does not contain this change")
        assert titles(loaded) == before
    assert loaded("undo").err == "Undone: load ebb.txt: 2 papers added\n"


def test_undo_reverts_what_is_unchanged_and_names_the_rest(loaded: Run, files: LibraryFiles) -> None:
    loaded("read", "1-3")
    entries = [entry for entry in loaded("history", "--json").json if entry["description"] == "read 1-3"]
    assert len(entries) == 1
    loaded("skip", "2")
    newest = max(files.history.glob("*.done"))
    newest.unlink()  # as if another machine had skipped it
    done = loaded("undo", "2")
    assert done.code == 1
    assert done.err.startswith("Undone: read 1-3; not changed, because another program changed it: 2 On the ")
    statuses = {entry["id"]: entry["status"] for entry in loaded("list", "--json").json}
    assert [statuses[id_] for id_ in (1, 2, 3)] == ["unread", "skipped", "unread"]
    assert loaded("redo").err == "Redone: read 1-3\n"
    statuses = {entry["id"]: entry["status"] for entry in loaded("list", "--json").json}
    assert [statuses[id_] for id_ in (1, 2, 3)] == ["read", "skipped", "read"]


class Machine:
    """A library that exchanges its files with another one under the same path, as a synced directory does."""

    def __init__(self, root: Path, name: str) -> None:
        self.files = LibraryFiles(root / name)
        self.root = root

    def library(self) -> Library:
        return Library(self.files.directories)

    def load(self, number: int) -> None:
        path = self.root / f"digest{number}.txt"
        path.write_text(f"2025-06-0{number + 1}\nPaper {number}\n(Ada Lovelace)\n", encoding="utf-8")
        self.library().load([str(path)])

    def mark(self, key: str, number: int) -> None:
        library = self.library()
        papers = [PaperRef(entry.paper.id, entry.paper.key) for entry in library.entries(range(1, 20))]
        if papers:
            chosen = papers[number % len(papers)]
            edit: edits.Edit = edits.AppendNote(key) if number % 2 else edits.SetStatus(list(Status)[number % 4])
            library.apply(edit, [chosen])

    def receive(self, other: Machine, name: str) -> None:
        source = other.files.data / name
        if source.exists():
            self.files.data.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, self.files.data / name)

    def records(self) -> dict[str, Any]:
        """Return every record by table and ID."""
        tables: dict[str, Any] = {}
        for path in (self.files.papers, self.files.marks):
            if path.exists():
                tables |= {name: rows for name, rows in json.loads(path.read_bytes()).items() if name != "_meta"}
        return {f"{name} {id_}": row for name, rows in tables.items() for id_, row in rows.items()}


STEPS = st.lists(
    st.tuples(
        st.integers(0, 1),
        st.sampled_from(["load", "mark", "undo", "undo", "redo", "send marks", "send papers", "send both"]),
        st.integers(0, 7),
    ),
    min_size=4,
    max_size=14,
)


@settings(max_examples=25)
@given(steps=STEPS)
def test_no_record_of_another_machine_is_changed_by_undo_or_redo(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, str, int]]
) -> None:
    root = tmp_path_factory.mktemp("machines")
    machines = [Machine(root, "a"), Machine(root, "b")]
    machines[0].load(0)
    machines[1].receive(machines[0], "papers.json")
    machines[1].receive(machines[0], "marks.json")
    left_by: list[dict[str, set[str]]] = [{id_: {json.dumps(row)} for id_, row in machines[0].records().items()}, {}]
    for number, (which, action, value) in enumerate(steps):
        here, other = machines[which], machines[1 - which]
        before = here.records()
        try:
            take_step(here, other, action, value, number)
        except ReadlistError:  # files of two libraries, or of two times, that do not fit together
            assert here.records() == before or action.startswith("send")
        after = here.records()
        changed = {id_ for id_ in before | after if before.get(id_) != after.get(id_)}
        own = left_by[which]
        if action in {"undo", "redo"}:
            foreign = {id_ for id_ in changed if json.dumps(before.get(id_)) not in own.get(id_, set())}
            assert foreign == set()
        if not action.startswith("send"):
            for id_ in changed:
                own.setdefault(id_, set()).update((json.dumps(before.get(id_)), json.dumps(after.get(id_))))


def take_step(here: Machine, other: Machine, action: str, value: int, number: int) -> None:
    match action:
        case "load":
            here.load(value)
        case "mark":
            here.mark(f"note {number}", value)
        case "undo":
            here.library().undo()
        case "redo":
            here.library().redo()
        case "send marks":
            other.receive(here, "marks.json")
        case "send papers":
            other.receive(here, "papers.json")
        case _:
            other.receive(here, "papers.json")
            other.receive(here, "marks.json")


OWN_AND_UNATTENDED = st.lists(
    st.tuples(st.sampled_from(["load", "unattended load", "mark", "mark", "edit"]), st.integers(0, 4)),
    min_size=2,
    max_size=8,
)


@settings(max_examples=25)
@given(steps=OWN_AND_UNATTENDED, count=st.integers(1, 3))
def test_undoing_own_commands_changes_nothing_that_unattended_ones_left_and_can_be_redone(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]], count: int
) -> None:
    here = Machine(tmp_path_factory.mktemp("machine"), "a")
    for number, (action, value) in enumerate(steps):
        change_or_load(here, action, value, number)
    everything, stack = here.records(), list(here.library().undoable())
    for _ in range(count):
        entries = list(here.library().undoable())
        later = list(takewhile(lambda entry: entry.is_unattended, entries))
        before = here.records()
        result = here.library().undo(mine=True)
        changed = {id_ for id_ in before | here.records() if before.get(id_) != here.records().get(id_)}
        if not result:
            assert later == entries
            break
        step = result[0]
        assert step.entry == entries[len(later)]
        if step.blocked_by:
            assert (step.blocked_by, changed, list(here.library().undoable())) == (len(later), set(), entries)
            assert step.not_reversed
            break
        assert step.is_complete
        assert changed == {f"{table} {id_}" for table, records in step.entry.records.items() for id_ in records}
        assert [entry.description for entry in here.library().undoable()] == [
            entry.description for entry in entries if entry != step.entry
        ]
    assert all(step.is_complete for step in here.library().redo(9))
    assert here.records() == everything
    assert sorted(entry.description for entry in here.library().undoable()) == sorted(e.description for e in stack)
    assert all(step.is_complete for step in here.library().undo(99))
    assert here.records() == {}


def change_or_load(here: Machine, action: str, value: int, number: int) -> None:
    if action == "mark":
        here.mark(f"note {number}", value)
    elif action == "edit":
        library = here.library()
        for entry in library.entries([value + 1]):
            library.apply(EditPaper.parse({"title": f"Corrected {number}"}), [entry.paper.ref])
    else:
        path = here.root / f"{number}.txt"  # a paper that an older digest may have, and a new one
        papers = "".join(f"Paper {paper}\n(Ada Lovelace)\n" for paper in (value, value + 1))
        path.write_text(f"2025-06-{number + 1:02}\n{papers}", encoding="utf-8")
        library = here.library()
        if action == "unattended load":
            library.record_as_unattended()
        library.load([str(path)])


def test_a_command_whose_paper_an_unattended_load_changed_since_is_not_undone(
    loaded: Run, files: LibraryFiles, tmp_path: Path
) -> None:
    digest = tmp_path / "2025-06-02.txt"
    digest.write_text("2025-06-02\nFP4 All the Way: Fully Quantized Training of LLMs\n(Brian Chmiel)\n", "utf-8")
    loaded("edit", "12", "--title", "FP4")
    loaded("load", digest)
    before = files.papers.read_bytes()
    done = loaded("undo", "--mine")
    assert done.code == 1
    assert done.err.splitlines()[-1] == (
        "readlist: cannot undo: edit --title 12; changed again since: "
        "12 FP4 All the Way: Fully Quantized Training of LLMs; to undo the later commands as well: readlist undo 2"
    )
    assert files.papers.read_bytes() == before
    assert loaded("undo", "2").err.splitlines()[-1] == "Undone: edit --title 12"


def test_undone_commands_keep_their_order_where_undoing_one_below_them_fails(
    loaded: Run, files: LibraryFiles, ebb: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in "123":
        loaded("star", number)
    loaded("load", ebb)
    loaded("undo", "--mine", "2")
    before = files.marks.read_bytes()
    rename, renamed = Path.rename, list[Path]()

    def rename_once(path: Path, target: Path) -> Path:
        if renamed:
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))
        renamed.append(target)
        return rename(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", rename_once)
        assert loaded("undo", "--mine").code == 1
    assert renamed
    assert files.marks.read_bytes() == before
    assert loaded("redo", "9").err == "Redone: star 2\nRedone: star 3\n"
    assert loaded("undo", "--mine", "3").err == "Undone: star 3\nUndone: star 2\nUndone: star 1\n"


def test_undo_of_what_the_user_has_seen_refuses_where_cron_has_loaded_meanwhile(
    loaded: Run, files: LibraryFiles, ebb: Path
) -> None:
    loaded("star", "1")
    library = Library(files.directories)
    seen = list(islice(library.undoable(), 1))
    loaded("load", ebb)
    before = titles(loaded)
    with pytest.raises(Busy, match="another command changed the library meanwhile; nothing was undone"):
        library.undo(confirmed=seen)
    assert titles(loaded) == before
    loaded("undo")
    assert [step.entry.description for step in library.undo(confirmed=seen)] == ["star 1"]
