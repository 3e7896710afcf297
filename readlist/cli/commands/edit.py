"""The command that corrects the fields of a paper: edit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from readlist.cli.context import open_library
from readlist.cli.editor import edit_text
from readlist.cli.options.authors import parse_authors
from readlist.cli.options.items import ITEM, find_entry
from readlist.cli.output import info, success
from readlist.cli.paper_form import edited_paper, format_form, parse_corrections
from readlist.errors import UsageError
from readlist.paper_edits import EditPaper, option_name

if TYPE_CHECKING:
    from readlist.library.library import Library
    from readlist.models import Entry, Paper

app = typer.Typer(rich_markup_mode=None)

_FieldOption = str | None


@app.command()
def edit(
    context: typer.Context,
    item: ITEM,
    title: Annotated[_FieldOption, typer.Option("--title", metavar="TEXT", help="The title.")] = None,
    authors: Annotated[
        _FieldOption, typer.Option("--authors", metavar="NAMES", help='All authors: "A. Ada, B. Bob" or "Ada, A.; …".')
    ] = None,
    date: Annotated[_FieldOption, typer.Option("--date", metavar="DATE", help="The date of the newest digest.")] = None,
    url: Annotated[_FieldOption, typer.Option("--url", metavar="URL", help="The paper's own URL.")] = None,
    arxiv: Annotated[_FieldOption, typer.Option("--arxiv", metavar="ID", help="The arXiv ID.")] = None,
    doi: Annotated[_FieldOption, typer.Option("--doi", metavar="DOI", help="The DOI.")] = None,
    abstract: Annotated[_FieldOption, typer.Option("--abstract", metavar="TEXT", help="The abstract.")] = None,
    reset: Annotated[
        bool, typer.Option("--reset", help="Remove all corrections and use the values of the sources.")
    ] = False,
) -> None:
    """Correct title, authors, date, links or abstract.

    Without options the fields open in $VISUAL or $EDITOR. An empty value removes a field: --url "". Corrections are
    kept when the digest is loaded again; --reset removes all of them. To undo the last change: readlist undo.
    """
    if authors and (names := parse_authors(authors)):
        authors = "; ".join((*names, ""))  # a list of one name ends with a semicolon: "OpenAI, Inc.;"
    texts = {"title": title, "authors": authors, "date": date, "url": url, "arxiv_id": arxiv, "doi": doi}
    given = {name: text for name, text in {**texts, "abstract": abstract}.items() if text is not None}
    if given and reset:
        raise UsageError("pass fields or --reset, not both")
    library = open_library(context)
    entry = find_entry(library, item, "edit")
    if given or reset:
        _change(library, entry, EditPaper.parse(given, resets=reset))
    else:
        form = format_form(entry.paper)
        with edit_text(form, edited_paper(entry.paper)) as new:
            _change(library, entry, parse_corrections(form, new))


def _change(library: Library, entry: Entry, edit: EditPaper) -> None:
    if edit.resets and not entry.paper.corrections:
        info(f"No corrections to remove: {entry.paper.id} {entry.paper.title}")
        return
    changed = library.apply(edit, [entry.paper.ref]).entries
    paper = (changed[0] if changed else entry).paper
    if not changed:
        info(f"No change: {paper.id} {paper.title}")
    elif edit.resets:
        success(f"Corrections removed: {paper.id} {paper.title}")
    else:
        names = ", ".join(map(option_name, edit.values))
        success(f"Corrected {names}: {paper.id} {paper.title}")
        for name, label in (("arxiv_id", "arXiv ID"), ("doi", "DOI")):
            if value := edit.values.get(name):
                _report_same(library, paper, f"{option_name(name)}:{value}", label)


def _report_same(library: Library, paper: Paper, identifier: str, label: str) -> None:
    """Print which other paper has the same identifier, which `label` names."""
    for other in library.resolve([identifier]).papers:
        if other != paper.ref:
            ids = " ".join(map(str, sorted((other.id, paper.id))))
            info(f"Paper {other.id} has the same {label}; if they are the same paper: readlist merge {ids}")
