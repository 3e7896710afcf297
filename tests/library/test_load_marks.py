"""Marks of a source fill what the user has not set, in one step of the history."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from readlist.edits import fill_mark
from readlist.models import Mark, Status
from tests.conftest import Run

EARLY, LATE = (dt.datetime(2025, month, 1, tzinfo=dt.UTC) for month in (1, 6))
SOURCE = Mark("", Status.READ, EARLY, True, EARLY, ("rl",), ("old",), EARLY, "theirs", EARLY)
BLANK = Mark("k")


def test_a_mark_without_a_change_takes_everything_with_its_times() -> None:
    assert fill_mark(BLANK, SOURCE) == SOURCE._replace(key="k")
    assert fill_mark(BLANK, BLANK) == BLANK


@pytest.mark.parametrize(
    "fields",
    [
        {"status": Status.SKIPPED, "status_at": LATE},
        {"status": Status.UNREAD, "status_at": LATE},
        {"status": Status.READING},
        {"starred": True, "starred_at": LATE},
        {"starred": False, "starred_at": LATE},
        {"note": "mine", "note_at": LATE},
        {"note": "mine"},
        {"note": "", "note_at": LATE},
    ],
)
def test_what_the_user_set_or_removed_stays(fields: dict[str, Any]) -> None:
    filled = fill_mark(BLANK._replace(**fields), SOURCE)
    assert {name: getattr(filled, name) for name in fields} == fields
    group = {name for name in ("status", "starred", "note") if any(name in field for field in fields)}
    assert all(getattr(filled, name) == getattr(SOURCE, name) for name in {"status", "starred", "note"} - group)


def test_a_tag_that_the_user_added_or_removed_is_decided() -> None:
    mark = BLANK._replace(tags_added=("OLD",), tags_removed=("RL",), tags_at=LATE)
    merged = SOURCE._replace(key="k", tags_added=("OLD", "new"), tags_removed=("RL",), tags_at=LATE)
    assert fill_mark(mark, SOURCE._replace(tags_added=("rl", "new"))) == merged
    untouched = fill_mark(mark, SOURCE)
    assert (untouched.tags_added, untouched.tags_removed, untouched.tags_at) == (("OLD",), ("RL",), LATE)


@pytest.mark.parametrize("mark", [BLANK, BLANK._replace(note="mine"), BLANK._replace(tags_added=("x",), tags_at=LATE)])
def test_the_same_source_again_changes_nothing(mark: Mark) -> None:
    filled = fill_mark(mark, SOURCE)
    assert fill_mark(filled, SOURCE) == filled


def read_entries(run: Run) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = run("list", "--json").json
    return sorted(({**entry, "id": 0} for entry in entries), key=lambda entry: str(entry["key"]))


@pytest.fixture
def export(loaded: Run, tmp_path: Path) -> Path:
    """An export of the seeds with five marks."""
    for words in ("read 1 2", "star 2 9", "tag 5 --add mine", "note 4 theirs"):
        loaded(*words.split())
    path = tmp_path / "export.json"
    path.write_text(loaded("export", "--to", "json").out, encoding="utf-8")
    return path


def other_library(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("READLIST_HOME", str(tmp_path / "other"))
    assert run("list").out == ""


def test_a_load_with_marks_is_reported_and_undone_in_one_step(
    run: Run, export: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    exported = read_entries(run)
    other_library(run, monkeypatch, tmp_path)
    dry = run("load", "--dry-run", export)
    assert dry.err.endswith("Dry run, nothing was changed: 13 papers added, 5 marks added\n")
    assert run("list").out == ""
    assert run("load", export).err == "13 papers added, 5 marks added\n"
    assert read_entries(run) == exported
    assert run("undo").err == "Undone: load export.json: 13 papers added, 5 marks added\n"
    assert run("list").out == ""
    assert run("redo").code == 0
    assert read_entries(run) == exported
    assert run("search", "note:theirs", "--json").json[0]["note"] == "theirs"


def test_marks_are_added_to_papers_that_are_there_and_nothing_is_overwritten(
    run: Run, export: Path, seeds: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    exported = {entry["key"]: entry for entry in read_entries(run)}
    other_library(run, monkeypatch, tmp_path)
    run("load", seeds)
    for words in ("skip 1", "note 4 mine", "read 13"):
        run(*words.split())
    assert run("load", "-", stdin=export.read_bytes()).err == "3 marks added, 13 papers unchanged\n"
    entries = {entry["id"]: entry for entry in run("list", "--json").json}
    assert (entries[1]["status"], entries[4]["note"], entries[13]["status"]) == ("skipped", "mine", "read")
    for id_ in (2, 5, 9):
        loaded = {"id": 0, "loaded_at": exported[entries[id_]["key"]]["loaded_at"]}
        assert {**entries[id_], **loaded} == exported[entries[id_]["key"]]
    assert run("load", "-", stdin=export.read_bytes()).err == "Nothing new: 13 papers unchanged\n"
    run("undo")
    assert run("list", "is:starred", "--json").json == []


def test_an_export_that_is_older_than_the_digest_overwrites_nothing(run: Run, tmp_path: Path) -> None:
    digest = tmp_path / "250211.txt"
    digest.write_text("2025-02-11\nOn Tides\n(Ada Lovelace)\nThey rsie.\n", encoding="utf-8")
    run("load", digest)
    old = run("list", "--json").out
    digest.write_text("2025-02-11\nOn Tides\n(Ada Lovelace)\nThey rise.\n", encoding="utf-8")
    assert run("load", digest).err.startswith("1 paper updated")
    assert run("load", "-", stdin=old).err == "Nothing new: 1 paper unchanged\n"
    assert run("list", "--json").json[0]["abstract"] == "They rise."
    assert run("load", digest).err == "Nothing new: 1 paper unchanged\n"


def test_a_key_that_a_corrected_title_left_is_kept(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    digest = tmp_path / "250211.txt"
    for title in ("On Tidse", "On Tides"):
        digest.write_text(f"2025-02-11\n{title}\n(Ada Lovelace)\nhttps://example.org/1\n", encoding="utf-8")
        run("load", digest)
    exported = read_entries(run)
    other_library(run, monkeypatch, tmp_path)
    run("load", "-", stdin=json.dumps(exported))
    assert read_entries(run) == exported


def test_similar_papers_of_one_export_stay_apart(run: Run, tmp_path: Path) -> None:
    entries = [
        {"id": n, "key": f"on-tides-{n:06x}", "title": "On Tides", "authors": [], "status": "unread", "digests": []}
        for n in range(3)
    ]
    path = tmp_path / "x.json"
    path.write_text(json.dumps(entries), encoding="utf-8")
    assert run("load", path).err.startswith("3 papers added")
    path.write_text(json.dumps(entries, indent=1), encoding="utf-8")
    assert run("load", path).err == "Nothing new: 3 papers unchanged\n"
