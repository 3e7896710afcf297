"""The HTML page shows all papers, runs no text, filters them, and sends no request."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import given, settings

from readlist.models import Entry, Mark, Paper, Status
from readlist.text import clean, clean_lines, fold_tag, printable_line
from readlist.urls import paper_url
from tests.conftest import Run
from tests.exporters.test_citation import ANY_TEXT
from tests.exporters.test_exporters import BARE, FULL, HOSTILE, export_text, paper_with
from tests.hostile import is_harmless

TAGS = {
    "html", "head", "meta", "title", "style", "body", "header", "h1", "form", "label", "input", "select", "option",
    "p", "main", "section", "h2", "time", "article", "h3", "h4", "a", "span", "blockquote", "details", "summary",
    "div", "pre", "ul", "li", "script",
}  # fmt: skip
ATTRIBUTES = {
    "lang", "charset", "http-equiv", "content", "name", "role", "hidden", "type", "id", "autocomplete", "placeholder",
    "value", "datetime", "data-status", "data-starred", "data-tags", "data-tag", "class", "href", "rel", "aria-label",
    "dir", "open",
}  # fmt: skip


class Page(HTMLParser):
    """The page in a browser without JavaScript: its elements, and the texts of each kind of element."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in {"meta", "input"}:
            self.open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in set(self.open):
            self.texts[tag][-1] += data

    def values(self, name: str) -> list[str]:
        return [value for attribute, value in self.attributes if attribute == name]


def test_html_output() -> None:
    page = export_text("html", FULL, BARE)
    assert page[page.index("<main>") : page.index("<script>")] == (
        '<main>\n<p id="no-match" hidden>No papers match.</p>\n'
        "<section>\n"
        '<h2><time datetime="2025-02-11">2025-02-11</time></h2>\n'
        '<article data-status="read" data-starred data-tags="[&quot;normalization&quot;, &quot;내것&quot;]">\n'
        '<h3 dir="auto"><a href="https://arxiv.org/abs/2502.05795" rel="noopener noreferrer">The Curse of Depth [in]'
        ' *Large* Models</a> <span class="star" role="img" aria-label="starred">★</span>'
        ' <span class="status">read</span></h3>\n'
        '<p class="authors" dir="auto">Wenfang Sun, Shiwei Liu</p>\n'
        '<blockquote lang="ko" dir="auto"><p>Pre LN에서 레이어의 기여도가 낮아지는 문제.</p><p>('
        '<a href="https://arxiv.org/abs/2501.08313" rel="noopener noreferrer">https://arxiv.org/abs/2501.08313</a>)'
        " 늘 재미있는 주제.</p></blockquote>\n"
        '<blockquote lang="en" dir="auto"><p>This remains an interesting area.</p></blockquote>\n'
        '<details><summary>Abstract</summary><div dir="auto"><p>We introduce the Curse of Depth.</p></div></details>\n'
        '<div class="note"><h4>Note</h4><pre dir="auto">\n# Compare\n\n- with **OREAL**\n\n```\nx = 1</pre></div>\n'
        '<ul class="tags" aria-label="Tags"><li><span data-tag="normalization" dir="auto">#normalization</span></li>'
        '<li><span data-tag="내것" dir="auto">#내것</span></li></ul>\n'
        "</article>\n"
        "</section>\n"
        "<section>\n"
        "<h2>Undated</h2>\n"
        '<article data-status="unread" data-tags="[]">\n'
        '<h3 dir="auto">Untagged</h3>\n'
        "</article>\n"
        "</section>\n"
        "</main>\n"
    )
    assert '<p id="count" role="status">2 papers</p>' in page
    assert (
        '<option value="">All</option><option value="unread">unread (1)</option><option value="read">read (1)' in page
    )


def test_the_tag_filter_lists_each_tag_once_the_most_frequent_first() -> None:
    entries = [
        Entry(Paper("T", key=str(i)), Mark(""), tags)
        for i, tags in enumerate([("B",), ("a_x", "b"), ("A-X", "c"), ("a-x",)])
    ]
    options = re.findall(r'<option value="(.*?)">(.*?)</option>', export_text("html", *entries))
    assert options[1:4] == [("a-x", "a_x (3)"), ("b", "B (2)"), ("c", "c (1)")]


