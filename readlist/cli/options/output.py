"""Options for the output of commands that read: --json and --limit."""

from __future__ import annotations

from typing import Annotated

import typer

from readlist.cli.output import on_terminal

PAPERS_ON_TERMINAL = 20
"""Papers that search and list print on a terminal by default: what fits on a screen."""
SUGGESTIONS_ON_TERMINAL = 5
"""Papers that next and similar print on a terminal by default: enough to choose from at a glance."""

_LIMIT_HELP = "Maximum number of papers, 0 for all. Default: {} on a terminal, all in a pipe."

JSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]
LIMIT = Annotated[
    int | None, typer.Option("--limit", "-n", metavar="N", min=0, help=_LIMIT_HELP.format(PAPERS_ON_TERMINAL))
]
SUGGESTION_LIMIT = Annotated[
    int | None, typer.Option("--limit", "-n", metavar="N", min=0, help=_LIMIT_HELP.format(SUGGESTIONS_ON_TERMINAL))
]


def _configured_limit(default_on_terminal: int) -> int:
    """Return the setting `limit`, which is that of today, list and search; suggestions stay few."""
    from readlist.cli.config import read_setting

    configured = read_setting("limit") if default_on_terminal == PAPERS_ON_TERMINAL else None
    return int(configured) if configured else default_on_terminal


def effective_limit(limit: int | None, default_on_terminal: int, *, json: bool) -> int | None:
    """Return how many papers to print; None is all."""
    if limit is None and on_terminal() and not json:
        return _configured_limit(default_on_terminal) or None
    return limit or None
