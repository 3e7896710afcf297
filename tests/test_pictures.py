"""The pictures in README.md show the program as it is."""

from __future__ import annotations

import re

from tests.conftest import ROOT
from tests.pictures import FOLDER, pictures, words


def test_the_pictures_are_current() -> None:
    """`python -m tests.pictures` makes them anew."""
    made = dict(pictures())
    kept = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.svg")}
    assert kept.keys() == made.keys()
    for name, svg in made.items():
        assert words(kept[name]) == words(svg), name
        assert re.search(r"url\(.?http|href=.http|@import", kept[name]) is None, "a picture asks no server for anything"


def test_every_picture_stands_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for path in FOLDER.glob("*.svg"):
        assert f"(.github/{path.name})" in readme
