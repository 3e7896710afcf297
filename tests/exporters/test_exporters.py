"""Exports are harmless in the programs that open them, and are read back to the same papers."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import pkgutil
import re
import subprocess
import sys
from email import message_from_string, policy
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from readlist import exporters
from readlist.errors import UsageError
from readlist.exporters.citation_keys import citation_keys
from readlist.exporters.csv import escape_formula
from readlist.exporters.handout import Handout, MailHeader, group_entries
from readlist.exporters.json import dump_array, entry_dict, hit_dict
from readlist.exporters.markdown import escape
from readlist.exporters.registry import EXPORTERS, export_handout, load_citation_exporter, load_exporter
from readlist.exporters.tsv import export as export_tsv
from readlist.models import Appearance, Entry, Mark, Paper, Status
from readlist.paper_columns import COLUMNS, parse_columns
from readlist.query_results import Excerpt, Hit
from readlist.text import clean, clean_lines, printable_line
from tests.hostile import is_harmless, is_visible, titles

NOON = dt.datetime(2025, 6, 1, 12, 0, tzinfo=dt.UTC)
KEY = "the-curse-of-depth-000000"
NOTE = "# Compare\n\n- with **OREAL**\n\n```\nx = 1"
FULL = Entry(
    Paper(
        title="The Curse of Depth [in] *Large* Models",
        authors=("Wenfang Sun", "Shiwei Liu"),
        abstract="We introduce the Curse of Depth.",
        comments={
            "ko": "Pre LN에서 레이어의 기여도가 낮아지는 문제.\n\n(https://arxiv.org/abs/2501.08313) 늘 재미있는 주제.",
            "en": "This remains an interesting area.",
        },
        tags=("normalization", "old"),
        links=("https://arxiv.org/abs/2501.08313",),
        arxiv_id="2502.05795",
        digests=(Appearance(dt.date(2025, 2, 11), "000.txt"), Appearance(None, "again.txt")),
        id=8,
        key=KEY,
        loaded_at=dt.datetime(2025, 2, 12, 8, 0, tzinfo=dt.UTC),
    ),
    Mark(KEY, Status.READ, NOON, True, NOON, ("내것",), ("old",), NOON, NOTE, NOON, dt.date(2025, 6, 9), NOON),
    tags=("normalization", "내것"),
)
BARE = Entry(Paper(title="Untagged", id=9, key="untagged-111111"), Mark("untagged-111111"), ())

# Texts with a meaning in Markdown, HTML, spreadsheets or terminals.
HOSTILE = [
    "[click](https://evil.example)", "[a]: https://evil.example", "![x](https://evil.example/p.png)", "[x][a]", "[a]",
    "<https://evil.example>", "<script>alert(1)</script>", "<!-- hidden", "<img src=x onerror=y>", "</details>",
    "<?php", "https://evil.example", "http://evil.example/a_b_c", "www.evil.example", "ftp://evil.example",
    "HTTPS://EVIL.EXAMPLE", "](https://evil.example)", ")](https://evil.example)", "foo\\](https://evil.example)",
    "\\", "\\\\", "end\\", "a\\*b", "*bold*", "**bold**", "***", "_em_", "__init__", "snake_case_name", "_", "a_",
    "~~gone~~", "~x~", "~~~", "```", "`code`", "``", "`", "$x^2$", "$$", "# Title", "#tag", "## 2025-05-27", "- item",
    "-", "---", "===", "+ plus", "* star", "1. one", "1) one", "123456789. x", "2024. A year", "> quote", ">",
    "| a | b |", "|---|", ":-- ", "&lt;b&gt;", "&#60;", "&copy;", "AT&T", "a & b", "3 < 4 > 2", "a<b", "[ ] task",
    "[x] task", "[^1]", "- [x] done", "=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "'=1+1", "\t=1", "\r=1",
    " =1", "＝1", "$\\mathcal{O}(n)$", "\\alpha", "C++ & C#", "100%", "a:b", "\x1b[31mred\x1b[0m",
    "\x1b]8;;https://evil.example\x07x\x1b]8;;\x07", "\x9b31m", "\u202etxt.exe", "zero\u200bwidth", "two\nlines",
    "two\n===", "two\n---", "a | b\n--|--\n1 | 2", "a\n1. b", "two\r\n\r\n# lines", "tab\there", "next\x85line",
    "\u2028- x", "\x00", "한국어 *제목*", "μnit _스케일링_", "e\u0301", "가", "👩\u200d🔬 emoji", "\U000e0041tag",
    "\ufeffBOM", "mailto:a@b.example", "a@b.example", "x" * 500, "!", "wow![", "a](b", "((((", "))))",
    '"quoted", with comma', "a;b", "{{x}}", "%s", "\\n", "<", ">", "&", "a  b", "(1) x",
]  # fmt: skip


def export_text(name: str, *entries: Entry, **options: Any) -> str:
    """Return an export; `options` are fields of the handout."""
    if EXPORTERS[name].is_handout:
        handout = Handout(mail=MailHeader(NOON), **options)
        return "".join(export_handout(name, group_entries(entries, "date"), handout))
    if EXPORTERS[name].has_keys:
        keys = citation_keys(entry.paper for entry in entries)
        return "".join(load_citation_exporter(name)(entries, keys))
    return "".join(load_exporter(name)(entries))


def read_parts(message: str) -> list[str]:
    """Return the content of each part of a mail, as a program for mail reads it."""
    parts = message_from_string(message, policy=policy.default).walk()
    return [part.get_content() for part in parts if not part.is_multipart()]


def paper_with(text: str) -> Entry:
    """Return an entry with the text in every field."""
    comments = {"ko": f"{text}\n\n{text}", "en": text}
    paper = Paper(text, (text, "Ann Other"), text, comments, (text,), id=1, key="k-000000")
    return Entry(paper, Mark("k-000000"), paper.tags)


def links_and_text(markdown: str) -> tuple[list[str], list[str]]:
    """Render with markdown-it; return the targets of links and the text of each block. Raw HTML fails the test."""
    links: list[str] = []
    blocks: list[str] = []
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown):
        assert token.type != "html_block", token.content
        assert not token.type.startswith("table")
        if token.type != "inline":
            continue
        for child in token.children or []:
            assert child.type in {
                "text",
                "text_special",
                "softbreak",
                "link_open",
                "link_close",
                "strong_open",
                "strong_close",
            }
            if child.type == "link_open":
                links.append(str(child.attrs["href"]))
        blocks.append("".join("\n" if c.type == "softbreak" else c.content for c in token.children or []))
    return links, blocks


def test_every_module_with_an_export_function_is_in_the_registry() -> None:
    modules = {
        info.name
        for info in pkgutil.iter_modules(exporters.__path__)
        if hasattr(import_module(f"readlist.exporters.{info.name}"), "export")
    }
    assert modules == {format_.module for format_ in EXPORTERS.values()} | {"tsv"}


@pytest.mark.parametrize("name", ["json", "jsonl", "csv"])
def test_an_exporter_takes_one_entry_at_a_time(name: str) -> None:
    consumed = []

    def entries() -> Any:
        for entry in (FULL, BARE, FULL):
            consumed.append(entry)
            yield entry

    pieces = load_exporter(name)(entries())
    first = next(pieces) + next(pieces)
    assert len(consumed) <= 2
    assert (first + "".join(pieces)).endswith("\n")


def test_the_registry_imports_no_exporter_before_it_is_used() -> None:
    code = "import sys, readlist.exporters.registry; print([m for m in sys.modules if m in ('csv', 'orjson', 'json')])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_json_has_the_documented_fields_in_their_order() -> None:
    assert json.loads(export_text("json", FULL))[0] == {
        "id": 8,
        "key": KEY,
        "title": "The Curse of Depth [in] *Large* Models",
        "authors": ["Wenfang Sun", "Shiwei Liu"],
        "abstract": "We introduce the Curse of Depth.",
        "comments": dict(FULL.paper.comments),
        "tags": ["normalization", "내것"],
        "my_tags": ["내것"],
        "links": ["https://arxiv.org/abs/2501.08313"],
        "arxiv_id": "2502.05795",
        "doi": "",
        "url": "",
        "digests": [{"date": "2025-02-11", "source": "000.txt"}, {"date": None, "source": "again.txt"}],
        "status": "read",
        "status_at": "2025-06-01T12:00:00Z",
        "starred": True,
        "starred_at": "2025-06-01T12:00:00Z",
        "note": NOTE,
        "note_at": "2025-06-01T12:00:00Z",
        "later": "2025-06-09",
        "later_at": "2025-06-01T12:00:00Z",
        "loaded_at": "2025-02-12T08:00:00Z",
        "tags_at": "2025-06-01T12:00:00Z",
        "digest_tags": ["normalization", "old"],
        "removed_tags": ["old"],
    }
    members = "id key title authors abstract comments tags my_tags links arxiv_id doi url digests"
    more = "status status_at starred starred_at note note_at later later_at loaded_at tags_at digest_tags removed_tags"
    assert " ".join(json.loads(export_text("json", BARE))[0]) == f"{members} {more}"


def test_json_is_indented_like_the_standard_library_does() -> None:
    expected = json.dumps([entry_dict(FULL), entry_dict(BARE)], indent=2, ensure_ascii=False) + "\n"
    assert export_text("json", FULL, BARE) == expected
    assert export_text("json") == "[]\n"


def test_the_json_of_a_hit_adds_score_and_match() -> None:
    hit = hit_dict(Hit(FULL, 0.123456, Excerpt("abstract", "the Curse of Depth", ((4, 9),))))
    matched = {"field": "abstract", "excerpt": "the Curse of Depth", "all": True}
    assert hit == {**entry_dict(FULL), "score": 0.1235, "matched": matched}
    assert hit_dict(Hit(FULL))["matched"] is None
    assert hit_dict(Hit(FULL, is_partial=True))["matched"] == {"field": "", "excerpt": "", "all": False}
    assert json.loads("".join(dump_array([hit]))) == [hit]


def test_json_lines_have_the_same_entries_as_json() -> None:
    rows = export_text("jsonl", FULL, BARE).splitlines()
    assert [json.loads(row) for row in rows] == json.loads(export_text("json", FULL, BARE))


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_json_reads_back_any_text_and_is_harmless_on_a_terminal(text: str) -> None:
    for name in ("json", "jsonl"):
        written = export_text(name, paper_with(text))
        assert is_harmless(written)
        assert not {"\u2028", "\u2029"} & set(written)
        assert json.loads(written if name == "json" else f"[{written}]") == [entry_dict(paper_with(text))]


def test_a_tsv_line_has_seven_fields() -> None:
    assert list(export_tsv([Hit(FULL), BARE])) == [
        (
            "8\t2025-02-11\tread\t*\tThe Curse of Depth [in] *Large* Models\tWenfang Sun, Shiwei Liu\t"
            "#normalization #내것\n"
        ),
        "9\t\tunread\t\tUntagged\t\t\n",
    ]


def test_a_tsv_line_has_the_columns_asked_for_below_a_header() -> None:
    columns = parse_columns("Title, id,starred,marks,first")
    assert list(export_tsv([FULL, BARE], columns, header=True)) == [
        "title\tid\tstarred\tmarks\tfirst\n",
        "The Curse of Depth [in] *Large* Models\t8\t2025-06-01T12:00:00Z\tread starred noted later\t2025-02-11\n",
        "Untagged\t9\t\tunread\t\n",
    ]


@pytest.mark.parametrize("column", COLUMNS)
def test_every_column_has_one_field_in_a_tsv_line(column: str) -> None:
    for line in export_tsv([FULL, BARE, paper_with("a\tb\nc\x1b[31m")], parse_columns(f"id,{column},title")):
        assert (line.count("\t"), line.count("\n"), "\x1b" in line) == (2, 1, False)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("id,titel", "unknown column: titel; use: id, "),
        ("id,", "empty column name: id,; use: id, "),
        ("", "empty column name: ; use: id, "),
    ],
)
def test_an_unknown_column_is_an_error_that_lists_the_columns(text: str, problem: str) -> None:
    with pytest.raises(UsageError, match=re.escape(problem)):
        parse_columns(text)


@given(st.text() | st.sampled_from(HOSTILE))
def test_no_text_adds_a_tsv_line_or_field(text: str) -> None:
    (line,) = export_tsv([paper_with(text)])
    assert line.endswith("\n")
    assert line.count("\t") == 6
    assert is_visible(line[:-1].replace("\t", ""))
    assert len(line.splitlines()) == 1


def test_csv_output() -> None:
    assert export_text("csv", FULL, BARE) == (
        "id,date,status,starred,title,authors,tags,arxiv_id,url,links,abstract,comments,note,digests,key,"
        "status_at,starred_at,note_at,tags_at,my_tags,digest_tags,removed_tags,doi,later,later_at,loaded_at\r\n"
        "8,2025-02-11,read,yes,The Curse of Depth [in] *Large* Models,Wenfang Sun; Shiwei Liu,normalization; 내것,"
        "2502.05795,,https://arxiv.org/abs/2501.08313,We introduce the Curse of Depth.,"
        '"[ko]\nPre LN에서 레이어의 기여도가 낮아지는 문제.\n\n(https://arxiv.org/abs/2501.08313) 늘 재미있는 주제.\n\n'
        '[en]\nThis remains an interesting area.",'
        '"# Compare\n\n- with **OREAL**\n\n```\nx = 1",'
        "2025-02-11 000.txt; undated again.txt,the-curse-of-depth-000000,"
        "2025-06-01T12:00:00Z,2025-06-01T12:00:00Z,2025-06-01T12:00:00Z,2025-06-01T12:00:00Z,"
        "내것,normalization; old,old,,2025-06-09,2025-06-01T12:00:00Z,2025-02-12T08:00:00Z\r\n"
        "9,,unread,,Untagged,,,,,,,,,,untagged-111111,,,,,,,,,,,\r\n"
    )


FORMULAS = [
    f"{before}{sign}{body}"
    for sign in ["=", "+", "-", "@", "＝", "＋", "－", "＠"]
    for before, body in [("", "1"), ("", "cmd|' /C calc'!A0"), ("  ", "SUM(A1)"), ("\u3000", "1"), ("'", "1")]
] + ["\tx", "\rx", "\n=1"]


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_spreadsheet_formula_is_escaped(formula: str) -> None:
    assert escape_formula(formula) == f"'{formula}"
    entry = Entry(Paper(title=formula, authors=(formula,), tags=(formula,)), Mark("", note=formula), (formula,))
    for field in list(csv.reader(io.StringIO(export_text("csv", entry), newline="")))[1]:
        assert field.lstrip()[:1] not in set("=+-@＝＋－＠")


@given(st.text("'=+-@ \t\rab", max_size=6))
def test_an_escaped_formula_can_be_read_back(field: str) -> None:
    undone = re.sub(r"^'(?='*(?:\s*[=+\-@＝＋－＠]|[\t\r]))", "", escape_formula(field))
    assert undone == field


@given(st.text() | st.sampled_from(HOSTILE))
def test_csv_reads_back_to_the_same_papers(text: str) -> None:
    rows = list(csv.DictReader(io.StringIO(export_text("csv", paper_with(text)), newline="")))
    assert len(rows) == 1
    assert rows[0]["title"] == escape_formula(clean(text))
    assert rows[0]["abstract"] == escape_formula(clean_lines(text))
    assert rows[0]["authors"].endswith("; Ann Other")


def test_markdown_output() -> None:
    assert (
        export_text("markdown", FULL, BARE)
        == """\
