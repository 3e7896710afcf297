"""`readlist export`."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import pytest

from readlist.cli import files
from tests.conftest import Run


@pytest.mark.parametrize(
    ("format_", "titles"),
    [
        ("json", lambda text: [entry["title"] for entry in json.loads(text)]),
        ("jsonl", lambda text: [json.loads(line)["title"] for line in text.splitlines()]),
        ("csv", lambda text: [row["title"] for row in csv.DictReader(io.StringIO(text))]),
    ],
)
def test_every_format_holds_the_filtered_list_in_its_order(loaded: Run, format_: str, titles: object) -> None:
    done = loaded("export", "--to", format_, "tag:synthetic-data")
    assert done.code == 0
    assert titles(done.out) == [  # type: ignore[operator] # the table holds functions of a text
        "Enigmata: Scaling Logical Reasoning in Large Language Models with Synthetic Verifiable Puzzles",
        "Large Language Models Meet Symbolic Provers for Logical Reasoning Evaluation",
    ]


def test_markdown_is_grouped_by_digest_with_status_tags_comments_and_note(loaded: Run) -> None:
    loaded("read", "12")
    loaded("note", "12", "see **MXFP4**")
    assert loaded("export", "fp4", "--author", "Chmiel").out == (
        "# Reading list\n"
        "\n"
        "## 2025-05-27\n"
        "\n"
        "- [x] **FP4 All the Way: Fully Quantized Training of LLMs**\n"
        "\n"
        "  Brian Chmiel, Maxim Fishman, Ron Banner, Daniel Soudry · #quantization\n"
        "\n"
        "  > MXFP4 기반 학습을 하려는 시도도 조금씩 나오고 있네요. 일단 Loss 차이가 나타나긴 합니다만.\n"
        "\n"
        "  > Attempts at training based on MXFP4 are gradually emerging. However, there are currently differences"
        " in loss.\n"
        "\n"
        "  **Note**\n"
        "\n"
        "  see **MXFP4**\n"
    )


def test_a_file_is_written_whole_and_never_over_another_one(loaded: Run, tmp_path: Path) -> None:
    path = tmp_path / "list.md"
    done = loaded("export", "tag:rl", "--to", "markdown", "-o", path)
    assert (done.code, done.out, done.err) == (0, "", f"Exported 6 papers to {path}\n")
    first = path.read_text(encoding="utf-8")
    done = loaded("export", "-o", path)
    assert (done.code, done.err) == (1, f"readlist: file exists: {path}; --force overwrites it\n")
    assert path.read_text(encoding="utf-8") == first
    assert loaded("export", "-o", path, "--force").code == 0
    assert path.read_text(encoding="utf-8") != first
    assert [p.name for p in tmp_path.glob("*list*")] == ["list.md"]


def test_a_file_that_cannot_be_written_is_one_line(loaded: Run, tmp_path: Path) -> None:
    done = loaded("export", "-o", tmp_path / "no such folder" / "list.md")
    assert (done.code, len(done.err.splitlines())) == (1, 1)
    for path in (tmp_path, tmp_path / ("x" * 300), Path("/dev/null/list.md")):
        done = loaded("export", "-o", path, "--force")
        assert (done.code, len(done.err.splitlines())) == (1, 1)


def files_below(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("force", [[], ["--force"]])
def test_no_export_overwrites_a_file_of_the_library_even_through_links(
    loaded: Run, own_folders: Path, force: list[str]
) -> None:
    for call in (["read", "12"], ["star", "12"]):
        loaded(*call)
    home = own_folders / "home"
    synced = own_folders / "synced.json"
    (home / "marks.json").rename(synced)
    (home / "marks.json").symlink_to(synced)
    (own_folders / "link").symlink_to(home)
    (own_folders / "list.md").symlink_to(home / "papers.json")
    before = files_below(own_folders)
    own = [path for path in before if path.suffix != ".md"]
    assert len(own) >= 7  # papers, marks, steps, lock, backups, index
    aimed = [*own, home / "new.md", own_folders / "link" / "papers.json", home / ".." / "home" / "marks.json"]
    for path in [*aimed, own_folders / "list.md", own[0].parent / "history" / "x.md"]:
        done = loaded("export", "--to", "markdown", *force, "-o", path)
        assert (done.code, len(done.err.splitlines())) == (1, 1), path
    assert files_below(own_folders) == before


def test_without_force_a_file_created_meanwhile_is_not_overwritten(
    loaded: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "list.md"
    atomic_write = files.atomic_write

    @contextlib.contextmanager
    def slow(target: Path, *, force: bool) -> Iterator[TextIO]:
        with atomic_write(target, force=force) as file:
            target.write_text("somebody else's")
            yield file

    monkeypatch.setattr(files, "atomic_write", slow)
    done = loaded("export", "-o", path)
    assert (done.code, done.err) == (1, f"readlist: file exists: {path}; --force overwrites it\n")
    assert path.read_text() == "somebody else's"
    assert [file.name for file in tmp_path.glob(".*")] == []


def test_a_link_that_leads_to_itself_is_one_line(loaded: Run, tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    done = loaded("export", "--force", "-o", tmp_path / "loop")
    assert (done.code, len(done.err.splitlines())) == (1, 1)


def test_an_exported_file_has_the_mode_of_the_umask(loaded: Run, tmp_path: Path) -> None:
    path = tmp_path / "list.md"
    umask = os.umask(0o022)
    try:
        loaded("export", "-o", path)
    finally:
        os.umask(umask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_an_unknown_format_is_an_error_that_lists_the_formats(loaded: Run) -> None:
    done = loaded("export", "--to", "word")
    assert (done.code, done.out) == (2, "")
    assert "markdown, json, jsonl, csv" in done.err
