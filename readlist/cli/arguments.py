"""The global options, which may be given before or after the command."""

from __future__ import annotations

from collections.abc import Sequence

from readlist.errors import UsageError

PATH_METAVARS = frozenset({"file", "dir", "source", "path"})
"""What parameters are called whose values are paths, which may have bytes that are not UTF-8."""


def split_global_options(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the global options among `words`, as `--home=DIR`, `--debug` and `--no-pager`, and the other words.

    Typer accepts the options of a group only before the command. What follows `--` is never an option. Raises
    UsageError for a `--home` without a directory.
    """
    options: list[str] = []
    others: list[str] = []
    rest = iter(words)
    for word in rest:
        if word == "--":
            others += [word, *rest]
        elif word == "--home":
            directory = next(rest, None)
            if directory is None or directory.startswith("-"):
                raise UsageError("--home needs a directory; write: --home DIR")
            options.append(f"--home={directory}")
        elif word in {"--debug", "--no-pager"} or word.startswith("--home="):
            options.append(word)
        else:
            others.append(word)
    return options, others
