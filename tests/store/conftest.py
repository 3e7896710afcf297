"""Fixtures of the tests of the store."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def tides(own_folders: Path) -> Path:
    """A digest with one new paper."""
    path = own_folders / "more.txt"
    path.write_bytes(b"2025-06-01\nTides\n(Ada Lovelace)\n")
    return path
