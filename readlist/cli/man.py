r"""The man page, generated from the registry, the commands' own options and the help topics.

`readlist help --man` prints it; readlist/help/readlist.1 is a copy of that output, which the wheel installs as
share/man/man1/readlist.1.

Environment variables and exit codes are in the topics `data` and `scripts`. Of troff's requests it uses .TH .SH .SS .TP
.PP .IP .EX and .EE, and in text \fB \fI \fR.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import readlist
from readlist.cli.registry import COMMANDS
from readlist.cli.topics import Topic, read_topics


def man_page(root: Any) -> Iterator[str]:
    """Yield the page in pieces; `root` is the Typer context of the application."""
    for line in _lines(root):
        yield f"{line}\n"


def _lines(root: Any) -> Iterator[str]:
    yield f'.TH READLIST 1 "" "readlist {readlist.__version__}" "User Commands"'
    yield from (".SH NAME", r"readlist \- a reading list of research papers, loaded from daily digests")
    yield from (".SH SYNOPSIS", r"\fBreadlist\fR [\fIOPTIONS\fR] \fICOMMAND\fR [\fIARGS\fR]...")
    yield from (".SH OPTIONS", *_format_definitions(_describe_parameters(root.command, root)))
    yield from _format_definitions({"-h, --help": "Print help, also after a command."})
    group = ""
    for entry in COMMANDS.values():
        if entry.group != group:
            group = entry.group
            yield f".SH {group.upper()} COMMANDS"
        yield from _format_command(root, entry.name)
    for topic in read_topics().values():
        yield from _format_topic(topic)


def _format_command(root: Any, name: str) -> Iterator[str]:
    import typer

    command = root.command.get_command(root, name)
    context = typer.Context(command, parent=root, info_name=name)
    usage = " ".join(context.get_usage().removeprefix("Usage: ").split())
    yield f".SS {_escape(re.sub('[{}]', '', usage))}"
    for paragraph in str(command.help).split("\n\n"):
        yield from (".PP", _escape(" ".join(paragraph.split())))
    yield from _format_definitions(_describe_parameters(command, context))
    yield from (".PP", f"Example: {_bold(f'readlist {COMMANDS[name].example}')}")


def _describe_parameters(command: Any, context: Any) -> dict[str, str]:
    """Return what --help says of each argument and option of a command, but for --help."""
    records = (param.get_help_record(context) for param in command.get_params(context))
    return {record[0]: record[1] for record in records if record and "--help" not in record[0]}


def _format_definitions(definitions: dict[str, str]) -> Iterator[str]:
    for term, description in definitions.items():
        yield from (".TP", _bold(term), _escape(description))


def _format_topic(topic: Topic) -> Iterator[str]:
    """Convert the Markdown that help topics use: headings, code blocks, tables, bullets, paragraphs."""
    yield f".SH {_escape(topic.name.upper())}: {_escape(topic.summary.upper())}"
    _, _, body = topic.text.partition("\n")
    for block in re.split(r"\n\s*\n", body.strip("\n")):
        yield from _format_block(block.split("\n"))


def _format_block(lines: list[str]) -> Iterator[str]:
    if lines[0].startswith("#"):
        yield f".SS {_escape(lines[0].lstrip('# '))}"
        lines = lines[1:]
    if not lines:
        return
    if lines[0].startswith("|"):
        yield from _format_table(lines)
    elif lines[0].startswith("    "):
        yield from (".PP", ".EX", *map(_escape, lines), ".EE")
    elif re.match(r"[-*] ", lines[0]):
        for item in re.split(r"\n(?=[-*] )", "\n".join(lines)):
            yield from (r".IP \(bu 2", _format_inline(" ".join(item[2:].split())))
    else:
        yield from (".PP", _format_inline(" ".join(map(str.strip, lines))))


def _format_table(lines: list[str]) -> Iterator[str]:
    """Convert a table to a list of definitions: the first column, and what the others say of it."""
    for line in lines[2:]:
        first, *others = (cell.strip() for cell in line.strip().strip("|").split("|"))
        yield from (".TP", _format_inline(first), _format_inline("; ".join(filter(None, others))))


def _format_inline(text: str) -> str:
    """Convert `code`, **bold** and [text](URL) of a paragraph."""
    text = re.sub(r"\[([^]]+)\]\(([^)]+)\)", r"\1 (\2)", text)
    pieces = re.split(r"(?:`([^`]+)`|\*\*([^*]+)\*\*)", text)  # text, code, bold, text, code, bold, …
    converted = (_bold(piece or "") if i % 3 and piece else _escape(piece or "") for i, piece in enumerate(pieces))
    return _guard("".join(converted))


def _bold(text: str) -> str:
    return rf"\fB{_escape(text)}\fR"


def _escape(text: str) -> str:
    """Return text without a meaning in troff, in ASCII."""
    text = text.replace("\\", r"\e").replace("-", r"\-").replace("'", r"\(aq").replace("`", r"\(ga")
    return _guard(re.sub(r"[^\x00-\x7f]", lambda match: rf"\[u{ord(match[0]):04X}]", text))


def _guard(line: str) -> str:
    """Return a line that does not begin with a control character of troff."""
    return rf"\&{line}" if line.startswith((".", "'")) else line
