"""Signs: a loader that detects its format is never skipped for want of its sign."""

from __future__ import annotations

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from readlist.loaders.base import Source
from readlist.loaders.registry import LOADERS, _LazyLoader

DOCUMENTS = (
    "@article{a,\n title={On Tides},\n}\n",
    "TY  - JOUR\nTI  - On Tides\nER  - \n",
    '[{"id": "a", "type": "article-journal", "title": "On Tides", "author": [{"family": "Lovelace"}]}]',
    "Key,Item Type,Publication Year,Author,Title\nK1,journalArticle,2025,Ada Lovelace,On Tides\n",
    "---\ntitle: On Tides\nauthors: [Ada Lovelace]\narxiv: 2501.00001\n---\n\nTides rise.\n",
    "# 2025-02-11\n\n## On Tides\n\n(Ada Lovelace, Alan Turing)\n\nTides rise and fall.\n",
    "- [On Tides](https://arxiv.org/abs/2501.00001)\n- [On Moons](https://arxiv.org/abs/2501.00002)\n",
    '[{"id": 1, "key": "k", "title": "On Tides", "authors": [], "status": "unread", "digests": [], "tags": []}]',
)
"""One in each of the formats."""
PIECES = (
    "@article{a,\n title={On Tides},\n}",
    "TY  - JOUR\n",
    "TI  - On Tides\n",
    "ER  - \n",
    '[{"type": "article", "title": "On Tides", "author": []}]',
    "Key,Item Type,Author,Title\n",
    '"Key","Item Type","Author","Title"\n',
    "K1,journalArticle,Ada,On Tides\n",
    "# On Tides\n",
    "---\n",
    "title: On Tides\n",
    "- [On Tides](https://arxiv.org/abs/2501.00001)\n",
    "1. [On Tides](https://example.org/tides)\n",
    "| [On Tides](http://example.org) | x |\n",
    "**On Tides**\n",
    "Ada Lovelace, Alan Turing\n",
    "2025-02-11\n",
    "id,date,status,starred,title,authors,tags,digests,key\n",
    '{"id": 1, "key": "k", "title": "On Tides", "authors": [], "status": "unread", "digests": [], "tags": []}',
    "<html>",
    "> ",
    "https://arxiv.org/abs/2501.00001\n",
    *("\ufeff", " ", "\t", "\n", "\r\n", "\x0c", "\u00a0", "\u3000", "\u2028"),
)
LAZY = [loader for loader in LOADERS if isinstance(loader, _LazyLoader) and "mail" not in loader.name]


@pytest.mark.parametrize("loader", LAZY, ids=lambda loader: loader.name)
@given(
    before=st.lists(st.sampled_from(PIECES), max_size=4),
    document=st.sampled_from(DOCUMENTS),
    after=st.lists(st.sampled_from(PIECES), max_size=2),
)
def test_a_text_in_a_format_has_the_sign_of_the_format(
    loader: _LazyLoader, before: list[str], document: str, after: list[str]
) -> None:
    text = "".join([*before, document, *after])
    source = Source("a.txt", text, data=text.encode())
    is_detected = loader._loader.detect(source)
    event(f"detected: {is_detected}")
    assert loader._has_sign(source) or not is_detected
