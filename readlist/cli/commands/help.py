"""The command that helps: help, help COMMAND, and help query for the query language."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from readlist.cli.output import write
from readlist.errors import UsageError

QUERY_PAGE = """\
Queries are the same in search, list, next, tags, stats, export and --where:

  kl penalty               both words, in any field and either language
  "kl penalty"             the words side by side
  grpo OR dpo              one of them; AND, OR and NOT are in capitals
  reasoning -distillation  the first word without the second
  (grpo OR dpo) math       parentheses group
  title:scaling            in one field: title author tag abstract comment note
  author:"sergey levine"   a name, either way round
  tag:rl -tag:math         tags; case, - and _ make no difference
  is:unread                unread reading read skipped starred
  has:note                 note abstract tag arxiv url
  date:2025-05..           in digests of these days: 2025, 7d, today, A..B, ..B
  read:7d                  ticked off then; added:2025 is when it first came
  id:15-18                 by number; key: arxiv: url: by other names
  @fresh                   as saved by: readlist query save fresh is:unread

A misspelt word is corrected, and a Korean stem finds longer words; in quotes
they are taken to the letter. A shell keeps quotes and parentheses to itself:
  readlist search '"kl penalty" (grpo OR dpo)'
Options say the same: --tag rl --author levine --unread --since 2025-05
"""

app = typer.Typer(rich_markup_mode=None)


@app.command("help")
def help_(
    context: typer.Context,
    command: Annotated[
        list[str] | None, typer.Argument(metavar="[COMMAND]...", help="A command, or query.", show_default=False)
    ] = None,
) -> None:
    """Help with readlist, with one of its commands, or with queries: readlist help query."""
    if command == ["query"]:
        write([QUERY_PAGE])
    else:
        write([_of_command(context.parent, command or []), "\n"])


def _of_command(context: Any, words: list[str]) -> str:
    """What --help behind these words prints."""
    names = [" ".join(words)] if " ".join(words) in context.command.list_commands(context) else words
    for name in names:
        group = context.command
        found = group.get_command(context, name) if hasattr(group, "list_commands") else None
        if found is None:
            raise UsageError(f"no such command: {' '.join(words)}; see readlist help")
        context = typer.Context(found, parent=context, info_name=name)
    return str(context.get_help())
