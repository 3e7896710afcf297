"""`readlist open`, with a program as browser that records its arguments."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from readlist.cli.browser import find_browser
from readlist.models import Appearance, Paper
from readlist.store import Store
from readlist.urls import pdf_url, reading_url, rejection_reason
from tests.conftest import Run
from tests.store.changes import merge

BAD = [
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "file://server/share",
    "FILE:///C:/Windows",
    "ftp://example.org/a",
    "ssh://example.org",
    "mailto:a@example.org",
    "tel:110",
    "about:blank",
    "chrome://settings",
    "view-source:https://example.org",
    "ms-settings:privacy",
    "x-apple.systempreferences:",
    "-new-window",
    "--profile=/tmp/evil",
    "-P https://example.org",
    " https://example.org",
    "https://example.org ",
    "https://example.org/a b",
    "https://example.org/\n--remote",
    "https://example.org/\r\nHost: evil",
    "https://example.org/\x00",
    "https://example.org/\x1b]52;c;aGk=\x07",
    "https://example.org/\x7f",
    "https://example.org/\x85",
    "https://example.org/\u202egnp.exe",
    "https://example.org/\u200b",
    "https://example.org/\u2028",
    "https://example.org/\u3000",
    "https://example.org/\ufeff",
    'https://example.org/"',
    "https://example.org/`id`",
    "https://example.org/<script>",
    "https://example.org/^a",
    "https://example.org/{a,b}",
    "https://example.org/|id",
    "https://example.org\\@evil.example",
    "https:\\\\example.org",
    "https://",
    "https:///path",
    "http:/example.org",
    "http:example.org",
    "https:",
    "//example.org",
    "example.org",
    "www.example.org/paper",
    "https://?q=1",
    "https://#top",
    "https://:443/",
    "https://-example.org/",
    "https://.../",
    "https://exa%6dple.org/",
    "https://example.org:port/",
    "https://example.org:999999/",
    "https://user:password@example.org/",
    "https://arxiv.org@evil.example/",
    "https://@example.org",
    "https://[::1/",
    "https://a;b/",
    "https://$(id)/",
    f"https://example.org/{'a' * 2_048}",
]
GOOD = [
    "https://arxiv.org/abs/2502.06781",
    "http://example.org",
    "HTTPS://EXAMPLE.ORG/",
    "https://example.org:8443/a",
    "https://example.org?q=1",
    "https://example.org#top",
    "https://127.0.0.1:8000/",
    "https://[2001:db8::1]:80/a",
    "https://localhost/",
    "https://example.org./",
    "https://xn--3e0b707e.example/",
    "https://ko.wikipedia.org/wiki/강화_학습",
    "https://en.wikipedia.org/wiki/A_(b)?x=%22y%22&z='w'#c",
    "https://example.org/a;b;c,d!e*f~g",
    "https://example.org/$(touch$IFS'x')",
    "https://example.org/%s",
    "https://example.org/&calc.exe",
    "https://example.org/a@b",
    "https://example.org/?u=https://user@other.example/",
    "https://openreview.net/forum?id=-abc--",
    "https://example.org/~me/../paper.pdf",
]

Opened = Callable[[], list[list[str]]]


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Opened:
    """What the browser was called with, each time."""
    record = tmp_path / "opened"
    browser = tmp_path / "a browser"
    browser.write_text(
        f"#!{sys.executable}\nimport json, sys\n"
        f"with open({str(record)!r}, 'a') as file: file.write(json.dumps(sys.argv[1:]) + '\\n')\n"
    )
    browser.chmod(0o700)
    monkeypatch.setenv("BROWSER", f"no-such-browser{os.pathsep}'{browser}'")
    return lambda: [json.loads(line) for line in record.read_text().splitlines()] if record.exists() else []


@pytest.fixture
def take_in(own_folders: Path) -> Callable[[list[Paper]], None]:
    """Papers into the store, past the loaders, which would not let such links through."""

    def take(papers: list[Paper]) -> None:
        merge(Store(own_folders / "home", own_folders / "elsewhere").papers, papers)

    return take


def linked(urls: list[str]) -> list[Paper]:
    seen = (Appearance(None, "here"),)
    return [Paper(f"Paper number {n}", (f"Author {n}",), url=url, digests=seen) for n, url in enumerate(urls, 1)]


def test_no_invalid_url_reaches_the_browser(run: Run, opened: Opened, take_in: Callable[[list[Paper]], None]) -> None:
    assert len(BAD) >= 60
    take_in(linked(BAD))
    done = run("open", "--yes", f"1-{len(BAD)}")
    assert (done.code, done.out, opened()) == (1, "", [])
    assert len(done.err.splitlines()) == len(BAD)
    assert all("URL not opened: " in line for line in done.err.splitlines())
    assert all(line.isprintable() for line in done.err.splitlines())
    assert run("open", "--print", f"1-{len(BAD)}").out == ""


def test_a_valid_url_is_the_only_argument(
    run: Run, opened: Opened, take_in: Callable[[list[Paper]], None], tmp_path: Path
) -> None:
    assert len(GOOD) >= 20
    take_in(linked(GOOD))
    assert run("open", "--yes", f"1-{len(GOOD)}").code == 0
    assert opened() == [[url] for url in GOOD]
    assert run("open", "--print", f"1-{len(GOOD)}").out.splitlines() == GOOD


def test_an_invalid_url_does_not_keep_other_papers_from_being_opened(
    run: Run, opened: Opened, take_in: Callable[[list[Paper]], None]
) -> None:
    take_in(linked(["file:///etc/passwd", "https://example.org/2"]))
    done = run("open", "1", "2", "99", "--mark", "read")
    assert (done.code, opened()) == (3, [["https://example.org/2"]])
    assert run("list", "--read", "--json").json[0]["id"] == 2


def test_the_url_of_a_paper_is_its_link_its_arxiv_page_or_a_search() -> None:
    assert reading_url(Paper("T", url="https://a.example/", arxiv_id="2502.06781")) == "https://a.example/"
    assert reading_url(Paper("T", arxiv_id="hep-th/9901001")) == "https://arxiv.org/abs/hep-th/9901001"
    assert reading_url(Paper("A & b\ud800")) == "https://scholar.google.com/scholar?q=%22A+%26+b%3F%22"


def test_generated_urls_are_always_valid() -> None:
    for paper in (Paper("한" * 500), Paper("-x\n\x1b[2J"), Paper("T", arxiv_id="cs.CL/0001001")):
        assert rejection_reason(reading_url(paper)) == ""


def test_opening_changes_no_status_unless_asked(loaded: Run, opened: Opened) -> None:
    assert loaded("open", "12").err == ""
    assert loaded("show", "12", "--json").json[0]["status"] == "unread"
    done = loaded("open", "12", "--mark", "reading")
    assert done.err == "Marked as reading: 12 FP4 All the Way: Fully Quantized Training of LLMs\n"
    assert loaded("show", "12", "--json").json[0]["status"] == "reading"
    assert loaded("undo").err == "Undone: reading 12\n"
    assert loaded("open", "12", "--mark", "skip").code == 2
    assert len(opened()) == 2


def test_many_pages_are_opened_only_with_yes(loaded: Run, opened: Opened) -> None:
    done = loaded("open", "1-13")
    assert (done.code, opened()) == (2, [])
    assert done.err == "readlist: confirmation needed: 13 pages; nothing was opened; add --yes\n"
    assert loaded("open", "1-13", "--yes").code == 0
    assert len(opened()) == 13


def test_the_arguments_of_the_browser_are_passed_verbatim_without_a_shell(
    loaded: Run, opened: Opened, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BROWSER", f"{os.environ['BROWSER']} --tab 'a $HOME' -u=%s `id` ;")
    loaded("open", "12")
    ((*options, _),) = opened()
    assert options == [
        "--tab",
        "a $HOME",
        f"-u={reading_url(Paper('FP4 All the Way: Fully Quantized Training of LLMs'))}",
        "`id`",
    ]


def test_a_failing_browser_is_reported_with_the_url(loaded: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROWSER", "false")
    done = loaded("open", "12", "--mark", "read")
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert "exit code 1; the URL is https://scholar.google.com/" in done.err
    assert loaded("show", "12", "--json").json[0]["status"] == "unread"
    monkeypatch.setenv("BROWSER", "'")
    assert loaded("open", "12").err == "readlist: invalid $BROWSER: No closing quotation\n"


def test_a_running_browser_is_not_waited_for(loaded: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nexec sleep 5\n")
    slow.chmod(0o700)
    monkeypatch.setenv("BROWSER", f"{slow} &")
    began = time.monotonic()
    assert loaded("open", "12").code == 0
    assert time.monotonic() - began < 4


def test_urls_are_printed_where_there_is_no_display(loaded: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert loaded("open", "12", "13").out.count("https://scholar.google.com/scholar?q=%22") == 2


def test_the_browser_depends_on_platform_and_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("xdg-open", "open", "w3m"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\n")
        program.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    shown = {"DISPLAY": ":0"}
    assert find_browser(shown, "linux") == [str(tmp_path / "xdg-open")]
    assert find_browser({"WAYLAND_DISPLAY": "wayland-0"}, "linux") == [str(tmp_path / "xdg-open")]
    assert find_browser({}, "linux") == []
    assert find_browser({**shown, "SSH_TTY": "/dev/pts/1"}, "linux") == []
    assert find_browser({}, "darwin") == [str(tmp_path / "open")]
    assert find_browser({"SSH_CONNECTION": "::1"}, "darwin") == []
    assert find_browser({}, "win32") == []
    assert find_browser({"BROWSER": "nothing:w3m -T 'a b'", "SSH_TTY": "/dev/pts/1"}, "linux") == [
        str(tmp_path / "w3m"),
        "-T",
        "a b",
    ]


PDFS = {
    "https://openreview.net/forum?id=aB-1_c": "https://openreview.net/pdf?id=aB-1_c",
    "https://openreview.net/forum?noteId=x&id=aB1#top": "https://openreview.net/pdf?id=aB1",
    "https://aclanthology.org/2024.acl-long.1/": "https://aclanthology.org/2024.acl-long.1.pdf",
    "https://www.aclanthology.org/P19-1001": "https://aclanthology.org/P19-1001.pdf",
    "https://aclanthology.org/2024.findings-emnlp.12.pdf": "https://aclanthology.org/2024.findings-emnlp.12.pdf",
    "https://example.org/Paper.PDF?download=1": "https://example.org/Paper.PDF?download=1",
    "https://arxiv.org/abs/2502.06781v3": "https://arxiv.org/pdf/2502.06781",
    "https://aclanthology.org/events/acl-2024/": "",
    "https://example.org/about?file=a.pdf": "",
    "https://ada:secret@example.org/a.pdf": "",
    "file:///home/ada/a.pdf": "",
    "javascript:alert(1).pdf": "",
}
"""The URL of a paper -> that of its PDF."""


def test_the_pdf_of_a_paper_is_that_of_arxiv_or_follows_from_its_links() -> None:
    assert {url: pdf_url(Paper("T", url=url)) for url in PDFS} == PDFS
    assert pdf_url(Paper("T", url="https://example.org/", links=("https://example.org/a.pdf",))).endswith("/a.pdf")
    assert pdf_url(Paper("T", url="https://example.org/a.pdf", arxiv_id="2502.06781")).startswith("https://arxiv.org/")
    assert all(rejection_reason(pdf) == "" for pdf in PDFS.values() if pdf)


def test_a_pdf_is_opened_only_where_one_is_known(
    run: Run, opened: Opened, take_in: Callable[[list[Paper]], None]
) -> None:
    take_in(linked(["https://openreview.net/forum?id=a", "https://example.org/"]))
    done = run("open", "--pdf", "1", "2", "--mark", "reading")
    assert (done.code, opened()) == (1, [["https://openreview.net/pdf?id=a"]])
    assert done.err.splitlines() == [
        "readlist: no PDF is known: 2 Paper number 2; to open its page: readlist open 2",
        "Marked as reading: 1 Paper number 1",
    ]
    done = run("open", "--pdf", "--print", "1", "2")
    assert (done.code, done.out) == (1, "https://openreview.net/pdf?id=a\n")
