"""The names of saved queries, for the query language too, which has no use for edits."""

from __future__ import annotations

import re

from readlist.errors import UsageError
from readlist.text import clean, drop_ignored

MAX_QUERY_NAME = 40
"""Characters of a saved query's name."""
TODAY = "today"
"""The name of the query that needs no saving: `@today` matches the new papers that the command `today` lists."""
QUERY_NAME = r"\w[\w.\u200c\u200d-]*"
"""Pattern of a saved query's name, one word, so that `@name` ends where the word ends: fresh, 2025.q2, 강화학습.
Joiners in it are dropped, where the query is saved and where it is used."""


def fold_query_name(text: str) -> str:
    """Return the name under which a query is saved: without the leading @, case folded.

    >>> fold_query_name("@Fresh")
    'fresh'

    Raises UsageError for an invalid name.
    """
    name = drop_ignored(clean(text)).removeprefix("@").casefold()
    if not re.fullmatch(QUERY_NAME, name) or len(name) > MAX_QUERY_NAME:
        form = f"a name is one word of letters, digits, - and ., at most {MAX_QUERY_NAME} characters"
        raise UsageError(f"invalid query name: {clean(text)}; {form}")
    return name
