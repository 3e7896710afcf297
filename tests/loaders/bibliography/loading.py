"""What the tests of bibliographies share: loading a text as the registry does, and a paper by its fields."""

from __future__ import annotations

from typing import Any

from readlist.loaders.base import ParseResult
from readlist.loaders.registry import load_bytes
from readlist.models import Appearance, Paper

NAME = "refs"


def load(text: str | bytes) -> ParseResult:
    return load_bytes(text.encode() if isinstance(text, str) else text, NAME)


def load_papers(text: str | bytes) -> tuple[Paper, ...]:
    result = load(text)
    assert result.problems == ()
    return result.papers


def load_paper(text: str | bytes) -> Paper:
    (paper,) = load_papers(text)
    return paper


def paper(title: str, *authors: str, **fields: Any) -> Paper:
    return Paper(title, authors, digests=(Appearance(None, NAME),), **fields)


def problems(text: str | bytes) -> list[str]:
    return list(map(str, load(text).problems))


def notes_and_tags(text: str) -> list[tuple[int, str, tuple[str, ...]]]:
    return [(number, mark.note, mark.tags_added) for number, mark in load(text).marks.items()]
