"""Mail: messages, saved pages and mailboxes give the papers that their text gives."""

from __future__ import annotations

import base64
import contextlib
import quopri
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from html import escape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.errors import NoPaper, ReadlistError
from readlist.loaders.base import ParseResult
from readlist.loaders.files import MAX_FILE, find_files
from readlist.loaders.mail.mailbox import MAX_HEADER, is_mail
from readlist.loaders.mail.mime import MAX_DEPTH, MAX_PARTS
from readlist.loaders.registry import load_bytes, load_file
from readlist.models import Paper
from tests.conftest import Run
from tests.loaders.web import messages
from tests.scaling import assert_linear, cpu_seconds

SEEDS = sorted((Path(__file__).resolve().parents[2] / "seeds").glob("*.txt"))
DIGEST = "2025-02-11\nOn Tides\n(Ada Lovelace, Alan Turing)\nTides rise.\n조수에 대한 논문.\nOn tides.\n#tides\n"
UNDATED = DIGEST.partition("\n")[2]
PAGE = '<h3><a href="https://arxiv.org/abs/2501.00001">On Tides</a></h3><p>(Ada Lovelace, Alan Turing)</p><p>조수</p>'
HEADER = "From: Ada <ada@example.org>\nSubject: Papers\nDate: Wed, 12 Feb 2025 09:00:00 +0900\nMIME-Version: 1.0\n"


def load(message: str | bytes | EmailMessage, name: str = "d.eml") -> ParseResult:
    if isinstance(message, EmailMessage):
        message = message.as_bytes(policy=SMTP)
    return load_bytes(message.encode() if isinstance(message, str) else message, name)


def load_papers(message: str | bytes | EmailMessage, name: str = "d.eml") -> tuple[Paper, ...]:
    result = load(message, name)
    assert result.problems == ()
    return result.papers


def text_papers(text: str, name: str = "d.eml") -> tuple[Paper, ...]:
    return load_bytes(text.encode(), name).papers


def make_message(text: str = "", html: str = "", subject: str = "Papers") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Ada Lovelace <ada@example.org>"
    message["To"] = "me@example.org"
    message["Subject"] = subject
    message["Date"] = "Wed, 12 Feb 2025 09:00:00 +0900"
    if text:
        message.set_content(text, cte="base64")
    if html and text:
        message.add_alternative(html, subtype="html", cte="quoted-printable")
    elif html:
        message.set_content(html, subtype="html", cte="quoted-printable")
    return message


def as_html(text: str) -> str:
    """Return a text as the web interface of a mail provider writes it: a <div> for each line."""
    lines = "".join(f"<div>{escape(line)}</div>\n" for line in text.splitlines())
    return f'<div dir="ltr"><div style="display: none">Preview</div>{lines}</div>'


def part(content_type: str, body: str | bytes, *fields: str) -> bytes:
    header = "\n".join((f"Content-Type: {content_type}", *fields))
    return header.encode() + b"\n\n" + (body.encode() if isinstance(body, str) else body) + b"\n"


def multipart(*parts: bytes, kind: str = "mixed", boundary: str = "b1") -> bytes:
    body = b"".join(b"--" + boundary.encode() + b"\n" + content for content in parts)
    header = f'Content-Type: multipart/{kind}; boundary="{boundary}"\n\n'
    return header.encode() + b"preamble\n" + body + f"--{boundary}--\nepilogue\n".encode()


def mail(content: bytes) -> bytes:
    return HEADER.encode() + content


# The same papers as the text


@pytest.mark.parametrize("seed", SEEDS, ids=lambda path: path.name[:3])
@pytest.mark.parametrize(
    "send",
    [
        lambda text: make_message(text=text),
        lambda text: make_message(html=as_html(text)),
        lambda text: make_message(text="Read this in your browser.", html=as_html(text)),
        lambda text: make_message(text=text, html="<p>Nothing here</p>"),
        lambda text: make_message(html=f"<html><body><pre>{escape(text)}</pre></body></html>"),
    ],
    ids=["text", "HTML", "both", "text alone has papers", "preformatted"],
)
def test_a_seed_sent_as_mail_has_the_papers_of_the_seed(seed: Path, send: Callable[[str], EmailMessage]) -> None:
    text = seed.read_text(encoding="utf-8")
    assert load_papers(send(text)) == text_papers(text)


