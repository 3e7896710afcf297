"""`readlist tags rename`: a tag has another name on every paper, also on papers loaded later."""

from __future__ import annotations

import contextlib
import datetime as dt
import sqlite3
from pathlib import Path

import pytest

from readlist.definition_edits import RenameTag
from readlist.definitions import TagAlias, UserDefinitions
from readlist.edits import build_entry
from readlist.models import Mark, Paper
from readlist.search.index import checksum
from tests.conftest import Run
from tests.search.index_file import contents


def counts(run: Run) -> dict[str, int]:
    return {count["tag"]: count["papers"] for count in run("tags", "--json").json}


def ids(run: Run, query: str) -> list[int]:
    return sorted(entry["id"] for entry in run("list", "--json", query).json)


def of(run: Run, item: str) -> tuple[list[str], list[str]]:
    entry = run("show", item, "--json").json[0]
    return entry["tags"], entry["my_tags"]


NOON = dt.datetime(2025, 2, 11, 12, tzinfo=dt.UTC)
RL = [1, 2, 9, 10, 11, 13]


def test_a_tag_is_renamed_in_every_paper_and_every_command(loaded: Run) -> None:
    before = counts(loaded)
    done = loaded("tags", "rename", "#RL", "policy-learning")
    assert (done.code, done.out) == (0, "")
    assert done.err == "Renamed #RL to #policy-learning; 6 papers have this tag\n"
    after = counts(loaded)
    assert after.pop("policy-learning") == before.pop("rl")
    assert after == before
    assert ids(loaded, "tag:policy-learning") == RL
    assert of(loaded, "13")[0] == ["policy-learning", "reasoning"]
    assert "#policy-learning" in loaded("export", "id:13").out
    assert "rl" not in loaded("list").out.split("\t")[-1]


def test_a_query_for_the_old_name_matches_the_new_one(loaded: Run) -> None:
    loaded("tags", "rename", "rl", "policy-learning")
    assert ids(loaded, "tag:RL") == RL
    assert ids(loaded, "-tag:rl") == [3, 4, 5, 6, 7, 8, 12]
    assert ids(loaded, "is:unread tag:rl OR tag:quantization") == [*RL[:-1], 12, 13]
    assert [entry["id"] for entry in loaded("list", "--json", "--tag", "rl", "--limit", "1").json] == [9]


def test_two_tags_become_one(loaded: Run) -> None:
    both = len({*ids(loaded, "tag:rl"), *ids(loaded, "tag:reasoning")})
    merged = "Merged #rl (6 papers) into #reasoning (7 papers)"
    assert loaded("tags", "rename", "rl", "reasoning").err == f"{merged}; {both} papers have this tag\n"
    assert counts(loaded)["reasoning"] == both
    assert of(loaded, "13")[0] == ["reasoning"]


def test_papers_that_are_loaded_later_have_the_new_name(run: Run, seeds: Path) -> None:
    first, second = sorted(seeds.iterdir())
    run("load", first)
    before = counts(run)["rl"]
    run("tags", "rename", "rl", "policy-learning")
    run("load", second)
    assert counts(run)["policy-learning"] > before
    assert "rl" not in counts(run)


def test_own_tags_are_renamed_and_can_be_added_and_removed_by_either_name(loaded: Run) -> None:
    loaded("tag", "12", "--add", "fp4", "--add", "to-read")
    loaded("tags", "rename", "fp4", "low-precision")
    assert of(loaded, "12") == (["quantization", "low-precision", "to-read"], ["low-precision", "to-read"])
    assert loaded("tag", "3", "--add", "FP4").err.startswith("Added #low-precision: 3 ")
    assert loaded("tag", "12", "--remove", "fp4").err.startswith("Removed #low-precision: 12 ")
    assert ids(loaded, "tag:low-precision") == [3]
    loaded("tags", "rename", "rl", "policy-learning")
    loaded("tag", "13", "--remove", "policy-learning")
    assert of(loaded, "13") == (["reasoning"], [])
    loaded("tags", "rename", "policy-learning", "rl")
    assert of(loaded, "13") == (["reasoning"], [])
    loaded("tag", "13", "--add", "rl")
    assert of(loaded, "13") == (["rl", "reasoning"], [])


