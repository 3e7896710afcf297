"""README.md, the help topics and the contributor documents name only what exists, and everything that they have to.

A command, option, query field, export format, loader, JSON field, exit code or key of `browse` that is missing from its
document fails here, and so does a document that names one that does not exist.
"""

from __future__ import annotations

import datetime as dt
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer.main
from rich.cells import cell_len

import readlist
from readlist.cli.app import app
from readlist.cli.registry import ALIASES, COMMANDS
from readlist.errors import ReadlistError
from readlist.exporters import csv
from readlist.exporters.registry import EXPORTERS
from readlist.loaders.files import find_files
from readlist.loaders.registry import LOADERS
from readlist.paper_columns import COLUMNS
from readlist.search.fields import FIELDS
from readlist.views.symbols import describe_symbols
from tests.conftest import NOT_FAST, ROOT, Run

TOPICS = sorted((Path(readlist.__file__).parent / "help").glob("*.md"))
PROJECT_DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / ".github").glob("*.md"))]
DOCUMENTS = [*PROJECT_DOCUMENTS, *TOPICS]
CODE_SPAN = re.compile(r"`([^`\n]+)`")
EXIT_SUCCESS, EXIT_INTERNAL_ERROR, EXIT_INTERRUPTED, EXIT_TERMINATED = 0, 70, 130, 143


class Invocation(NamedTuple):
    """A command line of readlist in a document: the command's name, and the words after it."""

    command: str
    words: tuple[str, ...]


def topic(name: str) -> str:
    return next(path for path in TOPICS if path.stem == name).read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    """Return what is below a heading of level 2."""
    _, found, rest = text.partition(f"\n## {heading}\n")
    assert found, heading
    return rest.partition("\n## ")[0]


def rows(text: str) -> Iterator[list[str]]:
    """Yield the cells of each row of the tables in a Markdown text, without headings."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if line.startswith("|") and not _is_delimiter(line) and not _is_delimiter("".join(lines[number + 1 :][:1])):
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def _is_delimiter(line: str) -> bool:
    return re.fullmatch(r"\|(?: *:?-+:? *\|)+", line) is not None


def spans(text: str) -> list[str]:
    return CODE_SPAN.findall(text)


def first_column(text: str) -> list[str]:
    """Return the code spans in the first column of the tables."""
    return [span for cells in rows(text) for span in spans(cells[0])]


# Commands and options


def invocations(text: str) -> Iterator[Invocation]:
    """Yield each command line of readlist in the code spans and code blocks of a Markdown text."""
    fenced = re.findall(r"^```\w*\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    indented = re.findall(r"^ {4}(.+)$", text, flags=re.MULTILINE)
    for code in (*spans(re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)), *fenced, *indented):
        for line in re.findall(r"(?:^|[|(\"] ?|\$ |/)readlist ((?!\||$).*)", code, flags=re.MULTILINE):
            yield from _parse_invocation(line)


def _parse_invocation(line: str) -> Iterator[Invocation]:
    lexer = shlex.shlex(re.sub(r"\s{4,}.*", "", line), posix=True, punctuation_chars="|>&);")
    lexer.whitespace_split, lexer.commenters = True, ""
    words: list[str] = []
    for word in lexer:
        if set(word) <= set("|>&);"):
            break
        words.append(word)
    for length in (2, 1):
        name = " ".join(words[:length])
        if name in COMMANDS or name in ALIASES:
            yield Invocation(name.removesuffix(" list"), tuple(words[length:]))
            return
    if words[0].isidentifier() and words[0].islower():
        yield Invocation(words[0], tuple(words[1:]))


def options_of(command: str) -> set[str]:
    """Return the names of a command's options, with those that every command takes."""
    group: Any = typer.main.get_command(app)
    parameters = [*group.params, *group.get_command(None, command).params]
    names = {name for parameter in parameters for name in (*parameter.opts, *parameter.secondary_opts)}
    return {name for name in names if name.startswith("-")} | {"--help"}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_and_option_that_a_document_names_exists(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for command, words in invocations(text):
        assert command in COMMANDS, f"readlist {command}"
        for word in words:
            if re.match(r"-[A-Za-z-]", word):
                option = word.partition("=")[0].strip("[]")
                assert option in options_of(command), f"readlist {command} {word}"


def test_the_search_for_invocations_finds_them() -> None:
    text = (
        "`readlist list -n 5` `x | readlist read -` `readlist --debug`\n\n    readlist tags rename rl RL    comment\n"
    )
    assert list(invocations(text)) == [
        Invocation("list", ("-n", "5")),
        Invocation("read", ("-",)),
        Invocation("tags rename", ("rl", "RL")),
    ]


def test_the_readme_has_every_command_in_the_section_of_its_group() -> None:
    named: dict[str, set[str]] = {}
    group = ""
    for cells in rows(section((ROOT / "README.md").read_text(encoding="utf-8"), "Commands")):
        group = cells[0].strip("*") if cells[0].startswith("**") else group
        named.setdefault(group, set()).update(span for cell in cells for span in spans(cell))
    missing = [
        command.name
        for command in COMMANDS.values()
        if not any(re.match(rf"{command.name}\b(?!-)", span) for span in named.get(command.group, ()))
    ]
    assert missing == []


def test_every_option_is_described_in_the_readme_or_a_topic() -> None:
    text = " ".join(path.read_text(encoding="utf-8") for path in (ROOT / "README.md", *TOPICS))
    described = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text))
    options = {option for command in COMMANDS for option in options_of(command) if option.startswith("--")}
    assert options - described == {"--help"} - described


