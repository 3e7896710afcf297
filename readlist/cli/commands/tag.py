"""The command that adds and removes the user's own tags: tag."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated

import typer

from readlist import edits
from readlist.cli.change_report import ChangeTexts, report_change
from readlist.cli.context import open_library
from readlist.cli.options.items import OPTIONAL_ITEMS, WHERE, YES, raise_if_missing, select_papers
from readlist.errors import ReadlistError, UsageError
from readlist.text import fold_tag

app = typer.Typer(rich_markup_mode=None)


@app.command()
def tag(
    context: typer.Context,
    items: OPTIONAL_ITEMS = None,
    add: Annotated[list[str] | None, typer.Option("--add", "-a", metavar="TAG", help="A tag to add.")] = None,
    remove: Annotated[list[str] | None, typer.Option("--remove", "-r", metavar="TAG", help="A tag to remove.")] = None,
    where: WHERE = None,
    yes: YES = False,
) -> None:
    """Add tags to papers, or remove them."""
    if not add and not remove:
        raise UsageError("no tags given; write: readlist tag ITEM --add TAG --remove TAG")
    library = open_library(context)
    selected = select_papers(library, items, where, yes=yes)
    changed = library.apply(edits.EditTags.parse(add=add or (), remove=remove or ()), selected.papers).entries
    aliases: Mapping[str, str] = {}
    with suppress(ReadlistError):  # the change is saved: the names in its message do not let it fail
        aliases = library.definitions().renamed_tags
    add, remove = ([aliases.get(fold_tag(name), name) for name in names or ()] for names in (add, remove))
    report_change(library, changed, selected.papers, _describe(add, remove))
    raise_if_missing(selected)


def _describe(add: list[str], remove: list[str]) -> ChangeTexts:
    added, removed = (" ".join(f"#{name.lstrip('#')}" for name in names) for names in (add, remove))
    if not remove:
        action, state = f"Added {added}", f"tagged {added}"
    elif not add:
        action, state = f"Removed {removed}", f"without {removed}"
    else:
        action, state = f"Added {added} and removed {removed}", f"tagged {added}, without {removed}"
    return ChangeTexts(action, f"{action} on", "", state)
