"""The small tables: tags, digests, sources, saved queries, synonyms, backups, history, settings.

Also the layout that all tables share.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from readlist.dates import to_local
from readlist.redaction import redact_digest_name, redact_url, redact_urls
from readlist.text import clean, plural

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Sequence

    from rich.console import Console, ConsoleOptions, RenderableType

    from readlist.counts import BackupCount, DigestCount, SourceCount, TagCount
    from readlist.definitions import SavedQuery, Synonyms

_ANY_WIDTH = 10_000
"""Cells in which every table fits."""


def new_table(*, show_header: bool = True) -> Table:
    """Return an empty table without borders, with a gap of two cells between columns."""
    return Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim", show_header=show_header)


class NamesTable:
    """A table with names that users copy to a command line; a name is broken only where it is longer than a line.

    Where `table` is too wide, each name has a line of its own above its details; `rows` are (name, details).
    """

    def __init__(self, table: Table, rows: Sequence[tuple[Text, Sequence[str]]]) -> None:
        self._table = table
        self._rows = rows

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """Yield the table, or the lines."""
        if console.measure(self._table, options=options.update(width=_ANY_WIDTH)).maximum <= options.max_width:
            yield self._table
            return
        for name, details in self._rows:
            yield name
            yield Padding(Text("  ".join(filter(None, details)), "dim"), (0, 0, 0, 2))


def tags_table(tags: Sequence[TagCount]) -> RenderableType:
    """Return one row per tag: how many papers have it, and how many of them are unread."""
    return _counts_table("tag", ((f"#{clean(count.tag)}", count.papers, count.unread, "") for count in tags))


def digests_table(digests: Sequence[DigestCount]) -> RenderableType:
    """Return one table per source, with one row per digest: its date, papers, unread papers and file."""
    by_source: dict[str, list[DigestCount]] = {}
    for count in digests:
        by_source.setdefault(count.location, []).append(count)
    return Group(*chain.from_iterable(_source_blocks(*item) for item in by_source.items()))


def _source_blocks(location: str, digests: Sequence[DigestCount]) -> Iterator[RenderableType]:
    loaded_at = max((count.loaded_at for count in digests if count.loaded_at), default=None)
    loaded = f"  loaded {_minute(loaded_at)}" if loaded_at else ""
    yield Text.assemble((redact_url(clean(location)) or "source unknown", "bold"), (loaded, "dim"))
    rows = (
        (str(c.digest.date or "undated"), c.papers, c.unread, redact_digest_name(clean(c.digest.source)))
        for c in digests
    )
    yield _counts_table("digest", rows, "source")


def _counts_table(name_header: str, rows: Iterable[tuple[str, int, int, str]], last_header: str = "") -> RenderableType:
    """Return a table of (name, papers, unread, last); the last column is left out without a header."""
    table = new_table()
    table.add_column(name_header, overflow="fold")
    table.add_column("papers", justify="right", no_wrap=True)
    table.add_column("unread", justify="right", no_wrap=True)
    if last_header:
        table.add_column(last_header, style="dim", overflow="fold")
    for name, papers, unread, last in rows:
        cells = [Text(name), Text(f"{papers:,}"), Text(f"{unread:,}")]
        table.add_row(*cells, *([Text(last)] if last_header else []), style="" if unread else "dim")
    return table


def sources_table(sources: Iterable[SourceCount]) -> RenderableType:
    """Return one row per source: its kind, number of papers, time of the last load, location and query, if any."""
    sources = list(sources)
    rows = []
    has_query = any(source.only for source in sources)
    table = new_table()
    table.add_column("kind", no_wrap=True)
    table.add_column("papers", justify="right", no_wrap=True)
    table.add_column("loaded", style="dim", no_wrap=True)
    table.add_column("source", overflow="fold")
    if has_query:
        table.add_column("only", overflow="fold")
    for source in sources:
        loaded = _minute(source.loaded_at) if source.loaded_at else ""
        location = Text(redact_url(clean(source.location)), overflow="fold")
        query = clean(source.only)
        table.add_row(source.kind, f"{source.papers:,}", loaded, location, *([Text(query)] if has_query else []))
        details = (plural(source.papers, "paper"), loaded and f"loaded {loaded}", query and f"only {query}")
        rows.append((location, (source.kind, *details)))
    return NamesTable(table, rows)


def queries_table(queries: Iterable[SavedQuery]) -> RenderableType:
    """Return one row per saved query: its name and its text."""
    table = new_table(show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(style="dim", overflow="fold")
    for query in queries:
        table.add_row(Text(f"@{clean(query.name)}"), Text(clean(query.text)))
    return table


def synonyms_table(groups: Iterable[Synonyms]) -> RenderableType:
    """Return one row per group of synonyms: its first word and the others."""
    table = new_table()
    table.add_column("word", overflow="fold")
    table.add_column("synonyms", overflow="fold")
    for group in groups:
        first, *others = map(clean, group.words)
        table.add_row(Text(first), Text(" = ".join(others)))
    return table


def backups_table(backups: Sequence[BackupCount]) -> RenderableType:
    """Return one row per backup: when it was saved, its content, its size, and its name for `backup restore`."""
    from rich.filesize import decimal  # only this table needs it

    table = new_table()
    table.add_column("saved", no_wrap=True)
    table.add_column("contents", justify="right", no_wrap=True)
    table.add_column("size", justify="right", no_wrap=True)
    table.add_column("name", style="dim", overflow="fold")
    rows = []
    for backup in backups:
        saved, size, name = f"{to_local(backup.at):%Y-%m-%d %H:%M:%S}", decimal(backup.size), Text(backup.name)
        noun = backup.name.partition(".")[0].removesuffix("s")  # papers.json/20261121T134512Z
        contents = Text("corrupt", "red") if backup.records is None else Text(plural(backup.records, noun))
        table.add_row(saved, contents, size, name)
        rows.append((name, (saved, str(contents), size)))
    return NamesTable(table, rows)


def history_table(entries: Iterable[tuple[dt.datetime, str, bool, bool]]) -> RenderableType:
    """Return one row per history entry, given as (time, description, whether it is not undone, whether unattended)."""
    table = new_table(show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for at, description, is_done, is_unattended in entries:
        states = ["unattended"] * is_unattended + ["undone"] * (not is_done)
        command = redact_urls(clean(description)) + (f" ({', '.join(states)})" if states else "")
        text = Text(command, "" if is_done else "dim")
        table.add_row(_minute(at), text)
    return table


def settings_table(settings: Iterable[tuple[str, str, str, bool]], path: str) -> RenderableType:
    """Return one row per setting, given as (key, value, origin, whether it is set), and the path of the file below."""
    table = new_table()
    table.add_column("key", no_wrap=True)
    table.add_column("value", overflow="fold")
    table.add_column("from", style="dim", overflow="fold")
    for key, value, origin, is_set in settings:
        table.add_row(key, Text(clean(value), "" if is_set else "dim"), Text(clean(origin)))
    return Group(table, Text(f"File: {clean(path)}", "dim"))


def _minute(time: dt.datetime) -> str:
    """Return a time in the local time zone, to the minute."""
    return f"{time.astimezone():%Y-%m-%d %H:%M}"
