"""Spooled papers: the same sequence of papers, whether they are in memory or in a temporary file."""

from __future__ import annotations

import datetime as dt
import tempfile
from typing import NoReturn

import pytest

from readlist.loaders import spool
from readlist.models import Appearance, Paper

PAPER = Paper("Tides", ("Ada",), "Rise.", {"ko": "조석"}, digests=(Appearance(dt.date(2025, 2, 11), "a.txt"),))
PAPERS = [PAPER._replace(title=f"Tides {number}") for number in range(7)]


def spooled() -> spool.SpooledPapers:
    papers = spool.SpooledPapers()
    papers.extend(PAPERS[:3])
    papers.extend(PAPERS[3:6])
    papers.extend(PAPERS[6:])
    return papers


@pytest.mark.parametrize("limit", [0, 1, 2, 100])
def test_papers_come_back_in_their_order(monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    monkeypatch.setattr(spool, "MAX_IN_MEMORY", limit)
    papers = spooled()
    assert list(papers) == list(papers) == PAPERS
    assert (len(papers), papers[4], papers[-1], papers[2:5]) == (7, PAPERS[4], PAPERS[6], tuple(PAPERS[2:5]))


def test_papers_stay_in_memory_where_no_temporary_file_can_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> NoReturn:
        raise OSError("disk full")

    monkeypatch.setattr(spool, "MAX_IN_MEMORY", 0)
    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    assert list(spooled()) == PAPERS
