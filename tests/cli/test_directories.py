"""The user's directories are those of platformdirs, which is not imported on Linux."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import platformdirs
import pytest

from readlist.cli.context import locate_directory

KINDS = ["DATA", "STATE", "CACHE", "CONFIG"]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere platformdirs is asked")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "environment",
    [
        {"HOME": "/home/ada"},
        {"HOME": "/home/ada/"},
        {"HOME": "/home/ada", "XDG_{}_HOME": "/srv/ada"},
        {"HOME": "/home/ada", "XDG_{}_HOME": "/srv/ada/../ada b/"},
        {"HOME": "/home/ada", "XDG_{}_HOME": "/srv/한국"},
        {"HOME": "/home/ada", "XDG_{}_HOME": ""},
        {"XDG_{}_HOME": "/srv/ada"},
        {},
    ],
)
def test_a_directory_is_the_one_of_platformdirs(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], kind: str
) -> None:
    for name in ("HOME", *(f"XDG_{one}_HOME" for one in KINDS)):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name.format(kind), value)
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 -- as the caller
    assert locate_directory(kind, home) == getattr(platformdirs, f"user_{kind.lower()}_path")("readlist")
