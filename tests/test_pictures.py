"""The pictures in README.md show what the program prints now."""

from __future__ import annotations

import re

from tests.conftest import ROOT
from tests.pictures import PICTURES, render_pictures, text_lines


def test_the_pictures_are_current() -> None:
    """To update them: python -m tests.pictures."""
    rendered = dict(render_pictures())
    saved = {path.name: path.read_text(encoding="utf-8") for path in PICTURES.glob("*.svg")}
    assert saved.keys() == rendered.keys()
    for name, svg in rendered.items():
        assert text_lines(saved[name]) == text_lines(svg), name
        assert re.search(r"url\(.?http|href=.http|@import", saved[name]) is None, "a picture loads a resource"


def test_every_picture_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for path in PICTURES.glob("*.svg"):
        assert f"(.github/{path.name})" in readme
