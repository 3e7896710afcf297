"""Where papers come in: files are found, read and decoded here, and the first loader that knows the format has them.

Every error is a ReadlistError whose message is one plain line without the path, which the caller knows and adds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from readlist.errors import NoPaper
from readlist.loaders.base import Loaded, Loader, Source
from readlist.loaders.feed import Feed
from readlist.loaders.files import decode, find_files, read_bytes
from readlist.loaders.newsletter.parser import Newsletter
from readlist.loaders.notes.parser import Note
from readlist.models import Problem
from readlist.text import clean

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["LOADERS", "Loaded", "Loader", "Source", "find_files", "load_bytes", "load_file"]

LOADERS: tuple[Loader, ...] = (Feed(), Note(), Newsletter())
"""The formats, the most particular first: the first that detects its own loads the source."""


def load_file(path: Path) -> Loaded:
    """The papers of one file; raises ReadlistError where it cannot be read, NoPaper where there is none in it."""
    return load_bytes(read_bytes(path), path.name, folder=path.absolute().parent.name)


def load_bytes(data: bytes, name: str, *, folder: str = "", address: str = "", charset: str = "") -> Loaded:
    """The papers of a digest in bytes, as Source describes it; raises as `load_file` does.

    `charset` is the encoding that a server said it is in.
    """
    text, doubt = decode(data, charset)
    name = clean(name)
    source = Source(name, text, clean(folder), address)
    for loader in LOADERS:
        if loader.detect(source):
            loaded = loader.load(source)
            return Loaded(loaded.papers, (Problem(name, 0, doubt), *loaded.problems)) if doubt else loaded
    raise NoPaper("no paper found: a digest has titles, each with its authors in parentheses below it")
