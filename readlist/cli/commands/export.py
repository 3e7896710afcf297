"""The command that writes papers in another format: export."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from readlist.cli.context import open_library, print_if_intact
from readlist.cli.files import duplicate_descriptor, write_descriptor, write_file
from readlist.cli.options.handout import HandoutOptions, handout_options, report_missing_recipient, require_format
from readlist.cli.options.query import QueryCommand, describe_no_match, find_id_terms, print_notices, query_options
from readlist.cli.options.sort import SORT, choose_order
from readlist.cli.output import emit_data, error, info
from readlist.errors import ReadlistError, UsageError
from readlist.exporters.handout import GROUPINGS, group_by_person, group_entries
from readlist.exporters.registry import (
    EXPORTERS,
    HANDOUT_FORMATS,
    SUFFIXES,
    Format,
    export_handout,
    find_format,
    load_citation_exporter,
    load_exporter,
)
from readlist.models import NEWEST
from readlist.text import plural

if TYPE_CHECKING:
    from readlist.exporters.handout import Handout, Section
    from readlist.library.library import Library
    from readlist.models import Entry
    from readlist.query_results import SearchResult
    from readlist.search.query.ast import Query

app = typer.Typer(rich_markup_mode=None)

_FORMATS = ", ".join(EXPORTERS)
_DEFAULT = "markdown"
_DEFAULT_GROUPING = "date"
_BYTE_ORDER_MARK = "\ufeff"


@app.command(cls=QueryCommand)
@query_options
@handout_options
def export(
    context: typer.Context,
    query: "Query",
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="FORMAT", help=f"One of {_FORMATS}; else by the suffix of FILE, else {_DEFAULT}."),
    ] = None,
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="FILE", help="Write to FILE, not to stdout.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite FILE.")] = False,
    split: Annotated[
        str | None,
        typer.Option(
            metavar="DIR", help="Write or update one Markdown file per paper in DIR; text that you added is kept."
        ),
    ] = None,
    sort: SORT = None,
    group_by: Annotated[
        str | None,
        typer.Option(
            "--group-by",
            metavar="|".join(GROUPINGS),
            help=f"Headings of {', '.join(HANDOUT_FORMATS)}; default: {_DEFAULT_GROUPING}.",
        ),
    ] = None,
    no_notes: Annotated[bool, typer.Option("--no-notes", help="Leave out your notes.")] = False,
    bom: Annotated[
        bool, typer.Option("--bom", help="Begin CSV with a byte order mark, by which Excel recognizes UTF-8.")
    ] = False,
    *,
    handout: HandoutOptions,
) -> None:
    """Export papers to another format.

    All papers, or those that match QUERY, newest digest first unless --sort says otherwise.
    """
    if "" in {output, split}:
        raise UsageError(f"empty value for {'--split' if split == '' else '--output'}; pass a path")
    path = Path(output) if output and output != "-" else None
    format_ = _choose_format(to, path)
    if split and (output or format_.name != _DEFAULT):
        raise UsageError("--split writes Markdown files into DIR; omit --output and --to")
    if bom and format_.name != "csv":
        raise UsageError(f"--bom is for CSV, not for {format_.name}; add --to csv or omit --bom")
    options = _build_handout(handout, group_by, format_, is_split=bool(split))
    descriptor = duplicate_descriptor(path) if path else None
    library = open_library(context)
    if (target := Path(split) if split else path) and library.contains_path(target):
        raise ReadlistError(f"cannot export into the library's own directories: {target}; choose another path")
    result = print_notices(library.find(query, order=choose_order(context, library, sort, NEWEST)))
    _report_match(context, library, query, result)
    entries: Iterable[Entry] = (hit.entry for hit in result.hits)
    if no_notes:
        entries = map(_without_note, entries)
    if split:
        _split(Path(split), entries)
        return
    if options:
        pieces = export_handout(format_.name, _group(library, query, entries, group_by or _DEFAULT_GROUPING), options)
    else:
        pieces = _export(library, format_, entries)
    if _write(_prepend(_BYTE_ORDER_MARK, pieces) if bom else pieces, path, descriptor, force=force):
        info(f"Exported {plural(result.total, 'paper')} to {path}")
    elif not path and options and result.total:
        report_missing_recipient(options)


def _group(library: "Library", query: "Query", entries: "Iterable[Entry]", grouping: str) -> "list[Section]":
    if grouping == "person":
        return group_by_person(entries, library.match_people(query))
    return group_entries(entries, grouping)


def _report_match(context: typer.Context, library: "Library", query: "Query", result: "SearchResult") -> None:
    """Print that no paper matches, or that numbers which some papers contain are not taken as IDs."""
    if not result.total:
        print_if_intact(context, describe_no_match(library, query, result))
    elif ids := find_id_terms(library, query):
        info(f"Numbers in a query are text. To select papers by ID: {ids}")


def _build_handout(
    handout: HandoutOptions, group_by: str | None, format_: Format, *, is_split: bool
) -> "Handout | None":
    """Return the handout that the options describe, None for another format. Raises UsageError as they do."""
    format_name = "--split" if is_split else format_.name
    handout.check_format(format_name)
    if group_by is not None:
        require_format("--group-by", format_name)
        if group_by not in GROUPINGS:
            raise UsageError(f"unknown grouping: {group_by}; use one of: {', '.join(GROUPINGS)}")
    return handout.build(format_name) if format_name in HANDOUT_FORMATS else None


def _write(pieces: Iterable[str], path: Path | None, descriptor: int | None, *, force: bool) -> bool:
    """Write to stdout, a file or a descriptor; return whether a file or descriptor has all of it."""
    if path is None:
        emit_data(pieces)
        return False
    if descriptor is None:
        write_file(path, pieces, force=force)
        return True
    return write_descriptor(descriptor, path, pieces)


def _choose_format(name: str | None, path: Path | None) -> Format:
    """Return the format that --to names, else that of the suffix of the file, else the default."""
    suffix = path.suffix.lower() if path else ""
    if name is None and suffix:
        if format_ := SUFFIXES.get(suffix):
            return format_
        raise UsageError(f"no format has the suffix {suffix}: {path}; add --to with one of: {_FORMATS}")
    if format_ := find_format(name or _DEFAULT):
        return format_
    raise UsageError(f"unknown format: {name}; use one of: {_FORMATS}")


def _without_note(entry: "Entry") -> "Entry":
    return entry._replace(mark=entry.mark._replace(note="", note_at=None))


def _export(library: "Library", format_: Format, entries: "Iterable[Entry]") -> Iterator[str]:
    if not format_.has_keys:
        return load_exporter(format_.name)(entries)
    from readlist.exporters.citation_keys import lacks_author_name

    entries = tuple(entries)
    papers = [entry.paper for entry in entries]
    if count := sum(map(lacks_author_name, papers)):
        hint = 'to transliterate names: pip install "readlist[citations]"'
        info(f"{plural(count, 'citation key')} without the author's name, which is not in Latin letters; {hint}")
    return load_citation_exporter(format_.name)(entries, library.citation_keys(papers))


def _prepend(first: str, pieces: Iterator[str]) -> Iterator[str]:
    yield first
    yield from pieces


def _split(directory: Path, entries: "Iterable[Entry]") -> None:
    from readlist.cli.vault import update_vault

    counts, problems = update_vault(directory, entries)
    for problem in problems:
        error(str(problem))
    (state, written), *others = counts.items()
    info(", ".join([f"{plural(written, 'file')} {state}", *(f"{count:,} {state}" for state, count in others)]))
    if problems:
        raise typer.Exit(1)