def test_the_abstract_is_expanded_where_there_is_no_comment() -> None:
    assert "<details open>" in export_text("html", Entry(Paper("T", abstract="A"), Mark(""), ()))
    assert "<details open>" not in export_text("html", FULL)


def test_no_papers_give_an_empty_page() -> None:
    assert '<p id="count" role="status">0 papers</p>' in export_text("html")
    assert "<article" not in export_text("html")


def test_the_security_policy_allows_only_the_pages_own_script_and_style() -> None:
    page = Page(export_text("html", FULL))
    (policy,) = re.findall(r'Content-Security-Policy" content="(.*?)"', export_text("html", FULL))
    hashes = {
        tag: base64.b64encode(hashlib.sha256(page.texts[tag][0].encode()).digest()).decode()
        for tag in ("style", "script")
    }
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{hashes['style']}'; script-src 'sha256-{hashes['script']}'; "
        "base-uri 'none'; form-action 'none'"
    )
    assert not re.search(
        r"url\(|@import|https?:|fetch|XMLHttpRequest|innerHTML|eval", page.texts["style"][0] + page.texts["script"][0]
    )


@given(ANY_TEXT)
@settings(deadline=None)
def test_any_text_is_plain_text_on_the_page(text: str) -> None:
    entry = paper_with(text)
    written = export_text("html", entry, BARE)
    page, line = Page(written), clean(text)
    assert is_harmless(written)
    assert not page.open
    assert page.tags <= TAGS
    assert {name for name, _ in page.attributes} <= ATTRIBUTES
    assert page.values("href") == []
    assert [title.strip() for title in page.texts["h3"]] == [line, "Untagged"]
    assert page.values("data-tags") == [json.dumps([fold_tag(line)], ensure_ascii=False), "[]"]
    if line:
        assert page.texts["blockquote"] == [
            clean_lines(f"{text}\n\n{text}").replace("\n\n", ""),
            clean_lines(text).replace("\n\n", ""),
        ]
        assert page.texts["option"][1] == f"{printable_line(text)} (1)"


@given(ANY_TEXT)
def test_links_are_the_papers_own_http_urls(text: str) -> None:
    url = f"https://own.example/{text}"
    entry = Entry(Paper("T", abstract=f"See {clean(url)}!", url=url, links=(url, text)), Mark(""), ())
    links = Page(export_text("html", entry)).values("href")
    assert links[:1] == ([paper_url(entry.paper)] if paper_url(entry.paper) else [])
    assert all(re.fullmatch(r"https?://[!#$%&'()*+,\-./:;=?@\[\]\w~]+", link, re.ASCII) for link in links)


# In a browser

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
in_browser = pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium here")
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--virtual-time-budget=2000",
)  # fmt: skip


def render_in_browser(page: str, folder: Path) -> str:
    """Return the DOM after the page's script has run."""
    (folder / "page.html").write_text(page, encoding="utf-8")
    command = [CHROMIUM, *QUIET, f"--user-data-dir={folder / 'profile'}", "--dump-dom", (folder / "page.html").as_uri()]
    return subprocess.run(command, capture_output=True, timeout=60, check=True).stdout.decode()


def with_script(page: str, steps: str) -> str:
    """Return the page with one more script, which its security policy allows."""
    digest = base64.b64encode(hashlib.sha256(steps.encode()).digest()).decode()
    allowed = page.replace("script-src ", f"script-src 'sha256-{digest}' ", 1)
    return allowed.replace("</body>", f"<script>{steps}</script></body>")


@pytest.fixture
def requests() -> Iterator[tuple[str, list[str]]]:
    """Start a server; return its URL and the paths that are requested."""
    requested_paths: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requested_paths.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", requested_paths
        server.shutdown()
        thread.join()


RTL = Paper("مقدمة في RTL", ("محمد علي",), comments={"ar": "تعليق"}, abstract="ملخص", id=1, key="k-1")


def test_every_text_of_others_and_of_the_user_chooses_its_direction() -> None:
    page = export_text("html", Entry(RTL, Mark("k-1", note="ملاحظة"), ("وسم",)))
    body = page[page.index("<main>") : page.index("<script>")]
    elements = re.findall(r"<(\w+)([^>]*)>(?:<p>)?[^<]*[\u0600-\u06ff]", body)
    assert [element for element, _ in elements] == ["h3", "p", "blockquote", "div", "pre", "span"]
    assert all('dir="auto"' in attributes for _, attributes in elements)


