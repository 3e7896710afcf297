"""The command that adds single papers: add."""

import datetime as dt
from typing import TYPE_CHECKING, Annotated

import typer

from readlist.cli.context import open_library
from readlist.cli.options.authors import parse_authors
from readlist.cli.options.days import parse_day_option
from readlist.cli.output import error, info, success
from readlist.cli.progress import progress_bar
from readlist.cli.services import build_lookup
from readlist.cli.stdin import read_stdin_text
from readlist.errors import NoSuchItem, ReadlistError, UsageError
from readlist.text import clean, normalize_note, plural, require_unicode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from readlist.library.adding import AddedPaper, AddReport, Details
    from readlist.loaders.resolve.items import Item
    from readlist.models import Paper

app = typer.Typer(rich_markup_mode=None)


@app.command()
def add(
    context: typer.Context,
    items: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PAPER]...",
            help="arXiv ID, DOI, URL or title; - reads them from stdin, one per line.",
            show_default=False,
        ),
    ] = None,
    title: Annotated[
        str | None,
        typer.Option(metavar="TITLE", help="Add a paper by hand, without the network; PAPER may identify it."),
    ] = None,
    authors: Annotated[
        str | None, typer.Option(metavar="NAMES", help="Authors of a paper added by hand, separated by ; or ,")
    ] = None,
    date: Annotated[
        str | None, typer.Option(metavar="DATE", help="The day on which it is added, instead of today.")
    ] = None,
    tag: Annotated[
        list[str] | None, typer.Option("--tag", "-t", metavar="TAG", help="Add this tag; repeat it for several.")
    ] = None,
    note: Annotated[str | None, typer.Option(metavar="TEXT", help="Add this text to the note.")] = None,
    allow_private: Annotated[bool, typer.Option("--allow-private", help="Allow URLs in your own network.")] = False,
) -> None:
    """Add papers by arXiv ID, DOI, URL or title.

    Title, authors and abstract come from arXiv, Crossref or the paper's page. A title without a single certain match is
    not added; the candidates are listed. Without a network connection, an arXiv ID, DOI or URL is added alone, and
    readlist fetch or a later digest adds the rest. $READLIST_ARXIV_URL and $READLIST_CROSSREF_URL select other servers.
    """
    details = _parse_details(date, tag or (), note)
    selected = list(_parse_items(items or ()))
    if authors is not None and title is None:
        raise UsageError("--authors needs --title; without --title, authors are looked up")
    if not selected and title is None:
        raise UsageError("no paper to add; pass an arXiv ID, DOI, URL or title, or --title TITLE")
    library = open_library(context)
    from readlist.library.adding import add_items, add_paper

    if title is not None:
        item, paper = _build_paper(selected, title, authors or "")
        report = add_paper(library, item, paper, details)
    else:
        with progress_bar() as progress:
            report = add_items(library, selected, build_lookup(private=allow_private), details, progress)
    _print_report(report, details)


def _parse_details(date: str | None, tags: "Sequence[str]", note: str | None) -> "Details":
    from readlist.edits import MAX_NOTE, parse_tags
    from readlist.library.adding import Details

    text = normalize_note(require_unicode(note or ""))
    if len(text) > MAX_NOTE:
        raise UsageError(f"note is too long: {len(text):,} characters; the maximum is {MAX_NOTE:,}")
    today = dt.date.today()
    day = today if date is None else parse_day_option("--date", date, today)
    return Details(day, parse_tags(tags), text)


def _parse_items(texts: "Sequence[str]") -> "Iterator[Item]":
    """Yield the papers that arguments and stdin name; a title without quotes is several arguments."""
    from readlist.loaders.resolve.items import parse_item

    if len(texts) > 1 and "-" not in texts and all(map(_is_word_of_title, texts)):
        texts = [" ".join(texts)]
    for text in texts:
        if text == "-":
            yield from (parse_item(line) for line in read_stdin_text().splitlines() if line.strip())
        else:
            yield parse_item(text)


def _is_word_of_title(text: str) -> bool:
    """Return whether an argument may be a word of a title and is no identifier: `Tides`, `&`, `2`."""
    from readlist.loaders.resolve.items import parse_item

    try:
        return " " not in text and bool(parse_item(text).title)
    except UsageError:
        return not any(map(str.isalpha, text))


def _build_paper(items: "Sequence[Item]", title: str, authors: str) -> "tuple[Item, Paper]":
    """Return the paper that the user describes, and the item that identifies it."""
    from readlist.loaders.limits import apply_limits
    from readlist.loaders.resolve.items import Item

    if len(items) > 1 or (items and items[0].title):
        raise UsageError("--title describes one paper; pass at most one arXiv ID, DOI or URL with it")
    title = clean(require_unicode(title))
    if not title:
        raise UsageError("--title is empty; pass the title of the paper")
    item = items[0] if items else Item(title, title=title)
    return item, apply_limits(item.stub._replace(title=title, authors=parse_authors(authors)), info)


# The report


def _print_report(report: "AddReport", details: "Details") -> None:
    """Print a line for each item, and raise the error of those that were not added."""
    added = {outcome.paper.id for outcome in report.outcomes if outcome.paper and not outcome.is_known}
    for outcome in report.outcomes:
        if outcome.paper and not outcome.paper.deleted_at:
            _print_paper(outcome, outcome.paper, details, steps=report.steps if len(report.outcomes) == 1 else 0)
        else:
            _print_problem(outcome)
    if len(report.outcomes) > 1 and added:
        success(f"{plural(len(added), 'paper')} added", report.steps)
    not_added = [outcome for outcome in report.outcomes if not outcome.paper or outcome.paper.deleted_at]
    if not_added:
        is_unknown = not any(
            outcome.paper or outcome.answer.candidates or outcome.answer.problem for outcome in not_added
        )
        raise typer.Exit((NoSuchItem if is_unknown else ReadlistError).exit_code)


def _print_paper(outcome: "AddedPaper", paper: "Paper", details: "Details", *, steps: int) -> None:
    """Print whether a paper was added, and what was filled; `steps` is 0 where more lines follow."""
    name = f"{paper.id} {paper.title}"
    if outcome.is_known:
        changes = ["empty fields filled"] * outcome.is_filled
        changes += ["tags added"] * bool(details.tags) + ["note extended"] * bool(details.note)
        message = "; ".join([f"Already in the library: {name}", *changes])
    elif outcome.is_stub:
        message = f"Added without title and authors: {name}: {outcome.answer.problem}; to add them: readlist fetch"
    else:
        message = f"Added: {name}{f' ({outcome.answer.reason})' if outcome.answer.reason else ''}"
    if steps:
        success(message, steps)
    else:
        info(message)


def _print_problem(outcome: "AddedPaper") -> None:
    item, answer, paper = outcome.item, outcome.answer, outcome.paper
    if paper:
        error(f"paper {paper.id} was deleted: {paper.title}; to restore it: readlist delete --restore {paper.id}")
    elif answer.problem:
        error(f"not added: {item.text}: {answer.problem}; try again later, or add it by hand with --title")
    elif answer.candidates:
        error(f"not added: {item.text}: no certain match; add one of these by its ID")
        for match in answer.candidates:
            info(f"  readlist add {match.identifier}  {match.describe_paper()}: {match.describe()}")
    else:
        error(f"no paper found: {item.text}; add it by hand with --title")
