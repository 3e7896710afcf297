"""Options whose value is a single day: add --date, read --on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from readlist.errors import UsageError

if TYPE_CHECKING:
    import datetime as dt


def parse_day_option(option: str, text: str, today: dt.date) -> dt.date:
    """Parse the value of an option that takes a day. Raises UsageError that names the option."""
    from readlist.periods import parse_day

    try:
        return parse_day(text, today)
    except UsageError as failure:
        raise UsageError(f"{option}: {failure}") from failure