def test_the_html_of_a_message_is_preferred_to_its_text() -> None:
    (paper,) = load_papers(make_message(text=DIGEST, html=PAGE))
    assert (paper.url, paper.comments) == ("https://arxiv.org/abs/2501.00001", {"ko": "조수"})


def test_a_message_of_one_paper_may_be_a_markdown_note() -> None:
    note = "https://arxiv.org/abs/2501.00001\n\n*On Tides* (Ada Lovelace)\n\n> Tides rise.\n"
    (paper,) = load_papers(make_message(text=note))
    assert (paper.title, paper.arxiv_id, paper.digests[0].source) == ("On Tides", "2501.00001", "d.eml")


@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r"])
def test_all_kinds_of_line_ends_give_the_same_papers(newline: bytes) -> None:
    data = mail(multipart(part("text/plain; charset=utf-8", DIGEST), part("text/html", PAGE), kind="alternative"))
    assert load_papers(b"\xef\xbb\xbf\n" + data.replace(b"\n", newline)) == load_papers(data)


# Encodings


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [
        ("utf-8", "utf-8"),
        ("UTF-8", "utf-8"),
        ("euc-kr", "euc-kr"),
        ("euc-kr", "cp949"),
        ("ks_c_5601-1987", "cp949"),
        ("windows-949", "cp949"),
        ("cp949", "cp949"),
        ("iso-2022-kr", "iso2022_kr"),
        ("no-such", "utf-8"),
        ("", "utf-8"),
    ],
)
@pytest.mark.parametrize("transfer", ["8bit", "base64", "quoted-printable"])
def test_text_is_decoded_as_its_part_declares(charset: str, encoding: str, transfer: str) -> None:
    text = DIGEST.replace("조수", "조수" if encoding in ("euc-kr", "iso2022_kr") else "똠방각하 조수")
    data = text.encode(encoding)
    encode: dict[str, Callable[[bytes], bytes]] = {
        "8bit": bytes,
        "base64": base64.encodebytes,
        "quoted-printable": quopri.encodestring,
    }
    parameter = f"; charset={charset}" if charset else ""
    content = part(f"text/plain{parameter}", encode[transfer](data), f"Content-Transfer-Encoding: {transfer}")
    assert load_papers(mail(content)) == text_papers(text)


def test_parts_of_one_message_may_have_different_encodings() -> None:
    korean = part("text/plain; charset=cp949", DIGEST.encode("cp949"))
    english = part('text/plain; charset="utf-8"', DIGEST.replace("Tides", "Tïdes").encode())
    assert [paper.title for paper in load_papers(mail(multipart(korean, english)))] == ["On Tides", "On Tïdes"]


@pytest.mark.parametrize(
    ("charset", "problem"),
    [
        ("x-none", "unknown character encoding 'x-none'; some characters are missing"),
        ("unicode_escape", "unknown character encoding 'unicode_escape'; some characters are missing"),
        ("utf-8", "not valid utf-8; some characters are missing"),
        ("euc-kr", "not valid cp949; some characters are missing"),
    ],
)
def test_bytes_that_are_not_in_the_declared_encoding_are_replaced_and_reported(charset: str, problem: str) -> None:
    result = load(mail(part(f"text/plain; charset={charset}", DIGEST.encode().replace("조".encode(), b"\xff\xff"))))
    assert [paper.title for paper in result.papers] == ["On Tides"]
    assert messages(result) == [f"d.eml: {problem}"]


def test_text_without_a_known_encoding_is_decoded_as_cp949_with_a_warning() -> None:
    result = load(mail(part("text/plain; charset=x-none", DIGEST.encode("cp949"))))
    assert result.papers == text_papers(DIGEST)
    assert messages(result) == ["d.eml: not UTF-8 (byte 60); decoded as CP949"]