def test_a_corrupt_alias_in_the_index_never_reaches_a_mark(loaded: Run, own_folders: Path) -> None:
    """The table of aliases has no checksum of its own, and that of the file may have been computed after a bit flip."""
    loaded("tags", "rename", "rl", "policy-learning")
    (index,) = (own_folders / "cache").rglob("index.sqlite")
    with checksum.open_to_sum(index) as file:
        with contextlib.closing(sqlite3.connect(index)) as connection:
            connection.execute("UPDATE aliases SET new = 'qolicy-learning'")
            connection.commit()
        checksum.set_clean_time(index, file)
    loaded("tag", "12", "--add", "rl")
    index.unlink()
    assert of(loaded, "12") == (["quantization", "policy-learning"], ["policy-learning"])


def test_a_tag_cannot_be_added_and_removed_under_two_names(loaded: Run) -> None:
    loaded("tags", "rename", "rl", "policy-learning")
    done = loaded("tag", "12", "--add", "rl", "--remove", "policy-learning")
    assert done.code == 2
    assert done.err == "readlist: tag is both added and removed: #policy-learning; pass it once\n"


def test_names_lead_to_one_name_and_back(loaded: Run) -> None:
    loaded("tags", "rename", "rl", "a")
    loaded("tags", "rename", "a", "b")
    assert (ids(loaded, "tag:rl"), ids(loaded, "tag:a"), counts(loaded)["b"]) == (RL, RL, 6)
    merged = "Merged #quantization (1 paper) into #b (6 papers)"
    assert loaded("tags", "rename", "quantization", "rl").err == f"{merged}; 7 papers have this tag\n"
    assert loaded("tags", "rename", "b", "rl").err == "Renamed #b to #rl; 7 papers have this tag\n"
    assert counts(loaded)["rl"] == 7
    done = loaded("tags", "rename", "quantization", "x")
    assert (done.code, done.err) == (3, "readlist: no paper has the tag: #quantization; it was renamed to #rl\n")


def test_renaming_back_or_undo_restores_the_previous_tags(loaded: Run) -> None:
    before = loaded("list", "--json").out
    loaded("tags", "rename", "rl", "policy-learning")
    renamed = loaded("list", "--json").out
    loaded("tags", "rename", "policy-learning", "rl")
    assert loaded("list", "--json").out == before
    assert loaded("undo").err == "Undone: tags rename policy-learning rl\n"
    assert loaded("list", "--json").out == renamed
    loaded("undo")
    assert loaded("list", "--json").out == before
    loaded("tags", "rename", "rl", "reasoning")  # two become one
    merged = loaded("list", "--json").out
    loaded("undo")
    assert loaded("list", "--json").out == before
    loaded("redo")
    assert loaded("list", "--json").out == merged


def test_a_tag_may_get_another_spelling(loaded: Run) -> None:
    err = loaded("tags", "rename", "rl", "RL").err
    assert err == "Changed the spelling of #rl to #RL; 6 papers have this tag\n"
    assert counts(loaded)["RL"] == 6
    assert loaded("tags", "rename", "rl", "RL").err == "#rl is already named #RL\n"
    assert loaded("history", "--json").json[0]["description"] == "tags rename rl RL"
    loaded("tags", "rename", "RL", "policy")
    assert counts(loaded)["policy"] == 6


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["reinforcment", "x"], 3, "no paper has the tag: #reinforcment"),
        (["quantizatio", "x"], 3, "no paper has the tag: #quantizatio; did you mean: tag:quantization?"),
        (["rl", "two words"], 2, "invalid tag: two words; "),
        (["rl", "#rl"], 2, "OLD and NEW are the same tag: #rl\n"),
        (["rl", "#"], 2, "invalid tag: #; "),
        (["rl", "x" * 65], 2, "invalid tag: "),
    ],
)
def test_an_unknown_or_invalid_tag_cannot_be_renamed(loaded: Run, args: list[str], code: int, message: str) -> None:
    done = loaded("tags", "rename", *args)
    assert (done.code, done.err.startswith(f"readlist: {message}")) == (code, True)
    assert len(loaded("history", "--json").json) == 1