def test_every_option_that_is_named_alone_is_one_of_some_command() -> None:
    options = {option for command in COMMANDS for option in options_of(command)}
    for path in (ROOT / "README.md", *TOPICS):
        named = {span for span in spans(path.read_text(encoding="utf-8")) if span.startswith("--")}
        assert {re.split(r"[ =]", span)[0] for span in named} <= options, path.name


# The topics


@pytest.mark.parametrize("path", TOPICS, ids=lambda path: path.stem)
def test_a_topic_fits_80_columns_and_begins_with_its_title(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert re.fullmatch(r"# \S.{0,58}\S", lines[0])
    assert sum(line.startswith("# ") for line in lines) == 1
    assert [line for line in lines if cell_len(line) > 80 or line != line.rstrip()] == []


def test_the_topics_are_those_that_the_readme_names() -> None:
    named = re.findall(r"`readlist help (\w+)`", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert {path.stem for path in TOPICS} - set(named) == {"browse"}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_table_has_as_many_cells_in_each_row(document: Path) -> None:
    tables = re.findall(r"(?:^\|.*\n)+", document.read_text(encoding="utf-8"), flags=re.MULTILINE)
    for table in tables:
        header, delimiter, *_ = lines = table.splitlines()
        assert _is_delimiter(delimiter), header
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}) == 1, header


def test_every_query_field_and_value_is_in_the_query_topic() -> None:
    described = {cells[0]: spans(cells[1]) for cells in rows(section(topic("query"), "Fields"))}
    assert list(described) == [f"`{name}:`" for name in FIELDS]
    for name, field in FIELDS.items():
        assert set(field.values) <= set(described[f"`{name}:`"])


def test_every_query_of_the_query_topic_is_one(loaded: Run) -> None:
    loaded("query", "save", "fresh", "is:unread date:7d")
    text = topic("query")
    dates = first_column(section(text, "Dates"))
    (korean,) = re.findall(r"^In Korean: .*?\n\n", text, re.MULTILINE | re.DOTALL)
    examples = [span for span in spans(section(text, "Fields")) if re.search(r"\w:.", span)]
    terms = first_column(section(text, "Terms"))
    assert (len(terms), len(examples), len(dates), len(spans(korean))) == (11, 12, 23, 17)
    for query in (*terms, *examples, *(f"date:{date}" for date in (*dates, *spans(korean)))):
        assert loaded("list", "--", query).code == 0, query


def test_every_option_for_queries_is_in_the_query_topic() -> None:
    of_list = options_of("list") - options_of("similar") - {"--sort"}  # similar lists papers too, but takes no query
    assert {span.partition(" ")[0] for span in first_column(section(topic("query"), "Options"))} == of_list


def test_every_column_and_symbol_of_a_list_is_in_the_lists_topic() -> None:
    columns = [(column.name, column.help) for column in COLUMNS.values()]
    assert [(spans(name)[0], value) for name, value in rows(section(topic("lists"), "Columns"))] == columns
    legend = re.findall(r"(\S) [a-z ]+(?:,|;)", describe_symbols())
    assert first_column(section(topic("lists"), "Symbols")) == legend


