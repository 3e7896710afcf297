"""`readlist note ITEM` in the user's editor, on a terminal."""

from __future__ import annotations

import io
import os
import shlex
import stat
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from readlist.cli.commands.note import note_texts
from readlist.cli.context import find_directories
from readlist.cli.editor import edit_text
from readlist.errors import ReadlistError
from readlist.library.library import Library
from tests.conftest import Done, Run
from tests.library_files import refs, replace_papers

OnTerminal = Callable[..., Done]


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))


@pytest.fixture
def editor(tmp_path: Path) -> Callable[[str], str]:
    """Make an editor, in a folder with a space in its name, that runs a line of shell on the file "$1"."""

    def make(line: str) -> str:
        folder = tmp_path / "my editors"
        folder.mkdir(exist_ok=True)
        script = folder / "edit"
        script.write_text(f'#!/bin/sh\nfor last; do :; done\nset -- "$last"\n{line}\n')
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        return f"'{script}' --wait"

    return make


def test_the_edited_note_is_kept(loaded: Run, on_terminal: OnTerminal, editor: Callable[[str], str]) -> None:
    loaded("note", "12", "old")
    done = on_terminal("note", "12", EDITOR=editor('echo "new" >> "$1"'))
    assert done.code == 0
    assert loaded("note", "12", "--show").out == "old\nnew\n"


def test_visual_comes_before_editor(loaded: Run, on_terminal: OnTerminal, editor: Callable[[str], str]) -> None:
    on_terminal("note", "12", VISUAL=editor('echo "seen" > "$1"'), EDITOR="false")
    assert loaded("note", "12", "--show").out == "seen\n"


@pytest.mark.parametrize("line", ["exit 1", 'echo lost > "$1"; exit 1', 'rm "$1"', "kill -9 $$"])
def test_a_failing_editor_leaves_the_note_unchanged(
    loaded: Run, on_terminal: OnTerminal, editor: Callable[[str], str], line: str
) -> None:
    loaded("note", "12", "precious")
    done = on_terminal("note", "12", EDITOR=editor(line), COLUMNS="400")
    assert done.code == 1
    assert "the note is unchanged" in done.out
    assert loaded("note", "12", "--show").out == "precious\n"


def test_the_edited_text_is_kept_when_the_editor_fails(
    loaded: Run, on_terminal: OnTerminal, editor: Callable[[str], str], tmp_path: Path
) -> None:
    done = on_terminal("note", "12", EDITOR=editor('echo typed > "$1"; exit 1'))
    (kept,) = tmp_path.glob("readlist-*/note-12.md")
    assert str(kept) in done.out
    assert kept.read_text() == "typed\n"
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700


def test_a_missing_editor_is_one_line(loaded: Run, on_terminal: OnTerminal) -> None:
    done = on_terminal("note", "12", EDITOR="/no/such/editor")
    assert done.code == 1
    assert len(done.out.splitlines()) == 1


