"""Formats that are not loaded: each is refused in one line that names it and what to do instead."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sqlite3
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.errors import NoPaper, ReadlistError
from readlist.loaders.files import MAX_FILE
from readlist.loaders.registry import load_bytes
from tests.conftest import Run

PAGE = "load the page of the paper or its BibTeX instead"
OFFICE = "save it as text or HTML"
UNPACK = "unpack it and load the files in it"
IMAGE = "load the text of the digest instead"


def make_zip(*names: str, media_type: str = "") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        if media_type:
            archive.writestr("mimetype", media_type, zipfile.ZIP_STORED)
        for name in names:
            archive.writestr(name, "<a/>" * 99)
    return buffer.getvalue()


def make_tar() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("digest.txt"))
    return buffer.getvalue()


def make_database(path: Path, table: str) -> bytes:
    with sqlite3.connect(path) as connection:
        connection.execute(f"CREATE TABLE {table} (id INTEGER)")
    connection.close()
    return path.read_bytes()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
WORD_NAMES = ("[Content_Types].xml", "_rels/.rels", "word/document.xml")
BINARY: dict[str, tuple[bytes, str]] = {
    "PDF": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<</Type/Catalog>>", PAGE),
    "PostScript": (b"%!PS-Adobe-3.0\n%%Title: tides.dvi\n", PAGE),
    "DjVu": (b"AT&TFORM\0\0\x01\0DJVM", PAGE),
    "RTF": (b"{\\rtf1\\ansi\\deff0 {\\fonttbl {\\f0 Times;}}\nOn Tides\\par\n(Ada Lovelace)\\par}", OFFICE),
    "Word (DOCX)": (make_zip(*WORD_NAMES), OFFICE),
    "Excel (XLSX)": (
        make_zip("[Content_Types].xml", "xl/workbook.xml"),
        "save it as text, or load the bibliography that it was made from",
    ),
    "PowerPoint (PPTX)": (make_zip("[Content_Types].xml", "ppt/presentation.xml"), OFFICE),
    "EPUB": (make_zip("META-INF/container.xml", media_type="application/epub+zip"), PAGE),
    "OpenDocument text (ODT)": (
        make_zip("content.xml", media_type="application/vnd.oasis.opendocument.text"),
        OFFICE,
    ),
    "HWPX (Hangul)": (make_zip("Contents/header.xml", media_type="application/hwp+zip"), OFFICE),
    "HWP (Hangul)": (OLE + b"HWP Document File" + bytes(99), OFFICE),
    "Microsoft Office 97-2003": (OLE, OFFICE),
    "ZIP archive": (make_zip("250211.txt"), UNPACK),
    "gzip archive": (gzip.compress(b"On Tides"), UNPACK),
    "bzip2 archive": (bz2.compress(b"On Tides"), UNPACK),
    "xz archive": (lzma.compress(b"On Tides"), UNPACK),
    "Zstandard archive": (b"(\xb5/\xfd\x04Xa\0\0On Tides", UNPACK),
    "7z archive": (b"7z\xbc\xaf'\x1c\0\x04", UNPACK),
    "RAR archive": (b"Rar!\x1a\x07\x01\0", UNPACK),
    "tar archive": (make_tar(), UNPACK),
    "PNG image": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", IMAGE),
    "JPEG image": (b"\xff\xd8\xff\xe0\0\x10JFIF\0", IMAGE),
    "GIF image": (b"GIF89a\x01\0\x01\0", IMAGE),
    "WebP image": (b"RIFF\x24\0\0\0WEBPVP8 ", IMAGE),
    "HEIF image": (b"\0\0\0\x18ftypheic\0\0\0\0", IMAGE),
}
TEXTS: dict[str, tuple[str, str]] = {
    "LaTeX source": (
        "% On tides\n\\documentclass{article}\n\\title{On Tides}\n(Ada Lovelace, Alan Turing)\n\\begin{document}\n",
        "load its .bib file instead",
    ),
    "Org mode": (
        "#+TITLE: Papers\n* On Tides\n(Ada Lovelace, Alan Turing)\n[[https://arxiv.org/abs/2501.00001][arXiv]]\n",
        "export it as Markdown (C-c C-e m m)",
    ),
    "Logseq page": (
        "title:: On Tides\nauthors:: Ada Lovelace\n\n- [On Tides](https://arxiv.org/abs/2501.00001)\n\t- good\n",
        'rewrite it as a Markdown note, see "readlist help formats"',
    ),
    "Jupyter notebook": (
        '{\n "cells": [\n  {"cell_type": "markdown", "source": ["# On Tides\\n"]}\n ],\n "nbformat": 4\n}\n',
        "export it as Markdown and load that",
    ),
    "SVG image": ('<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><text>On Tides</text></svg>', IMAGE),
    "EndNote XML": (
        "<?xml version='1.0' ?><xml><records><record><title>On Tides</title></record></records></xml>",
        "in EndNote, export as RIS or BibTeX",
    ),
    "PubMed (NBIB)": (
        "PMID- 1234567\nTI  - On Tides\nFAU - Lovelace, Ada\n",
        "load it in Zotero and export RIS or BibTeX",
    ),
    "OPML list of feeds": (
        '<?xml version="1.0"?>\n<opml version="2.0"><body><outline xmlUrl="https://example.org/feed"/></body></opml>',
        "load the URLs of the feeds in it",
    ),
}
LOGSEQ_BULLETS = "- tags:: paper\n- On Tides\n"
ORG_HEADLINES = [
    "* TODO read paper\n** notes\n",
    "* Papers\n** On Tides\n*** notes\n",
    "* Papers\nto read\n\n** On Tides\n",
    "* TODO On Tides\n:PROPERTIES:\n:AUTHOR: Ada Lovelace\n:END:\n",
    "* Papers\n** Tides\n- [[https://arxiv.org/abs/2501.00001][On Tides]]\n",
]


def refuse(data: bytes, name: str = "digest.txt") -> str:
    with pytest.raises(ReadlistError) as caught:
        load_bytes(data, name)
    assert str(caught.value).isprintable()
    return str(caught.value)


@pytest.mark.parametrize("name", BINARY)
def test_a_document_in_a_binary_format_is_refused_by_its_content(name: str) -> None:
    data, remedy = BINARY[name]
    assert refuse(data) == f"unsupported format: {name}; {remedy}"


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_in_another_format_is_refused_by_its_content(name: str) -> None:
    text, remedy = TEXTS[name]
    assert refuse(text.encode(), "digest.md") == f"unsupported format: {name}; {remedy}"
    assert refuse(b"\xef\xbb\xbf" + text.encode()) == f"unsupported format: {name}; {remedy}"
    with pytest.raises(NoPaper):
        load_bytes(text.encode(), "digest.md")


@pytest.mark.parametrize("text", [LOGSEQ_BULLETS, *ORG_HEADLINES])
def test_other_ways_to_begin_a_page_are_recognized_too(text: str) -> None:
    assert refuse(text.encode()).startswith("unsupported format: ")


@pytest.mark.parametrize(("table", "name"), [("itemAttachments", "Zotero database (SQLite)"), ("t", "SQLite database")])
def test_a_database_is_refused(tmp_path: Path, table: str, name: str) -> None:
    assert refuse(make_database(tmp_path / "x.sqlite", table)).startswith(f"unsupported format: {name}; ")


def test_the_error_of_a_file_that_is_too_large_names_its_format(run: Run, tmp_path: Path) -> None:
    (tmp_path / "tides.txt").write_bytes(b"%PDF-1.7\n" + bytes(MAX_FILE))
    done = run("load", tmp_path / "tides.txt")
    assert (done.code, done.out) == (1, "")
    assert f"unsupported format: PDF; {PAGE}" in done.err


@pytest.mark.parametrize(
    "title", ["%PDFs of Tides", "BZh: Tides", "#+1 for Tides", "std::tides", "PMID of Tides", "Rar! On Tides", "PK"]
)
def test_a_title_that_begins_like_a_format_is_a_title(title: str) -> None:
    (paper,) = load_bytes(f"2025-02-11\n{title}\n(Ada Lovelace)\n".encode(), "d.txt").papers
    assert paper.title == title


def test_a_list_with_stars_is_no_org_mode() -> None:
    link = "[On Tides](https://arxiv.org/abs/2501.00001)"
    (paper,) = load_bytes(f"* {link} **new**\n".encode(), "d.md").papers
    assert paper.arxiv_id == "2501.00001"
    nested = f"* {link}\n* [On Moons](https://arxiv.org/abs/2501.00002)\n  ** of Jupiter\n"
    assert len(load_bytes(nested.encode(), "d.md").papers) == 2


def test_what_is_in_no_known_format_is_refused_with_the_command_that_lists_them() -> None:
    message = "no paper found; for the formats that load reads: readlist help formats"
    assert refuse(b"Dear all,\nlunch is at one.\n") == message


@given(st.sampled_from([data for data, _ in BINARY.values()]), st.binary(), st.integers(0, 600))
def test_a_damaged_document_is_refused_too(data: bytes, more: bytes, end: int) -> None:
    assert refuse(data[: max(end, 300)] + more)
