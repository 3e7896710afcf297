"""Digests in plain text that someone forwarded or answered: with a header of the first message, or quoted."""

from __future__ import annotations

import datetime as dt

import pytest

from readlist.loaders.mail.forwarding import remove_forwarding_headers, remove_quotation_marks
from readlist.loaders.registry import load_bytes
from tests.loaders.test_mail import DIGEST, UNDATED, load, load_papers, make_message, text_papers
from tests.scaling import assert_linear

GMAIL = "---------- Forwarded message ---------"
FIELDS = "From: Papers <p@example.org>\nDate: Tue, Feb 11, 2025 at 7:02 AM\nSubject: Papers\nTo: <me@example.org>\n"
KOREAN_FIELDS = "보낸사람: 논문 <p@example.org>\n날짜: 2025년 2월 11일\n제목: 논문\n받는사람: me@example.org\n"
HEADERS = {
    "Gmail": f"{GMAIL}\n{FIELDS}\n\n",
    "Gmail in Korean": f"---------- 전달된 메시지 ---------\n{KOREAN_FIELDS}\n\n",
    "Outlook": f"-----Original Message-----\n{FIELDS.replace('Date', 'Sent')}\n",
    "Apple Mail": f"Begin forwarded message:\n\n{FIELDS}\n",
}


def quote(text: str, mark: str = "> ") -> str:
    return "".join(f"{mark}{line}".rstrip() + "\n" for line in text.splitlines())


@pytest.mark.parametrize("name", HEADERS)
@pytest.mark.parametrize("remark", ["", "FYI 이거 봐\n\n"])
def test_the_header_of_a_forwarded_message_is_no_problem(name: str, remark: str) -> None:
    assert load_papers(make_message(remark + HEADERS[name] + DIGEST)) == text_papers(DIGEST)


@pytest.mark.parametrize("name", HEADERS)
def test_papers_without_a_date_get_that_of_the_forwarded_message(name: str) -> None:
    (paper,) = load_papers(make_message(HEADERS[name] + UNDATED))
    assert paper.digests[0].date == dt.date(2025, 2, 11)


def test_the_date_in_the_subject_of_the_forwarded_message_is_preferred() -> None:
    header = HEADERS["Gmail"].replace("Subject: Papers", "Subject: Papers of 2025-02-10")
    (paper,) = load_papers(make_message(header + UNDATED))
    assert paper.digests[0].date == dt.date(2025, 2, 10)


@pytest.mark.parametrize("mark", ["> ", ">", "> > ", ">> "])
@pytest.mark.parametrize("head", ["", *HEADERS.values()])
def test_a_digest_that_is_quoted_as_a_whole_is_read(head: str, mark: str) -> None:
    assert load_papers(make_message(head + quote(DIGEST, mark))) == text_papers(DIGEST)
    assert load_papers(make_message(quote(head + DIGEST, mark))) == text_papers(DIGEST)


def test_a_digest_that_quotes_an_abstract_is_read_as_it_is() -> None:
    text = "# 2025-02-11\n\n## [On Tides](https://arxiv.org/abs/2501.00001)\nAda Lovelace\n\n> Tides rise.\n"
    assert load_papers(make_message(text)) == load_bytes(text.encode(), "d.eml").papers


def test_what_stands_above_a_forwarded_message_is_read_if_it_has_papers_and_reported_if_it_is_long() -> None:
    second = DIGEST.replace("Tides", "Moons").replace("-11", "-12")
    assert len(load_papers(make_message(second + HEADERS["Gmail"] + DIGEST))) == 2
    assert load(make_message("A line of a letter.\n" * 11 + HEADERS["Gmail"] + DIGEST)).problems


def test_a_line_that_names_a_forwarded_message_has_no_header_where_no_field_follows() -> None:
    assert remove_forwarding_headers(f"{GMAIL}\n\nOn Tides\n(Ada Lovelace)") == "\n\nOn Tides\n(Ada Lovelace)"
    assert remove_forwarding_headers(f"{GMAIL}\nFrom: Ada") == "\n"
    assert remove_forwarding_headers(GMAIL) == ""


@pytest.mark.parametrize("text", [f"{GMAIL}\n", f"{GMAIL}\n\n\nFrom: a\n", "> > > a\n", f"{'-' * 100}\n"])
def test_removing_headers_and_marks_takes_linear_time(text: str) -> None:
    assert_linear((text * 50).__mul__, remove_forwarding_headers, start=10, limit=4_000)
    assert_linear((text * 50).__mul__, remove_quotation_marks, start=10, limit=4_000)
