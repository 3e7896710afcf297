"""Where papers come from: `readlist update`, `digests`, `sources`, `sources forget`, `load --dry-run`."""

from __future__ import annotations

import contextlib
import threading
import zlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from readlist.exporters.registry import EXPORTERS
from readlist.library.library import Directories, Library
from tests.cli.test_load import A_DIGEST
from tests.conftest import Done, Run
from tests.loaders.test_paper_feed import arxiv_rss
from tests.loaders.test_paper_page import ARXIV

ANOTHER = A_DIGEST.replace("6월 1일", "6월 2일").replace("Tides", "Ebbs")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one digest."""
    path = tmp_path / "digests"
    path.mkdir()
    (path / "1.txt").write_text(A_DIGEST, encoding="utf-8")
    return path


def all_bytes(home: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in home.glob("home/*")}


def test_update_loads_what_is_new_in_every_source(run: Run, folder: Path, tmp_path: Path) -> None:
    single = tmp_path / "single.txt"
    single.write_text(ANOTHER, encoding="utf-8")
    run("load", folder, single)
    (folder / "2.txt").write_text(A_DIGEST.replace("Tides", "Dunes"), encoding="utf-8")
    single.write_text(f"{ANOTHER}\nOf Winds\n(Alan Turing)\nWinds blow.\n", encoding="utf-8")
    assert run("update") == Done(0, "", "")
    assert {entry["title"].rpartition(" ")[2] for entry in run("list", "--json").json} == {
        "Tides",
        "Ebbs",
        "Dunes",
        "Winds",
    }


def test_update_without_sources_explains_on_a_terminal_how_to_add_papers(
    run: Run, on_terminal: Callable[..., Done]
) -> None:
    message = "No sources. To add papers: readlist load PATH\n"
    assert run("update", "--dry-run").err == run("sources").err == message
    run("load", "-", stdin=A_DIGEST)  # without a source that update could read again
    assert on_terminal("update", TERM="dumb").out == message


def test_update_prints_a_summary_on_a_terminal_only(run: Run, folder: Path, on_terminal: Callable[..., Done]) -> None:
    run("load", folder)
    (folder / "2.txt").write_text(ANOTHER, encoding="utf-8")
    title = "2 A Made-Up Paper on Ebbs"
    assert on_terminal("update", TERM="dumb").out == f"{title}\n1 paper added, 1 unchanged. Undo: readlist undo\n"
    assert on_terminal("update", TERM="dumb").out == "Nothing new: 2 papers unchanged\n"


def test_an_update_without_news_writes_nothing(run: Run, folder: Path, own_folders: Path) -> None:
    run("load", folder)
    before = all_bytes(own_folders)
    assert run("update") == Done(0, "", "")
    assert all_bytes(own_folders) == before


def test_an_update_of_an_empty_library_prints_nothing(run: Run) -> None:
    assert run("update") == Done(0, "", "")


def test_a_missing_folder_is_a_failure_and_a_missing_file_is_not(run: Run, folder: Path, tmp_path: Path) -> None:
    single = tmp_path / "single.txt"
    single.write_text(ANOTHER, encoding="utf-8")
    run("load", folder, single)
    single.unlink()
    assert run("update") == Done(0, "", "")
    folder.rename(tmp_path / "moved")
    assert run("update") == Done(1, "", f"readlist: {folder}: no such file or directory\n")


def test_load_reports_an_unplaced_line_each_time_and_update_once(run: Run, folder: Path) -> None:
    (folder / "2.txt").write_text("A stray line\n" + ANOTHER, encoding="utf-8")
    complaint = "2.txt:1: belongs to no paper"
    assert run("load", folder).err.startswith(complaint)
    assert run("load", folder).err.startswith(complaint)
    assert run("update").err == ""


def test_an_unreadable_source_is_not_tracked(run: Run, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear all,\nlunch is at one.\n", encoding="utf-8")
    assert run("load", tmp_path / "letter.txt", tmp_path / "nowhere").code == 1
    assert run("update").code == 0


def test_digests_are_listed_with_their_source_and_time(
    run: Run, folder: Path, seeds: Path, on_terminal: Callable[..., Done]
) -> None:
    run("load", folder)
    run("load", seeds)
    run("load", "-", stdin=ANOTHER)
    run("read", "9-10")
    listed = run("digests", "--json").json
    assert [(one["date"], one["source"], one["papers"], one["unread"], one["location"]) for one in listed] == [
        ("2025-06-02", "-", 1, 1, ""),
        ("2025-06-01", "1.txt", 1, 1, str(folder)),
        ("2025-05-27", "003_d56214795a957d4e.txt", 5, 4, str(seeds)),
        ("2025-02-11", "000_1af87d60f0c929a1.txt", 8, 7, str(seeds)),
    ]
    assert [one["loaded_at"] is None for one in listed] == [True, False, False, False]
    assert run("digests").out.splitlines()[1].split("\t")[:5] == ["2025-06-01", "1.txt", "1", "1", str(folder)]
    shown = on_terminal("digests", NO_COLOR="1", columns=200).out
    assert f"{seeds}\x1b[0m\x1b[2m  loaded 20" in shown
    assert "2025-05-27       5       4  \x1b[2m003_d56214795a957d4e.txt" in shown


def test_a_forgotten_source_is_not_updated_and_its_papers_stay(run: Run, folder: Path) -> None:
    run("load", folder)
    done = run("sources", "forget", folder)
    assert (done.code, done.err) == (0, f"Source removed: {folder}; its papers are kept\n")
    (folder / "2.txt").write_text(ANOTHER, encoding="utf-8")
    run("update")
    assert len(run("list", "--json").json) == 1
    done = run("sources", "forget", folder)
    message = f"readlist: no such source: {folder}; to list them: readlist sources\n"
    assert (done.code, done.err) == (3, message)
    assert run("load", folder).err == "1 paper added, 1 unchanged\n"


def test_a_dry_run_prints_what_would_be_loaded_and_changes_nothing(
    loaded: Run, folder: Path, seeds: Path, own_folders: Path
) -> None:
    before = all_bytes(own_folders)
    done = loaded("load", "--dry-run", seeds, folder)
    assert (done.code, done.out) == (0, "2025-06-01\tA Made-Up Paper on Tides\n")
    assert done.err == "Dry run, nothing was changed: 1 paper added, 13 unchanged\n"
    assert all_bytes(own_folders) == before
    assert loaded("update", "--dry-run").err == "Dry run, nothing was changed: Nothing new: 13 papers unchanged\n"
    assert len(loaded("list", "--json").json) == 13


def test_notes_without_a_paper_are_reported_and_are_no_failure(run: Run, folder: Path) -> None:
    for number in range(7):
        (folder / f"log {number}.md").write_text("# Today\n\nLunch was good.\n", encoding="utf-8")
    done = run("load", folder)
    assert done.code == 0
    assert done.err.splitlines() == [
        "7 files without a paper: log 0.md, log 1.md, log 2.md, log 3.md, log 4.md and 2 more",
        "1 paper added",
    ]
    assert run("load", folder).err == "Nothing new: 1 paper unchanged\n"
    assert run("load", folder / "log 0.md").code == 0, "it has been looked at, and has not changed"


@pytest.mark.parametrize("step", range(6))
def test_ctrl_c_during_a_load_saves_all_papers_or_none(tmp_path: Path, seeds: Path, step: int) -> None:
    library = Library(Directories(tmp_path / "home", tmp_path / "state", tmp_path / "cache"))
    steps = iter(range(100))

    def interrupt(*_: object) -> None:
        if next(steps) == step:
            raise KeyboardInterrupt

    with contextlib.suppress(KeyboardInterrupt):
        library.load([str(seeds)], progress=interrupt)
    loaded = len(library.load([str(seeds)], dry_run=True).added)
    assert loaded in {0, 13}
    library.load([str(seeds)])
    assert sum(count.papers for count in library.digests()) == 13


class OneDigest(BaseHTTPRequestHandler):
    """A server of one digest, which answers 304 for an unchanged one."""

    content = A_DIGEST

    def do_GET(self) -> None:  # the name that http.server asks for
        same = self.headers.get("If-None-Match") == self._etag()
        self.send_response(304 if same else 200)
        self.send_header("ETag", self._etag())
        self.end_headers()
        if not same:
            self.wfile.write(self.content.encode())

    def _etag(self) -> str:
        return f'"{zlib.crc32(self.content.encode())}"'

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a digest on this machine."""
    monkeypatch.setattr(OneDigest, "content", A_DIGEST)
    server = ThreadingHTTPServer(("127.0.0.1", 0), OneDigest)
    with server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/digest?token=secret"
        server.shutdown()
        thread.join()