def test_broken_base64_is_decoded_as_far_as_possible_and_reported() -> None:
    encoded = base64.b64encode(DIGEST.encode()).rstrip(b"=")
    for damaged in (encoded[: -(len(encoded) % 4 or 4)] + b"!?", encoded[: len(encoded) // 4 * 4 - 3]):
        result = load(mail(part("text/plain", damaged, "Content-Transfer-Encoding: base64")))
        assert result.papers[0].authors == ("Ada Lovelace", "Alan Turing")
        assert messages(result)[0] == "d.eml: invalid base64; decoded as far as possible"


def test_a_footer_below_base64_is_ignored() -> None:
    encoded = base64.encodebytes((DIGEST + "#a" + "\n" * (len(DIGEST.encode()) % 3)).encode())
    assert b"=" in encoded
    content = part("text/plain", encoded + b"______\nThe list\n", "Content-Transfer-Encoding: base64")
    assert load(mail(content)).papers[0].title == "On Tides"


def test_soft_line_breaks_of_flowed_text_are_removed() -> None:
    flowed = DIGEST.replace("Ada Lovelace, Alan", "Ada Lovelace, \nAlan").replace("On tides", "On \ntides")
    assert load_papers(mail(part("text/plain; format=flowed", flowed))) == text_papers(DIGEST)
    without_space = DIGEST.replace("조수에", "조 \n수에")
    assert load_papers(mail(part("text/plain; format=flowed; delsp=yes", without_space))) == text_papers(DIGEST)


def test_the_footer_of_a_newsletter_is_not_part_of_the_last_comment() -> None:
    footer = "\nUnsubscribe\n© 2025 Tide Lab\n1 Shore Road, Ulm\n"
    assert load(mail(part("text/plain", DIGEST + footer))).papers == text_papers(DIGEST)


@pytest.mark.parametrize("footer", ["-- \nAda\nTide Lab\n", "_" * 47 + "\nlist mailing list\nlist@example.org\n"])
def test_a_signature_is_not_part_of_the_last_comment(footer: str) -> None:
    assert load_papers(mail(part("text/plain", DIGEST + footer))) == text_papers(DIGEST)


def test_a_signature_above_a_forwarded_message_ends_nothing() -> None:
    body = "Look!\n-- \nAda\n\n" + DIGEST + "#more\n" * 10
    assert [paper.title for paper in load(mail(part("text/plain", body))).papers] == ["On Tides"]


# Structure


def test_attachments_and_parts_of_other_types_are_ignored() -> None:
    attached = DIGEST.replace("Tides", "Moons")
    content = multipart(
        part("text/plain", DIGEST),
        part("text/plain; name=a.txt", attached, "Content-Disposition: attachment; filename=a.txt"),
        part("text/calendar", attached),
        part("application/pdf", b"%PDF\0\xff" + attached.encode()),
        part("image/png", base64.encodebytes(attached.encode()), "Content-Transfer-Encoding: base64"),
    )
    assert load_papers(mail(content)) == text_papers(DIGEST)


@pytest.mark.parametrize("fields", [(), ("Content-Disposition: attachment; filename=x.eml",)])
@pytest.mark.parametrize("encoded", [False, True])
def test_a_forwarded_message_is_read_and_has_its_own_date(fields: tuple[str, ...], encoded: bool) -> None:
    inner = mail(part("text/plain", UNDATED)).replace(b"12 Feb", b"10 Feb")
    if encoded:
        inner, fields = base64.encodebytes(inner), (*fields, "Content-Transfer-Encoding: base64")
    content = multipart(part("text/plain", "Look at this"), part("message/rfc822", inner, *fields))
    (paper,) = load_papers(mail(content))
    assert (paper.title, str(paper.date)) == ("On Tides", "2025-02-10")


def test_a_digest_of_a_mailing_list_has_the_papers_of_all_its_messages() -> None:
    first, second = (mail(part("text/plain", DIGEST.replace("Tides", word))) for word in ("Tides", "Moons"))
    content = multipart(b"\n" + first, b"\n" + second, kind="digest")
    assert [paper.title for paper in load_papers(mail(content))] == ["On Tides", "On Moons"]


def test_a_message_that_is_quoted_in_an_answer_has_abstract_and_comment() -> None:
    lines = as_html("2025-02-11\nOn Tides\n(Ada Lovelace)\nTides rise and fall.\nA comment on tides.\n#tides\n")
    for start in ('<blockquote type="cite">', '<blockquote class="gmail_quote" style="margin:0">'):
        (paper,) = load_papers(make_message(html=f"<div>Ada wrote:</div>{start}{lines}</blockquote>"))
        assert (paper.abstract, paper.comments) == ("Tides rise and fall.", {"en": "A comment on tides."})


def test_nested_multiparts_with_similar_boundaries_are_kept_apart() -> None:
    inner = multipart(part("text/plain", "x"), part("text/html", PAGE), kind="alternative", boundary="b-1")
    middle = multipart(inner, part("image/png", "png"), kind="related", boundary="b-11")
    (paper,) = load_papers(mail(multipart(middle, part("text/plain", "bye"), boundary="b")))
    assert paper.arxiv_id == "2501.00001"


@pytest.mark.parametrize(
    "content",
    [
        multipart(part("text/plain", DIGEST)).replace(b"--b1--\nepilogue\n", b""),
        multipart(part("text/plain", DIGEST)).replace(b'"b1"', b'"b1'),
        multipart(part("text/plain", DIGEST)).replace(b'"b1"', b"b1; x=y"),
        b"Content-Type: multipart/mixed\n\n" + DIGEST.encode(),
        b"Content-Type: multipart/mixed; boundary=none\n\n" + DIGEST.encode(),
        b"Content-Type: text\n\n" + DIGEST.encode(),
        b"\n" + DIGEST.encode(),
    ],
    ids=["not closed", "open quote", "no quotes", "no boundary", "missing boundary", "no subtype", "no type"],
)
def test_a_message_with_errors_in_its_structure_is_read(content: bytes) -> None:
    assert load_papers(mail(content)) == text_papers(DIGEST)


# Dates


@pytest.mark.parametrize(
    ("subject", "html", "date"),
    [
        ("Papers", PAGE, "2025-02-12"),
        ("Papers of 11 February 2025", PAGE, "2025-02-11"),
        ("논문 모음 2025년 2월 10일", PAGE, "2025-02-10"),
        ("Papers of 11 February 2025", "<h2>2025-02-09</h2>" + PAGE, "2025-02-09"),
        ("Papers", "<title>8 February 2025</title>" + PAGE, "2025-02-08"),
    ],
)
def test_the_date_is_that_of_the_content_else_of_the_subject_else_of_the_message(
    subject: str, html: str, date: str
) -> None:
    (paper,) = load_papers(make_message(html=html, subject=subject), "2024-01-01.eml")
    assert [(str(digest.date), digest.source) for digest in paper.digests] == [(date, "2024-01-01.eml")]


@pytest.mark.parametrize(
    "date", ["", "Date: yesterday\n", "Date: Tue, 99 Feb 2025 99:00\n", "Date: " + "(" * 3000 + "\n"]
)
def test_a_message_without_a_valid_date_gets_that_in_the_name_of_its_file(date: str) -> None:
    message = f"From: a@example.org\nSubject: Papers\n{date}Content-Type: text/html\n\n{PAGE}"
    assert str(load_papers(message, "250211.eml")[0].date) == "2025-02-11"
    assert load_papers(message)[0].date is None


@pytest.mark.parametrize(
    "subject",
    [
        "=?utf-8?B?64W866y4?= =?utf-8?Q?_2025=EB=85=84_2=EC=9B=94_11=EC=9D=BC?=",
        "=?euc-kr?B?" + base64.b64encode("논문 2025년 2월 11일".encode("euc-kr")).decode() + "?=",
        "=?ks_c_5601-1987?B?" + base64.b64encode("2025년 2월 11일".encode("cp949")).decode() + "?=",
        "=?x-none?Q?=ff?= 2025-02-11",
        "=?utf-8?Q?x?= 2025년 2월 11일",
        "2025년\n 2월\n\t11일",
        "=?utf-8?B?A?= 2025-02-11",
    ],
)
def test_encoded_words_in_a_subject_are_decoded(subject: str) -> None:
    message = HEADER.replace("Subject: Papers", f"Subject: {subject}") + f"Content-Type: text/html\n\n{PAGE}"
    assert str(load_papers(message)[0].date) == "2025-02-11"


# Saved pages


def saved_page(url: str = "https://tides.example/2025/02/11/papers", *, snapshot: bool = True) -> bytes:
    html = PAGE + '<p>#tides</p><p><a href="/about">About</a></p>'
    body = quopri.encodestring(f"<!DOCTYPE html><html><body><article>{html}</article></body></html>".encode())
    header = "From: <Saved by Blink>\nSubject: Papers\nDate: Sun, 1 Mar 2026 09:00:00 -0000\nMIME-Version: 1.0\n"
    header += f"Snapshot-Content-Location: {url}\n" * snapshot
    content = multipart(
        part("text/html", body, "Content-Transfer-Encoding: quoted-printable", f"Content-Location: {url}"),
        part("text/css", "p { }", "Content-Location: cid:css@mhtml.blink"),
        part("text/html", as_html(DIGEST.replace("Tides", "Advertisements")), "Content-Location: cid:frame"),
        kind='related; type="text/html"',
    )
    return header.encode() + content


@pytest.mark.parametrize("snapshot", [True, False])
def test_a_page_saved_as_mhtml_has_its_papers_with_the_date_of_its_url_rather_than_that_of_saving(
    snapshot: bool,
) -> None:
    (paper,) = load_papers(saved_page(snapshot=snapshot), "Papers.mhtml")
    assert (paper.title, paper.arxiv_id, str(paper.date)) == ("On Tides", "2501.00001", "2025-02-11")
    assert paper.digests[0].source == "Papers.mhtml"
    (paper,) = load_papers(saved_page("https://tides.example/papers", snapshot=snapshot), "Papers.mhtml")
    assert paper.date is None


# Mailboxes


def mailbox(*contents: bytes) -> bytes:
    return b"".join(b"From ada@example.org Wed Feb 12 09:00:00 2025\n" + content + b"\n" for content in contents)


def test_a_mailbox_has_the_papers_of_all_its_messages_and_ignores_those_without_a_paper() -> None:
    page = mail(part("text/html", PAGE)).replace(b"12 Feb", b"13 Feb")
    lunch = mail(part("text/plain", "Lunch is at one.\n(or a bit later)\nSee you.\n"))
    text = mail(part("text/plain; charset=cp949", DIGEST.encode("cp949")))
    papers = load_papers(mailbox(lunch, page, text), "papers 2026-01-01.mbox")
    source = "papers 2026-01-01.mbox"
    assert [paper.digests[0]._replace(source="") for paper in papers] == [
        (load_papers(page)[0].date, ""),
        (text_papers(DIGEST)[0].date, ""),
    ]
    assert {digest.source for paper in papers for digest in paper.digests} == {source}


def test_a_problem_in_a_mailbox_has_the_number_of_its_message() -> None:
    stray = mail(part("text/plain", "Hello\n\n" + DIGEST + "stray line\n"))
    assert messages(load(mailbox(stray, mail(part("text/plain", DIGEST)), stray), "a.mbox")) == [
        "a.mbox: message 1, line 1: belongs to no paper: no title with authors above it",
        "a.mbox: message 1, line 10: text below the tags has no authors of its own; added to the comment above",
        "a.mbox: message 3, line 1: belongs to no paper: no title with authors above it",
        "a.mbox: message 3, line 10: text below the tags has no authors of its own; added to the comment above",
    ]


def test_a_line_that_begins_with_from_does_not_end_a_message() -> None:
    text = DIGEST.replace(
        "Tides rise.", "Tides rise.\n>From 9:00 on\nNote: they fall.\nFrom Noon to 9:00\n(they rise)."
    )
    (paper,) = load(mailbox(mail(part("text/plain", text))), "a.mbox").papers
    assert "From 9:00 on" in paper.abstract + paper.comments["en"]
    assert "From Noon" in paper.abstract + paper.comments["en"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (mail(part("text/plain", "Lunch is at one.")), "message; a paper is a title, then a line of authors in"),
        (mail(part("text/html", "<p>x</p>")), "message; a paper is a title"),
        (mail(b""), "message; a paper is a title"),
        (mailbox(mail(b"\nx"), mail(b"\ny")), "mailbox; a paper is a title"),
        (mail(part("text/plain", b"a\0b")), "message; part ignored: not text: contains NUL"),
        (mail(part("text/plain", b"\n" * 200_000 + b"x")), "message; part ignored: too many lines"),
        (b"Received: from a\n\t(TLS)\nFrom: A Title\n (Ada Lovelace)\n\nx", "message; a paper is"),
    ],
)
def test_mail_without_a_paper_is_an_error(data: bytes, message: str) -> None:
    with pytest.raises(NoPaper) as caught:
        load(data)
    assert f"no paper found in this {message}" in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        DIGEST,
        "Title: On Tides\nAuthors: Ada\nDate: 2025-02-11\n",
        "From: here\n\n",
        "From here\nto: there\n",
        "",
        "From: \n",
    ],
)
def test_text_that_is_no_mail_is_not_taken_for_it(text: str) -> None:
    assert not is_mail(text.encode())