def test_every_export_format_is_in_the_formats_topic_and_in_the_readme() -> None:
    (formats,) = re.findall(r"^\| `export .*?\| (.*?);", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert re.findall(r"\w+", formats.replace(" or ", ", ")) == list(EXPORTERS)
    formats_table, *_ = section(topic("formats"), "What export writes").split("\n###")
    assert first_column(formats_table) == list(EXPORTERS)
    assert ", ".join(csv.COLUMNS) in " ".join(topic("formats").split())


def test_every_loader_is_in_the_formats_topic() -> None:
    formats = section(topic("formats"), "What load reads").partition("\n### ")[0]
    described = [cells[0] for cells in rows(formats)]
    assert sorted(described) == sorted(loader.name for loader in LOADERS)


def test_the_formats_topic_names_the_files_that_are_read_in_a_directory(tmp_path: Path) -> None:
    suffixes = re.findall(r"`\*(\.\w+)`", topic("formats"))
    assert len(suffixes) == 17
    for suffix in (*suffixes, ".pdf"):
        (tmp_path / f"name{suffix}").touch()
    assert sorted(path.suffix for path in find_files(tmp_path)) == sorted(suffixes)


@pytest.mark.parametrize("name", ["recovery", "scripts"])
def test_every_exit_code_is_described(name: str) -> None:
    errors = {error.exit_code for error in _subclasses(ReadlistError)}
    expected = {EXIT_SUCCESS, ReadlistError.exit_code, *errors, EXIT_INTERNAL_ERROR, EXIT_INTERRUPTED, EXIT_TERMINATED}
    assert [int(code) for code, _ in rows(section(topic(name), "Exit codes"))] == sorted(expected)


def _subclasses(error: type[ReadlistError]) -> Iterator[type[ReadlistError]]:
    for subclass in error.__subclasses__():
        yield subclass
        yield from _subclasses(subclass)


def test_every_key_of_browse_is_in_its_topic() -> None:
    pytest.importorskip("textual")
    from readlist.browse.keys import KEYS

    shown = {"slash": "/", "question_mark": "?", "pageup": "pgup", "pagedown": "pgdn", "escape": "esc"}
    bound = {shown.get(key, key) for binding in KEYS for key in binding.key.split(",")}
    assert set(first_column(section(topic("browse"), "Keys"))) == bound


# JSON and tab-separated output


@pytest.fixture
def in_use(loaded: Run, tmp_path: Path) -> Run:
    """A library in which every command that reads has something to show."""
    loaded("read", "1")
    loaded("star", "12")
    loaded("query", "save", "fresh", "is:unread")
    loaded("words", "add", "사전학습 = pretraining")
    loaded("undo")
    loaded("redo")
    (tmp_path / "home" / "marks.json").chmod(0o644)
    return loaded


READ_COMMANDS: dict[str, tuple[str, ...]] = {
    "digests": ("digests",),
    "sources": ("sources",),
    "tags": ("tags",),
    "query": ("query",),
    "words": ("words",),
    "history": ("history",),
    "backup": ("backup",),
    "config": ("config",),
}


def documented_fields(heading: str) -> list[str]:
    return first_column(section(topic("json"), heading))


def test_the_json_topic_has_the_fields_of_papers(in_use: Run) -> None:
    entry = documented_fields("Entries")
    assert list(in_use("list", "--json").json[0]) == entry
    assert list(in_use("show", "1", "--json").json[0]) == entry
    assert list(in_use("export", "--to", "json").json[0]) == entry
    assert list(in_use("search", "reasoning", "--json").json[0]) == entry + documented_fields("search")
    assert set(in_use("search", "reasoning", "--json").json[0]["matched"]) == {"field", "excerpt", "all"}
    assert list(in_use("next", "--json").json[0]) == entry + documented_fields("next and similar")
    assert list(in_use("similar", "1", "--json").json[0]) == entry + documented_fields("next and similar")


def test_the_json_topic_has_the_fields_of_statistics(in_use: Run) -> None:
    stats = in_use("stats", "--json").json
    assert list(stats) == documented_fields("stats")
    for name, _, meaning in rows(section(topic("json"), "stats")):
        value = stats[name.strip("`")]
        if isinstance(value, list):
            assert spans(meaning) == list(value[0])


def test_the_json_topic_has_the_fields_of_a_year(in_use: Run) -> None:
    this_year = dt.date.today().year
    in_use("star", "1")
    years = [in_use("stats", "--year", str(year), "--json").json for year in (2025, this_year)]
    assert list(years[0]) == documented_fields("stats --year")
    for name, _, meaning in rows(section(topic("json"), "stats --year")):
        for value in (year[name.strip("`")] for year in years):
            if isinstance(value, list) and value:
                assert spans(meaning) == list(value[0])


@pytest.mark.parametrize("heading", READ_COMMANDS)
def test_the_json_topic_has_the_fields_of_lists(in_use: Run, heading: str) -> None:
    assert list(in_use(*READ_COMMANDS[heading], "--json").json[0]) == documented_fields(heading)


def test_the_json_topic_has_the_fields_and_levels_of_findings(in_use: Run) -> None:
    from readlist.doctor.report import Level

    assert list(in_use("doctor", "--json").json[0]) == documented_fields("doctor")
    (levels,) = [spans(cells[2]) for cells in rows(section(topic("json"), "doctor")) if cells[0] == "`level`"]
    assert levels == [level.value for level in Level]


def test_the_scripts_topic_has_the_columns_of_each_command(in_use: Run) -> None:
    described = {
        name: cells[1].split(", ")
        for cells in rows(section(topic("scripts"), "Columns in a pipe"))
        for name in spans(cells[0])
    }
    calls = READ_COMMANDS | {
        "list": ("list",),
        "search": ("search", "rl"),
        "next": ("next",),
        "similar": ("similar", "1"),
    }
    assert described.keys() == calls.keys()
    for name, columns in described.items():
        lines = in_use(*calls[name]).out.splitlines()
        assert {len(line.split("\t")) for line in lines} == {len(columns)}, name
        if name in READ_COMMANDS and name != "words":  # which prints what `words add` reads
            assert columns == list(in_use(*calls[name], "--json").json[0])


@pytest.mark.parametrize(
    "pipe", re.findall(r"^ {4}(readlist list .*?) \| (?:fzf|head)", topic("scripts"), re.MULTILINE)
)
def test_the_first_half_of_a_recipe_prints_what_the_second_half_reads(loaded: Run, pipe: str) -> None:
    lines = loaded(*shlex.split(pipe)[1:]).out
    assert lines.split("\t")[0] == "9"
    assert loaded("read", "-", "--yes", stdin=lines).code == 0


# Paths and links


@pytest.mark.parametrize("document", PROJECT_DOCUMENTS, ids=lambda path: path.name)
def test_every_link_and_path_leads_to_a_file(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if not link.startswith("https://")]
    assert [link for link in links if not (document.parent / link).is_file()] == []
    paths = [span for span in spans(text) if re.match(r"(?:readlist|tests|seeds|\.ci)/", span)]
    planned = {"readlist/exporters/ris.py"}  # the example of CONTRIBUTING.md
    assert [path for path in paths if path not in planned and not (ROOT / path).exists()] == []


def test_the_words_that_a_newcomer_searches_for_are_in_the_file_that_the_table_names() -> None:
    table = section((ROOT / ".github" / "ARCHITECTURE.md").read_text(encoding="utf-8"), "Where to look")
    searched = [(word, path) for question, file in rows(table) for word in spans(question) for path in spans(file)[:1]]
    words = {word for word, _ in searched}
    assert {"duplicate", "deduplication", "canonical URL", "recommendation", "migration", "exit code"} <= words
    commands = {f"{name}" for name in COMMANDS} | {"--json"}
    missing = [
        (word, path)
        for word, path in searched
        if word not in commands
        and word.casefold() not in " ".join((ROOT / path).read_text(encoding="utf-8").casefold().split())
    ]
    assert missing == []


def test_the_instructions_for_contributors_are_short() -> None:
    text = (ROOT / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for heading in ("Add an exporter", "Add a loader", "Add a command", "Add a query field"):
        instructions = section(text, heading)
        assert len(re.findall(r"^\d+\. ", instructions, flags=re.MULTILINE)) <= 10, heading


# Continuous integration


def test_the_check_runs_on_every_python_that_the_package_names() -> None:
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    versions = re.findall(r'"Programming Language :: Python :: ([\d.]+)"', project)
    assert re.findall(r'"(3\.\d+)"', workflow) == versions
    assert "run: .ci/run" in workflow


def test_the_modules_that_are_not_fast_exist() -> None:
    assert [name for name in NOT_FAST if not (ROOT / "tests" / name).exists()] == []
