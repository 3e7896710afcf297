"""How much of a paper is kept: what is longer is cut, and said.

The limits keep a hostile or broken source from filling terminals and the index. Real papers stay far below them: the
longest of 900 titles has 179 characters, the longest abstract 2,072, author 40, tag 26, comment 1,630.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

MAX_TITLE = 500
MAX_AUTHOR = 200
MAX_TAG = 64
MAX_URL = 2_048
MAX_TEXT = 20_000
"""Of an abstract, and of a comment in one language. All limits are in characters."""

MAX_EACH = 6_000
"""Authors, and tags, that a paper may have: the longest list of authors there is has 5,154."""
MAX_LINE = 1_300_000
"""Of a line that is looked at: whatever is longer is cut and said by one of the other limits."""

_MAX_EXCERPT = 40

Say = Callable[[str], None]
"""Takes the reason of a problem."""


def cut(text: str, limit: int, name: str, say: Say) -> str:
    """The first `limit` characters of `text`, which the reader knows as `name`."""
    if len(text) <= limit:
        return text
    say(f"{name} cut: it has {len(text):,} characters, {limit:,} are kept")
    return text[:limit].rstrip()


def cut_all(texts: Iterable[str], limit: int, name: str, say: Say) -> tuple[str, ...]:
    """Each text as `cut` makes it, MAX_EACH of them at most."""
    texts = tuple(texts)
    if len(texts) > MAX_EACH:
        say(f"{name}s cut: there are {len(texts):,}, {MAX_EACH:,} are kept")
    return tuple([cut(text, limit, name, say) for text in texts[:MAX_EACH]])


def usable_links(links: Iterable[str], say: Say) -> tuple[str, ...]:
    """The links that are not too long: half a link leads nowhere, so it is left out and stands in the text alone."""
    links = tuple(links)
    usable = tuple([link for link in links if len(link) <= MAX_URL])
    if len(usable) < len(links):
        say(f"a link longer than {MAX_URL:,} characters left out of the links")
    return usable


def excerpt(text: str) -> str:
    """The text as a message quotes it, 40 characters at most."""
    return f"'{text}'" if len(text) <= _MAX_EXCERPT else f"'{text[:_MAX_EXCERPT]}…'"