def test_without_optional_packages_the_text_of_a_message_is_read_and_the_packages_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def require_extra(_package: str) -> None:
        raise ReadlistError("web pages require optional packages")

    monkeypatch.setattr("readlist.loaders.markup.require_extra", require_extra)
    result = load(make_message(text=DIGEST, html=PAGE))
    assert (result.papers, messages(result)) == (text_papers(DIGEST), ["d.eml: web pages require optional packages"])
    with pytest.raises(ReadlistError, match=r"^web pages require optional packages$"):
        load(make_message(html=PAGE))


# Files, Maildir and stdin


def test_the_messages_of_a_maildir_are_found_and_their_source_has_no_flags(tmp_path: Path) -> None:
    for folder in ("cur", "new", "tmp"):
        (tmp_path / "mail" / folder).mkdir(parents=True)
        (tmp_path / "mail" / folder / f"1739.{folder}.host:2,RS").write_bytes(mail(part("text/plain", DIGEST)))
    (tmp_path / "mail" / "uidlist").write_text("1")
    (tmp_path / "other" / "new").mkdir(parents=True)
    (tmp_path / "other" / "new" / "1739").write_bytes(mail(part("text/plain", DIGEST)))
    for top in (tmp_path, tmp_path / "mail"):
        assert [path.name for path in find_files(top)] == ["1739.cur.host:2,RS", "1739.new.host:2,RS"]
    path = tmp_path / "mail" / "cur" / "1739.cur.host:2,RS"
    (paper,) = load_file(path).papers
    assert paper.digests[0].source == "1739.cur.host"
    path.write_bytes(mail(part("text/plain", "Lunch is at one.\n(or a bit later)\nSee you.\n")))
    with pytest.raises(NoPaper):
        load_file(path)


