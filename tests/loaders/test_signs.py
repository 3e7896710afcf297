"""Signs: a loader that detects its format is never skipped for want of its sign."""

from __future__ import annotations

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from readlist.loaders.base import Source
from readlist.loaders.registry import LOADERS, _LazyLoader
from tests.exporters.test_exporters import FULL, export_text

DOCUMENTS = {
    "export of readlist": export_text("json", FULL),
    "BibTeX": "@article{a,\n title={On Tides},\n}\n",
    "RIS": "TY  - JOUR\nTI  - On Tides\nER  - \n",
    "CSL-JSON": '[{"id": "a", "type": "article-journal", "title": "On Tides", "author": [{"family": "Lovelace"}]}]',
    "Zotero CSV": "Key,Item Type,Publication Year,Author,Title\nK1,journalArticle,2025,Ada Lovelace,On Tides\n",
    "Markdown note": "---\ntitle: On Tides\nauthors: [Ada Lovelace]\narxiv: 2501.00001\n---\n\nTides rise.\n",
    "Markdown digest": "# 2025-02-11\n\n## On Tides\n\n(Ada Lovelace, Alan Turing)\n\nTides rise and fall.\n",
    "list of papers (Markdown)": "- [On Tides](https://arxiv.org/abs/2501.00001)\n- [Moon](https://arxiv.org/abs/2501.00002)\n",
}
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
    "\n",
)
LAZY = [loader for loader in LOADERS if isinstance(loader, _LazyLoader) and "mail" not in loader.name]


@pytest.mark.parametrize("loader", LAZY, ids=lambda loader: loader.name)
@given(
    mark=st.sampled_from(["", "\ufeff"]),
    blanks=st.text("\t\n\r\x0b\x0c \x85\u00a0\u2028\u3000", max_size=3),
    before=st.just([]) | st.lists(st.sampled_from(PIECES), max_size=2),
    after=st.just([]) | st.lists(st.sampled_from(PIECES), max_size=2),
)
def test_a_text_in_a_format_has_the_sign_of_the_format(
    loader: _LazyLoader, mark: str, blanks: str, before: list[str], after: list[str]
) -> None:
    text = "".join([mark, blanks, *before, DOCUMENTS[loader.name], *after])
    source = Source("a.txt", text, data=text.encode())
    is_detected = loader._loader.detect(source)
    event(f"detected: {is_detected}")
    assert loader._has_sign(source) or not is_detected
