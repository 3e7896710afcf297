"""Incremental backups: the last state of a large file is kept as its difference from the full backup before it."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.store import file as store_file
from readlist.store import format as file_format
from readlist.store import incremental
from readlist.store.format import META, META_ID, SCHEMA, Content
from readlist.store.incremental import apply_difference, encode_difference
from readlist.store.stored_table import with_changes
from tests.conftest import Run
from tests.library_files import LibraryFiles
from tests.store.test_stored_table import NAMES, changes, documents, papers, parsed, stored, tables_of
from tests.store_bytes import serialize

LARGE = 10**9


@pytest.fixture(autouse=True, scope="module")
def _all_files_are_large() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store_file, "MIN_INCREMENTAL_BYTES", 0)
        patch.setattr(incremental, "_MAX_SHARE", 0)
        yield


def titles(run: Run) -> set[str]:
    return {entry["title"] for entry in run("list", "--json").json}


def names(files: LibraryFiles) -> list[str]:
    """Return the kinds of the backups of papers.json, the oldest first: the sequence, and that of the base."""
    return [path.name[:6] + path.name.partition("Z")[2] for path in files.backups("papers.json")]


def base_and_difference(documents: Any, papers: Any, changed: Any) -> tuple[bytes, bytes, bytes]:
    """Return the bytes of a file, of its incremental backup after a change, and of the changed file."""
    before = serialize(tables_of(documents, papers))
    tables = stored(parsed(before))
    after = {**tables, "papers": with_changes(tables["papers"], changed)}
    written = serialize(after)
    head = b"".join(written.splitlines(keepends=True)[:2])
    difference = encode_difference(head, after, LARGE)
    assert difference is not None
    return before, difference, written


def applied(difference: bytes, base: bytes) -> Content:
    return apply_difference(difference, content(base), NAMES, None)


def content(data: bytes) -> Content:
    return file_format.parse(data.splitlines(keepends=True), NAMES)


@given(documents, papers, changes)
def test_a_difference_and_its_base_are_the_file_that_was_saved(documents: Any, papers: Any, changed: Any) -> None:
    before, difference, after = base_and_difference(documents, papers, changed)
    assert applied(difference, before) == content(after)


@given(papers, changes, st.data())
def test_a_flipped_bit_of_a_difference_is_noticed(papers: Any, changed: Any, data: st.DataObject) -> None:
    before, difference, _ = base_and_difference({}, papers, changed)
    bit = data.draw(st.integers(0, len(difference) * 8 - 1))
    flipped = bytearray(difference)
    flipped[bit // 8] ^= 1 << bit % 8
    assert not applied(bytes(flipped), before).is_valid


@given(papers, changes, st.data())
def test_a_difference_that_is_cut_is_noticed(papers: Any, changed: Any, data: st.DataObject) -> None:
    before, difference, _ = base_and_difference({}, papers, changed)
    assert not applied(difference[: data.draw(st.integers(0, len(difference) - 1))], before).is_valid


def test_only_the_state_it_was_made_from_is_the_base_of_a_difference() -> None:
    paper = {"title": "Tides"}
    before, difference, after = base_and_difference({}, {"1": paper}, {"2": paper})
    for base in (after, before[:-4], b""):
        assert applied(difference, base).corruption == ("the backup that it is based on is missing or corrupt",)
    assert applied(difference, before).is_valid


def test_a_difference_is_never_read_as_a_whole_file() -> None:
    _, difference, _ = base_and_difference({}, {"1": {"title": "Tides"}}, {"2": {"title": "Ferns"}})
    assert not content(difference).is_valid


@pytest.mark.parametrize("line", [b"[]", b"null", b'{"base":{},"records":[]}', b'{"base":1,"records":{"papers":[]}}'])
def test_a_difference_of_odd_shape_with_a_right_checksum_is_corrupt(line: bytes) -> None:
    before, difference, _ = base_and_difference({}, {}, {"2": {"title": "Ferns"}})
    head = b"".join(difference.splitlines(keepends=True)[:2])
    assert applied(head + b"%08x %b\n" % (zlib.crc32(line), line), before).corruption == ("line 3",)


def test_a_difference_of_a_newer_version_is_newer_and_not_corrupt() -> None:
    before, difference, _ = base_and_difference({}, {}, {"2": {"title": "Ferns"}})
    newer = serialize({META: {META_ID: {"schema": SCHEMA + 1}}})
    head = b"".join(newer.splitlines(keepends=True)[:2])
    assert applied(head + difference.splitlines(keepends=True)[2], before).is_newer


# Files


def test_the_last_state_of_a_large_file_is_a_difference_until_it_is_replaced(
    loaded: Run, files: LibraryFiles, tides: Path
) -> None:
    loaded("load", tides)
    assert names(files) == ["000001", "000002-incremental-000001"]
    saved = files.papers.read_bytes()
    loaded("edit", "1", "--title", "Ferns")
    assert names(files) == ["000001", "000002", "000003-incremental-000002"]
    assert files.backups("papers.json")[1].read_bytes() == saved


@pytest.mark.parametrize("damage", ["removed", "overwritten"])
def test_the_last_change_comes_back_from_a_difference(
    loaded: Run, files: LibraryFiles, tides: Path, damage: str
) -> None:
    loaded("load", tides)
    before = titles(loaded)
    if damage == "removed":
        files.papers.unlink()
    else:
        with files.papers.open("r+b") as file:
            file.write(b"\0" * files.papers.stat().st_size)
    loaded("doctor", "--fix")
    assert titles(loaded) == before
    assert "Tides" in before
    assert loaded("doctor").code == 0


def test_a_removal_comes_back_from_a_difference(loaded: Run, files: LibraryFiles, tides: Path) -> None:
    loaded("load", tides)
    loaded("undo")
    files.papers.unlink()
    loaded("doctor", "--fix")
    assert "Tides" not in titles(loaded)


def test_a_restored_paper_with_the_key_of_one_that_it_replaces_comes_back_from_a_difference(
    loaded: Run, files: LibraryFiles, tides: Path
) -> None:
    """One change deletes paper 15 and adds paper 14, which has the same key."""
    loaded("load", tides)
    loaded("undo")
    loaded("load", tides)
    first_load = files.backups("papers.json")[1]
    loaded("backup", "restore", f"papers.json/{first_load.name}", "--yes")
    before = loaded("list", "--json").json
    assert before[0]["id"] == 14
    files.papers.unlink()
    loaded("doctor", "--fix")
    assert loaded("list", "--json").json == before


def test_the_file_shares_neither_inode_nor_content_with_the_backup_that_a_difference_is_based_on(
    loaded: Run, files: LibraryFiles, tides: Path
) -> None:
    before = files.papers.read_bytes()
    loaded("load", tides)
    full, _ = files.backups("papers.json")
    assert full.stat().st_ino != files.papers.stat().st_ino
    assert full.stat().st_nlink == 1
    files.papers.write_bytes(b"")
    assert full.read_bytes() == before


def test_where_a_change_dies_before_it_replaces_the_file_corruption_of_the_file_loses_nothing(
    loaded: Run, files: LibraryFiles, tides: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file and its backup are one file then; the difference is kept until they are not."""
    loaded("load", tides)
    before = titles(loaded)
    with monkeypatch.context() as patch:
        patch.setattr(store_file, "_set_modification_time", interrupt)
        assert loaded("edit", "1", "--title", "Ferns").code == 130
    assert names(files) == ["000001", "000002", "000002-incremental-000001"]
    assert files.papers.samefile(files.backups("papers.json")[1])
    with files.papers.open("r+b") as file:
        file.write(b"\0" * files.papers.stat().st_size)
    loaded("doctor", "--fix")
    assert titles(loaded) == before


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_difference_is_listed_and_restored_like_a_full_backup(loaded: Run, files: LibraryFiles, tides: Path) -> None:
    loaded("load", tides)
    difference = files.backups("papers.json")[-1].name
    listed = [item for item in loaded("backup", "--json").json if item["name"].startswith("papers.json")]
    assert [item["records"] for item in listed] == [14, 13]
    assert listed[0]["name"] == f"papers.json/{difference}"
    loaded("undo")
    assert "Tides" not in titles(loaded)
    assert loaded("backup", "restore", f"papers.json/{difference}", "--yes").code == 0, "the full one of that state"
    assert "Tides" in titles(loaded)


