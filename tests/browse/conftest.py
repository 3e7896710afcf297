"""The library that the full-screen reader shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from readlist.cli.context import find_directories
from readlist.library.library import Library


@pytest.fixture
def library(own_folders: Path, seeds: Path) -> Library:
    """A library of the seeds; papers 9 to 13, of the newest digest, come first."""
    library = Library(find_directories(str(own_folders / "home")))
    library.load([str(seeds)])
    return library
