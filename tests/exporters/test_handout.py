"""Hand-outs: sections, chosen fields, languages, titles and introductions, in every format for people to read."""

from __future__ import annotations

import datetime as dt
import json
import re
from email import message_from_string, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.errors import UsageError
from readlist.exporters.handout import (
    FIELDS,
    Handout,
    MailHeader,
    Section,
    format_first_authors,
    group_entries,
    parse_fields,
    select_fields,
)
from readlist.exporters.intro import render_markdown
from readlist.exporters.registry import HANDOUT_FORMATS, export_handout
from readlist.models import Appearance, Entry, Mark, Paper, Status
from readlist.text import clean
from tests.exporters.test_exporters import BARE, FULL, HOSTILE, NOON, export_text, links_and_text, read_parts
from tests.exporters.test_html import Page
from tests.hostile import is_harmless

MONDAY, TUESDAY = dt.date(2025, 2, 10), dt.date(2025, 2, 11)


def paper_of(title: str, *tags: str, date: dt.date | None = None, status: Status = Status.UNREAD) -> Entry:
    paper = Paper(title, tags=tags, digests=(Appearance(date, "x.txt"),), key=title)
    return Entry(paper, Mark(title, status), tags)


def outline(sections: list[Section]) -> list[tuple[str, str]]:
    """Return each heading with the titles below it, one letter each."""
    return [(str(heading), "".join(entry.paper.title for entry in entries)) for heading, entries in sections]


def read_handout(name: str, *entries: Entry, **options: object) -> str:
    """Return a handout as its reader has it: of a mail, the decoded parts."""
    text = export_text(name, *entries, **options)
    return "\n".join(read_parts(text)) if name == "mail" else text


# Sections


def test_dates_are_sorted_and_papers_keep_their_order() -> None:
    entries = [paper_of("a", date=MONDAY), paper_of("b"), paper_of("c", date=TUESDAY), paper_of("d", date=MONDAY)]
    assert outline(group_entries(entries, "date")) == [("2025-02-11", "c"), ("2025-02-10", "ad"), ("Undated", "b")]


def test_tags_and_statuses_are_in_the_order_of_their_first_paper() -> None:
    entries = [
        paper_of("a", "rl", "nlp", status=Status.READ),
        paper_of("b"),
        paper_of("c", "NLP"),
        paper_of("d", "RL", status=Status.READ),
    ]
    assert outline(group_entries(entries, "tag")) == [("#rl", "ad"), ("No tag", "b"), ("#NLP", "c")]
    assert outline(group_entries(entries, "status")) == [("Read", "ad"), ("Unread", "bc")]


def test_without_groups_all_papers_are_in_one_section() -> None:
    assert outline(group_entries([paper_of("b"), paper_of("a")], "none")) == [("", "ba")]


@pytest.mark.parametrize("name", HANDOUT_FORMATS)
def test_named_sections_are_shown_in_their_order_without_the_empty_ones(name: str) -> None:
    sections = [Section("Later *today*", [FULL]), Section("Nothing", []), Section("Earlier", [BARE])]
    written = "".join(export_handout(name, sections, Handout(mail=MailHeader(NOON))))
    text = (read_parts(written)[0] if name == "mail" else written).replace("\\*", "*")
    assert text.index("Later *today*") < text.index("The Curse") < text.index("Earlier") < text.index("Untagged")
    assert "Nothing" not in text


# Fields


def test_names_of_fields_are_those_of_json_and_of_queries_too() -> None:
    assert parse_fields("title, Comments;note"[:15]) == {"comment"}
    assert parse_fields("author tag,starred,notes,arxiv_id") == {"authors", "tags", "star", "note", "arxiv"}
    assert parse_fields("title") == frozenset()


@pytest.mark.parametrize("text", ["comment,foo", "foo"])
def test_an_unknown_field_is_an_error_that_lists_the_fields(text: str) -> None:
    with pytest.raises(UsageError, match=rf"unknown field: foo; use: {', '.join(FIELDS)}\Z"):
        parse_fields(text)


def test_no_field_at_all_is_an_error() -> None:
    with pytest.raises(UsageError, match="no field in --fields"):
        parse_fields(" , ")


SHOWN = {
    "authors": "Shiwei Liu",
    "date": "2025-02-11",
    "tags": "#normalization",
    "star": "★",
    "comment": "This remains",
    "abstract": "We introduce",
    "note": "OREAL",
    "id": "ID 8",
    "arxiv": "arXiv:2502.05795",
    "doi": "doi:10.1000/182",
}


@pytest.mark.parametrize("name", HANDOUT_FORMATS)
@pytest.mark.parametrize("field", FIELDS)
def test_exactly_the_chosen_field_is_shown(name: str, field: str) -> None:
    entry = FULL._replace(paper=FULL.paper._replace(doi="10.1000/182", digests=(Appearance(TUESDAY, "x"),)))
    sections = [Section("", [entry])]
    handout = Handout("T", fields=frozenset({field}), mail=MailHeader(NOON))
    written = "".join(export_handout(name, sections, handout))
    texts = read_parts(written) if name == "mail" else [written]
    for text in texts:
        body = text.partition("<main>")[2].partition("<script>")[0] or text
        assert [other for other in FIELDS if re.search(_pattern(other, name), body)] == [field], body


def _pattern(field: str, format_name: str) -> str:
    """Return what matches the value of a field in FULL."""
    if field == "status":
        return r"\[x\]" if format_name == "markdown" else r"(?m)>read<|^ *read$"
    return re.escape(SHOWN[field])