@in_browser
def test_the_filters_hide_papers_that_do_not_match(loaded: Run, tmp_path: Path) -> None:
    loaded("read", "12")
    loaded("star", "13")
    steps = """
      const log = [], note = (name) => log.push([name, document.getElementById("count").textContent,
        [...document.querySelectorAll("section:not([hidden]) article:not([hidden]) h3")].length,
        document.getElementById("no-match").hidden]);
      const set = (id, value) => {
        const field = document.getElementById(id);
        field.value = value;
        field.dispatchEvent(new Event("input", { bubbles: true }));
        note(`${id}=${value}`);
      };
      note("at first");
      for (const words of ["GRPO", "levine REWARDS", "보상 없는 말", "μnit", "woisetschlager", ""]) set("words", words);
      set("tag", "rl"); set("status", "starred"); set("tag", ""); set("status", "read"); set("status", "");
      [...document.querySelectorAll("article button")].find((b) => b.textContent === "#quantization").click();
      note("click");
      document.title = JSON.stringify(log);
    """
    dom = render_in_browser(with_script(loaded("export", "--to", "html").out, steps), tmp_path)
    assert json.loads(Page(dom.replace("<!DOCTYPE html>", "")).texts["title"][0]) == [
        ["at first", "13 papers", 13, True],
        ["words=GRPO", "2 of 13 papers", 2, True],
        ["words=levine REWARDS", "1 of 13 papers", 1, True],
        ["words=보상 없는 말", "0 of 13 papers", 0, False],
        ["words=μnit", "1 of 13 papers", 1, True],
        ["words=woisetschlager", "1 of 13 papers", 1, True],
        ["words=", "13 papers", 13, True],
        ["tag=rl", "6 of 13 papers", 6, True],
        ["status=starred", "1 of 13 papers", 1, True],
        ["tag=", "1 of 13 papers", 1, True],
        ["status=read", "1 of 13 papers", 1, True],
        ["status=", "13 papers", 13, True],
        ["click", "1 of 13 papers", 1, True],
    ]


@in_browser
def test_a_page_of_hostile_papers_sends_no_request_and_runs_no_script(
    tmp_path: Path, requests: tuple[str, list[str]]
) -> None:
    server, requested_paths = requests
    texts = [
        f"<img src={server}/img>", f"</script><script src={server}/js></script>",
        f'"><link rel=stylesheet href="{server}/css">',
        f"</style><style>@import '{server}/style'</style>", f"<meta http-equiv=refresh content='0;url={server}/meta'>",
        f"</pre><iframe src='{server}/frame'></iframe>", "<script>document.title='run'</script>", *HOSTILE,
    ]  # fmt: skip
    entries = [
        Entry(
            Paper(text, (text,), text, {"en": text}, (text,), url=f"{server}/{text}", key=str(i)),
            Mark("", note=text),
            (text,),
        )
        for i, text in enumerate(texts)
    ]
    dom = render_in_browser(export_text("html", *entries), tmp_path)
    assert dom.count("<article") == len(texts)
    assert "<title>Reading list</title>" in dom
    assert requested_paths == []


@in_browser
@pytest.mark.parametrize("with_policy", [True, False])
def test_the_security_policy_blocks_injected_markup(
    tmp_path: Path, requests: tuple[str, list[str]], *, with_policy: bool
) -> None:
    """Without the policy the same page loads and runs the markup, so that the tests above can fail."""
    server, requested_paths = requests
    markup = f"<img src='{server}/img'><link rel=stylesheet href='{server}/css'><script>document.title = 'run'</script>"
    page = export_text("html", FULL).replace("</main>", f"{markup}</main>")
    if not with_policy:
        page = page.replace("Content-Security-Policy", "X-Nothing")
    dom = render_in_browser(page, tmp_path)
    assert ("<title>run</title>" in dom) is not with_policy
    assert sorted(requested_paths) == ([] if with_policy else ["/css", "/img"])


def test_the_status_filter_lists_every_status_of_a_paper() -> None:
    entries = [Entry(Paper("T", key=str(status)), Mark("", status), ()) for status in Status]
    assert re.findall(r'<option value="(\w+)">\w+ \(1\)', export_text("html", *entries)) == list(Status)
