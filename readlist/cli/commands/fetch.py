"""The command that looks up missing fields of papers: fetch."""

import contextlib
from typing import TYPE_CHECKING, Annotated

import typer

from readlist.cli.context import open_library
from readlist.cli.options.query import QueryCommand, print_notices, query_options
from readlist.cli.output import emit, info, success, tsv_line
from readlist.cli.progress import progress_bar
from readlist.cli.questions import can_ask, confirm
from readlist.cli.services import build_lookup
from readlist.errors import ReadlistError, UsageError
from readlist.text import list_some, plural

if TYPE_CHECKING:
    from readlist.library.filling import Filler
    from readlist.loaders.resolve.matches import Match
    from readlist.models import Paper
    from readlist.search.query.ast import Query

MAX_SKIPPED = 10
"""Papers without a result that a report lists; more are only counted."""
_CONTINUE = "to continue, repeat the command"
_MAX_NAMES = 3

app = typer.Typer(rich_markup_mode=None)


@app.command(cls=QueryCommand)
@query_options
def fetch(
    context: typer.Context,
    query: "Query",
    ask: Annotated[bool, typer.Option("--ask", help="Ask about each paper without a certain match.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would be filled, and change nothing.")] = False,
    allow_private: Annotated[bool, typer.Option("--allow-private", help="Allow URLs in your own network.")] = False,
) -> None:
    """Look up missing arXiv IDs, DOIs, URLs and abstracts.

    All papers that lack an identifier, authors or an abstract, or those of them that match QUERY, are looked up at
    arXiv and Crossref: by arXiv ID or DOI, else by title and authors. Only empty fields are filled. The reason for each
    match is printed; papers without a certain match are listed and not changed. arXiv allows one request every 3
    seconds. The command can be interrupted; run it again to continue.
    """
    if ask and not can_ask():
        raise UsageError("--ask needs a terminal")
    library = open_library(context)
    papers = [hit.entry.paper for hit in print_notices(library.find(query)).hits]
    from readlist.library.filling import Filler
    from readlist.loaders.resolve.client import ServiceUnavailable

    filler = Filler(library, build_lookup(private=allow_private), dry_run=dry_run)
    try:
        with progress_bar() as progress:
            filler.run(papers, progress)
        if ask:
            _ask(filler)
    except ServiceUnavailable as failure:
        raise ReadlistError(f"{failure}; {_CONTINUE}") from None
    except BaseException:
        info(f"Not all papers were looked up; {_CONTINUE}")
        raise
    finally:
        _print_report(filler, dry_run=dry_run)


def _ask(filler: "Filler") -> None:
    """Let the user decide about the papers without a certain match."""
    for unsure in list(filler.unsure):
        info(f"Candidates for {unsure.paper.id} {_describe_paper(unsure.paper)}:")
        for match in unsure.candidates:
            info(_describe_match(match))
            if confirm("  Is it the same paper?"):
                filler.accept(unsure, match)
                break


def _print_report(filler: "Filler", *, dry_run: bool) -> None:
    """Print the filled fields and the reason for each match, the papers without a match, and the numbers of papers."""
    rows = [
        (filled.paper.id, ", ".join(filled.fields), filled.reason, filled.fields.get("title", filled.paper.title))
        for filled in filler.filled
    ]
    with contextlib.nullcontext() if dry_run else contextlib.suppress(ReadlistError):  # what is saved is no failure
        emit(map(tsv_line, rows))
    for unsure in filler.unsure:
        info(f"No certain match: {unsure.paper.id} {_describe_paper(unsure.paper)}")
        for match in unsure.candidates:
            info(_describe_match(match))
    for skipped in filler.skipped[:MAX_SKIPPED]:
        info(f"Not filled: {skipped.paper.id} {skipped.paper.title}: {skipped.reason}")
    if len(filler.skipped) > MAX_SKIPPED:
        info(f"Not filled: {plural(len(filler.skipped) - MAX_SKIPPED, 'more paper')}")
    summary = _summarize(filler)
    if dry_run:
        info(f"Dry run, nothing was changed: {summary}")
    elif filler.steps:
        success(summary, filler.steps)
    else:
        info(summary)


def _summarize(filler: "Filler") -> str:
    """Return what a run did: `12 papers filled, 3 without a certain match, 40 not filled`."""
    counts = [(len(filler.unsure), "without a certain match"), (len(filler.skipped), "not filled")]
    others = [f"{count:,} {state}" for count, state in counts if count]
    if not filler.incomplete:
        return "Nothing to look up: no matching paper lacks an identifier, authors or an abstract"
    return ", ".join([f"{plural(len(filler.filled), 'paper')} filled", *others])


def _describe_paper(paper: "Paper") -> str:
    authors = list_some(paper.authors, _MAX_NAMES)
    return f"{paper.title} ({authors})" if authors else paper.title


def _describe_match(match: "Match") -> str:
    return f"  {match.identifier}  {_describe_paper(match.paper)}: {match.describe()}"
