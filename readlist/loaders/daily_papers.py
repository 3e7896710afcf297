"""The daily papers of Hugging Face, as its API at https://huggingface.co/api/daily_papers returns them.

    [{"paper": {"id": "2502.06781", "title", "summary", "authors": [{"name"}], "publishedAt", "submittedOnDailyAt",
                "githubRepo", "projectPage"},
      "title", "summary", "publishedAt"}]

The IDs are those of arXiv. The date of the digest is the day on which the paper was in the list.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from readlist.dates import find_date
from readlist.loaders.base import ParseResult, ProblemLog
from readlist.loaders.json_text import get_list, get_text, parse_document
from readlist.loaders.limits import MAX_ITEMS, MAX_LINE, apply_limits
from readlist.models import Appearance, Paper
from readlist.text import clean, parse_arxiv_id

if TYPE_CHECKING:
    from readlist.loaders.base import Source

MAX_PAPERS = 5_000
"""Papers of one list; a day has at most 100."""

_ENDPOINT = "daily_papers"
_START = r"[\ufeff\s]*\[\s*\{"
_PAPER_FIELD = r'"paper"\s*:'
_PAGE = "https://huggingface.co/papers/{}"
_DATES = ("submittedOnDailyAt", "publishedAt")
_DATE_LENGTH = len("2025-02-11")


class DailyPapersLoader:
    """The loader of Hugging Face's daily papers."""

    name = "Hugging Face daily papers (JSON)"

    def detect(self, source: Source) -> bool:
        """Return whether the text is a list of papers as the API returns it, or an empty one by its name or URL."""
        is_empty = source.text.strip() == "[]" and _ENDPOINT in source.name
        return is_empty or any(map(_get_arxiv_id, source.parse_once(_parse_items)))

    def parse(self, source: Source) -> ParseResult:
        """Return the papers; items without an arXiv ID and a title are counted."""
        log = ProblemLog(source.name)
        items = source.parse_once(_parse_items)
        if len(items) > MAX_PAPERS:
            log.report(0, f"more than {MAX_PAPERS:,} papers; the rest is ignored")
        built = [_build_paper(item, log) for item in items[:MAX_PAPERS]]
        papers = tuple(filter(None, built))
        if len(papers) < len(built):
            log.report(0, f"entries without a paper: {len(built) - len(papers):,} of {len(built):,}")
        return ParseResult(papers, tuple(log.problems))


def _parse_items(source: Source) -> list[object]:
    """Return the items of the list, [] where the text is something else."""
    if not re.match(_START, source.text) or not re.search(_PAPER_FIELD, source.text):
        return []
    items = source.parse_once(parse_document)
    return items if isinstance(items, list) else []


def _get_paper(item: object) -> object:
    return item.get("paper") if isinstance(item, dict) else None


def _get_arxiv_id(item: object) -> str:
    return parse_arxiv_id(get_text(_get_paper(item), "id"))


def _build_paper(item: object, log: ProblemLog) -> Paper | None:
    from readlist.loaders.identifiers import choose_links

    paper = _get_paper(item)
    arxiv_id = _get_arxiv_id(item)
    title = clean(get_text(paper, "title") or get_text(item, "title"))
    if not arxiv_id or not title:
        return None
    names = [
        name for author in get_list(paper, "authors")[: MAX_ITEMS + 1] if (name := clean(get_text(author, "name")))
    ]
    day = next((day for name in _DATES for day in (get_text(paper, name), get_text(item, name)) if day), "")
    pages = [_PAGE.format(arxiv_id), get_text(paper, "githubRepo"), get_text(paper, "projectPage")]
    url, *links = choose_links(arxiv_id, "", pages)
    built = Paper(
        title=title,
        authors=tuple(dict.fromkeys(names)),
        abstract=clean((get_text(paper, "summary") or get_text(item, "summary"))[:MAX_LINE]),
        arxiv_id=arxiv_id,
        url=url,
        links=tuple(links),
        digests=(Appearance(find_date(day[:_DATE_LENGTH]), log.source_name),),
    )
    return apply_limits(built, partial(log.report, 0))
