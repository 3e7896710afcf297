"""Decoding: which encodings are recognized, and which data is not text."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.errors import ReadlistError
from readlist.loaders.registry import load_bytes

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
DIGEST = "2025년 6월 1일\nOn Tides\n(Ada Lovelace, Zoë Čapek)\nTides rise.\n조수에 대한 논문.\nOn tides.\n#tides\n"
CP949_DIGEST = DIGEST.replace("Zoë Čapek", "Zoe Capek")
NO_PAPER = "no paper found; for the formats that load reads: readlist help formats"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_utf_8_and_utf_16_are_decoded_with_and_without_a_byte_order_mark(encoding: str) -> None:
    result = load_bytes(DIGEST.encode(encoding), "d.txt")
    assert result == load_bytes(DIGEST.encode(), "d.txt")
    assert result.papers[0].authors == ("Ada Lovelace", "Zoë Čapek")
    assert result.problems == ()


def test_cp949_is_decoded_with_a_warning() -> None:
    result = load_bytes(CP949_DIGEST.encode("cp949"), "d.txt")
    assert result.papers == load_bytes(CP949_DIGEST.encode(), "d.txt").papers
    assert list(map(str, result.problems)) == ["d.txt: not UTF-8 (byte 4); decoded as CP949"]


@pytest.mark.parametrize(
    "change", [lambda d: d.replace(b"\n", b"\r\n"), lambda d: d.replace(b"\n", b"\r"), bytes.rstrip]
)
def test_all_kinds_of_line_ends_give_the_same_papers(change: Callable[[bytes], bytes]) -> None:
    for seed in SEEDS.iterdir():
        data = seed.read_bytes()
        assert load_bytes(change(data), "s") == load_bytes(data, "s")


@pytest.mark.parametrize("charset", ["euc-kr", "utf-8", "shift_jis", "windows-1252"])
@pytest.mark.parametrize("declared", ["<meta charset={}>", "<?xml version='1.0' encoding='{}'?>", "<!--{}-->"])
def test_a_page_is_decoded_as_it_or_the_server_declares(charset: str, declared: str) -> None:
    words = {"euc-kr": "조수", "utf-8": "潮 é", "shift_jis": "潮の研究", "windows-1252": "Zoë Čapek".replace("Č", "Š")}[
        charset
    ]
    data = f"{declared.format(charset)}<h3>On {words}</h3><p>(Ada Lovelace)</p>".encode(charset)
    result = load_bytes(data, "d", charset=charset if "--" in declared else "")
    assert [paper.title for paper in result.papers] == [f"On {words}"]
    assert result.problems == ()


@pytest.mark.parametrize(
    "charset", ["hex", "zip", "utf-7", "punycode", "idna", "unicode_escape", "no such", "é", "a\0b"]
)
def test_a_declared_encoding_that_web_pages_do_not_use_is_ignored(charset: str) -> None:
    data = f"<meta charset={charset}><h3>On 조수</h3><p>(Ada Lovelace)</p>".replace("\0", "").encode("cp949", "replace")
    result = load_bytes(data, "d", charset=charset)
    assert [paper.title for paper in result.papers] == ["On 조수"]
    assert "decoded as CP949" in str(result.problems[0])


@pytest.mark.parametrize(
    ("text", "encoding", "problem"),
    [
        ("On Tides\n(Zoë Müller)\n", "latin-1", "d.txt: not UTF-8 (byte 12); decoded as CP1252"),
        ("@misc{k, title={On Tides}, author={Zoë Jääskeläinen}}", "cp1252", "not UTF-8 (byte 37); decoded as CP1252"),
        ("TY  - JOUR\nTI  - On Tides\nAU  - Zoë Jääskeläinen\nER  - \n", "cp1252", "decoded as CP1252"),
        ("% Encoding: ISO8859_1\n@misc{k, title={On Tides}, author={Zoë Müller}}", "latin-1", ""),
        ("% Encoding: EUC_KR\n@misc{k, title={On Tides}, author={김철수}}", "euc-kr", ""),
    ],
)
def test_western_text_is_decoded_as_cp1252_unless_it_declares_its_encoding(
    text: str, encoding: str, problem: str
) -> None:
    result = load_bytes(text.encode(encoding), "d.txt")
    assert result.papers == load_bytes(text.encode(), "d.txt").papers
    assert problem in "".join(map(str, result.problems))
    assert bool(result.problems) is bool(problem)


# Other data


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"\n \t\r\n", "empty"),
        ("\ufeff".encode(), "empty"),
        (b"\x7fELF\x00\x01\x02\xff", "not text: contains NUL bytes"),
        (DIGEST.encode() + b"\0", "not text: contains NUL characters"),
        (b"Dear all,\nlunch is at one.\n(or a bit later, as always)\nYours\n", NO_PAPER),
        (b"abc\xff\xff", "not text: byte 3 is neither UTF-8 nor CP949"),
        (b"Dear all,\nlunch is at one.\n", NO_PAPER),
    ],
)
def test_data_without_text_or_papers_is_an_error(data: bytes, message: str) -> None:
    with pytest.raises(ReadlistError) as caught:
        load_bytes(data, "-")
    assert str(caught.value) == message


@given(st.binary() | st.binary().map(lambda tail: DIGEST.encode() + tail) | st.text().map(lambda t: t.encode("utf-16")))
def test_any_bytes_are_papers_or_an_error(data: bytes) -> None:
    with contextlib.suppress(ReadlistError):
        assert load_bytes(data, "-").papers