def test_tags_rename_is_never_a_query_and_any_other_words_after_tags_are(loaded: Run) -> None:
    loaded("note", "12", "rename this policy")
    usage = "usage: readlist tags rename [OPTIONS] OLD NEW\n"
    for words, fault in (([], "missing argument: OLD"), (["rl"], "missing argument: NEW")):
        done = loaded("tags", "rename", *words)
        assert (done.code, done.out, done.err) == (2, "", f"readlist: {fault}; {usage}")
    assert loaded("tags", "rename", "rl", "b", "c").code == 2
    assert loaded("tags", "rename policy").out == "quantization\t1\t1\n"
    assert loaded("tags", "this", "rename", "policy", "id:12").out == "quantization\t1\t1\n"
    assert loaded("tags", "--", "rename").out == "quantization\t1\t1\n"
    assert loaded("tags", "rename", "--help").out.startswith("Usage: readlist tags rename ")
    assert "reasoning" in counts(loaded)


def test_the_index_after_each_change_equals_a_rebuilt_one(loaded: Run, own_folders: Path) -> None:
    (index,) = (own_folders / "cache").rglob("index.sqlite")
    for args in (
        ["tag", "3", "12", "--add", "own"],
        ["tags", "rename", "own", "reasoning"],
        ["tags", "rename", "reasoning", "Thinking"],
        ["tag", "12", "--remove", "thinking"],
        ["tags", "rename", "thinking", "rl"],
        ["undo"],
        ["query", "save", "mine", "tag:own"],
        ["tags", "rename", "thinking", "own"],
        ["undo", "6"],
        ["redo", "4"],
    ):
        assert loaded(*args).code == 0
        changed = contents(index)
        index.unlink()
        loaded("list")
        assert contents(index) == changed, args
        assert loaded("doctor").code == 0


def test_a_hidden_tag_stays_hidden_under_its_new_name_unless_it_is_the_user_s_own() -> None:
    paper = Paper("T", tags=("rl", "RLHF"), key="t")
    assert build_entry(paper, Mark("t", tags_removed=("rl",)), {"rl": "alignment"}).tags == ("RLHF",)
    assert build_entry(paper, Mark("t", tags_removed=("rl",)), {"rl": "rlhf"}).tags == ()
    own = build_entry(paper, Mark("t", tags_removed=("rl",), tags_added=("mine",)), {"mine": "RL"})
    assert (own.tags, own.mark.tags_removed) == (("rl", "RLHF"), ())


def test_joining_again_is_no_change() -> None:
    renames = {"rl": "RLHF", "x": "RLHF", "fp8": "FP8"}
    mark = Mark("t", tags_added=("x", "y"), tags_removed=("fp8",))
    once = build_entry(Paper("T", tags=("rl", "fp8"), key="t"), mark, renames)
    assert build_entry(once.paper, once.mark, renames) == once


def test_no_name_leads_to_a_second_one() -> None:
    known: dict[str, str] = {}
    for old, new in [("a", "b"), ("b", "c"), ("d", "a"), ("c", "a"), ("a", "c"), ("c", "C"), ("e", "c"), ("c", "a")]:
        change = RenameTag.parse(old, new).apply(UserDefinitions(aliases=_renames(known)))
        known = {name: to for name, to in (known | _tags(change)).items() if to}
        assert not {to.casefold() for to in known.values()} & {
            name for name, to in known.items() if name != to.casefold()
        }
    assert known == {"b": "a", "c": "a", "d": "a", "e": "a"}


def _renames(known: dict[str, str]) -> dict[str, TagAlias | None]:
    return {old: TagAlias(old, new, NOON) for old, new in known.items()}


def _tags(change: UserDefinitions) -> dict[str, str]:
    return {old: renamed.new if renamed else "" for old, renamed in change.aliases.items()}
