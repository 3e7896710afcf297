"""Start-up time: a command imports only the packages that it uses."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command_from_info, get_group

from readlist.cli import app as cli_app
from readlist.cli import commands
from readlist.cli.app import app
from readlist.cli.registry import COMMANDS
from tests.conftest import Run

HEAVY = {"rich", "rapidfuzz", "tinydb", "dateutil", "orjson", "platformdirs", "sqlite3"}


def heavy_packages_loaded_by(*args: str) -> set[str]:
    code = "import sys, atexit; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); import readlist.__main__"
    done = subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True, check=True)
    return HEAVY & set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize(
    "args",
    [["--help"], ["--version"], ["search", "--help"], ["help", "query"], ["help", "--man"], ["completion", "zsh"]],
)
def test_help_loads_no_heavy_package(args: list[str]) -> None:
    assert heavy_packages_loaded_by(*args) == set()


@pytest.mark.parametrize(
    "args", [["search", "GRPO"], ["search", "quantizd"], ["list", "is:unread"], ["show", "1"], ["next"], ["stats"]]
)
def test_a_command_that_reads_does_not_open_the_store(loaded: Run, args: list[str]) -> None:
    assert not heavy_packages_loaded_by(*args) & {"tinydb", "dateutil"}


def modules_loaded_by(*args: str) -> set[str]:
    code = "import sys, atexit; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); import readlist.__main__"
    done = subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True, check=True)
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere platformdirs finds the directories")
@pytest.mark.parametrize("args", [["list"], ["show", "1"], ["search", "GRPO"], ["read", "1"]])
def test_a_short_command_loads_no_platformdirs(loaded: Run, args: list[str]) -> None:
    assert "platformdirs" not in modules_loaded_by(*args)


@pytest.mark.parametrize("args", [["list", "tag:rl"], ["show", "1"], ["search", "GRPO"]])
def test_a_command_that_reads_loads_no_edits_and_no_model_but_of_papers_and_results(
    loaded: Run, args: list[str]
) -> None:
    names = ("edits", "definition_edits", "definitions", "sources", "suggestions", "counts", "reports")
    assert not modules_loaded_by(*args) & {f"readlist.{name}" for name in names}


def test_a_list_without_words_loads_no_module_about_words(loaded: Run) -> None:
    modules = modules_loaded_by("list", "tag:rl", "is:unread")
    assert not modules & {f"readlist.search.{name}" for name in ("ranking", "candidates", "matching", "query.planner")}


def test_a_word_that_is_a_whole_word_of_titles_is_ranked_without_rapidfuzz(loaded: Run) -> None:
    assert "rapidfuzz" not in modules_loaded_by("search", "reasoning", "--exact")


def test_a_mark_loads_no_sounds(loaded: Run) -> None:
    assert "readlist.search.expansion.sounds" not in modules_loaded_by("read", "1")


def test_a_load_of_a_newsletter_loads_the_parser_of_no_other_format(loaded: Run, tmp_path: Path) -> None:
    digest = tmp_path / "digest.txt"
    digest.write_text("2025-02-12\nOn Moons\n(Ada Lovelace, Alan Turing)\nMoons rise.\n\nhttps://example.org/moons\n")
    modules = modules_loaded_by("load", str(digest))
    assert "readlist.loaders.newsletter.parser" in modules
    others = {"bibliography.bibtex", "bibliography.record", "notes.parser", "own.parser", "paper_lists.lines"}
    assert not modules & {"csv", "email", "lxml", *(f"readlist.loaders.{name}" for name in (*others, "mail.parser"))}


def test_undo_of_a_load_loads_neither_loaders_nor_hashes(loaded: Run) -> None:
    modules = modules_loaded_by("undo")
    assert "readlist.library.replay" in modules
    assert not modules & {"hashlib", "readlist.loaders"}


def test_of_the_commands_of_a_module_only_the_one_that_is_called_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    built = []
    build = get_command_from_info

    def record(info: Any, **options: Any) -> Any:
        built.append(info.name)
        return build(info, **options)

    monkeypatch.setattr(cli_app, "get_command_from_info", record)
    cli_app._build_command.cache_clear()
    assert get_group(cli_app.app).get_command(None, "skip").name == "skip"  # type: ignore[arg-type, union-attr] # no context
    assert built == ["skip"]


def test_a_mark_loads_neither_tables_nor_fuzzy_search(loaded: Run) -> None:
    assert not heavy_packages_loaded_by("read", "1") & {"rich", "rapidfuzz", "dateutil"}


def test_a_paper_that_is_added_by_hand_loads_no_client_and_no_comparison_of_titles(loaded: Run) -> None:
    code = "import sys, atexit; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); import readlist.__main__"
    arguments = ["add", "--title", "On Tides", "--authors", "Ada Lovelace"]
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    assert not {"httpx", "lxml", "rapidfuzz", "rich", "dateutil"} & set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize(
    "args",
    [["load", "seeds"], ["tags"], ["digests"], ["tags", "--json"], ["export"], ["search", "GRPO"], ["next"], ["stats"]],
)
def test_output_into_a_pipe_does_not_load_rich(loaded: Run, args: list[str]) -> None:
    assert "rich" not in heavy_packages_loaded_by(*args)


@pytest.mark.parametrize("args", [["export"], ["export", "--to", "text"], ["export", "--to", "html"]])
def test_an_export_loads_neither_email_nor_markdown_it(loaded: Run, args: list[str]) -> None:
    code = "import sys, atexit; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); import readlist.__main__"
    done = subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True, check=True)
    assert not {"email", "markdown_it"} & set(done.stderr.splitlines()[-1].split())


def test_every_command_of_every_module_is_in_the_registry() -> None:
    modules = {command.module for command in COMMANDS.values()}
    defined = {
        (name, module)
        for module in modules
        for name in get_group(import_module(f"readlist.cli.commands.{module}").app).commands
    }
    assert defined == {(command.name, command.module) for command in COMMANDS.values()}
    folder = Path(commands.__file__).parent
    assert modules | {"__init__"} == {path.stem for path in folder.glob("*.py")}


def test_the_help_of_every_command_begins_with_its_summary_in_the_registry() -> None:
    group: Any = get_group(app)
    for name, command in COMMANDS.items():
        assert group.get_command(None, name).help.partition("\n\n")[0] == command.summary
