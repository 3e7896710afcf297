"""load --only: the papers of a source that match a query, now and on every update."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.conftest import Run

DAY = """2025-02-11
Latent Diffusion Tricks
(Ada Lovelace)
We study diffusion.
#cv
Reward Models at Scale
(Alan Turing)
We study rewards.
#rl
Sparse Attention
(Grace Hopper)
We study attention.
#nlp
"""
NEXT_DAY = DAY.replace("-11", "-12").replace("Tricks", "Steps").replace("Scale", "Rest").replace("Sparse", "Dense")


@pytest.fixture
def digests(tmp_path: Path) -> Path:
    """A directory with one digest of three papers."""
    directory = tmp_path / "digests"
    directory.mkdir()
    (directory / "a.txt").write_text(DAY, encoding="utf-8")
    return directory


def titles(run: Run) -> list[str]:
    """Return the titles in the library, by ID."""
    return [entry["title"] for entry in sorted(run("list", "--json").json, key=lambda entry: int(entry["id"]))]


def test_only_papers_that_match_are_loaded_and_update_applies_the_query_again(run: Run, digests: Path) -> None:
    done = run("load", digests, "--only", "tag:rl OR title:diffusion")
    assert done.err.strip() == "2 papers added, 1 left out by --only"
    assert titles(run) == ["Latent Diffusion Tricks", "Reward Models at Scale"]
    (digests / "b.txt").write_text(NEXT_DAY, encoding="utf-8")
    assert run("update", "--dry-run").err.splitlines()[-1].endswith("2 papers added, 2 unchanged, 1 left out by --only")
    run("update")
    assert titles(run) == [
        "Latent Diffusion Tricks",
        "Reward Models at Scale",
        "Latent Diffusion Steps",
        "Reward Models at Rest",
    ]
    (source,) = run("sources", "--json").json
    assert (source["only"], source["papers"]) == ("tag:rl OR title:diffusion", 4)
    assert run("sources").out.rstrip("\n").endswith("\ttag:rl OR title:diffusion")


@pytest.mark.parametrize("query", ["is:new", "@today"])
def test_all_papers_of_a_load_are_new(run: Run, digests: Path, query: str) -> None:
    (digests / "a.txt").write_text(DAY + NEXT_DAY, encoding="utf-8")
    run("load", digests, "--only", query)
    assert len(titles(run)) == 6


def test_a_file_is_read_again_only_if_the_query_changed(run: Run, digests: Path) -> None:
    run("load", digests, "--only", "tag:rl")
    for only in ([], ["--only", "tag:rl"]):
        assert run("load", digests, *only).err.strip() == "Nothing new: 1 paper unchanged"
    done = run("load", digests, "--only", "tag:cv")
    assert "1 paper added" in done.err
    assert "2 left out by --only" in done.err
    assert titles(run) == ["Reward Models at Scale", "Latent Diffusion Tricks"]
    assert "1 paper added, 2 unchanged" in run("load", digests, "--only", "").err
    assert run("sources", "--json").json[0]["only"] == ""
    assert len(titles(run)) == 3


FEED = """<rss version="2.0" xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>cs.LG</title>ITEMS</channel></rss>"""
ITEM = """<item><title>NAME of Tides</title><link>https://arxiv.org/abs/2502.0000NUMBER</link>
<description>arXiv:2502.0000NUMBERv1 Announce Type: TYPE Abstract: Tides rise.</description>
<dc:creator>Ada Lovelace</dc:creator><arxiv:announce_type>TYPE</arxiv:announce_type></item>"""


def test_new_versions_that_a_feed_announces_are_counted(run: Run, tmp_path: Path) -> None:
    entries = [("Models", "new"), ("Causes", "cross"), ("History", "replace"), ("Theory", "replace-cross")]
    items = (
        ITEM.replace("NAME", name).replace("TYPE", type_).replace("NUMBER", str(number))
        for number, (name, type_) in enumerate(entries)
    )
    feed = tmp_path / "feed.rss"
    feed.write_text(FEED.replace("ITEMS", "".join(items)), encoding="utf-8")
    done = run("load", feed, "--only", "title:models")
    assert done.err.strip() == "1 paper added, 1 left out by --only, 2 new versions left out"
    feed.write_text(FEED.replace("ITEMS", ITEM.replace("TYPE", "replace")), encoding="utf-8")
    assert run("load", feed).err.strip() == "Nothing new: 1 new version left out"


def test_papers_in_the_library_that_are_left_out_later_keep_their_digest(run: Run, digests: Path) -> None:
    run("load", digests)
    done = run("load", digests, "--only", "tag:rl")
    assert done.err.startswith("Nothing new: 1 paper unchanged, 2 left out by --only")
    assert [len(entry["digests"]) for entry in run("list", "--json").json] == [1, 1, 1]
    assert run("digests", "--json").json[0]["papers"] == 3


def test_undo_restores_the_former_query(run: Run, digests: Path) -> None:
    run("load", digests, "--only", "tag:rl")
    run("load", digests, "--only", "tag:cv")
    assert run("history").out.count("--only") == 2
    run("undo")
    assert run("sources", "--json").json[0]["only"] == "tag:rl"
    assert titles(run) == ["Reward Models at Scale"]


def test_a_saved_query_can_be_used_and_an_update_without_it_is_an_error(run: Run, digests: Path) -> None:
    run("query", "save", "mine", "tag:rl")
    run("load", digests, "--only", "@mine -title:rest")
    assert titles(run) == ["Reward Models at Scale"]
    run("query", "delete", "mine")
    (digests / "b.txt").write_text(NEXT_DAY, encoding="utf-8")
    done = run("update")
    assert done.code == 1
    assert f"{digests}: no saved query @mine" in done.err
    assert titles(run) == ["Reward Models at Scale"]


def test_an_invalid_query_is_a_usage_error_before_anything_is_read(run: Run, digests: Path) -> None:
    for source in (str(digests), "/nowhere", "-"):
        done = run("load", source, "--only", "is:finished", stdin=DAY)
        assert (done.code, done.out) == (2, "")
        assert "unknown value for is: finished" in done.err
    assert titles(run) == run("sources", "--json").json == []


def test_the_query_of_a_file_in_a_tracked_directory_is_that_of_the_directory(run: Run, digests: Path) -> None:
    run("load", digests, "--only", "tag:rl")
    done = run("load", digests / "a.txt", "--only", "tag:cv")
    assert done.code == 2
    assert f"--only: {digests / 'a.txt'} is inside the source {digests}; load that source with this --only" in done.err
    os.utime(digests / "a.txt", (0, 0))
    assert "1 paper unchanged, 2 left out" in run("load", digests / "a.txt").err


def test_a_document_on_stdin_and_the_marks_of_an_export_are_filtered_too(run: Run, digests: Path) -> None:
    assert "1 paper added, 2 left out" in run("load", "-", "--only", "attention", stdin=DAY).err
    run("load", digests)
    run("star", "1", "--yes")
    run("note", "3", "read this")
    export = run("export", "--to", "json").out
    run("undo", "9")
    assert titles(run) == []
    done = run("load", "-", "--only", "is:starred OR has:note", stdin=export)
    assert "2 papers added, 2 marks added, 1 left out by --only" in done.err
    listed = {entry["title"]: (entry["starred"], entry["note"]) for entry in run("list", "--json").json}
    starred, noted = (next(e["title"] for e in json.loads(export) if e["id"] == id_) for id_ in (1, 3))
    assert listed == {starred: (True, ""), noted: (False, "read this")}


def test_words_match_as_typed_and_must_all_match(run: Run, digests: Path) -> None:
    done = run("load", digests, "--only", "difusion", "--dry-run")
    assert done.err.strip() == "Dry run, nothing was changed: Nothing new: 3 papers left out by --only"
    assert "3 papers left out" in run("load", digests, "--only", "diffusion rewards", "--dry-run").err
    assert "2 left out" in run("load", digests, "--only", "Diffusion study", "--dry-run").err
