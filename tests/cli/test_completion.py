"""Completion: the candidates at each position of a line, and bash, zsh and fish with their scripts."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from readlist.cli.completion.shells import SCRIPTS, complete_bash, complete_line, quote_for_bash
from readlist.cli.config import SETTINGS
from readlist.cli.context import find_directories
from readlist.cli.registry import COMMANDS
from readlist.cli.topics import read_topics
from readlist.exporters.registry import EXPORTERS, HANDOUT_FORMATS
from readlist.library.library import Library
from readlist.search.fields import DATE_KINDS, FIELDS
from readlist.search.orders import ORDERS
from readlist.text import clean
from tests.conftest import Run
from tests.hostile import titles
from tests.library_files import replace_papers
from tests.terminal import Terminal, run_on_terminal

RL = ["tag:reasoning", "tag:rl", "tag:reward-model"]
ORDER = [9, 10, 11, 12, 13, 1, 2, 3, 4, 5, 6, 7, 8]


@pytest.fixture
def library(loaded: Run) -> Run:
    loaded("query", "save", "fresh", "is:unread -tag:rl")
    loaded("query", "save", "math", "tag:math OR reasoning")
    loaded("tag", "12", "--add", "c++")
    loaded("words", "add", "KD = knowledge distillation = 지식 증류")
    return loaded


def candidates(line: str) -> list[str]:
    *words, typed = line.split("|")
    return [text for text, _ in complete_line(words, typed)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("se", ["search"]),
        ("--ho", ["--home"]),
        ("list|--t", ["--tag", "--table", "--tsv"]),
        ("show|--", ["--all-authors", "--json", "--help"]),
        ("doctor|--f", ["--fix"]),
        ("query|s", ["save", "show"]),
        ("query|save|x|t", ["title:", "tag:"]),
        ("sources|", ["forget"]),
        ("sources|forget|", [":files"]),
        ("tags|", [*(f"{name}:" for name in FIELDS), "rename"]),
        ("help|re", ["recovery", "read", "reading", "redo"]),
        ("help|q", ["query"]),
        ("backup|", ["list", "restore"]),
        ("list|ti", ["title:"]),
        ("list|-au", ["-author:"]),
        ("list|(ti", ["(title:"]),
        ("list|tag:r", RL),
        ("list|tag:R", ["tag:Reasoning", "tag:Rl", "tag:Reward-model"]),
        ("list|grpo|-tag:r", [f"-{tag}" for tag in RL]),
        ("search|author:lev", ["author:levine"]),
        ("search|author:Lev", ["author:Levine"]),
        ("search|author:", []),
        (
            "list|is:",
            ["is:unread", "is:reading", "is:read", "is:skipped", "is:starred", "is:later", "is:new", "is:deleted"],
        ),
        ("list|has:a", ["has:abstract", "has:arxiv"]),
        ("list|date:t", ["date:today"]),
        ("list|date:l", ["date:last"]),
        ("list|loaded:t", ["loaded:today"]),
        ("list|starred:l", []),
        ("list|--sort|re", ["relevance", "read"]),
        ("list|--sort|-d", ["-date"]),
        ("list|--sort=ti", ["--sort=title"]),
        ("query|save|x|--sort|s", ["starred"]),
        ("later|12|--until|m", ["monday"]),
        ("list|id:12", ["id:12"]),
        ("list|@", ["@fresh", "@math"]),
        ("list|-@f", ["-@fresh"]),
        ("list|nothing:x", []),
        ("list|--tag|c", ["c++"]),
        ("list|-t|c", ["c++"]),
        ("list|--tag=c", ["--tag=c++"]),
        ("list|--author|lev", ["levine"]),
        ("list|--since|y", ["yesterday"]),
        ("read|--where|is:unread tag:rl", ["is:unread tag:rl"]),
        ("export|--to|", list(EXPORTERS)),
        ("export|-o|x", [":files"]),
        ("export|--fields|comment,a", ["comment,authors", "comment,abstract", "comment,arxiv"]),
        ("list|--columns|id,d", ["id,date", "id,doi"]),
        ("config|columns|id,d", ["id,date", "id,doi"]),
        ("export|--group-by|s", ["status"]),
        ("export|--lang|", ["ko", "en"]),
        ("stats|--to|", ["markdown", "html"]),
        ("today|--to|", list(HANDOUT_FORMATS)),
        ("load|", [":files"]),
        ("--home|", [":files"]),
        ("list|--home|", [":files"]),
        ("list|--debug|--ta", ["--tag", "--table"]),
        ("show|", [str(id_) for id_ in ORDER]),
        ("show|3|1", ["10", "11", "12", "13", "1"]),
        ("read|12", ["12"]),
        ("note|12|", []),
        ("tag|12|--add|c", ["c++"]),
        ("tags|rena", ["rename"]),
        ("tags|rename|q", ["quantization"]),
        ("tags|rename|q|q", ["quantization"]),
        ("query|show|m", ["math"]),
        ("words|", ["list", "add", "delete"]),
        ("words|add|k", []),
        ("words|delete|k", ["kD", "knowledge distillation"]),
        ("words|delete|지식 ", ["지식 증류"]),
        ("query|save|new|@f", ["@fresh"]),
        ("open|12|--mark|", ["reading", "read"]),
        ("completion|", ["bash", "zsh", "fish"]),
        ("config|", list(SETTINGS)),
        ("config|l", ["limit", "language"]),
        ("config|limit|", []),
        ("config|remote|", [":files"]),
        ("sync|", [":files"]),
        ("sync|--lab|", [":files"]),
        ("sync|--share|", ["status", "star", "tags", "note"]),
        ("sync|--share|status,t", ["status,tags"]),
        ("sync|--name|", []),
        ("sync|--l", ["--lab", "--leave"]),
        ("config|none|", []),
        ("config|sort|ti", ["title"]),
        ("config|limit|--", ["--unset", "--json", "--table", "--tsv", "--header", "--help"]),
        ("list|--|--t", []),
        ("nothing|x", []),
    ],
)
def test_the_candidates_at_each_position(library: Run, line: str, expected: list[str]) -> None:
    assert candidates(line) == expected


def test_candidates_have_a_description(library: Run) -> None:
    assert dict(complete_line(["show"], "12")) == {"12": "FP4 All the Way: Fully Quantized Training of LLMs"}
    assert dict(complete_line(["list"], "tag:rl")) == {"tag:rl": "6 papers"}
    assert dict(complete_line(["list"], "@f")) == {"@fresh": "is:unread -tag:rl"}
    assert dict(complete_line(["words", "delete"], "KD")) == {"KD": "KD = knowledge distillation = 지식 증류"}
    assert dict(complete_line([], "star")) == {"star": "Star papers."}


def test_every_command_topic_and_field_is_a_candidate(library: Run) -> None:
    assert candidates("") == [name for name in COMMANDS if " " not in name]
    assert candidates("list|") == [f"{name}:" for name in FIELDS]
    assert candidates("help|") == [*(topics := read_topics()), *(n for n in candidates("") if n not in topics)]
    for name in COMMANDS:
        assert "--help" in candidates("|".join([*name.split(), "--"])), name


def test_every_candidate_for_a_date_or_an_order_is_one(library: Run) -> None:
    for name, field in FIELDS.items():
        for term in candidates(f"list|{name}:") if field.kind in DATE_KINDS else ():
            assert library("list", term).code == 0, term
    assert candidates("list|--sort|") == list(ORDERS)
    assert candidates("list|--sort|-") == [f"-{name}" for name in ORDERS]
    for date in candidates("list|--since|"):
        assert library("list", "--since", date).code == 0, date
    for date in candidates("later|12|--until|"):
        assert library("later", "12", "--until", date).code == 0, date


def test_a_missing_or_corrupt_index_gives_no_candidates_and_is_not_changed(library: Run, own_folders: Path) -> None:
    (index,) = (own_folders / "cache").rglob("index.sqlite")
    index.write_bytes(index.read_bytes()[:5000] + bytes(3000))
    before = index.read_bytes()
    assert candidates("list|tag:") == candidates("show|") == candidates("list|@") == candidates("list|author:l") == []
    assert index.read_bytes() == before
    index.unlink()
    assert candidates("list|tag:") == []
    assert list(index.parent.iterdir()) == []
    assert candidates(f"--home|{own_folders / 'none'}|show|") == []


def test_candidates_come_from_the_library_of_home_before_or_after_the_command(
    library: Run, own_folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = os.environ["READLIST_HOME"]
    monkeypatch.setenv("READLIST_HOME", str(own_folders / "other"))
    assert candidates("list|tag:rl") == []
    assert candidates(f"--home|{home}|list|tag:rl") == ["tag:rl"]
    assert candidates(f"--home={home}|list|tag:rl") == ["tag:rl"]
    assert candidates(f"list|--home|{home}|tag:rl") == ["tag:rl"]


# bash splits words at a colon and replaces only the last part


@pytest.mark.parametrize(
    ("line", "word", "expected"),
    [
        ("readlist list tag:r", "r", ["reasoning", "rl", "reward-model"]),
        ("readlist list tag:", "", ["reasoning", "rl", "synthetic-data"]),
        ("readlist list tag:r", "tag:r", RL),
        ("readlist list tag:c", "c", [r"c++"]),
        ("readlist list --tag=r", "r", ["reasoning", "rl", "reward-model"]),
        ("readlist list (ti", "ti", ["title:"]),
        ('readlist read --where "is:unread tag:r', "is:unread tag:r", [f"is:unread {tag}" for tag in RL]),
        ('readlist read --where="is:unread tag:rl', "is:unread tag:rl", ["is:unread tag:rl"]),
        ("readlist read --where is:unread\\ tag:rl", "rl", ["rl"]),
        ("readlist show 12", "12", ["12"]),
        ("readlist show 'it''s 1", "s 1", []),
        ("readlist list @f", "@f", ["@fresh"]),
        ("readlist list -@f", "@f", ["@fresh"]),
        ("readlist list is:unread\\ @f", "@f", ["@fresh"]),
        ("readlist words add x", "x", []),
        ("readlist tag 12 --add ", "", ["reasoning", "rl", "synthetic-data"]),
        ("readlist words delete knowledge", "knowledge", [r"knowledge\ distillation"]),
        ("readlist words delete knowledge\\ d", "knowledge\\ d", [r"knowledge\ distillation"]),
        ('readlist words delete "knowledge d', "knowledge d", ["knowledge distillation"]),
        ("readlist load ", "", [":files"]),
    ],
)
def test_bash_gets_what_it_puts_in_place_of_its_own_word(
    library: Run, line: str, word: str, expected: list[str]
) -> None:
    assert list(complete_bash(line, word))[:3] == expected


def test_bash_lists_titles_beside_ids_but_never_puts_them_on_the_line(library: Run) -> None:
    assert next(complete_bash("readlist show 1", "1", "63")).startswith("10  Hybrid Latent Reasoning")
    for inserting in ("37", "42", "9", ""):
        assert list(complete_bash("readlist show 1", "1", inserting)) == ["10", "11", "12", "13", "1"]


def test_a_tag_with_joiners_or_special_characters_is_a_candidate_that_the_shell_reads_back(library: Run) -> None:
    for tag in ("می\u200cروم", "~root", "a!b", "x;y", "$z"):
        library("tag", "12", "--add", tag)
    assert candidates("list|--tag|می") == ["می\u200cروم"]
    assert list(complete_bash("readlist list --tag ~", "~")) == [r"\~root"]
    assert list(complete_bash('readlist list --tag "a', "a")) == ["a\"'!'\"b"]
    assert list(complete_bash("readlist list --tag x", "x")) == [r"x\;y"]


# The shells themselves: their scripts, and whole interactive shells

BASH = """
source "$1"; shift
COMP_LINE="$1"; COMP_POINT=${#1}; shift
_readlist readlist "${@: -1}"
(( ${#COMPREPLY[@]} )) && printf '%s\\n' "${COMPREPLY[@]}"
exit 0
"""
ZSH = """
compdef() { : }
compadd() { while [[ $1 != -- ]]; do shift; done; shift; print -rl -- "$@" }
_files() { print files }
source "$1"; shift 2
words=("$@"); CURRENT=$#; PREFIX="$words[-1]"
_readlist
"""
FISH = "source $argv[1]; complete -C $argv[2]"

Asked = Callable[[str, list[str]], list[str]]


PROGRAM = f"""#!{sys.executable}
import os, sys
if "_READLIST_COMPLETE" in os.environ:
    from readlist.cli import main
    main()
print(f"<{{'|'.join(sys.argv[1:])}}>")
"""
"""Completes as readlist does; called as a command it prints its arguments."""


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "bin" / "readlist"
    path.parent.mkdir()
    path.write_text(PROGRAM)
    path.chmod(0o700)
    monkeypatch.setenv("PATH", f"{path.parent}{os.pathsep}{os.environ['PATH']}")
    return path


@pytest.fixture
def asked(library: Run, program: Path, tmp_path: Path) -> Asked:
    """What a shell offers for a line; `words` are those that it makes of it."""

    def ask(shell: str, words: list[str]) -> list[str]:
        script = tmp_path / f"script.{shell}"
        script.write_text(library("completion", shell).out)
        line = "".join(words).replace("readlist", "readlist ", 1)
        call = {
            "bash": ["-c", BASH, "bash", str(script), line, *words],
            "zsh": ["-f", "-c", ZSH, "zsh", str(script), line, *_joined(words)],
            "fish": ["-c", FISH, str(script), line],
        }[shell]
        done = subprocess.run([shell, *call], capture_output=True, text=True, check=True, timeout=60)
        assert done.stderr == ""
        return done.stdout.splitlines()

    return ask


def _joined(words: list[str]) -> list[str]:
    """The words as zsh has them, which parts nothing at a colon; blanks before a word stand in it here."""
    return "".join([words[0], " ", *words[1:]]).split(" ")


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash here")
@pytest.mark.parametrize(
    ("words", "bash", "others"),
    [
        (["readlist", "sea"], ["search"], ["search"]),
        (["readlist", "list", " tag", ":", "re"], ["reasoning", "reward-model"], ["tag:reasoning", "tag:reward-model"]),
        (["readlist", "show", " 12"], ["12"], ["12"]),
        (["readlist", "list", " @f"], ["@fresh"], ["@fresh"]),
        (["readlist", "list", " @"], ["@fresh", "@math"], ["@fresh", "@math"]),
        (["readlist", "list", " author", ":", "levi"], ["levine"], ["author:levine"]),
        (["readlist", "export", " --to", " cs"], ["csv", "csl"], ["csv", "csl"]),
        (["readlist", "list", " ti"], ["title:"], ["title:"]),
    ],
)
def test_each_shell_completes_with_its_script(
    asked: Asked, words: list[str], bash: list[str], others: list[str]
) -> None:
    assert sorted(asked("bash", words)) == sorted(bash)
    for shell in ("zsh", "fish"):
        if shutil.which(shell):
            assert sorted(line.split("\t")[0] for line in asked(shell, words)) == sorted(others), shell


PROMPT = "READY> "
INTERACTIVE = {
    "bash": ("bash", "--noprofile", "--rcfile", "{}", "-i"),
    "zsh": ("zsh", "-d", "-i"),
    "fish": ("fish", "--no-config", "-i", "-C", "source {}"),
}
"""The command of each shell that reads the file {} when it starts; zsh reads .zshrc."""
STARTED = {
    "bash": f"unset PROMPT_COMMAND; PS1='{PROMPT}'",
    "zsh": f"autoload -Uz compinit; compinit -u -D; PS1='{PROMPT}'",
    "fish": f"function fish_prompt; echo -n '{PROMPT}'; end",
}


def type_in_shell(shell: str, script: str, lines: Iterable[str], folder: Path) -> list[str]:
    """Type each line, the tab key, an X and Enter in an interactive shell; return what PROGRAM prints for each."""
    start = folder / ".zshrc"
    start.write_text(f"{STARTED[shell]}\n{script}\n")
    argv = [word.replace("{}", str(start)) for word in INTERACTIVE[shell]]
    with run_on_terminal(argv, folder, {"ZDOTDIR": str(folder), "HOME": str(folder), "TERM": "dumb"}) as terminal:
        terminal.read_until(PROMPT)
        return [_complete_line(terminal, line) for line in lines]


def _complete_line(terminal: Terminal, line: str) -> str:
    terminal.press(f"{line}\tX\n")
    shown = terminal.read_until(">\r")
    if PROMPT not in shown.rpartition(">\r")[2]:
        terminal.read_until(PROMPT)
    return str(re.findall(r"<(.*)>", shown)[-1])


COMPLETED = {
    "list @fr": "list|@fresh|X",
    "list -@fr": "list|-@fresh|X",
    "list is:unread @fr": "list|is:unread|@fresh|X",
    'list "is:unread @fr': "list|is:unread @fresh|X",
    "list is:un": "list|is:unread|X",
    "list tag:rea": "list|tag:reasoning|X",
    "list -tag:synthetic-d": "list|-tag:synthetic-data|X",
    "list --tag c": "list|--tag|c++|X",
    "list ti": "list|title:X",
    'read --where="is:unread tag:rea': "read|--where=is:unread tag:reasoning|X",
    "words delete knowledge\\ d": "words|delete|knowledge distillation|X",
}
"""What is typed -> the arguments of the command that results, with an X typed after the tab key."""


@pytest.mark.parametrize("shell", SCRIPTS)
@pytest.mark.usefixtures("program")
def test_the_tab_key_completes_the_word_in_an_interactive_shell(library: Run, tmp_path: Path, shell: str) -> None:
    if not shutil.which(shell):
        pytest.skip(f"no {shell} here")
    script = library("completion", shell).out
    printed = type_in_shell(shell, script, [f"readlist {line}" for line in COMPLETED], tmp_path)
    assert dict(zip(COMPLETED, printed, strict=True)) == COMPLETED


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash here")
def test_files_are_left_to_the_shell(asked: Asked, tmp_path: Path) -> None:
    assert asked("bash", ["readlist", "load", f" {tmp_path}/scr"]) == []
    if shutil.which("zsh"):
        assert asked("zsh", ["readlist", "load", f" {tmp_path}/scr"]) == ["files"]
    if shutil.which("fish"):
        assert f"{tmp_path}/script.bash" in asked("fish", ["readlist", "load", f" {tmp_path}/scr"])


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash here")
@pytest.mark.parametrize("quote", ["", '"', "'"])
def test_no_tag_ends_the_quotes_it_is_completed_in(quote: str) -> None:
    hostile = [
        "$(id)",
        "`id`",
        "a';id;'",
        'a";id;"',
        "$HOME",
        "\\",
        "\\'",
        "a b",
        "*",
        "~",
        "~root",
        "a!b",
        "می\u200cروم",
        "#x",
        "<x",
        "!x",
        "&x",
        "학습",
    ]
    tags = [text for text in map(clean, [*hostile, *titles(300)]) if text]
    line = f"printf '%s\\n' {' '.join(f'{quote}{quote_for_bash(tag, quote)}{quote}' for tag in tags)}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == tags


def test_an_unknown_shell_is_an_error(run: Run) -> None:
    done = run("completion", "powershell")
    assert (done.code, done.err) == (2, "readlist: unknown shell: powershell; use one of: bash, zsh, fish\n")
    assert [run("completion", shell).out for shell in SCRIPTS] == list(SCRIPTS.values())


def test_the_answer_loads_no_heavy_package_and_other_commands_do_not_load_it(library: Run) -> None:
    def modules(*args: str, **env: str) -> set[str]:
        tell = "import sys, atexit; atexit.register(lambda: print(*sys.modules, file=sys.stderr))"
        code = f"{tell}; import readlist.__main__"
        done = subprocess.run(
            [sys.executable, "-c", code, *args], capture_output=True, text=True, check=True, env={**os.environ, **env}
        )
        return set(done.stderr.splitlines()[-1].split())

    heavy = {"rich", "rapidfuzz", "tinydb", "dateutil", "textual", "readlist.search.query.parser"}
    for word in ("tag:r", "author:l", "@", "is:", "id:1"):
        assert not modules("list", word, _READLIST_COMPLETE="zsh") & heavy
    assert not modules("list") & {
        "readlist.cli.completion.engine",
        "readlist.cli.completion.shells",
        "readlist.search.completion",
    }


@pytest.mark.usefixtures("library")
def test_no_id_is_completed_from_an_index_of_another_papers_json(seeds: Path, tmp_path: Path) -> None:
    """It would be described by the title of another paper; the next command rebuilds the index."""
    assert candidates("show|12") == ["12"]
    library = Library(find_directories(os.environ["READLIST_HOME"]))
    replace_papers(library, seeds, tmp_path / "other")
    assert candidates("show|12") == []
    assert candidates("list|--tag|rl") == ["rl"]
    title = library.entries([12])[0].paper.title
    assert complete_line(["show"], "12") == [("12", title)]
