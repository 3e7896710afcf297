"""Formats that readlist does not load, recognized by their content, and what to load instead.

`registry` calls `refuse_binary` with the bytes before they are decoded, and `refuse_text` where no loader of markup or
bibliographies detects its format; `files` names the format of a file that is too large. Nothing of such a file is
parsed.
"""

from __future__ import annotations

import re

from readlist.errors import NoPaper, ReadlistError

_HEAD = 4096
"""Bytes or characters from the beginning that identify a format."""
_PAGE = "load the page of the paper or its BibTeX instead"
_UNPACK = "unpack it and load the files in it"
_IMAGE = "load the text of the digest instead"
_ZOTERO = "in Zotero, use File > Export Library and the format BibTeX"
_OFFICE = "save it as text or HTML"

_MAGIC_BYTES: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF-", "PDF", _PAGE),
    (b"%!PS", "PostScript", _PAGE),
    (b"AT&TFORM", "DjVu", _PAGE),
    (b"{\\rtf", "RTF", _OFFICE),
    (b"\x89PNG\r\n\x1a\n", "PNG image", _IMAGE),
    (b"\xff\xd8\xff", "JPEG image", _IMAGE),
    (b"GIF87a", "GIF image", _IMAGE),
    (b"GIF89a", "GIF image", _IMAGE),
    (b"II*\0", "TIFF image", _IMAGE),
    (b"MM\0*", "TIFF image", _IMAGE),
    (b"\x1f\x8b", "gzip archive", _UNPACK),
    (b"\xfd7zXZ\0", "xz archive", _UNPACK),
    (b"(\xb5/\xfd", "Zstandard archive", _UNPACK),
    (b"7z\xbc\xaf'\x1c", "7z archive", _UNPACK),
    (b"Rar!\x1a\x07", "RAR archive", _UNPACK),
)
_BZIP2 = rb"BZh[1-9]1AY&SY"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HWP = b"HWP Document File"
_SQLITE = b"SQLite format 3\0"
_TAR = slice(257, 262)
_RIFF = slice(8, 12)
_ISO_MEDIA = slice(4, 12)
_HEIF = (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypavif")

_ZIP = b"PK\x03\x04"
_ZIP_CONTENTS: tuple[tuple[bytes, str, str], ...] = (
    (b"mimetypeapplication/epub+zip", "EPUB", _PAGE),
    (b"mimetypeapplication/vnd.oasis.opendocument.text", "OpenDocument text (ODT)", _OFFICE),
    (b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "OpenDocument spreadsheet (ODS)", _OFFICE),
    (b"mimetypeapplication/vnd.oasis.opendocument", "OpenDocument", _OFFICE),
    (b"mimetypeapplication/hwp+zip", "HWPX (Hangul)", _OFFICE),
    (b"word/document", "Word (DOCX)", _OFFICE),
    (b"xl/workbook", "Excel (XLSX)", "save it as text, or load the bibliography that it was made from"),
    (b"ppt/presentation", "PowerPoint (PPTX)", _OFFICE),
)
"""What the bytes of a ZIP archive contain, names of files and the uncompressed media type, for the formats in one."""

# Patterns are strings, which `re` compiles at their first use.
_ORG = (
    r"\s*(?:#\+\w+:|(?:\*+ [^\n]*\n\s*)?:PROPERTIES:|#?\s?-\*- mode: org"
    r"|\*+ (?:TODO|DONE|NEXT|WAITING) |\* [^\n]*\n(?:[^\n]*\n){0,19}?\*{2,5} [^\s*]"
    r"|\*+ [^\n]*\n(?:[^\n]*\n){0,9}?[^\n\[]*\[\[https?://[^\s\]]{1,500}\]\[)"
)
_TEXT_FORMATS: tuple[tuple[str, str, str], ...] = (
    (
        r"\s*(?:%[^\n]*\n\s*){0,40}\\(?:documentclass|documentstyle|usepackage|begin\{document\})",
        "LaTeX source",
        "load its .bib file instead",
    ),
    (_ORG, "Org mode", "export it as Markdown (C-c C-e m m)"),
    (
        r"\s*(?:- )?[A-Za-z][\w-]{0,40}:: \S",
        "Logseq page",
        'rewrite it as a Markdown note, see "readlist help formats"',
    ),
    (r"\s*<\?xml[^>]{0,200}\?>\s*(?:<!DOCTYPE[^>]{0,200}>\s*)?<svg|\s*<svg[\s>]", "SVG image", _IMAGE),
    (r"\s*(?:<\?xml[^>]{0,200}\?>\s*)?<xml>\s*<records>", "EndNote XML", "in EndNote, export as RIS or BibTeX"),
    (r"\s*PMID- ", "PubMed (NBIB)", "load it in Zotero and export RIS or BibTeX"),
    (r"\s*(?:<\?xml[^>]{0,200}\?>\s*)?<opml", "OPML list of feeds", "load the URLs of the feeds in it"),
)
_NOTEBOOK = r'\s*\{\s*"(?:cells|metadata|nbformat|nbformat_minor)"\s*:'


def refuse_binary(data: bytes) -> None:
    """Raise ReadlistError if the bytes are a document in a binary format that is recognized."""
    if recognized := recognize_binary(data):
        raise ReadlistError(_describe(*recognized))


def recognize_binary(data: bytes) -> tuple[str, str] | None:
    """Return the name of the binary format and what to do instead, None where it is none of those known.

    >>> recognize_binary(b"%PDF-1.7")
    ('PDF', 'load the page of the paper or its BibTeX instead')
    """
    for magic, name, remedy in _MAGIC_BYTES:
        if data.startswith(magic):
            return name, remedy
    if data.startswith(_ZIP):
        matches = ((name, remedy) for content, name, remedy in _ZIP_CONTENTS if content in data)
        return next(matches, ("ZIP archive", _UNPACK))
    if data.startswith(_SQLITE):
        is_zotero = b"itemAttachments" in data
        return ("Zotero database (SQLite)", _ZOTERO) if is_zotero else ("SQLite database", "export its papers as text")
    if data.startswith(_OLE):
        is_hwp = _HWP in data
        return ("HWP (Hangul)" if is_hwp else "Microsoft Office 97-2003", _OFFICE)
    return _recognize_by_offset(data)


def _recognize_by_offset(data: bytes) -> tuple[str, str] | None:
    """Return the format of a document that bytes after its beginning identify."""
    if data.startswith(b"RIFF") and data[_RIFF] == b"WEBP":
        return "WebP image", _IMAGE
    if data[_ISO_MEDIA] in _HEIF:
        return "HEIF image", _IMAGE
    if re.match(_BZIP2, data):
        return "bzip2 archive", _UNPACK
    return ("tar archive", _UNPACK) if data[_TAR] == b"ustar" else None


def refuse_text(text: str) -> None:
    """Raise NoPaper if the text is in a format that is recognized and not loaded."""
    head = text[:_HEAD].removeprefix("\ufeff")
    for pattern, name, remedy in _TEXT_FORMATS:
        if re.match(pattern, head):
            raise NoPaper(_describe(name, remedy))
    if re.match(_NOTEBOOK, head) and '"nbformat"' in text:
        raise NoPaper(_describe("Jupyter notebook", "export it as Markdown and load that"))


def _describe(name: str, remedy: str) -> str:
    return f"unsupported format: {name}; {remedy}"