def test_the_data_of_a_page_has_only_the_chosen_fields() -> None:
    entry = FULL._replace(mark=FULL.mark._replace(later=3, later_at=NOON))
    page = export_text("html", entry, fields=frozenset({"comment"}), language="en")
    data = json.loads(page.partition('id="readlist-entries">')[2].partition("</script>")[0])[0]
    empty = {name for name, value in data.items() if not value}
    assert {"authors", "abstract", "tags", "my_tags", "digest_tags", "removed_tags", "note", "note_at"} <= empty
    assert (data["later"], data["later_at"]) == (None, None)
    assert (data["status"], data["status_at"], data["starred"]) == ("unread", None, False)
    assert data["comments"] == {"en": "This remains an interesting area."}
    assert "OREAL" not in page
    assert "<label hidden>Tag" in page
    assert "<label hidden>Status" in page


def test_nothing_is_removed_where_every_field_is_chosen() -> None:
    assert select_fields(FULL, frozenset(FIELDS)) == FULL


def test_a_page_with_chosen_fields_has_no_names_of_digests() -> None:
    handout = Handout(fields=frozenset({"date"}))
    page = "".join(export_handout("html", [Section("", [FULL])], handout))
    assert "000.txt" not in page
    assert '"digests":[{"date":"2025-02-11","source":""}]' in page
    assert "2025-02-12T08:00:00Z" not in page
    assert "000.txt" in "".join(export_handout("html", [Section("", [FULL])], Handout()))


@pytest.mark.parametrize("name", HANDOUT_FORMATS)
def test_the_comment_in_the_language_is_shown_and_another_one_where_it_is_missing(name: str) -> None:
    korean_only = BARE._replace(paper=BARE.paper._replace(comments={"ko": "한국어뿐", "en": "\u200b"}))
    text = read_handout(name, FULL, korean_only, language="en")
    assert "interesting area" in text
    assert "늘 재미있는" not in text
    assert "한국어뿐" in text
    assert "늘 재미있는" in read_handout(name, FULL, language="ko")
    assert "interesting area" not in read_handout(name, FULL, language="ko")


def test_six_authors_are_all_shown_and_more_are_counted() -> None:
    assert format_first_authors(Paper("T", tuple("abcdef"))) == "a, b, c, d, e, f"
    assert format_first_authors(Paper("T", tuple("abcdefg"))) == "a, b, c, d, e and 2 more"


# Titles and introductions


@pytest.mark.parametrize("title", [text for text in HOSTILE if clean(text)])
def test_any_title_is_shown_as_it_is(title: str) -> None:
    line = clean(title)
    markdown = export_text("markdown", BARE, title=title)
    links, blocks = links_and_text(markdown.replace("<!-- readlist:papers -->\n", ""))
    assert (links, blocks) == ([], [line, "Undated", "Untagged"])
    assert Page(export_text("html", BARE, title=title)).texts["h1"] == [line]
    assert " ".join(export_text("text", BARE, title=title).partition("\n=")[0].split()) == " ".join(line.split())
    message = message_from_string(export_text("mail", BARE, title=title), policy=policy.default)
    assert message["Subject"] == line
    assert message.keys() == ["Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"]
    page = Page(read_parts(message.as_string())[1])
    assert page.texts["h1"] == page.texts["title"] == [line]
    assert not {"script", "img"} & page.tags
    assert page.values("href") == []
    assert is_harmless(markdown + message.as_string())


@pytest.mark.parametrize("name", HANDOUT_FORMATS)
def test_an_introduction_is_above_the_papers(name: str) -> None:
    text = read_handout(name, FULL, intro="# Hello\n\nRead *this* first.\n")
    assert text.index("Reading list") < text.index("Hello") < text.index("The Curse")
    assert ("<em>this</em>" in text) is (name in {"html", "mail"})


INTROS = [
    "<script>alert(1)</script>", "<img src=https://evil.example/x onerror=y>", "[x](javascript:alert(1))",
    "[x](data:text/html,y)", "![x](https://evil.example/p.png)", "[a ![b](https://c.example/d)](https://e.example)",
    "<https://ok.example>", "[x](file:///etc/passwd)", "<!-- hidden", "```\n<b>open", "<div>\n\n**x**",
    "\x1b[31m\u202e", "&#x202e;x&#27;", "[x]: javascript:alert(1)\n\n[x]", '[x](https://e.example "\\"onclick=y")',
]  # fmt: skip


@pytest.mark.parametrize("intro", INTROS)
def test_an_introduction_has_no_active_content(intro: str) -> None:
    html = render_markdown(intro, {"p": "margin:0"})
    page = Page(html)
    assert page.tags <= {"p", "a", "em", "strong", "code", "pre"}
    assert {name for name, _ in page.attributes} <= {"href", "rel", "style", "title"}
    assert all(url.startswith("https://") for url in page.values("href"))
    assert is_harmless(html)


@given(st.text() | st.text("*_`[]()<>\\!#&;:/~|-+.=1aw \n", max_size=60))
def test_any_introduction_is_harmless(intro: str) -> None:
    html = render_markdown(intro)
    assert is_harmless(html.replace("\t", ""))
    assert not Page(html.replace("<br>", "").replace("<hr>", "")).open
    assert not re.search(r"<(?:script|img|iframe|style|link|meta|svg|form|input)\b", html, re.IGNORECASE)