def test_load_reads_mail_from_a_directory_and_from_stdin(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    folder.mkdir()
    (folder / "a.eml").write_bytes(mail(part("text/html", PAGE)))
    (folder / "b.mhtml").write_bytes(saved_page().replace(b"Tides", b"Moons").replace(b"00001", b"00002"))
    (folder / "c.mbox").write_bytes(mailbox(mail(part("text/plain", DIGEST.replace("Tides", "Winds")))))
    (folder / "lunch.eml").write_bytes(mail(part("text/plain", "Lunch?")))
    done = run("load", folder)
    assert (done.code, done.err.splitlines()) == (0, ["1 file without a paper: lunch.eml", "3 papers added"])
    stdin = mail(part("text/plain", DIGEST.replace("Tides", "Rains")))
    assert run("load", "-", stdin=stdin).err.splitlines() == ["1 paper added"]
    assert run("load", folder, "-", stdin=stdin).err.splitlines() == ["Nothing new: 4 papers unchanged"]
    (tmp_path / "lunch.eml").write_bytes(mail(part("text/plain", "Lunch?")))
    done = run("load", tmp_path / "lunch.eml")
    assert (done.code, "lunch.eml: no paper found in this message" in done.err) == (1, True)


# Hostile mail

_ENTRY = part("text/plain", "x")


def nest(content: bytes, levels: int) -> bytes:
    opened = b"".join(
        f"Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n".encode() for level in range(levels)
    )
    return opened + content


def forward(content: bytes, levels: int) -> bytes:
    return b"Content-Type: message/rfc822\n\n" * levels + content


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "200,000 parts": (lambda: multipart(part("text/plain", DIGEST), *[_ENTRY] * 200_000), "more than 3,000 parts"),
    "200,000 empty parts": (lambda: multipart(part("text/plain", DIGEST), *[b""] * 200_000), "more than 3,000 parts"),
    "2,000 nested parts": (lambda: nest(part("text/plain", DIGEST), 2_000), "more than 20 nested parts"),
    "2,000 nested messages": (lambda: forward(part("text/plain", DIGEST), 2_000), "more than 20 nested parts"),
    "a header of 9 MB": (
        lambda: b"X-Spam: x\n" * 900_000 + b"Content-Type: text/plain\n\n" + DIGEST.encode(),
        "header longer than 200,000 bytes",
    ),
    "a header line of 9 MB": (lambda: b"X: " + b"x" * 9_000_000 + b"\n\n" + DIGEST.encode(), "header longer than"),
    "a folded header of 9 MB": (lambda: b"Subject: x\n" + b" x\n" * 3_000_000, "header longer than"),
    "a content type of 200 kB": (
        lambda: part("text/plain; " + 'charset="' * 20_000, b"\xff" + DIGEST.encode()),
        "unknown character encoding",
    ),
    "a boundary that is never closed": (
        lambda: b"Content-Type: multipart/mixed; boundary=x\n\n--x\n\n" + DIGEST.encode() + b"--x" * 3_000_000,
        "",
    ),
    "9 MB of delimiters in one line": (
        lambda: b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x" * 3_000_000,
        "no paper",
    ),
    "a boundary of 4,000 characters": (
        lambda: multipart(part("text/plain", DIGEST), boundary="b" * 4_000),
        "belongs to no paper",
    ),
    "9 MB of broken base64": (
        lambda: part("text/plain", b"!A" * 4_500_000, "Content-Transfer-Encoding: base64"),
        "no paper",
    ),
    "9 MB of broken quoted-printable": (
        lambda: part("text/plain", b"=\n=4" * 2_200_000, "Content-Transfer-Encoding: quoted-printable"),
        "no paper",
    ),
    "9 MB of ISO-2022-KR": (
        lambda: part("text/plain; charset=iso-2022-kr", b"\x1b$)C\x0e\x0f" * 1_500_000),
        "no paper",
    ),
    "9 MB of tags": (lambda: part("text/html", PAGE + "<p>x" * 2_200_000), "too many elements"),
    "1,000 parts of HTML": (
        lambda: multipart(*[part("text/html", PAGE + "<p>x" * 2_000)] * 1_000),
        "too many elements",
    ),
    "1,000 parts of text": (
        lambda: multipart(*[part("text/plain", DIGEST + "x\n" * 4_000)] * 1_000),
        "more than 150,000 lines",
    ),
    "3,000 parts of HTML": (lambda: multipart(*[part("text/html", PAGE)] * MAX_PARTS), ""),
    "a mailbox of empty messages": (lambda: mailbox(*[mail(b"\nx")] * 50_000), "more than 3,000 parts"),
    "a mailbox of pages": (lambda: mailbox(*[mail(part("text/html", PAGE))] * 30_000), "more than 3,000 parts"),
    "a mailbox of text": (lambda: mailbox(*[mail(part("text/plain", DIGEST))] * 30_000), "more than 3,000 parts"),
    "9 MB of flowed text": (lambda: part("text/plain; format=flowed", "x \n" * 149_000 + DIGEST), ""),
}
"""Messages, and a part of the report of each."""
SLOW_CASES = {
    "1,000 parts of HTML",
    "3,000 parts of HTML",
    "a mailbox of pages",
    "a mailbox of text",
    "1,000 parts of text",
}


