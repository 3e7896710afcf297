"""`readlist export`."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import shlex
import stat
import subprocess
import sys
from collections.abc import Iterator
from email import message_from_string, policy
from pathlib import Path
from typing import TextIO

import pytest

from readlist.cli import files
from readlist.exporters.handout import FIELDS
from readlist.exporters.registry import EXPORTERS
from tests.conftest import ROOT, Run
from tests.exporters.test_exporters import read_parts


@pytest.mark.parametrize(
    ("format_", "titles"),
    [
        ("json", lambda text: [entry["title"] for entry in json.loads(text)]),
        ("jsonl", lambda text: [json.loads(line)["title"] for line in text.splitlines()]),
        ("csv", lambda text: [row["title"] for row in csv.DictReader(io.StringIO(text))]),
    ],
)
def test_every_format_holds_the_filtered_list_in_its_order(loaded: Run, format_: str, titles: object) -> None:
    done = loaded("export", "--to", format_, "tag:synthetic-data")
    assert done.code == 0
    assert titles(done.out) == [  # type: ignore[operator] # the table holds functions of a text
        "Enigmata: Scaling Logical Reasoning in Large Language Models with Synthetic Verifiable Puzzles",
        "Large Language Models Meet Symbolic Provers for Logical Reasoning Evaluation",
    ]


def test_markdown_is_grouped_by_digest_with_tags_comments_and_note(loaded: Run) -> None:
    loaded("read", "12")
    loaded("note", "12", "see **MXFP4**")
    assert loaded("export", "fp4", "--author", "Chmiel").out == (
        "# Reading list\n"
        "\n"
        "## 2025-05-27\n"
        "\n"
        "- **FP4 All the Way: Fully Quantized Training of LLMs**\n"
        "\n"
        "  Brian Chmiel, Maxim Fishman, Ron Banner, Daniel Soudry · #quantization\n"
        "\n"
        "  > MXFP4 기반 학습을 하려는 시도도 조금씩 나오고 있네요. 일단 Loss 차이가 나타나긴 합니다만.\n"
        "\n"
        "  > Attempts at training based on MXFP4 are gradually emerging. However, there are currently differences"
        " in loss.\n"
        "\n"
        "  **Note**\n"
        "\n"
        "  see **MXFP4**\n"
    )


def test_a_file_is_written_whole_and_never_over_another_one(loaded: Run, tmp_path: Path) -> None:
    path = tmp_path / "list.md"
    done = loaded("export", "tag:rl", "--to", "markdown", "-o", path)
    assert (done.code, done.out, done.err) == (0, "", f"Exported 6 papers to {path}\n")
    first = path.read_text(encoding="utf-8")
    done = loaded("export", "-o", path)
    assert (done.code, done.err) == (1, f"readlist: file exists: {path}; --force overwrites it\n")
    assert path.read_text(encoding="utf-8") == first
    assert loaded("export", "-o", path, "--force").code == 0
    assert path.read_text(encoding="utf-8") != first
    assert [p.name for p in tmp_path.glob("*list*")] == ["list.md"]


def test_a_file_that_cannot_be_written_is_one_line(loaded: Run, tmp_path: Path) -> None:
    done = loaded("export", "-o", tmp_path / "no such folder" / "list.md")
    assert (done.code, len(done.err.splitlines())) == (1, 1)
    for path in (tmp_path, tmp_path / ("x" * 300), Path("/dev/null/list.md")):
        done = loaded("export", "-o", path, "--force")
        assert (done.code, len(done.err.splitlines())) == (1, 1)


def files_below(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("force", [[], ["--force"]])
def test_no_export_overwrites_a_file_of_the_library_even_through_links(
    loaded: Run, own_folders: Path, force: list[str]
) -> None:
    for call in (["read", "12"], ["star", "12"]):
        loaded(*call)
    home = own_folders / "home"
    synced = own_folders / "synced.json"
    (home / "marks.json").rename(synced)
    (home / "marks.json").symlink_to(synced)
    (own_folders / "link").symlink_to(home)
    (own_folders / "list.md").symlink_to(home / "papers.json")
    before = files_below(own_folders)
    own = [path for path in before if path.suffix != ".md"]
    assert len(own) >= 7  # papers, marks, steps, lock, backups, index
    aimed = [*own, home / "new.md", own_folders / "link" / "papers.json", home / ".." / "home" / "marks.json"]
    for path in [*aimed, own_folders / "list.md", own[0].parent / "history" / "x.md"]:
        done = loaded("export", "--to", "markdown", *force, "-o", path)
        assert (done.code, len(done.err.splitlines())) == (1, 1), path
    assert files_below(own_folders) == before


def test_without_force_a_file_created_meanwhile_is_not_overwritten(
    loaded: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "list.md"
    atomic_write = files.atomic_write

    @contextlib.contextmanager
    def slow(target: Path, *, force: bool) -> Iterator[TextIO]:
        with atomic_write(target, force=force) as file:
            target.write_text("somebody else's")
            yield file

    monkeypatch.setattr(files, "atomic_write", slow)
    done = loaded("export", "-o", path)
    assert (done.code, done.err) == (1, f"readlist: file exists: {path}; --force overwrites it\n")
    assert path.read_text() == "somebody else's"
    assert [file.name for file in tmp_path.glob(".*")] == []


def test_a_link_that_leads_to_itself_is_one_line(loaded: Run, tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    done = loaded("export", "--force", "-o", tmp_path / "loop")
    assert (done.code, len(done.err.splitlines())) == (1, 1)


def test_an_exported_file_has_the_mode_of_the_umask(loaded: Run, tmp_path: Path) -> None:
    path = tmp_path / "list.md"
    umask = os.umask(0o022)
    try:
        loaded("export", "-o", path)
    finally:
        os.umask(umask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_an_unknown_format_is_an_error_that_lists_the_formats(loaded: Run) -> None:
    done = loaded("export", "--to", "word")
    formats = "markdown, json, jsonl, csv, bibtex, biblatex, ris, csl, html, text, mail"
    assert (done.code, done.out) == (2, "")
    assert done.err == f"readlist: unknown format: word; use one of: {formats}\n"


BEGINNINGS = {
    ".md": "# Reading list\n",
    ".markdown": "# Reading list\n",
    ".txt": "Reading list\n============\n",
    ".eml": "Subject: Reading list\n",
    "": "# Reading list\n",
    ".json": "[\n  {\n",
    ".JSON": "[\n  {\n",
    ".jsonl": '{"id":',
    ".csv": "id,date,",
    ".bib": "@misc{",
    ".tex": "@misc{",
    ".ris": "TY  - GEN\r\n",
    ".html": "<!DOCTYPE html>\n",
    ".htm": "<!DOCTYPE html>\n",
}


@pytest.mark.parametrize(("suffix", "beginning"), BEGINNINGS.items())
def test_the_suffix_of_the_file_chooses_the_format(loaded: Run, tmp_path: Path, suffix: str, beginning: str) -> None:
    path = tmp_path / f"list{suffix}"
    assert loaded("export", "id:12", "-o", path).err == f"Exported 1 paper to {path}\n"
    assert path.read_bytes().startswith(beginning.encode())


@pytest.mark.parametrize("name", [suffix[1:] for suffix in BEGINNINGS if suffix.islower()])
def test_a_suffix_is_also_the_name_of_a_format(loaded: Run, tmp_path: Path, name: str) -> None:
    path = tmp_path / "list.pdf"
    assert loaded("export", "id:12", "--to", name, "-o", path).code == 0
    assert path.read_bytes().startswith(BEGINNINGS[f".{name}"].encode())


def test_an_unknown_suffix_needs_a_format(loaded: Run, tmp_path: Path) -> None:
    done = loaded("export", "-o", tmp_path / "list.docx")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        f"readlist: no format has the suffix .docx: {tmp_path}/list.docx; add --to with one of: markdown, json, jsonl,"
        " csv, bibtex, biblatex, ris, csl, html, text, mail\n"
    )
    assert not (tmp_path / "list.docx").exists()


@pytest.mark.parametrize("option", ["--split", "--output"])
def test_an_empty_path_is_a_usage_error(loaded: Run, option: str) -> None:
    done = loaded("export", option, "")
    assert (done.code, done.err) == (2, f"readlist: empty value for {option}; pass a path\n")


def test_csv_begins_with_a_byte_order_mark_on_demand(loaded: Run, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    assert loaded("export", "--bom", "-o", path).code == 0
    assert path.read_bytes().startswith(b"\xef\xbb\xbfid,date,")
    assert loaded("export", "--to", "csv", "--bom").out == "\ufeff" + loaded("export", "--to", "csv").out
    done = loaded("export", "--to", "json", "--bom")
    assert done.err == "readlist: --bom is for CSV, not for json; add --to csv or omit --bom\n"
    assert (done.code, done.out) == (2, "")


def read_text(name: str, exported: str) -> str:
    """Return the text of an export, that of a mail decoded."""
    return "".join(read_parts(exported)) if name == "mail" else exported


@pytest.mark.parametrize("name", EXPORTERS)
def test_no_notes_leaves_every_note_out(loaded: Run, name: str) -> None:
    loaded("note", "12", "my secret")
    loaded("star", "12")
    assert "my secret" in read_text(name, loaded("export", "--to", name).out)
    exported = read_text(name, loaded("export", "--to", name, "--no-notes").out)
    assert "FP4 All the Way" in exported.replace("{", "").replace("}", "")
    assert "secret" not in exported
    if name == "json":
        (entry,) = (entry for entry in json.loads(exported) if entry["id"] == 12)
        assert (entry["note"], entry["note_at"], entry["starred"]) == ("", None, True)


def test_no_notes_removes_a_note_from_the_files_of_split(loaded: Run, tmp_path: Path) -> None:
    loaded("note", "12", "my secret")
    loaded("export", "id:12", "--split", tmp_path / "vault")
    (path,) = (tmp_path / "vault").iterdir()
    assert "my secret" in path.read_text(encoding="utf-8")
    loaded("export", "id:12", "--split", tmp_path / "vault", "--no-notes")
    assert "secret" not in path.read_text(encoding="utf-8")
    assert "note_at" not in path.read_text(encoding="utf-8")


def test_list_and_export_name_the_fields_of_json_alike(loaded: Run) -> None:
    (listed,) = loaded("list", "id:12", "--json").json
    (exported,) = loaded("export", "id:12", "--to", "json").json
    assert listed == exported
    assert list(listed) == list(exported)


# Hand-outs


def test_a_hand_out_has_title_introduction_groups_fields_and_language(loaded: Run, tmp_path: Path) -> None:
    loaded("read", "12")
    (tmp_path / "intro.md").write_text("\ufeffDear *all*,\n", encoding="utf-8")
    options = ["--title", "Group, May", "--intro", tmp_path / "intro.md", "--group-by", "status", "--lang", "en"]
    done = loaded("export", "fp4", "--author", "Chmiel", *options, "--fields", "comment,authors")
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        "# Group, May\n\nDear *all*,\n\n<!-- readlist:papers -->\n\n## Read\n\n"
        "- **FP4 All the Way: Fully Quantized Training of LLMs**\n\n"
        "  Brian Chmiel, Maxim Fishman, Ron Banner, Daniel Soudry\n\n"
        "  > Attempts at training based on MXFP4 are gradually emerging. However, there are currently differences"
        " in loss.\n"
    )


def test_the_introduction_is_read_from_stdin(loaded: Run) -> None:
    assert "\n\n안녕\n\n" in loaded("export", "--intro", "-", stdin="안녕\n").out


def test_a_mail_has_the_addresses_of_the_options(loaded: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    to = ["--mail-to", "김철수 <kim@example.org>", "--mail-to", "a@b.example,c@d.example"]
    done = loaded("export", "--to", "mail", *to, "--mail-from", "me@example.org", "--title", "논문")
    assert (done.code, done.err) == (0, "")
    message = message_from_string(done.out, policy=policy.default)
    assert (message["Subject"], message["From"]) == ("논문", "me@example.org")
    assert message["To"] == "김철수 <kim@example.org>, a@b.example, c@d.example"
    monkeypatch.setenv("EMAIL", "you@example.org")
    done = loaded("export", "--to", "mail", "--mail-to", "a@b.example")
    assert message_from_string(done.out, policy=policy.default)["From"] == "you@example.org"


def test_an_export_without_papers_says_so_and_numbers_are_no_ids(loaded: Run) -> None:
    assert loaded("export", "is:starred", "--to", "bibtex").err == "No papers match\n"
    hint = "No papers match. To select papers by ID: id:11 OR id:12\n"
    assert loaded("export", "11", "12", "--to", "bibtex").err == hint
    assert loaded("list", "11", "12").err == hint


@pytest.mark.parametrize("format_", EXPORTERS)
def test_every_format_without_papers_is_a_success_with_a_reason(loaded: Run, format_: str) -> None:
    done = loaded("export", "quantisation is:read", "--to", format_)
    assert (done.code, done.err.splitlines()[-1]) == (0, "No papers match; 1 matches without is:read")


def test_a_file_or_directory_without_papers_is_reported_with_the_reason(loaded: Run, tmp_path: Path) -> None:
    path = tmp_path / "list.bib"
    assert loaded("export", "is:starred", "-o", path).err == f"No papers match\nExported 0 papers to {path}\n"
    err = loaded("export", "is:starred", "--split", tmp_path / "vault").err
    assert err == "No papers match\n0 files written, 0 updated, 0 unchanged\n"


def test_numbers_that_papers_contain_are_not_silently_other_papers(loaded: Run) -> None:
    done = loaded("export", "9", "--to", "bibtex")  # the abstract of paper 4 has this number
    assert (done.code, done.out[:19]) == (0, "@misc{huang2025math")
    assert done.err == "Numbers in a query are text. To select papers by ID: id:9\n"
    assert loaded("export", "id:9", "--to", "bibtex").err == ""
    assert loaded("export", "405B", "--to", "bibtex").err == ""


def test_a_mail_without_recipient_says_what_sendmail_needs(loaded: Run, tmp_path: Path) -> None:
    done = loaded("export", "--to", "mail")
    assert (done.code, done.err) == (0, "The mail has no recipient; for sendmail -t, add --mail-to ADDRESS\n")
    path = tmp_path / "list.eml"
    assert loaded("export", "-o", path).err == f"Exported 13 papers to {path}\n"


FOR_HANDOUTS = "for markdown, html, text, mail"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--to", "csv", "--title", "x"], f"--title is {FOR_HANDOUTS}, not for csv; change --to or omit --title"),
        (
            ["--to", "ris", "--group-by", ""],
            f"--group-by is {FOR_HANDOUTS}, not for ris; change --to or omit --group-by",
        ),
        (["--to", "json", "--lang", ""], f"--lang is {FOR_HANDOUTS}, not for json; change --to or omit --lang"),
        (["--mail-to", "a@b.example"], "--mail-to is for mail, not for markdown; change --to or omit --mail-to"),
        (["--mail-from", "a@b.example"], "--mail-from is for mail, not for markdown; change --to or omit --mail-from"),
        (["--split", "x", "--fields", "note"], "--fields does not apply to --split; omit one of them"),
        (["--title", " "], "empty value for --title; pass a value or omit the option"),
        (["--intro", ""], "empty value for --intro; pass a value or omit the option"),
        (["--to", "mail", "--mail-to", ""], "empty value for --mail-to; pass a value or omit the option"),
        (["--to", "mail", "--mail-to", "a"], "invalid mail address: a; write name@example.org"),
        (["--to", "mail", "--mail-from", "a@b\nB: c@d"], "invalid mail address: a@b B: c@d; write name@example.org"),
        (["--lang", "korean"], "invalid language code: korean; use ko, en or another code of ISO 639-1"),
        (["--group-by", "author"], "unknown grouping: author; use one of: date, tag, status, person, none"),
        (["--fields", "comments,foo"], f"unknown field: foo; use: {', '.join(FIELDS)}"),
    ],
)  # fmt: skip
def test_an_option_that_does_not_apply_is_a_usage_error(loaded: Run, options: list[str], message: str) -> None:
    done = loaded("export", *options)
    assert (done.code, done.out, done.err) == (2, "", f"readlist: {message}\n")


def test_an_introduction_that_cannot_be_read_is_one_line(loaded: Run, tmp_path: Path) -> None:
    done = loaded("export", "--intro", tmp_path / "none.md")
    assert (done.code, done.err) == (
        1,
        f"readlist: cannot read --intro: {tmp_path}/none.md: No such file or directory\n",
    )
    assert loaded("export", "--intro", tmp_path).err.endswith(": Is a directory\n")
    (tmp_path / "x.md").write_bytes(b"\xff\xfe")
    done = loaded("export", "--intro", tmp_path / "x.md")
    assert (done.code, done.err.partition("; ")[0]) == (2, f"readlist: --intro is not UTF-8: {tmp_path}/x.md")
    (tmp_path / "x.md").write_bytes(b"x" * 1_000_001)
    assert "has more than 1 MB" in loaded("export", "--intro", tmp_path / "x.md").err
    assert loaded("export", "--intro", "a\0b").err == "readlist: cannot read --intro: ab: not a path\n"


# Encodings and streams


def shell(line: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = line.replace("readlist", f"{shlex.quote(sys.executable)} -m readlist")
    env = {**os.environ, "PYTHONUTF8": "0", **environment}
    return subprocess.run(["bash", "-c", command], capture_output=True, check=False, env=env, cwd=ROOT)


@pytest.mark.heavy
@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp949"])
@pytest.mark.parametrize(
    "command",
    [
        *(f"export --to {name}" for name in EXPORTERS if name != "mail"),
        "list --json",
        "search id:12 --json",
        "show 12 --json",
    ],
)
def test_data_is_utf_8_whatever_the_locale(loaded: Run, encoding: str, command: str) -> None:
    loaded("tag", "12", "--add", "한국어")
    expected = loaded(*command.split()).out
    done = shell(f"readlist {command}", PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode() == expected
    assert "한국어" in expected


@pytest.mark.heavy
@pytest.mark.parametrize(
    "line",
    [
        "readlist export id:12 --to json -o /dev/stdout",
        "readlist export id:12 --to json -o /dev/stdout | cat",
        "readlist export id:12 --to json -o /dev/fd/1 | cat",
        "readlist export id:12 --to json -o /dev/fd/7 7>&1",
        "readlist export id:12 --to json -o >(cat); sleep 0.5",
        "mkfifo $T/fifo; cat $T/fifo & readlist export id:12 --to json -o $T/fifo; wait",
        "readlist export id:12 --to json -o /dev/stdout > $T/x; cat $T/x",
        "echo -n > $T/x; readlist export id:12 --to json -o /dev/stdout >> $T/x; cat $T/x",
    ],
)
def test_a_stream_is_written_directly(loaded: Run, tmp_path: Path, line: str) -> None:
    done = shell(line, T=str(tmp_path), LC_ALL="C")
    assert (done.returncode, b"Exported 1 paper to " in done.stderr) == (0, True)
    assert done.stdout.decode() == loaded("export", "id:12", "--to", "json").out
    assert not list(tmp_path.glob(".*"))


def test_a_redirection_that_appends_keeps_what_is_in_the_file(loaded: Run, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("mine\n")
    shell("readlist export id:12 --to json -o /dev/stdout >> $T/x", T=str(tmp_path))
    assert (tmp_path / "x").read_text(encoding="utf-8").startswith("mine\n[\n  {\n")


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        ("readlist export --to json -o /dev/stdout | head -c 1 >/dev/null", 0, ""),
        ("readlist export --to json -o >(head -c 1 >/dev/null)", 0, ""),
        ("readlist export --to json -o /dev/full", 1, "readlist: /dev/full: No space left on device\n"),
        ("readlist export --to json -o /dev/stdout >/dev/full", 1, "readlist: /dev/stdout: No space left on device\n"),
        ("readlist export --to json -o /dev/stdout >&-", 1, "readlist: /dev/stdout: Bad file descriptor\n"),
        ("readlist export --to json -o /dev/fd/77", 1, "readlist: /dev/fd/77: Bad file descriptor\n"),
        ("readlist export --to json -o /dev/fd/0 </dev/null", 1, "readlist: /dev/fd/0: Bad file descriptor\n"),
        ("readlist export --to json -o /dev/null", 0, ""),
    ],
)
@pytest.mark.usefixtures("loaded")
def test_a_stream_that_cannot_be_written_is_one_line(line: str, code: int, message: str) -> None:
    done = shell(f"set -o pipefail; {line}")
    lines = done.stderr.decode().splitlines(keepends=True)
    assert (done.returncode, [line for line in lines if not line.startswith("Exported ")]) == (code, [message][:code])


@pytest.mark.usefixtures("loaded")
def test_a_stream_that_is_closed_before_the_end_is_not_reported_as_exported() -> None:
    done = shell("{ sleep 1; readlist export --to json -o /dev/stdout; } | true")
    assert (done.stdout, done.stderr) == (b"", b"")


def test_a_descriptor_of_a_file_of_the_library_is_refused(loaded: Run, own_folders: Path) -> None:
    papers = own_folders / "home" / "papers.json"
    before = papers.read_bytes()
    for line in (
        f"readlist export -o /dev/fd/9 9<>{papers}",
        "readlist export -o /dev/fd/3",
        "readlist export -o /dev/fd/4",
    ):
        assert shell(line).returncode == 1
    assert papers.read_bytes() == before
