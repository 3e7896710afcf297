"""The setting `language`: whose comment is shown first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from readlist.cli.config import read_setting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from readlist.models import Entry


def order_comments(entries: Sequence[Entry]) -> Sequence[Entry]:
    """Return the entries, each with its comment in the language of the setting, if it has one, before the others.

    For what a person reads: JSON and exports have the order of the digest.
    """
    language = read_setting("language")
    return [_put_first(entry, language) for entry in entries] if language else entries


def _put_first(entry: Entry, language: str) -> Entry:
    comments = dict(sorted(entry.paper.comments.items(), key=lambda comment: comment[0] != language))
    return entry._replace(paper=entry.paper._replace(comments=comments))