def without_secret(address: str) -> str:
    return address.replace("secret", "…")


def test_a_page_is_loaded_from_the_web_and_updated(
    run: Run, address: str, own_folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("load", "--allow-private", address).err == "1 paper added\n"
    before = all_bytes(own_folders)
    assert run("load", "--allow-private", address).err == "Nothing new: 1 paper unchanged\n"
    assert all_bytes(own_folders) == before
    monkeypatch.setattr(OneDigest, "content", A_DIGEST + ANOTHER)
    assert run("update") == Done(0, "", "")
    assert len(run("list", "--json").json) == 2
    (_, digest) = run("digests", "--json").json
    assert (digest["location"], digest["source"]) == (without_secret(address), "127.0.0.1/digest")


def test_a_feed_of_papers_is_followed_and_may_be_empty(
    run: Run, address: str, own_folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OneDigest, "content", arxiv_rss())
    assert run("load", "--allow-private", address) == Done(0, "", "Nothing new\n")
    monkeypatch.setattr(OneDigest, "content", arxiv_rss("new", "replace"))
    assert run("update") == Done(0, "", "")
    before = all_bytes(own_folders)
    assert run("update") == Done(0, "", "")
    assert all_bytes(own_folders) == before
    another = arxiv_rss("new").replace("2502.06781", "2502.06782").replace("On Tides", "On Moons")
    monkeypatch.setattr(OneDigest, "content", another)
    assert run("update") == Done(0, "", "")
    assert {entry["arxiv_id"] for entry in run("list", "--json").json} == {"2502.06781", "2502.06782"}
    monkeypatch.setattr(OneDigest, "content", arxiv_rss())
    assert run("update") == Done(0, "", "")
    (digest,) = run("digests", "--json").json
    assert (digest["source"], digest["papers"]) == ("127.0.0.1/digest", 2)
    assert digest["location"] == without_secret(address), "an empty feed is still where its papers came from"


def test_the_page_of_a_paper_is_loaded_from_the_web(run: Run, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OneDigest, "content", ARXIV)
    assert run("load", "--allow-private", address).err == "1 paper added\n"
    assert run("load", "--allow-private", address).err == "Nothing new: 1 paper unchanged\n"
    (entry,) = run("list", "--json").json
    assert (entry["title"], entry["arxiv_id"]) == ("On Tides of Learning", "2502.06781")


def test_a_private_address_is_rejected_unless_allowed(run: Run, address: str) -> None:
    done = run("load", address)
    reason = "private address: 127.0.0.1; use --allow-private to permit it"
    source = without_secret(address)
    assert (done.code, done.err.splitlines()[0]) == (1, f"readlist: {source}: cannot be fetched: {reason}")
    assert run("update") == Done(0, "", "")


# readlist sources


def test_sources_lists_what_update_reads_again(
    run: Run, folder: Path, tmp_path: Path, address: str, on_terminal: Callable[..., Done]
) -> None:
    single = tmp_path / "single.txt"
    single.write_text(ANOTHER, encoding="utf-8")
    empty = run("sources")
    assert (empty.code, empty.out, empty.err) == (0, "", "No sources. To add papers: readlist load PATH\n")
    assert run("sources", "--json").json == []
    run("load", folder, single)
    run("load", "--allow-private", address)
    run("load", "-", stdin=A_DIGEST.replace("Tides", "Dunes"))
    listed = run("sources", "--json").json
    assert [list(source) for source in listed] == [["location", "kind", "papers", "loaded_at", "only"]] * 3
    assert [(source["location"], source["kind"], source["papers"]) for source in listed] == [
        (str(folder), "directory", 1),
        (str(single), "file", 1),
        (address, "URL", 1),
    ]
    assert all(source["loaded_at"].endswith("Z") for source in listed)
    assert [line.split("\t")[:3] for line in run("sources").out.splitlines()] == [
        [str(folder), "directory", "1"],
        [str(single), "file", "1"],
        [without_secret(address), "URL", "1"],
    ]
    shown = on_terminal("sources", TERM="dumb").out.replace("\n", "")  # a path of more than a line is broken
    assert f"{single}  file  1 paper  loaded " in shown
    run("sources", "forget", folder, address)
    assert [source["location"] for source in run("sources", "--json").json] == [str(single)]
    assert run("undo").err == f"Undone: sources forget {without_secret(address)}\n"
    assert len(run("sources", "--json").json) == 2


def test_a_source_without_any_document_is_listed_too(run: Run, folder: Path) -> None:
    run("load", folder)
    (folder / "1.txt").unlink()
    (folder / "empty.md").write_text("no paper\n", encoding="utf-8")
    assert run("update").code == 0
    assert [source["kind"] for source in run("sources", "--json").json] == ["directory"]


# Secrets in URLs


def test_no_command_but_sources_json_prints_the_secret_of_a_url(
    run: Run, address: str, on_terminal: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = address.replace("/digest?token=secret", "/feed/3f9a8b7c6d5e4f3a2b1c/new?token=s3cr3t&format=rss")
    secrets = ("3f9a8b7c6d5e4f3a2b1c", "s3cr3t")
    done = [run("load", "--allow-private", url), run("load", url), run("update"), run("load", "--dry-run", url)]
    monkeypatch.setattr(OneDigest, "content", f"a stray line\n{A_DIGEST}{A_DIGEST.replace('06-01', '06-02')}")
    done += [run("load", "--allow-private", url), run("update"), run("sources", "forget", f"{url}x")]
    run("sources", "forget", url)
    done += [run("undo"), run("redo"), run("undo")]
    for call in (["history"], ["digests"], ["sources"], ["show", "1"], ["list"], ["doctor"]):
        done += [run(*call), on_terminal(*call)]
    done += [run(*call, "--json") for call in (["history"], ["digests"], ["show", "1"], ["list"], ["stats"])]
    done += [run("export", "--to", name) for name in EXPORTERS]
    assert [one for one in done if any(secret in one.out + one.err for secret in secrets)] == []
    assert [source["location"] for source in run("sources", "--json").json] == [url]
    (listed,) = {line.split("\t")[0] for line in run("sources").out.splitlines()}
    assert listed == address.replace("/digest?token=secret", "/feed/…/new?token=…&format=…")
    forgotten = run("sources", "forget", listed)
    assert (forgotten.code, forgotten.err) == (0, f"Source removed: {listed}; its papers are kept\n")
    assert run("sources", "--json").json == []


def test_sources_that_are_listed_alike_are_told_apart_by_their_whole_url(run: Run, address: str) -> None:
    run("load", "--allow-private", address, f"{address}2")
    listed = without_secret(address)
    done = run("sources", "forget", listed)
    assert (done.code, done.err) == (
        2,
        f"readlist: ambiguous source: {listed}; pass the location from: readlist sources --json\n",
    )
    assert run("sources", "forget", f"{address}2").code == 0
    assert [source["location"] for source in run("sources", "--json").json] == [address]
