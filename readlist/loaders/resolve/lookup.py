"""The look-up of papers: by what a user typed, and by what the library has of a paper.

arXiv is asked before Crossref, since it has abstracts, and a paper with an arXiv ID is asked for by it. A request that
fails ends the look-up of that paper; whether the others are looked up is left to the caller.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from readlist.loaders.resolve import arxiv, crossref
from readlist.loaders.resolve.client import Client, Notify, ServiceUnavailable
from readlist.loaders.resolve.items import is_stub
from readlist.loaders.resolve.matches import Match, choose, compare
from readlist.loaders.resolve.page import fetch_page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from readlist.loaders.resolve.items import Item
    from readlist.models import Paper

Progress = Callable[[int, int], None]
"""Called with how many papers are looked up, and how many there are."""


class Services(NamedTuple):
    """Where the services are: the URLs that the user chose, "" for the public ones.

    The terms of the public services limit how often they may be asked; a server of the user's choice is asked without
    intervals. `private` permits pages at private addresses.
    """

    arxiv_url: str = ""
    crossref_url: str = ""
    private: bool = False


class Answer(NamedTuple):
    """What a look-up returned.

    `paper` is None where none was found, or no certain match; then `candidates` are the possible ones.
    `reason` is why it is believed to be the paper, `problem` why it could not be looked up.
    """

    paper: Paper | None = None
    reason: str = ""
    candidates: Sequence[Match] = ()
    problem: str = ""


class Lookup:
    """The services, asked by one process."""

    def __init__(self, services: Services, notify: Notify) -> None:
        self._private = services.private
        self._arxiv = _build_client("arXiv", services.arxiv_url, arxiv.URL, arxiv.INTERVAL_SECONDS, notify)
        self._crossref = _build_client(
            "Crossref", services.crossref_url, crossref.URL, crossref.INTERVAL_SECONDS, notify
        )

    def resolve(self, items: Sequence[Item], progress: Progress) -> list[Answer]:
        """Look up what a user typed; an answer for each item, in their order."""
        by_id = self._resolve_arxiv_ids([item.arxiv_id for item in items if item.arxiv_id])
        answers: list[Answer] = []
        for number, item in enumerate(items):
            progress(number, len(items))
            answers.append(by_id[item.arxiv_id] if item.arxiv_id else self._resolve(item))
        return answers

    def _resolve_arxiv_ids(self, arxiv_ids: Sequence[str]) -> dict[str, Answer]:
        try:
            found = self.fetch_ids(arxiv_ids)
        except ServiceUnavailable as failure:
            return dict.fromkeys(arxiv_ids, Answer(problem=str(failure)))
        return {arxiv_id: Answer(found.get(arxiv_id)) for arxiv_id in arxiv_ids}

    def _resolve(self, item: Item) -> Answer:
        try:
            if item.title:
                return self.find_by_title(item.title, ())
            return Answer(self.fetch_doi(item.doi) if item.doi else self.fetch_page(item.url))
        except ServiceUnavailable as failure:
            return Answer(problem=str(failure))

    def fetch_ids(self, arxiv_ids: Sequence[str]) -> dict[str, Paper]:
        """Return the papers of arXiv IDs, by their IDs; those that do not exist are missing."""
        papers: dict[str, Paper] = {}
        for start in range(0, len(arxiv_ids), arxiv.MAX_IDS):
            papers |= arxiv.fetch_by_id(self._arxiv, arxiv_ids[start : start + arxiv.MAX_IDS])
        return papers

    def fetch_doi(self, doi: str) -> Paper | None:
        """Return the paper with a DOI, None where Crossref does not have it."""
        return crossref.fetch_by_doi(self._crossref, doi)

    def fetch_page(self, url: str) -> Paper | None:
        """Return the paper that a page is about, None where it has no metadata."""
        return fetch_page(url, private=self._private)

    def find_by_title(self, title: str, authors: Sequence[str]) -> Answer:
        """Return the paper with this title and, if authors are given, at least one of them."""
        matches = self._search_arxiv(title, authors)
        best, listed = choose(matches)
        if best is None:
            papers = crossref.search_title(self._crossref, title, next(iter(authors), ""))
            matches += [compare(title, authors, paper, "Crossref") for paper in papers]
            best, listed = choose(matches)
        return Answer(best.paper, best.describe()) if best else Answer(candidates=tuple(listed))

    def _search_arxiv(self, title: str, authors: Sequence[str]) -> list[Match]:
        return [compare(title, authors, paper, "arXiv") for paper in arxiv.search_title(self._arxiv, title)]

    def look_up(self, papers: Sequence[Paper]) -> Iterator[tuple[Paper, Answer]]:
        """Look up papers of the library: by arXiv ID, many at once, else by DOI, page, or title and authors.

        Raises:
            ServiceUnavailable: a service is not available now; a page that cannot be fetched is a problem of its paper.
        """
        with_ids = [paper for paper in papers if paper.arxiv_id]
        for start in range(0, len(with_ids), arxiv.MAX_IDS):
            batch = with_ids[start : start + arxiv.MAX_IDS]
            found = self.fetch_ids([paper.arxiv_id for paper in batch])
            yield from ((paper, _check_identity(paper, found.get(paper.arxiv_id), "arXiv ID")) for paper in batch)
        for paper in papers:
            if not paper.arxiv_id:
                yield paper, self._look_up(paper)

    def _look_up(self, paper: Paper) -> Answer:
        if paper.doi:
            return self._look_up_doi(paper)
        if not is_stub(paper):
            return self.find_by_title(paper.title, paper.authors)
        try:
            return _check_identity(paper, self.fetch_page(paper.url), "URL")
        except ServiceUnavailable as failure:
            return Answer(problem=str(failure))

    def _look_up_doi(self, paper: Paper) -> Answer:
        """Look up a paper at Crossref; many publishers give it no abstract, but the preprint has one."""
        answer = _check_identity(paper, self.fetch_doi(paper.doi), "DOI")
        if paper.abstract or is_stub(paper) or (answer.paper and answer.paper.abstract):
            return answer
        preprint, _ = choose(self._search_arxiv(paper.title, paper.authors))
        return Answer(preprint.paper, preprint.describe()) if preprint else answer


def is_incomplete(paper: Paper) -> bool:
    """Return whether a look-up may find something that the paper lacks: an identifier, authors, an abstract."""
    return not (paper.arxiv_id or paper.doi) or not paper.abstract or not paper.authors or is_stub(paper)


def _check_identity(paper: Paper, found: Paper | None, identifier: str) -> Answer:
    """Return the paper that a service has for an identifier, if its title or an author says that it is the same.

    `identifier` is what messages call it: "arXiv ID". An identifier in a digest may be that of another paper.
    """
    if found is None:
        return Answer()
    if is_stub(paper):
        return Answer(found, f"same {identifier}")
    match = compare(paper.title, paper.authors, found, identifier)
    return (
        Answer(found, f"same {identifier}, {match.describe()}") if match.is_plausible else Answer(candidates=(match,))
    )


def _build_client(name: str, chosen_url: str, public_url: str, interval: float, notify: Notify) -> Client:
    return Client(
        name,
        chosen_url or public_url,
        0.0 if chosen_url and chosen_url.rstrip("/") != public_url else interval,
        chosen_by_user=bool(chosen_url),
        notify=notify,
    )
