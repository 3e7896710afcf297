"""`export --split`: a file a paper, identified by its key, in which an update keeps everything that the user wrote."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from readlist.errors import ReadlistError
from readlist.exporters.vault import BEGIN, END, file_names, format_new_file, parse_key, update_file
from readlist.models import Entry, Mark, Paper
from readlist.text import clean, clean_lines, printable_line
from readlist.urls import paper_url
from tests.conftest import Run
from tests.exporters.test_citation import ANY_TEXT
from tests.exporters.test_exporters import BARE, FULL, HOSTILE, links_and_text, paper_with
from tests.hostile import is_harmless

FIELDS = {"title", "authors", "date", "tags", "status", "starred", "url", "arxiv", "key", "aliases"}
FIELDS |= {"loaded_at", "status_at", "starred_at", "note_at"}
OTHER = Entry(
    Paper("Another *title*", ("Ann Other",), "New.", tags=("new",), id=8, key=FULL.paper.key),
    Mark(FULL.paper.key),
    ("new",),
)


def parse_front_matter(text: str) -> Any:
    """Parse the front matter as YAML."""
    return yaml.safe_load(text.split("---\n")[1].replace("\r\n", "\n"))


def block_text(new: str) -> str:
    """Return the text between the markers of a new file, without the data that it does not show."""
    block = new.split("---\n", 2)[2].removeprefix(f"\n{BEGIN}\n").removesuffix(f"\n{END}\n")
    return re.sub(r"\n\n<!-- readlist:data [^\n]* -->\Z", "", block)


def test_a_new_file_has_front_matter_and_a_block() -> None:
    assert format_new_file(FULL) == (
        "---\n"
        'title: "The Curse of Depth [in] *Large* Models"\n'
        "authors:\n"
        '  - "Wenfang Sun"\n'
        '  - "Shiwei Liu"\n'
        "date: 2025-02-11\n"
        "tags:\n"
        '  - "normalization"\n'
        '  - "내것"\n'
        "status: read\n"
        "starred: true\n"
        'url: "https://arxiv.org/abs/2502.05795"\n'
        'arxiv: "2502.05795"\n'
        'key: "the-curse-of-depth-000000"\n'
        "aliases:\n"
        '  - "The Curse of Depth [in] *Large* Models"\n'
        "loaded_at: 2025-02-12T08:00:00Z\n"
        "status_at: 2025-06-01T12:00:00Z\n"
        "starred_at: 2025-06-01T12:00:00Z\n"
        "note_at: 2025-06-01T12:00:00Z\n"
        "---\n"
        "\n"
        "<!-- readlist:begin -->\n"
        "# [The Curse of Depth \\[in\\] \\*Large\\* Models](https://arxiv.org/abs/2502.05795)\n"
        "\n"
        "Wenfang Sun, Shiwei Liu\n"
        "\n"
        "> Pre LN에서 레이어의 기여도가 낮아지는 문제.\n"
        ">\n"
        "> (<https://arxiv.org/abs/2501.08313>) 늘 재미있는 주제.\n"
        "\n"
        "> This remains an interesting area.\n"
        "\n"
        "> [!abstract] Abstract\n"
        "> We introduce the Curse of Depth.\n"
        "\n"
        "> [!note] Note\n"
        "> # Compare\n"
        ">\n"
        "> - with **OREAL**\n"
        ">\n"
        "> ```\n"
        "> x = 1\n"
        "\n"
        '<!-- readlist:data {"comments":["ko","en"],"links":["https://arxiv.org/abs/2501.08313"],'
        '"digests":[{"date":"2025-02-11","source":"000.txt"},{"date":null,"source":"again.txt"}],'
        '"my_tags":["내것"],"digest_tags":["normalization","old"],"removed_tags":["old"],'
        '"status_at":"2025-06-01T12:00:00Z","starred_at":"2025-06-01T12:00:00Z",'
        '"tags_at":"2025-06-01T12:00:00Z","note_at":"2025-06-01T12:00:00Z","later":"2025-06-09",'
        '"later_at":"2025-06-01T12:00:00Z","loaded_at":"2025-02-12T08:00:00Z"} -->\n'
        "<!-- readlist:end -->\n"
    )


def test_fields_without_a_value_are_left_out() -> None:
    assert format_new_file(BARE) == (
        '---\ntitle: "Untagged"\nstatus: unread\nstarred: false\nkey: "untagged-111111"\n'
        'aliases:\n  - "Untagged"\n---\n'
        "\n<!-- readlist:begin -->\n# Untagged\n<!-- readlist:end -->\n"
    )


@given(
    ANY_TEXT | st.sampled_from(["no", "1e3", "2025-02-11", "~", "- a", "a: b", "# c", "<% tp %>", "\ufffe", BEGIN, END])
)
@example("On C #")
@example("##")
@settings(deadline=None)
def test_front_matter_and_block_read_back_any_text(text: str) -> None:
    entry = paper_with(text)
    written = format_new_file(entry)
    assert is_harmless(written)
    assert "<%" not in written
    front, line = parse_front_matter(written), clean(text)
    assert front.get("title", "") == line
    if line:
        assert front["authors"] == [line, "Ann Other"]
        assert front["aliases"] == [line]
        assert front["tags"] == [printable_line(text)]
    links, blocks = links_and_text(block_text(written))
    assert links == []
    if line:
        paragraphs = [part for part in clean_lines(text).split("\n\n") if part]
        assert blocks[:2] == [line, f"{line}, Ann Other"]
        assert blocks[2:] == [*paragraphs * 3, f"[!abstract] Abstract\n{paragraphs[0]}", *paragraphs[1:]]
    assert update_file(written, entry) == written


@pytest.mark.parametrize("text", ["```\nopen", "<!-- open", "<div>", BEGIN, END, f"a\n{END}\nb", "%% hidden"])
def test_a_note_does_not_extend_beyond_the_block(text: str) -> None:
    entry = Entry(FULL.paper, Mark("", note=text), ())
    written = format_new_file(entry) + "\nThe user's own.\n"
    tokens = MarkdownIt("commonmark").parse(written.split("---\n", 2)[2])
    assert tokens[-2].content == "The user's own."
    begin, data, end = [token.content for token in tokens if token.level == 0 and token.type == "html_block"]
    assert (begin, end) == (f"{BEGIN}\n", f"{END}\n")
    assert data.startswith("<!-- readlist:data ")
    assert update_file(written, entry) == written


# What the user wrote


USER_FIELDS = st.lists(
    st.sampled_from(
        [
            "rating: 5\n", "# a comment\n", "\n", "related:\n  - '[[x]]'\n", "summary: |\n  two\n\n  lines\n",
            "done: false\n", "up: [a, b]\n", "who: {name: x}\n", "'quoted key': 1\n", "zahl: 0x1F  # why\n",
            'c: "a: b"\n', "한글: 값\n",
            "empty:\n", "folded: >-\n  status: read\n", "title2: x\n", "Title: y\n",
        ]
    ),
    unique=True,
)  # fmt: skip
USER_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def user_lines(text: str) -> list[str]:
    """Return the lines of the front matter that belong to no field of readlist."""
    lines, is_own_field = [], False
    for line in text.split("---\n")[1].split("\n"):
        if re.match(r"[^\s#-]", line):
            is_own_field = line.split(":")[0] in FIELDS
        elif not line.startswith("  "):
            is_own_field = False
        if not is_own_field and line:
            lines.append(line)
    return lines


@given(USER_FIELDS, st.integers(0, 16), USER_TEXT, USER_TEXT)
@settings(deadline=None)
def test_an_update_keeps_what_the_user_wrote_byte_for_byte(
    fields: list[str], half: int, above: str, below: str
) -> None:
    _, front, rest = format_new_file(FULL).split("---\n", 2)
    first, last, block = "".join(fields[:half]), "".join(fields[half:]), rest.strip("\n")
    text = f"---\n{first}{front}{last}---\n{above}\n{block}\n{below}"
    changed = update_file(text, OTHER)
    assert user_lines(changed) == user_lines(text)
    assert changed.split("---\n", 2)[2].startswith(f"{above}\n{BEGIN}\n")
    assert changed.endswith(f"\n{END}\n{below}")
    assert {name: value for name, value in parse_front_matter(changed).items() if name in FIELDS} == {
        "title": "Another *title*", "authors": ["Ann Other"], "tags": ["new"], "status": "unread", "starred": False,
        "key": FULL.paper.key, "aliases": ["Another *title*", FULL.paper.title],
    }  # fmt: skip
    assert update_file(changed, OTHER) == changed


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('title: "The Curse of Depth [in] *Large* Models"', "title: The Curse of Depth [in] *Large* Models"),
        ('tags:\n  - "normalization"\n  - "내것"\n', "tags: [normalization, 내것]  # mine\n"),
        ('tags:\n  - "normalization"\n  - "내것"\n', "tags:\n- normalization\n- 내것\n\n# mine\n"),
        ("aliases:\n", 'aliases:\n  - "Curse"\n'),
        ('key: "the-curse-of-depth-000000"', "key: 'the-curse-of-depth-000000'"),
        ("date: 2025-02-11\n", "date:  2025-02-11   \n"),
    ],
)
def test_an_equal_value_written_in_another_way_is_kept(old: str, new: str) -> None:
    text = format_new_file(FULL).replace(old, new, 1)
    assert text != format_new_file(FULL)
    assert update_file(text, FULL) == text
    assert parse_key(text) == FULL.paper.key


@pytest.mark.parametrize("field", sorted(FIELDS - {"key"}))
def test_a_removed_or_changed_field_is_restored(field: str) -> None:
    without = re.sub(rf"^{field}:.*\n(?:  .*\n)*", "", format_new_file(FULL), count=1, flags=re.MULTILINE)
    assert parse_front_matter(update_file(without, FULL)) == parse_front_matter(format_new_file(FULL))
    front = without.replace("---\n", f"---\n{field}: [x, {{y: z}}]\n", 1)
    assert parse_front_matter(update_file(front, FULL)) == parse_front_matter(format_new_file(FULL))


def test_line_ends_and_a_byte_order_mark_are_kept() -> None:
    text = "\ufeff" + (format_new_file(FULL) + "mine\n").replace("\n", "\r\n")
    assert parse_key(text) == FULL.paper.key
    assert update_file(text, FULL) == text
    changed = update_file(text, OTHER)
    assert changed.startswith("\ufeff---\r\n")
    assert changed.count("\n") == changed.count("\r\n")
    assert changed.endswith(f"{END}\r\nmine\r\n")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (BEGIN, "", f"it does not have one line {BEGIN} and one line {END} after it"),
        (END, "", f"it does not have one line {BEGIN} and one line {END} after it"),
        (END, f"{END}\n{BEGIN}\n{END}", f"it does not have one line {BEGIN} and one line {END} after it"),
        (END, f"{END}\n{END}", f"it does not have one line {BEGIN} and one line {END} after it"),
        ("---\n", "", "it has no front matter"),
        ("---\n", "---\n: [\n", "its front matter is not valid YAML"),
        ("---\n", "---\n\x00\n", "its front matter is not valid YAML"),
        ("---\n", "---\ntitle: x\n", "its front matter has a field twice"),
        ('title: "', 'title: &t "', "its front matter is not valid YAML"),
        ("---\n", "---\n- a\n---\n", "its front matter is not a list of fields"),
        ("---\n", "---\n{a: b}\n---\n", "its front matter is not a list of fields"),
    ],
)
def test_an_ambiguous_file_is_an_error(old: str, new: str, reason: str) -> None:
    text = format_new_file(FULL).replace("status:", "same: *t\nstatus:") if "&t" in new else format_new_file(FULL)
    with pytest.raises(ReadlistError) as refused:
        update_file(text.replace(old, new, 1), OTHER)
    assert str(refused.value) == reason


@given(ANY_TEXT)
def test_a_file_name_is_safe_on_every_system(title: str) -> None:
    for name in file_names(Entry(Paper(title, key="k-000000"), Mark(""), ())):
        assert re.fullmatch(r"undated-[^\W_]+(?:-[^\W_]+)*\.md", name)
        assert name == name.casefold()
        assert len(name.encode()) <= 200


@pytest.mark.parametrize(
    "title", ["CON", "aux.txt", "../../etc/passwd", 'a/b\\c:d*e?f"g<h>i|j', ".hidden", "x.", "𝕬" * 500]
)
def test_a_title_never_leads_to_another_directory(title: str) -> None:
    assert {Path(name).name for name in file_names(Entry(Paper(title), Mark(""), ()))} == set(
        file_names(Entry(Paper(title), Mark(""), ()))
    )


# The command


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    return tmp_path / "vault"


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_exporting_again_changes_only_files_of_changed_papers(loaded: Run, vault: Path) -> None:
    result = loaded("export", "--split", vault)
    assert (result.code, result.out, result.err) == (0, "", "13 files written, 0 updated, 0 unchanged\n")
    first = contents(vault)
    assert "2025-05-27-fp4-all-the-way-fully-quantized-training-of-llms.md" in first
    assert loaded("export", "--split", vault).err == "0 files written, 0 updated, 13 unchanged\n"
    assert contents(vault) == first
    loaded("star", "12")
    assert (
        loaded("export", "is:starred", "--split", vault, "--to", "markdown").err
        == "0 files written, 1 updated, 0 unchanged\n"
    )
    assert [name for name, data in contents(vault).items() if first[name] != data] == [
        "2025-05-27-fp4-all-the-way-fully-quantized-training-of-llms.md"
    ]


def test_a_renamed_file_is_found_by_its_key_and_keeps_its_mode(loaded: Run, vault: Path) -> None:
    loaded("export", "fp4", "-a", "chmiel", "--split", vault)
    (path,) = vault.iterdir()
    (vault / "deeper").mkdir()
    moved = path.rename(vault / "deeper" / "My name for it.md")
    moved.write_bytes(moved.read_bytes() + b"mine \xff\n")
    moved.chmod(0o640)
    loaded("read", "12")
    assert loaded("export", "fp4", "-a", "chmiel", "--split", vault).err == "0 files written, 1 updated, 0 unchanged\n"
    assert list(contents(vault)) == ["deeper/My name for it.md"]
    assert b"status: read\n" in moved.read_bytes()
    assert moved.read_bytes().endswith(b"-->\nmine \xff\n")
    assert moved.stat().st_mode & 0o777 == 0o640


def test_files_of_others_are_not_changed(loaded: Run, vault: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    loaded("export", "-a", "chmiel", "--split", outside)
    (is_own_field,) = outside.iterdir()
    name, before = is_own_field.name, is_own_field.read_bytes()
    vault.mkdir()
    (vault / name).symlink_to(is_own_field)
    (vault / "elsewhere").symlink_to(outside)
    (vault / ".trash").mkdir()
    (vault / ".trash" / name).write_bytes(before)
    os.mkfifo(vault / "pipe.md")
    loaded("star", "12")
    assert loaded("export", "-a", "chmiel", "--split", vault).err == "1 file written, 0 updated, 0 unchanged\n"
    assert is_own_field.read_bytes() == (vault / ".trash" / name).read_bytes() == before
    (written,) = (path for path in vault.iterdir() if path.is_file() and not path.is_symlink())
    assert written.name == name.replace(".md", "-5d589f.md")


def test_existing_files_of_both_names_are_not_overwritten(loaded: Run, vault: Path) -> None:
    loaded("export", "-a", "chmiel", "--split", vault)
    (path,) = vault.iterdir()
    for name in (path.name, path.name.replace(".md", "-5d589f.md")):
        (vault / name).write_text("mine\n")
    result = loaded("export", "-a", "chmiel", "--split", vault)
    assert (result.code, len(result.err.splitlines())) == (1, 2)
    assert result.err.endswith("0 files written, 0 updated, 0 unchanged\n")
    assert set(contents(vault).values()) == {b"mine\n"}


def test_a_file_that_cannot_be_updated_is_reported_and_the_others_are_updated(loaded: Run, vault: Path) -> None:
    loaded("export", "--split", vault)
    path = vault / "2025-05-27-fp4-all-the-way-fully-quantized-training-of-llms.md"
    path.write_text(path.read_text(encoding="utf-8").replace(END, ""), encoding="utf-8")
    before = path.read_bytes()
    loaded("star", "12", "13")
    result = loaded("export", "--split", vault)
    assert result.code == 1
    assert result.err == (
        f"readlist: {path}: it does not have one line {BEGIN} and one line {END} after it; the file is unchanged\n"
        "0 files written, 1 updated, 11 unchanged\n"
    )
    assert path.read_bytes() == before


@pytest.mark.parametrize("more", [("-o", "x.md"), ("-o", "-"), ("--to", "json"), ("--to", "bibtex")])
def test_split_rejects_output_and_other_formats(loaded: Run, vault: Path, more: tuple[str, str]) -> None:
    result = loaded("export", "--split", vault, *more)
    assert (result.code, result.out, len(result.err.splitlines())) == (2, "", 1)
    assert not vault.exists()


def test_a_directory_that_cannot_be_written_is_an_error_in_one_line(
    loaded: Run, tmp_path: Path, own_folders: Path
) -> None:
    (tmp_path / "file").write_text("mine")
    for folder in (tmp_path / "file", tmp_path / "no" / "such", tmp_path / ("x" * 300), own_folders / "home"):
        result = loaded("export", "--split", folder)
        assert (result.code, result.out, len(result.err.splitlines())) == (1, "", 1)
    assert (tmp_path / "file").read_text() == "mine"


def test_loading_an_exported_vault_adds_no_papers(loaded: Run, vault: Path) -> None:
    loaded("export", "--split", vault)
    before = loaded("list", "--json").json
    loaded("load", vault)
    after = loaded("list", "--json").json
    assert [entry["key"] for entry in after] == [entry["key"] for entry in before]


@pytest.mark.parametrize("text", HOSTILE)
def test_links_in_a_file_are_the_papers_own(text: str) -> None:
    entry = Entry(Paper(text, (text,), text, {"en": text}, url="https://own.example/x", key="k-000000"), Mark(""), ())
    assert links_and_text(block_text(format_new_file(entry)))[0] in ([paper_url(entry.paper)], [])
