"""Commands that hand a list on: export."""

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from readlist.cli.home import open_library
from readlist.cli.output import say, write
from readlist.cli.query import QueryCommand, explained, takes_query
from readlist.errors import ReadlistError, UsageError
from readlist.exports import EXPORTERS

if TYPE_CHECKING:
    from readlist.search.query import Query

app = typer.Typer(rich_markup_mode=None)


@app.command(cls=QueryCommand)
@takes_query
def export(
    context: typer.Context,
    query: "Query",
    to: Annotated[str, typer.Option("--to", metavar="|".join(EXPORTERS), help="The format.")] = "markdown",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to FILE, not to stdout.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite FILE.")] = False,
) -> None:
    """Export all papers, or those that a query finds.

    The newest digest comes first.
    """
    if to not in EXPORTERS:
        raise UsageError(f"no such format: {to}; there are {', '.join(EXPORTERS)}")
    library = open_library(context)
    found = explained(library.find(query, ranked=False))
    pieces = EXPORTERS[to](hit.entry for hit in found.hits)
    if output is None or str(output) == "-":
        write(pieces)
    else:
        if library.owns(output):
            raise ReadlistError(f"{output} is the library's own; nothing was written")
        _write_file(output, pieces, force=force)
        say(f"{found.total:,} paper{'s' * (found.total != 1)} exported to {output}")


def _write_file(path: Path, pieces: Iterable[str], *, force: bool) -> None:
    """Write all or nothing: what stood there goes only when the new file is whole."""
    try:
        path = path.resolve()
        if path.exists() and not force:
            raise FileExistsError  # noqa: TRY301 -- told below, as where it came to be meanwhile
        if path.exists() and not path.is_file():
            raise ReadlistError(f"{path} is no file; without -o the list goes to stdout")
        with _half(path) as half:
            half.writelines(pieces)
            half.close()
            _put(Path(half.name), path, force=force)
    except FileExistsError:
        raise ReadlistError(f"{path} exists; --force overwrites it") from None
    except OSError as error:
        raise ReadlistError(f"{path}: {error.strerror}") from error
    except RuntimeError as error:  # a link that leads to itself
        raise ReadlistError(str(error)) from error


@contextlib.contextmanager
def _half(path: Path) -> Iterator[TextIO]:
    """A file beside `path` to be written, which is gone afterwards."""
    half = path.with_name(f".{os.getpid()}.half")
    half.unlink(missing_ok=True)  # of one who was killed
    with half.open("x", encoding="utf-8", newline="") as file:
        try:
            yield file
        finally:
            half.unlink(missing_ok=True)


def _put(half: Path, path: Path, *, force: bool) -> None:
    """Give the whole file its name; without `force` only where there still is none of this name."""
    if not force:
        try:
            path.hardlink_to(half)
        except FileExistsError:
            raise
        except OSError:  # a disk that knows no links
            half.replace(path)
    else:
        half.replace(path)