@pytest.mark.heavy
@pytest.mark.parametrize(
    "case", [pytest.param(case, marks=[pytest.mark.slow] if case in SLOW_CASES else []) for case in HOSTILE]
)
def test_hostile_mail_is_read_or_rejected_within_seconds(case: str) -> None:
    create, expected = HOSTILE[case]
    data = create()
    data = data if data.startswith(b"From ") else mail(data)
    report: list[str] = []

    def load_and_report(data: bytes) -> None:
        try:
            report.extend(messages(load(data)))
        except ReadlistError as error:
            report.append(str(error))

    assert len(data) <= MAX_FILE
    assert cpu_seconds(load_and_report, data) < 8  # the worst case takes 2 s; a busy machine is slower
    assert expected in "\n".join(report)


@pytest.mark.parametrize("size", [MAX_FILE + 1, 50_000_000])
def test_mail_of_more_than_10_mb_is_rejected(size: int) -> None:
    with pytest.raises(ReadlistError, match=r"^too large: more than 10 MB"):
        load(HEADER.encode() + b"X: x\n" * (size // 5))


def test_what_is_below_the_limits_is_read() -> None:
    (paper,) = load_papers(mail(multipart(*[_ENTRY] * (MAX_PARTS - 2), part("text/plain", DIGEST))))
    assert paper.title == "On Tides"
    assert load_papers(mail(nest(part("text/plain", DIGEST), MAX_DEPTH - 1)))
    assert load_papers(mail(b"X: " + b"x" * (MAX_HEADER - len(HEADER) - 40) + b"\n" + part("text/plain", DIGEST)))


def _try(data: bytes) -> None:
    with contextlib.suppress(ReadlistError):
        load(data)


@pytest.mark.heavy
@pytest.mark.parametrize(
    "pattern",
    [
        b"--b1\n\n", b"--b1", b"--b1\nContent-Type: multipart/mixed; boundary=b1\n\n", b"\n\n", b"\r", b"From ",
        b"From a 1:11\nX: x\n", b"From 1:11", b"X: x\n", b" x\n", b"Content-Type: message/rfc822\n\n", b"=\n", b"=?",
        b"=?utf-8?B?", b">", b">From \n", b"-- \n", b"_" * 47 + b"\n", b"\xff",
    ],
)  # fmt: skip
@pytest.mark.parametrize("before", [b"", b"Content-Type: multipart/mixed; boundary=b1\n\n--b1\n", b"\n", b"Subject: "])
def test_the_time_to_load_mail_grows_linearly(pattern: bytes, before: bytes) -> None:
    def make_mail(size: int) -> bytes:
        return mailbox(mail(before + pattern * (size // len(pattern))))

    assert_linear(make_mail, _try, start=1_000, limit=200_000, min_seconds=0.01)


_PIECES = st.sampled_from(
    [
        HEADER.encode(), DIGEST.encode(), PAGE.encode(), b"From a Wed Feb 12 09:00:00 2025\n", b"\n", b"\r\n",
        b"--b1\n",
        b"--b1--\n", b"Content-Type: multipart/mixed; boundary=b1\n", b"Content-Type: multipart/related; boundary=b1\n",
        b"Content-Type: multipart/alternative; boundary*0*=b1''%\n", b"Content-Type: message/rfc822\n",
        b"Content-Type: text/html; charset=iso-2022-kr\n", b'Content-Type: text/plain; charset="a\0"; format=flowed\n',
        b"Content-Transfer-Encoding: base64\n", b"Content-Transfer-Encoding: quoted-printable\n",
        b"Content-Location: http://[\n", b"Subject: =?utf-8?B?A?= =?idna?Q?=ff?=\n", b"Date: Tue, 0 Feb 99999 -9999\n",
        b"\xff\xfe", b"\0", base64.encodebytes(DIGEST.encode()), b"Content-Disposition: attachment\n",
    ]
)  # fmt: skip


@given(st.lists(_PIECES | st.binary(max_size=30)).map(lambda pieces: HEADER.encode() + b"".join(pieces)) | st.binary())
def test_any_bytes_give_papers_or_a_printable_error(data: bytes) -> None:
    try:
        reasons = messages(load(data))
    except ReadlistError as error:
        reasons = [str(error)]
    assert all(map(str.isprintable, reasons))