def test_a_file_that_replaces_the_last_state_leaves_the_difference_and_its_base_for_ever(
    loaded: Run, files: LibraryFiles, tides: Path
) -> None:
    before = files.papers.read_bytes()
    loaded("load", tides)
    files.papers.write_bytes(before)
    for number in range(15):
        loaded("edit", "1", "--title", f"Ferns {number}")
    assert "000002-incremental-000001-pinned" in names(files)
    assert "000001" in names(files)
    finding = next(item for item in loaded("doctor", "--json").json if "pinned backup" in item["message"])
    assert loaded("backup", "restore", finding["message"].rpartition(" ")[2], "--yes").code == 0
    assert "Tides" in titles(loaded)


def test_a_difference_without_its_base_is_corrupt_and_the_state_before_is_used(
    loaded: Run, files: LibraryFiles, tides: Path
) -> None:
    loaded("load", tides)
    loaded("edit", "1", "--title", "Ferns")
    _, base, difference = files.backups("papers.json")
    base.unlink()
    done = loaded("backup", "restore", f"papers.json/{difference.name}", "--yes")
    assert (done.code, "the backup that it is based on is missing or corrupt" in done.err) == (4, True)
    done = loaded("doctor")
    assert (done.code, difference.name in done.out) == (1, True)
    loaded("doctor", "--fix")
    assert [path.name[:6] for path in files.backups("papers.json")] == ["000001"]


def test_of_two_full_backups_with_the_sequence_of_the_base_the_right_one_is_used(
    loaded: Run, files: LibraryFiles, tides: Path
) -> None:
    """A copy of the library that was changed too has states of its own with the same sequences."""
    loaded("load", tides)
    before = titles(loaded)
    base, _ = files.backups("papers.json")
    tables = content(base.read_bytes()).tables
    base.with_name("000001-20361231T000000Z").write_bytes(serialize({**tables, "papers": {}}))
    files.papers.unlink()
    loaded("doctor", "--fix")
    assert titles(loaded) == before


def test_a_difference_whose_base_was_rotated_away_is_deleted(loaded: Run, files: LibraryFiles, tides: Path) -> None:
    loaded("load", tides)
    files.papers.unlink()
    loaded("doctor", "--fix")
    for number in range(15):
        loaded("edit", "1", "--title", f"Ferns {number}")
    assert [name for name in names(files) if name.startswith(("000001", "000002"))] == []


def test_where_the_disk_has_no_hard_links_the_last_state_is_copied(
    loaded: Run, files: LibraryFiles, tides: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def link(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", link)
    loaded("load", tides)
    assert names(files) == ["000001", "000002"]
    assert files.backups("papers.json")[-1].read_bytes() == files.papers.read_bytes()


def test_many_changes_are_copied(
    loaded: Run, files: LibraryFiles, tides: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incremental, "_MAX_RECORDS", 0)
    loaded("load", tides)
    assert names(files) == ["000001", "000002"]
