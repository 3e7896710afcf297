"""A mail is read back whole by `email`, survives every server on the way, and requests nothing when it is opened."""

from __future__ import annotations

import datetime as dt
import re
from email import message_from_string, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.errors import UsageError
from readlist.exporters.handout import Handout, MailHeader, Section
from readlist.exporters.mail import SIZE, SIZE_PER_PAPER, parse_addresses
from readlist.exporters.registry import export_handout
from readlist.models import Entry, Mark, Paper
from readlist.text import clean
from tests.exporters.test_exporters import BARE, FULL, HOSTILE, export_text, paper_with, read_parts
from tests.exporters.test_html import Page, in_browser, render_in_browser
from tests.exporters.test_html import requests as requests  # noqa: PLC0414 -- a fixture
from tests.hostile import is_harmless

DATE = dt.datetime(2026, 11, 26, 8, 0, tzinfo=dt.timezone(dt.timedelta(hours=9)))
TAGS = {"html", "head", "meta", "title", "body", "div", "h1", "h2", "h3", "a", "span", "p", "b", "br"}


def write_mail(*entries: Entry, sender: str = "", recipients: tuple[str, ...] = (), **options: Any) -> str:
    handout = Handout(mail=MailHeader(DATE, sender, recipients), **options)
    return "".join(export_handout("mail", [Section("2025-02-11", entries)], handout))


