"""Batches: what is remembered of each source, and what is reported of a source that cannot be read."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from readlist.loaders.batch import Batch
from readlist.loaders.fetch import FetchedPage
from readlist.sources import Problem, Provenance, TrackedSource
from readlist.store.provenance import after_load

DIGEST = "2025-02-11\nA Title\n(First Author, Second Author)\nAn abstract.\n"


def read(*sources: str | Path) -> Batch:
    batch = Batch()
    batch.read([TrackedSource(str(source), False) for source in sources], lambda _done, _total: None)
    return batch


def remembered(batch: Batch) -> list[str | None]:
    documents, _ = after_load(Provenance(), batch.documents, batch.sources)
    return list(documents)


@pytest.mark.parametrize("name", ["a\u00a0b.txt", "다이제스트.txt", "a\u200bb.txt"])
def test_a_file_is_remembered_with_any_unicode_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(DIGEST, encoding="utf-8")
    assert remembered(read(path)) == [str(path)]


def test_a_file_whose_name_is_not_unicode_is_read_and_not_remembered(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"\xff.txt")
    try:
        path.write_text(DIGEST, encoding="utf-8")
    except OSError:
        pytest.skip("the file system accepts Unicode names only")
    batch = read(path)
    assert [paper.title for paper in batch.papers] == ["A Title"]
    assert remembered(batch) == []


@pytest.mark.parametrize("url", ["ftp://x/y", "file:///etc/hosts", "FTP://x"])
def test_a_url_with_another_scheme_than_http_is_a_failure(url: str) -> None:
    assert read(url).failures == [Problem(url, 0, "unsupported URL scheme; use http:// or https://")]


def test_a_message_about_a_url_has_no_password() -> None:
    (failure,) = read("ftp://user:secret@x/y").failures
    assert failure.source == "ftp://x/y"


def test_messages_call_standard_input_stdin() -> None:
    batch = Batch()
    batch.read_stdin(b"")
    assert list(map(str, batch.failures)) == ["stdin: empty"]


def test_pages_of_one_site_have_names_of_their_own_and_a_page_that_was_loaded_before_keeps_its_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = b'<meta name="citation_title" content="On Tides"><meta name="citation_author" content="Ada Lovelace">'

    def fetch(url: str, version: str, *, private: bool) -> FetchedPage:
        return FetchedPage(page, version, "", url)

    monkeypatch.setattr("readlist.loaders.fetch.fetch", fetch)
    first, second = "https://openreview.net/forum?id=a", "https://openreview.net/forum?id=b&token=s3cret"
    batch = read(first, second)
    assert [paper.digests[0].source for paper in batch.papers] == [
        "openreview.net/forum?id=a",
        "openreview.net/forum?id=b",
    ]
    (document,) = read(first).documents
    known = Batch({first: document._replace(name="openreview.net/forum")})
    known.read([TrackedSource(first)], lambda *_: None)
    assert known.papers[0].digests[0].source == "openreview.net/forum"


def test_data_in_a_directory_that_is_no_papers_is_skipped_and_a_damaged_export_is_reported(tmp_path: Path) -> None:
    entry = {"id": 1, "key": "on-tides-000000", "title": "On Tides", "status": "read", "digests": []}
    (tmp_path / "export.jsonl").write_text(json.dumps(entry) + "\n")
    (tmp_path / "zotero.csv").write_text(
        '"Key","Item Type","Author","Title"\n"K","article","Lovelace, Ada","On Moons"\n'
    )
    (tmp_path / "values.csv").write_text("a,b\n1,2\n")
    (tmp_path / "measured.csv").write_bytes(b"a,b\n\0\1,2\n")
    (tmp_path / "log.jsonl").write_bytes(b'{"x": 1}\n' * 1_200_000)
    (tmp_path / "damaged.json").write_text(json.dumps([entry])[:-2])
    batch = read(tmp_path)
    assert sorted(paper.title for paper in batch.papers) == ["On Moons", "On Tides"]
    assert sorted(batch.skipped_names) == ["log.jsonl", "measured.csv", "values.csv"]
    assert [Path(failure.source).name for failure in batch.failures] == ["damaged.json"]
    (failure,) = read(tmp_path / "measured.csv").failures
    assert "not text" in failure.reason


def test_an_empty_file_in_a_directory_is_skipped_whatever_its_name_and_a_text_without_a_paper_is_an_error(
    tmp_path: Path,
) -> None:
    for name in ("empty.bib", "empty.md", "empty.txt"):
        (tmp_path / name).touch()
    (tmp_path / "digest.txt").write_text("2025-02-11\nOn Tides\n(Ada Lovelace)\n")
    batch = read(tmp_path)
    assert sorted(batch.skipped_names) == ["empty.bib", "empty.md", "empty.txt"]
    assert batch.failures == []
    assert [failure.reason for failure in read(tmp_path / "empty.txt").failures] == ["empty"]
    (tmp_path / "digest.txt").write_text("On Tides\nby Ada Lovelace\n")
    assert [Path(failure.source).name for failure in read(tmp_path).failures] == ["digest.txt"]


def test_json_whose_values_take_many_times_the_memory_of_its_text_is_no_export(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('[{"id": 1, "key": "", "status": "", "digests": [' + "[]," * 3_000_000 + "[]]}]")
    (failure,) = read(tmp_path / "x.json").failures
    assert "too many values" in failure.reason
