"""Hostile HTML and XML: bounded time, memory and problems, and nothing outside the document is read."""

from __future__ import annotations

import subprocess
import sys
from html import escape
from pathlib import Path

import pytest

from readlist.errors import ReadlistError
from readlist.loaders.base import Source
from readlist.loaders.feed.parser import FeedLoader
from readlist.loaders.page.parser import PageLoader
from readlist.loaders.registry import load_bytes
from tests.loaders.web import HEAD, messages, parse, rss
from tests.scaling import assert_linear

ENTITIES = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True))
LAUGHS = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "{"ha" * 500}">{ENTITIES}]>'
XXE = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">%s]>'
FLOODS = {
    "comments": "<!--",
    "elements": "<div>",
    "paragraphs": "<p>",
    "items": "<li>a",
    "links": "<a href=x>a",
    "formats": "<b><i></p>",
    "ends": "</div>",
    "tables": "<table><tr><td>",
    "angles": "<",
    "entities": "&amp;",
    "attributes": "a=1 ",
    "instructions": "<?x ",
    "sections": "<![CDATA[",
    "entries": "<item><title>x</title></item>",
    "lines": "\n",
    "text": "tides ",
}


@pytest.mark.heavy
@pytest.mark.parametrize(
    "before", ["<html>" + HEAD, "<html><p ", "<rss><channel>", rss(escape(HEAD)).removesuffix("</channel></rss>")]
)
@pytest.mark.parametrize("flood", FLOODS)
@pytest.mark.parametrize("limit", [100_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
def test_the_time_for_hostile_markup_grows_linearly(flood: str, before: str, limit: int) -> None:
    def make_source(size: int) -> Source:
        return Source("d", before + FLOODS[flood] * (size // len(FLOODS[flood])))

    loader = FeedLoader() if before.startswith("<rss>") else PageLoader()
    assert_linear(make_source, loader.parse, start=1_000, limit=limit, min_seconds=limit / 20_000_000)


@pytest.mark.parametrize("before", ["<html>" + HEAD, rss(escape(HEAD)).removesuffix("</channel></rss>")])
@pytest.mark.parametrize("flood", FLOODS)
def test_hostile_markup_of_1_mb_has_at_most_four_problems(flood: str, before: str) -> None:
    result = parse(before + FLOODS[flood] * (1_000_000 // len(FLOODS[flood])))
    assert len(result.problems) < 5


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        ("<div>" * 100_000, "more than 256 nested elements; the rest is ignored"),
        ("<br>" * 100_000, "too many elements; the rest is ignored"),
        (f"<p {' '.join(f'a{n}' for n in range(10_001))}>", "tag with more than 10,000 attributes; document ignored"),
    ],
)
def test_what_a_limit_ignores_is_reported(html: str, reason: str) -> None:
    assert f"d.html: {reason}" in messages(parse(HEAD + html))
    assert any(reason in message for message in messages(parse(rss(f"<![CDATA[{HEAD}{html}]]>"))))


@pytest.mark.parametrize("entity", ["&j;", "<![CDATA[x]]>&j;"])
def test_entities_are_not_expanded(entity: str) -> None:
    result = parse(LAUGHS + rss(escape(HEAD), entity))
    assert "d.html: not well-formed XML; the rest is ignored" in messages(result)
    assert sum(len(str(paper)) for paper in result.papers) < 1000


@pytest.mark.parametrize("declared", ["", '<!ENTITY % y SYSTEM "http://127.0.0.1:9/y"> %y;'])
def test_entities_read_no_file_and_no_url(declared: str) -> None:
    for text in (XXE % declared + rss(escape(HEAD) + "&x;"), XXE % declared + f"<html>{HEAD}<p>&x;</p>"):
        assert "root:" not in str(parse(text))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs the peak memory that Linux has in /proc")
def test_hostile_markup_of_10_mb_takes_less_than_250_mb_of_memory() -> None:
    floods = [f"<html>{HEAD}{FLOODS[name]}" for name in ("comments", "text", "items", "lines", "angles")]
    code = (
        "from pathlib import Path; from readlist.loaders.base import Source\n"
        "from readlist.loaders.page.parser import PageLoader\n"
        f"for flood in {floods!r}:\n"
        "    PageLoader().parse(Source('d', flood[: flood.rindex('h3>') + 3] + flood[-6:] * (10_000_000 // 6)))\n"
        "print(Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0])"  # in kB
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=300)
    assert int(done.stdout) < 250_000


# Optional packages


def test_without_the_extra_the_error_has_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lxml", None)
    with pytest.raises(
        ReadlistError, match=r'^web pages and feeds require optional packages; run: pip install "readlist\[feeds\]"$'
    ):
        load_bytes(f"<html>{HEAD}".encode(), "d")
    assert load_bytes(b"On Tides\n(Ada Lovelace)", "d").papers


def test_plain_text_imports_none_of_the_packages_for_pages() -> None:
    code = (
        "import sys; from readlist.loaders.registry import load_bytes; load_bytes(b'On Tides\\n(Ada King)', 'd')\n"
        "print(*{'lxml', 'httpx', 'email', 'html'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"
