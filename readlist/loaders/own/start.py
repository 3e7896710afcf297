"""How an export of readlist begins, by which one is recognized before it is decoded: it may be larger than a digest."""

from __future__ import annotations

import re

HEAD = 4096
"""Bytes from the beginning that show it."""
GENERATOR = '<meta name="generator" content="readlist">'
"""In the head of the HTML page."""

_JSON = rb'(?:\[\s*)?\{\s*"id"\s*:\s*\d{1,9}\s*,\s*"key"\s*:\s*"'
_CSV = rb'"?id"?,"?date"?,"?status"?,"?starred"?,"?title"?,'
_START = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:" + _JSON + rb"|" + _CSV + rb")")
_HTML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<!DOCTYPE html>", re.IGNORECASE)


def is_export(head: bytes) -> bool:
    """Return whether a document that begins with these bytes is one that readlist exported."""
    head = head[:HEAD]
    return bool(_START.match(head) or (_HTML.match(head) and GENERATOR.encode() in head))
