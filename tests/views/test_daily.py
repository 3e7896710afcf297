"""The page of `today`: only the star has the color of a star."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from readlist.models import Entry, Mark, Paper
from readlist.suggestions import DailyPapers, Suggestion
from readlist.views.daily import daily_page

YELLOW = "\x1b[33m"


@pytest.mark.parametrize("starred", [False, True])
def test_only_the_star_is_yellow(*, starred: bool) -> None:
    mark = Mark("on-tides-000000")._replace(starred=starred)
    entry = Entry(Paper("On Tides", ("Ada Lovelace",), id=7, key=mark.key), mark, ("tides",))
    papers = DailyPapers((Suggestion(entry),), 1, 1, True, (), (), (), 0, 7)
    buffer = io.StringIO()
    Console(file=buffer, force_terminal=True, color_system="standard", width=80).print(daily_page(papers, 80))
    page = buffer.getvalue()
    assert page.count(YELLOW) == int(starred)
    assert "\x1b[1;33m" not in page
    assert "\x1b[1mOn Tides\x1b[0m" in page