def read_mail(text: str) -> EmailMessage:
    message = message_from_string(text, EmailMessage, policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert [part.defects for part in message.walk() if part.defects] == []
    return message


def read_page(text: str) -> Page:
    return Page(read_parts(text)[1].replace("<br>", "").replace("<!DOCTYPE html>", ""))


def test_the_mail_is_read_back_by_another_program() -> None:
    text = write_mail(
        FULL, sender="Ada <ada@example.org>", recipients=("김철수 <kim@example.org>, b@c.example", "d@e.example"),
        title="논문 목록 – November",
    )  # fmt: skip
    message = read_mail(text)
    assert message["Subject"] == "논문 목록 – November"
    assert message["From"] == "Ada <ada@example.org>"
    assert [str(address) for address in message["To"].addresses] == [
        "김철수 <kim@example.org>", "b@c.example", "d@e.example",
    ]  # fmt: skip
    assert message["Date"] == "Thu, 26 Nov 2026 08:00:00 +0900"
    assert re.fullmatch(r"<[0-9a-f]{32}@example\.org>", message["Message-ID"])
    assert message["MIME-Version"] == "1.0"
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    plain, page = read_parts(text)
    assert plain == export_text("text", FULL, title="논문 목록 – November")
    assert "Pre LN에서" in page


def test_the_html_has_inline_style_only_and_the_links_of_the_paper() -> None:
    page = read_page(write_mail(FULL, BARE))
    assert page.tags <= TAGS
    assert {name for name, _ in page.attributes} <= {
        "lang",
        "style",
        "charset",
        "name",
        "content",
        "dir",
        "href",
        "rel",
        "title",
    }
    assert page.values("href") == ["https://arxiv.org/abs/2502.05795", "https://arxiv.org/abs/2501.08313"]
    assert page.texts["h2"] == ["2025-02-11"]
    assert [title.strip() for title in page.texts["h3"]] == ["The Curse of Depth [in] *Large* Models ★", "Untagged"]
    assert not re.search(r"<style|<script|url\(|@import|background|[;\"]color:", read_parts(write_mail(FULL))[1])


def test_the_same_papers_at_the_same_time_give_the_same_mail() -> None:
    assert write_mail(FULL) == write_mail(FULL)
    assert read_mail(write_mail(FULL))["Message-ID"] != read_mail(write_mail(BARE))["Message-ID"]


def test_without_addresses_there_is_neither_from_nor_to() -> None:
    message = read_mail(write_mail(FULL))
    assert (message["From"], message["To"]) == (None, None)
    assert str(message["Message-ID"]).endswith("@readlist.invalid>")


def test_a_mail_without_papers_says_so() -> None:
    assert all("No papers." in part for part in read_parts(write_mail()))


def test_a_mail_without_a_header_is_an_error_of_the_program() -> None:
    with pytest.raises(ValueError, match="a mail needs a header"):
        "".join(export_handout("mail", [], Handout()))


# Addresses

ADDRESSES = [
    ("a@b.example", ["a@b.example"]),
    ("a@b.example,c@d.example", ["a@b.example", "c@d.example"]),
    ('"Kim, Ann" <ann@b.example>, c@localhost', ['"Kim, Ann" <ann@b.example>', "c@localhost"]),
    ("김철수 <kim+x@b-c.example>", ["김철수 <kim+x@b-c.example>"]),
    ("<a.b@c.example>", ["a.b@c.example"]),
]
NO_ADDRESSES = [
    "", "a", "@b.example", "a@", "a@b@c", "a b@c.example", "a@b..example", "a@-b.example", "A <a@b.example",
    "a@b.example>", "a@b.example\nBcc: c@d.example", "a@b.example\r\n\r\nbody", "A\n<a@b.example>\nBcc: x@y.z",
    "a@b.example,", "김@b.example", "a@한국.example", f"{'a' * 250}@b.example", "a@b.example; rm -rf", ".a@b.example",
]  # fmt: skip


@pytest.mark.parametrize(("value", "addresses"), ADDRESSES)
def test_addresses_are_read_back(value: str, addresses: list[str]) -> None:
    assert [str(address) for address in parse_addresses(value)] == addresses
    message = read_mail(write_mail(FULL, sender=value.rpartition(", ")[2], recipients=(value,)))
    assert [str(address) for address in message["To"].addresses] == addresses


@pytest.mark.parametrize("value", NO_ADDRESSES)
def test_what_is_no_address_is_an_error(value: str) -> None:
    with pytest.raises(UsageError, match=r"\Ainvalid mail address: [^\n]*; write name@example.org\Z"):
        parse_addresses(value)


@given(st.text() | st.sampled_from(HOSTILE), st.text() | st.sampled_from(HOSTILE))
def test_no_text_adds_a_header(title: str, name: str) -> None:
    name = re.sub(r'[<>",]', "", name)
    text = write_mail(BARE, title=title or "T", sender=f"{name} <a@b.example>", recipients=("c@d.example",))
    message = read_mail(text)
    assert message.keys() == ["Subject", "Date", "Message-ID", "From", "To", "MIME-Version", "Content-Type"]
    assert message["Subject"] == clean(title or "T")
    assert [address.addr_spec for address in message["From"].addresses] == ["a@b.example"]
    assert len(read_parts(text)) == 2


def test_a_korean_subject_of_several_lines_keeps_its_spaces() -> None:
    title = "오늘의 논문 강화학습 b c 모델의 추론 a b 긴 문맥 c d 정렬 e f 에이전트"
    titles = [f"{'가' * length} {title}" for length in range(12)]
    assert [read_mail(write_mail(BARE, title=each))["Subject"] for each in titles] == list(map(clean, titles))


# The way


def assert_survives_relays(text: str) -> None:
    assert text.isascii()
    assert is_harmless(text.replace("\t", ""))
    lines = text.split("\n")
    assert max(map(len, lines)) <= 78
    assert not any(line.startswith((".", "From ")) for line in lines)


@given(st.text() | st.sampled_from([*HOSTILE, ".", "x\n.\ny", "From here", "\n\n.\n", "a" * 2000]))
def test_any_text_survives_relays_and_is_read_back(text: str) -> None:
    entry = paper_with(text)._replace(mark=Mark("k-000000", note=text))
    written = write_mail(entry, intro=text)
    assert_survives_relays(written)
    plain, page = read_parts(written)
    assert " ".join(clean(text).split()) in " ".join(plain.split())
    assert plain == "".join(export_handout("text", [Section("2025-02-11", [entry])], Handout(intro=text)))
    assert is_harmless(page.replace("\t", ""))
    assert not re.search(r"<(?:script|img|style|iframe|object|svg|form)\b", page, re.IGNORECASE)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_plain_text_in_the_html(text: str) -> None:
    page = read_page(write_mail(paper_with(text)))
    assert not page.open
    assert page.tags <= TAGS
    assert page.values("href") == []
    assert page.texts["h3"] == [clean(text)]


# Size

LONG = Paper(
    "A Title of Sixty-Eight Characters, Which Is the Average of All Titles",
    tuple(f"Author Number{number}" for number in range(10)),
    "We introduce a method. " * 60,
    {
        "ko": "레이어의 기여도가 낮아지는 문제에 대한 분석입니다. " * 8,
        "en": "This is an interesting area of research. " * 8,
    },
    ("reasoning", "rl"),
    arxiv_id="2502.05795",
)


@pytest.mark.parametrize("count", [1, 40, 80])
@pytest.mark.parametrize("fields", [None, frozenset({"authors", "tags", "comment", "abstract", "note"})])
def test_a_mail_has_at_most_100_kilobytes_for_40_papers(count: int, fields: frozenset[str] | None) -> None:
    note = "My note. " * 100
    entries = [Entry(LONG._replace(key=str(number)), Mark("", note=note), LONG.tags) for number in range(count)]
    handout = Handout(fields=fields, mail=MailHeader(DATE))
    text = "".join(export_handout("mail", [Section("", entries)], handout))
    assert len(text) <= max(SIZE, SIZE_PER_PAPER * count)
    plain, page = read_parts(text)
    assert plain.count("Title of Sixty-Eight") == page.count("Title of Sixty-Eight") == count
    assert ("…" in page) is (count > 1)


def test_the_plain_text_is_shortened_before_the_html() -> None:
    entries = [Entry(LONG._replace(key=str(number)), Mark(""), ()) for number in range(40)]
    plain, page = read_parts(write_mail(*entries, language="ko"))
    assert ("…" in plain, "…" in page) == (True, False)


# In a browser


@in_browser
def test_the_mail_of_hostile_papers_requests_nothing_and_runs_nothing(
    tmp_path: Path, requests: tuple[str, list[str]]
) -> None:
    server, requested_paths = requests
    texts = [
        f"<img src={server}/img>", f"</div><script src={server}/js></script>", f"![x]({server}/image)",
        f'"><link rel=stylesheet href="{server}/css">', f"x;background:url({server}/style)",
        "<script>document.title='run'</script>", *HOSTILE,
    ]  # fmt: skip
    entries = [Entry(Paper(text, (text,), text, {"en": text}, (text,)), Mark("", note=text), (text,)) for text in texts]
    dom = render_in_browser(read_parts(write_mail(*entries, intro="\n\n".join(texts)))[1], tmp_path)
    assert dom.count("<h3") == len(texts)
    assert "<title>Reading list</title>" in dom
    assert requested_paths == []