# Reading list

## 2025-02-11

- **[The Curse of Depth \\[in\\] \\*Large\\* Models](https://arxiv.org/abs/2502.05795)** ★

  Wenfang Sun, Shiwei Liu · #normalization #내것

  > Pre LN에서 레이어의 기여도가 낮아지는 문제.
  >
  > (<https://arxiv.org/abs/2501.08313>) 늘 재미있는 주제.

  > This remains an interesting area.

  **Note**

  # Compare

  - with **OREAL**

  ```
  x = 1

## Undated

- **Untagged**
"""
    )


@pytest.mark.parametrize(
    ("mark", "headline"),
    [
        (Mark(""), "- [ ] **T**"),
        (Mark("", status=Status.READ), "- [x] **T**"),
        (Mark("", status=Status.READING, starred=True), "- [ ] **T** ★ · reading"),
        (Mark("", status=Status.SKIPPED), "- [ ] **T** · skipped"),
    ],
)
def test_the_headline_shows_the_status_where_it_is_asked_for(mark: Mark, headline: str) -> None:
    entry = Entry(Paper("T"), mark, ())
    lines = export_text("markdown", entry, fields=frozenset({"status", "star"})).splitlines()
    assert headline in lines
    assert ("- **T** ★" if mark.starred else "- **T**") in export_text("markdown", entry).splitlines()


def test_the_entries_of_one_digest_share_a_heading() -> None:
    lines = export_text("markdown", FULL, FULL, BARE, FULL).splitlines()
    assert [line for line in lines if line.startswith("## ")] == ["## 2025-02-11", "## Undated"]


def test_the_abstract_is_shown_with_a_label_where_there_is_no_comment() -> None:
    entry = Entry(Paper("T", abstract="What it is about."), Mark(""), ())
    assert "\n  **Abstract**\n\n  > What it is about.\n" in export_text("markdown", entry)
    assert "Curse of Depth." not in export_text("markdown", FULL)
    both = export_text("markdown", FULL, fields=frozenset({"comment", "abstract"}))
    assert both.index("Pre LN") < both.index("  **Abstract**\n\n  > We introduce the Curse of Depth.")


def assert_renders_literally(text: str) -> None:
    written = export_text("markdown", paper_with(text))
    assert is_visible(written)
    links, blocks = links_and_text(written)
    line, paragraphs = clean(text), [p for p in clean_lines(text).split("\n\n") if p]
    assert links == []
    assert blocks[:2] == ["Reading list", "Undated"]
    if line:
        assert blocks[2:4] == [line, f"{line}, Ann Other · #{printable_line(text)}"]
        assert blocks[4:] == paragraphs * 3


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_renders_hostile_text_literally(text: str) -> None:
    assert_renders_literally(text)


@given(st.text() | st.text("*_`[]()<>\\!#&;:/~|$-+.=1aw \n", max_size=30))
def test_markdown_renders_any_text_literally(text: str) -> None:
    assert_renders_literally(text)


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://example.org/a_(b)", "https://example.org/a_%28b%29"),
        ("https://example.org/) [x](https://evil.example", ""),
        ("https://example.org/?a=1&copy;=2", "https://example.org/?a=1&copy;=2"),
        ('https://example.org/"><script>', "https://example.org/%22%3E%3Cscript%3E"),
        ("https://example.org/\\", "https://example.org/%5C"),
        ("https://example.org/$x$", "https://example.org/%24x%24"),
        ("https://example.org/%2f?q=1#frag", "https://example.org/%2f?q=1#frag"),
        ("https://example.org/한글", "https://example.org/%ED%95%9C%EA%B8%80"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("file:///etc/passwd", ""),
        ("https://", ""),
        ("https:///path", ""),
        ("//example.org", ""),
        ("", ""),
    ],
)
def test_only_http_urls_become_links_and_they_are_escaped(url: str, link: str) -> None:
    links, blocks = links_and_text(export_text("markdown", Entry(Paper("T", url=url), Mark(""), ())))
    assert links == ([link] if link else [])
    assert blocks[2] == "T"


def test_urls_in_a_text_are_links_only_where_the_paper_has_them() -> None:
    own = ("https://own.example/a_(b)", "https://own.example/a_(b)/deeper", "javascript:x", "http://own.example/<x>")
    text = f"See {own[0]}, {own[1]} and https://other.example, {own[2]}, *not* {own[3]}."
    entry = Entry(Paper("T", abstract=text, links=own), Mark(""), ())
    links, blocks = links_and_text(export_text("markdown", entry))
    assert links == [own[0], own[1], "http://own.example/%3Cx%3E"]
    assert blocks[3:5] == ["Abstract", text]


def test_a_title_never_contains_a_second_link() -> None:
    own = "https://own.example/x"
    entry = Entry(Paper(f"On {own}", url=own, links=(own,)), Mark(""), ())
    assert links_and_text(export_text("markdown", entry)) == ([own], ["Reading list", "Undated", f"On {own}"])


@pytest.mark.parametrize(
    "note", ["```\nopen fence", "<div>\n<!-- open", "# T\n---\n- a\n  - b", "\n\n> q\n\n\n1. x", "=== "]
)
def test_a_note_stays_markdown_within_its_list_item(note: str) -> None:
    entry = Entry(FULL.paper, Mark("", note=note), ())
    tokens = MarkdownIt("commonmark").parse(export_text("markdown", entry, BARE, entry))
    top = [(token.type, token.tag) for token in tokens if token.level == 0 and token.nesting != -1]
    heading, entries = ("heading_open", "h2"), ("bullet_list_open", "ul")
    assert top == [("heading_open", "h1"), heading, entries, heading, entries]
    assert sum(token.type == "list_item_open" and token.level == 1 for token in tokens) == 3


def test_extensions_of_github_and_obsidian_are_escaped_too() -> None:
    assert escape("a\n:-") == "a\n\\:-"  # a table of one column
    assert escape("%%a%% 100% ==b== a=b <% c %>") == r"\%%a\%% 100% \==b\== a=b <\% c %>"  # Obsidian, Templater
    assert escape("https://a.b WWW.a.b ftp://a") == r"https\://a.b WWW\.a.b ftp\://a"


def test_characters_without_a_markdown_meaning_are_not_escaped() -> None:
    for text in [
        "3 < 4 and 5 > 2",
        "AT&T: C++ (1.5x), 94.0% pass@1!",
        "snake_case_name",
        "GPT-4 — o1-mini | x",
        "\\alpha",
    ]:
        assert escape(text) == text


@pytest.mark.heavy
@pytest.mark.parametrize("number", [500, pytest.param(5_000, marks=pytest.mark.slow)])
def test_hostile_titles_render_literally_and_the_only_links_are_the_papers_own(number: int) -> None:
    own = "https://own.example/paper"
    for title in titles(number):
        entry = paper_with(title)
        entry = entry._replace(paper=entry.paper._replace(url=own, title=f"On {title}"))
        written = export_text("markdown", entry)
        assert is_harmless(written)
        links, blocks = links_and_text(written)
        assert links == [own]
        assert blocks[2] == clean(f"On {title}")


@pytest.mark.heavy
@pytest.mark.parametrize("number", [500, pytest.param(5_000, marks=pytest.mark.slow)])
def test_hostile_titles_are_read_back_unchanged_from_json_and_csv(number: int) -> None:
    entries = [paper_with(title) for title in titles(number)]
    expected = [entry_dict(entry) for entry in entries]
    as_json, as_lines = export_text("json", *entries), export_text("jsonl", *entries)
    assert json.loads(as_json) == expected
    assert [json.loads(line) for line in as_lines.split("\n")[:-1]] == expected
    as_csv = export_text("csv", *entries)
    rows = list(csv.DictReader(io.StringIO(as_csv, newline="")))
    assert [row["title"] for row in rows] == [escape_formula(clean(entry.paper.title)) for entry in entries]
    assert is_harmless(as_json + as_lines + as_csv.replace("\r\n", "\n"))
    assert not any(field.lstrip()[:1] in {*"=+-@＝＋－＠"} for row in rows for field in row.values() if field)


@pytest.mark.parametrize("name", EXPORTERS)
def test_no_export_fails_for_a_lone_surrogate(name: str) -> None:
    entry = paper_with("a\ud800b")
    written = export_text(name, entry._replace(mark=Mark("k-000000", note="c\udcffd")))
    assert "a\ufffdb" in (written if name != "mail" else read_parts(written)[0])
    written.encode()
