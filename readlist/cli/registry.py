"""The table of commands, from which everything that lists commands is derived.

Read by `app` (names, lazy import, summaries in `--help`), `completion`, `help`, the man page and the tests. It imports
no command: `--help` and shell completion need the table alone. A command that is not in this table does not exist.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Command(NamedTuple):
    """One command.

    `name` is what a user types, of one or two words; `module` is the module of `cli.commands` that defines it under
    this name; `summary` is one sentence, at most 60 characters, so that it fits on a line of `--help` in 80 columns;
    `example` is an invocation without the leading `readlist`; `group` is the heading under which `--help` lists it.
    `changes` says that the command changes the library: it waits at most 10 seconds for other processes, in all.
    `has_symbols` says that it shows papers with the symbols of `views.symbols`, which its help then explains.
    """

    name: str
    module: str
    summary: str
    example: str
    group: str
    changes: bool = False
    has_symbols: bool = False


_TABLE = (
    Command("load", "load", "Load papers from files, directories, URLs or stdin.", "load seeds", "Add", changes=True),
    Command("add", "add", "Add papers by arXiv ID, DOI, URL or title.", "add 2502.06781", "Add", changes=True),
    Command("update", "load", "Load what is new in all sources.", "update", "Add", changes=True),
    Command(
        "fetch", "fetch", "Look up missing arXiv IDs, DOIs, URLs and abstracts.", "fetch date:7d", "Add", changes=True
    ),
    Command("sources", "sources", "List the sources that update reads again.", "sources", "Add"),
    Command(
        "sources forget",
        "sources",
        "Remove a source from update; its papers are kept.",
        "sources forget seeds",
        "Add",
        changes=True,
    ),
    Command("digests", "digests", "List the loaded digests, the newest first.", "digests --json", "Add"),
    Command("today", "today", "Show new, due, queued and recent unread papers.", "today", "Find"),
    Command(
        "search",
        "search",
        "Find papers by any words, best match first.",
        'search "quantizd training"',
        "Find",
        has_symbols=True,
    ),
    Command(
        "list",
        "search",
        "List papers, newest digest first.",
        "list tag:rl --unread --since 7d",
        "Find",
        has_symbols=True,
    ),
    Command("show", "show", "Show papers in full: abstract, comments, links, note.", "show 12", "Find"),
    Command("open", "open", "Open papers in the web browser.", "open 12 --mark reading", "Find"),
    Command("next", "next", "Suggest what to read next, with reasons.", "next tag:rl", "Find", has_symbols=True),
    Command("similar", "next", "Find the papers most similar to given papers.", "similar 12", "Find", has_symbols=True),
    Command("browse", "browse", "Read, mark, note and tag papers in a full-screen view.", "browse is:unread", "Find"),
    Command("tags", "tags", "Count the tags of all papers or of a query's matches.", "tags is:unread", "Find"),
    Command("stats", "stats", "Show reading statistics.", "stats tag:rl", "Find"),
    Command("words", "words", "List your synonyms.", "words --json", "Find"),
    Command(
        "words add",
        "words",
        "Define words that mean the same in a search.",
        "words add pretraining = 사전학습",
        "Find",
        changes=True,
    ),
    Command(
        "words delete", "words", "Delete a word from its synonyms.", "words delete pretraining", "Find", changes=True
    ),
    Command("read", "mark", "Mark papers as read.", "read 12 15-18", "Mark", changes=True),
    Command("unread", "mark", "Mark papers as unread.", "unread 12", "Mark", changes=True),
    Command("reading", "mark", "Mark papers as reading.", "reading 12", "Mark", changes=True),
    Command(
        "skip", "mark", "Mark papers as skipped.", 'skip --where "tag:vision date:..2025-01"', "Mark", changes=True
    ),
    Command("star", "mark", "Star papers.", "star 12", "Mark", changes=True),
    Command("unstar", "mark", "Remove the star from papers.", "unstar 12", "Mark", changes=True),
    Command("later", "later", "Queue papers, or postpone them until a date.", "later 12 monday", "Mark", changes=True),
    Command(
        "note", "note", "Add to the note on a paper, or edit it.", 'note 12 "compare with MXFP4"', "Mark", changes=True
    ),
    Command(
        "tag",
        "tag",
        "Add tags to papers, or remove them.",
        "tag 12 --add to-try --remove quantization",
        "Mark",
        changes=True,
    ),
    Command(
        "tags rename",
        "tags",
        "Rename a tag on every paper.",
        "tags rename rl reinforcement-learning",
        "Mark",
        changes=True,
    ),
    Command(
        "edit",
        "edit",
        "Correct title, authors, date, links or abstract.",
        'edit 12 --date 2025-05-28 --url ""',
        "Change",
        changes=True,
    ),
    Command("merge", "merge", "Merge two entries of the same paper.", "merge 12 13", "Change", changes=True),
    Command("delete", "delete", "Delete papers; later loads leave them out.", "delete 12", "Change", changes=True),
    Command("export", "export", "Export papers to another format.", "export tag:rl --to html -o rl.html", "Share"),
    Command("query", "query", "List the saved queries.", "query --json", "Share"),
    Command(
        "query save",
        "query",
        "Save a query under a name, for use as @NAME.",
        "query save fresh is:unread -tag:math",
        "Share",
        changes=True,
    ),
    Command("query show", "query", "Print a saved query.", "query show fresh", "Share"),
    Command("query delete", "query", "Delete a saved query.", "query delete fresh", "Share", changes=True),
    Command(
        "sync",
        "sync",
        "Sync the library with your other machines, or a lab.",
        "sync ~/papers.git",
        "Share",
        changes=True,
    ),
    Command("undo", "history", "Undo the last command, or the last N commands.", "undo 2", "Keep", changes=True),
    Command("redo", "history", "Redo the last undone command, or the last N.", "redo", "Keep", changes=True),
    Command("history", "history", "List the commands that can be undone or redone.", "history", "Keep"),
    Command("doctor", "doctor", "Check the library for problems; --fix repairs them.", "doctor --fix", "Keep"),
    Command("backup", "backup", "List the backups, the newest first.", "backup", "Keep"),
    Command(
        "backup restore", "backup", "Restore marks or papers from a backup.", "backup restore", "Keep", changes=True
    ),
    Command("config", "config", "List the settings, print one, or change one.", "config limit 50", "Keep"),
    Command("completion", "completion", "Print the completion script for a shell.", "completion bash", "Keep"),
    Command("help", "help", "Show help on a command or topic.", "help query", "Keep"),
)
COMMANDS: Mapping[str, Command] = {command.name: command for command in _TABLE}
"""Every command by its name, in the order of `--help`."""
ALIASES: Mapping[str, str] = {"query list": "query", "words list": "words", "backup list": "backup"}
"""Names that mean the same as a command of the table."""
COLLECTING = frozenset({"load", "add", "update", "fetch", "sync", "browse"})
"""Commands that run with the garbage collector: they last as long as a user, a server or the input decides."""


def find_command(words: list[str]) -> tuple[str, int]:
    """Return the name of the command that `words` begin with, and of how many words it is; ("", 0) where there is none.

    A name of two words wins: `tags rename` is never the command `tags` with the query "rename".
    """
    for length in (2, 1):
        name = " ".join(words[:length])
        if len(words) >= length and ALIASES.get(name, name) in COMMANDS:
            return ALIASES.get(name, name), length
    return "", 0


def list_subcommands(name: str) -> list[str]:
    """Return the second words that may follow a command: `["list", "save", "show", "delete"]` for "query"."""
    names = (full.partition(" ") for full in (*ALIASES, *COMMANDS))
    return [second for first, _, second in names if second and first == name]
