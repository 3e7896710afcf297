"""The little HTML that reference managers read in titles, abstracts and notes: Zotero, citeproc, `loaders`."""

from __future__ import annotations

import re

_TAG_OR_REFERENCE = re.compile(
    r"<(?=/?(?:[abisu]|p|br|em|strong|su[bp]|span|div|[uo]l|li|h[1-6]|blockquote|code|pre|scp|inf|tt"
    r"|(?:jats|mml):[\w-]+)(?:\s[^<>]*)?/?>)"
    r"|&(?=(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});)",
    re.IGNORECASE,
)
_REFERENCES = {"<": "&lt;", "&": "&amp;"}


def escape_tags(text: str) -> str:
    """Return the text with references for what these programs would take as markup; everything else stays.

    >>> escape_tags("Is a < b in List<int>? AT&T and <b>bold</b> &amp;")
    'Is a < b in List<int>? AT&T and &lt;b>bold&lt;/b> &amp;amp;'
    """
    return _TAG_OR_REFERENCE.sub(lambda match: _REFERENCES[match[0]], text)