def test_without_a_terminal_nothing_is_opened(loaded: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", "false")
    done = loaded("note", "12")
    assert done.code == 2
    assert "no terminal" in done.err


def test_an_edited_text_that_is_too_long_is_kept(
    loaded: Run, on_terminal: OnTerminal, editor: Callable[[str], str], tmp_path: Path
) -> None:
    done = on_terminal("note", "12", EDITOR=editor("head -c 10500 /dev/zero | tr '\\0' x > \"$1\""))
    (kept,) = tmp_path.glob("readlist-*/note-12.md")
    assert (done.code, len(kept.read_text())) == (2, 10_500)
    assert str(kept) in done.out.replace("\n", "")
    assert loaded("note", "12", "--show").out == ""


def test_a_note_that_was_changed_elsewhere_is_not_overwritten(
    loaded: Run, on_terminal: OnTerminal, editor: Callable[[str], str], tmp_path: Path
) -> None:
    meanwhile = f"{sys.executable} -m readlist note 12 elsewhere"
    done = on_terminal("note", "12", EDITOR=editor(f'echo mine > "$1"; {meanwhile}'))
    assert done.code == 1
    assert "changed by another command" in done.out
    assert loaded("note", "12", "--show").out == "elsewhere\n"
    (kept,) = tmp_path.glob("readlist-*/note-12.md")
    assert kept.read_text() == "mine\n"


def test_an_edited_note_goes_to_the_paper_that_was_opened_where_papers_json_is_replaced_meanwhile(
    loaded: Run, on_terminal: OnTerminal, editor: Callable[[str], str], seeds: Path, tmp_path: Path
) -> None:
    library = Library(find_directories(os.environ["READLIST_HOME"]))
    (opened,) = refs(library, [12])
    other, papers = tmp_path / "other", library.directories.data / "papers.json"
    mine = papers.read_bytes()
    replace_papers(library, seeds, other)
    theirs = tmp_path / "theirs.json"
    papers.replace(theirs)
    papers.write_bytes(mine)
    done = on_terminal("note", "12", EDITOR=editor(f"echo mine > \"$1\"; cp '{theirs}' '{papers}'"))
    assert done.code == 0
    assert "Note saved: 4 " in done.out
    (entry,) = [entry for entry in library.entries(range(1, 14)) if entry.mark.note]
    assert entry.paper.key == opened.key


def test_an_invalid_editor_command_is_one_line(loaded: Run, on_terminal: OnTerminal) -> None:
    done = on_terminal("note", "12", EDITOR="vi '")
    assert (done.code, len(done.out.splitlines())) == (2, 1)


def test_the_arguments_of_the_editor_are_passed_verbatim_without_a_shell(
    loaded: Run, on_terminal: OnTerminal, tmp_path: Path
) -> None:
    script = tmp_path / "my editors" / "code"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > "{tmp_path}/args"\n')
    script.chmod(0o755)
    done = on_terminal("note", "12", VISUAL=f"'{script}' --wait \"two words\" '$HOME' ; touch {tmp_path}/evil `id`")
    assert done.code == 0
    *args, path = (tmp_path / "args").read_text().splitlines()
    assert args == ["--wait", "two words", "$HOME", ";", "touch", f"{tmp_path}/evil", "`id`"]
    assert path.endswith("/note-12.md")
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize(
    "line",
    [
        'echo typed > "$1"; kill -9 $$',
        'echo typed > "$1"; kill -TERM $$',
        'echo typed > "$1"; kill -INT $$',
        'printf "typed\\377" > "$1"',
        'echo typed > "$(dirname "$1")/.note-12.md.swp"; kill -9 $$',
        'echo typed > "$(dirname "$1")/other.md"; rm "$1"',
        'echo typed > "$1"; head -c 3000000 /dev/zero >> "$1"',
    ],
)
def test_however_the_editor_ends_the_edited_text_is_kept_and_its_path_printed(
    loaded: Run, on_terminal: OnTerminal, editor: Callable[[str], str], tmp_path: Path, line: str
) -> None:
    loaded("note", "12", "precious")
    done = on_terminal("note", "12", EDITOR=editor(line), COLUMNS="400")
    assert done.code == (2 if "3000000" in line else 1)
    assert "Traceback" not in done.out
    (folder,) = tmp_path.glob("readlist-*")
    assert f"the edited text is in {folder}" in done.out
    assert any(b"typed" in path.read_bytes()[:100] for path in folder.iterdir())
    assert loaded("note", "12", "--show").out == "precious\n"


@pytest.mark.parametrize("line", ["true", 'touch "$1"', "exit 1", 'rm "$1"', "kill -9 $$"])
def test_without_edited_text_no_file_is_left(
    loaded: Run, on_terminal: OnTerminal, editor: Callable[[str], str], tmp_path: Path, line: str
) -> None:
    loaded("note", "12", "precious")
    on_terminal("note", "12", EDITOR=editor(line))
    assert list(tmp_path.glob("readlist-*")) == []
    assert loaded("note", "12", "--show").out == "precious\n"


def test_ctrl_c_is_the_editor_s_own(loaded: Run, on_terminal: OnTerminal, editor: Callable[[str], str]) -> None:
    line = 'trap "echo caught >> \\"$1\\"" INT; kill -INT $PPID; sleep 0.3; kill -INT $$; echo "on" >> "$1"'
    done = on_terminal("note", "12", EDITOR=editor(line))
    assert done.code == 0, done.out
    assert loaded("note", "12", "--show").out == "caught\non\n"


class Terminal(io.StringIO):
    """A stdin that is a terminal."""

    def isatty(self) -> bool:
        return True


def test_without_a_temporary_directory_the_error_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", "true")
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(tempfile, "tempdir", "/dev/null/x")
    with pytest.raises(ReadlistError, match="cannot create a file for the editor"), edit_text("", note_texts(12)):
        pass


@pytest.fixture
def named_editor(editor: Callable[[str], str]) -> Callable[[str], str]:
    """Make an editor of this name that returns at once; the name may be followed by arguments."""

    def make(command: str) -> str:
        path = Path(editor("true").removesuffix(" --wait").strip("'"))
        name, space, arguments = command.partition(" ")
        return f"'{path.rename(path.with_name(name))}'{space}{arguments}"

    return make


@pytest.mark.parametrize(
    ("command", "option"), [("code", "--wait"), ("code -n", "--wait"), ("subl", "--wait"), ("kate -n", "--block")]
)
@pytest.mark.parametrize("variable", ["VISUAL", "EDITOR"])
def test_an_editor_with_a_window_that_returns_at_once_leaves_the_file_in_which_the_user_types_later(
    on_terminal: OnTerminal, named_editor: Callable[[str], str], command: str, option: str, variable: str
) -> None:
    assert on_terminal("load", "seeds").code == 0
    program = named_editor(command)
    done = on_terminal("note", "12", COLUMNS="400", **{"EDITOR": "false", variable: program})
    assert done.code == 0
    note, message = done.out.splitlines()
    assert note.startswith("Note unchanged: 12 ")
    text, kept = message.split("< ")
    assert text == (
        f"The editor returned within 1 s without a change: {shlex.split(program)[0]}; if it opened a window, "
        f'set {variable}="{program} {option}"; to add what you typed there: readlist note 12 - '
    )
    assert Path(kept).name == "note-12.md"
    assert Path(kept).exists()


@pytest.mark.parametrize("command", ["vim", "nano", "emacs -nw", "code --wait", "code -w"])
def test_an_editor_on_the_terminal_that_is_left_at_once_leaves_no_file(
    loaded: Run, on_terminal: OnTerminal, named_editor: Callable[[str], str], tmp_path: Path, command: str
) -> None:
    done = on_terminal("note", "12", EDITOR=named_editor(command))
    assert (done.code, len(done.out.splitlines())) == (0, 1)
    assert done.out.startswith("Note unchanged: 12 ")
    assert list(tmp_path.glob("readlist-*")) == []


@pytest.mark.parametrize("line", ["sleep 1.1", 'echo text > "$1"'])
def test_an_editor_that_was_used_leaves_no_file(
    loaded: Run, on_terminal: OnTerminal, editor: Callable[[str], str], tmp_path: Path, line: str
) -> None:
    assert on_terminal("note", "12", EDITOR=editor(line).removesuffix(" --wait")).code == 0
    assert list(tmp_path.glob("readlist-*")) == []
