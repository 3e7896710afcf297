"""The global options, which may stand before or after the command."""

from __future__ import annotations

from collections.abc import Sequence

from readlist.errors import UsageError


def split_global_options(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the global options among `words`, as `--home=DIR` and `--debug`, and the other words.

    Typer accepts the options of a group only before the command. What follows `--` is never an option. Raises
    UsageError for a `--home` without a directory.
    """
    found: list[str] = []
    others: list[str] = []
    rest = iter(words)
    for word in rest:
        if word == "--":
            others += [word, *rest]
        elif word == "--home":
            directory = next(rest, None)
            if directory is None:
                raise UsageError("--home is incomplete; write: --home DIR")
            found.append(f"--home={directory}")
        elif word == "--debug" or word.startswith("--home="):
            found.append(word)
        else:
            others.append(word)
    return found, others
