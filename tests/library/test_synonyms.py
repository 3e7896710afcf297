"""Synonyms: groups of words that edits join and split, stored in marks.json, undone and redone."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readlist import definition_edits
from readlist.errors import NoSuchItem, UsageError
from readlist.library.library import Library
from readlist.models import Synonyms, UserDefinitions
from readlist.text import fold
from tests.conftest import Run
from tests.library_files import LibraryFiles

NOON = dt.datetime(2025, 2, 11, 12, tzinfo=dt.UTC)
WORDS = ("사전학습", "Pretraining", "pretraining", "KD", "지식 증류", "knowledge distillation", "c++", "C#")


def build(*groups: str) -> UserDefinitions:
    """Return definitions with these groups, each of words with "=" between them."""
    words = [tuple(group.split("=")) for group in groups]
    return UserDefinitions(synonyms={fold(group[0]): Synonyms(group, NOON) for group in words})


def apply(
    edit: definition_edits.AddSynonyms | definition_edits.DeleteSynonym, known: UserDefinitions
) -> dict[str, str]:
    """Return the groups after an edit by their keys, with "=" between their words."""
    groups = {**known.synonyms, **edit.apply(known).synonyms}
    return {name: "=".join(group.words) for name, group in groups.items() if group}


def add(text: str, *groups: str) -> dict[str, str]:
    return apply(definition_edits.AddSynonyms.parse(text), build(*groups))


def delete(word: str, *groups: str) -> dict[str, str]:
    return apply(definition_edits.DeleteSynonym.parse(word), build(*groups))


# Adding


def test_words_are_a_group_as_they_were_written_by_the_folded_first_one() -> None:
    assert add(" Pre-Training  =사전학습=  knowledge   distillation") == {
        "pre-training": "Pre-Training=사전학습=knowledge distillation"
    }


def test_words_of_which_one_has_synonyms_join_its_group() -> None:
    assert add("프리트레이닝 = pretraining", "사전학습=pretraining") == {
        "사전학습": "사전학습=pretraining=프리트레이닝"
    }
    assert add("x = y", "사전학습=pretraining") == {"사전학습": "사전학습=pretraining", "x": "x=y"}


@pytest.mark.parametrize("text", ["b = d", "d = b", "c = a", "b = x = d"])
def test_groups_that_share_a_word_become_one_with_the_smallest_key(text: str) -> None:
    (joined,) = add(text, "c=d", "a=b").items()
    assert joined == ("a", "a=b=c=d" + "=x" * ("x" in text))


def test_a_second_spelling_of_a_word_is_not_added() -> None:
    assert add("a = KD = kd = Ｋd") == {"a": "a=KD"}
    assert add("사전 학습 = kd = KL", "사전 학습=KD") == {"사전 학습": "사전 학습=KD=KL"}


@pytest.mark.parametrize("text", ["사전학습 = pretraining", "PRETRAINING = 사전학습", "c = pretraining"])
def test_adding_what_is_there_changes_nothing(text: str) -> None:
    assert definition_edits.AddSynonyms.parse(text).apply(build("사전학습=pretraining=c", "x=y")) == UserDefinitions()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty word; write: readlist words add WORD = WORD"),
        ("a", "synonyms need two different words: a; write: "),
        ("KD = kd", "synonyms need two different words: KD = kd; "),
        ("a = = b", "empty word; "),
        ("a =", "empty word; "),
        ("\u200b = a", "empty word; "),
        ("a = ★", "no letter or digit in: ★; "),
        (f"a = {'x' * 65}", "word is too long: 65 characters; the maximum is 64: xxx"),
        ("=".join(map(str, range(21))), "too many synonyms in one group: 21; the maximum is 20"),
        ("a = na\udcefve", "text is not UTF-8: "),
    ],
)
def test_invalid_words_are_refused(text: str, message: str) -> None:
    with pytest.raises(UsageError) as refused:
        definition_edits.AddSynonyms.parse(text)
    assert str(refused.value).startswith(message)


def test_the_longest_words_and_the_largest_group_are_accepted() -> None:
    assert len(definition_edits.AddSynonyms.parse(f"{'x' * 64} = {'학' * 64}").words) == 2
    assert len(definition_edits.AddSynonyms.parse("=".join(map(str, range(20)))).words) == 20


def test_groups_are_not_joined_to_one_that_is_too_large() -> None:
    first, second = ("=".join(f"{letter}{number}" for number in range(11)) for letter in "ab")
    with pytest.raises(UsageError, match="too many synonyms in one group: 22; the maximum is 20"):
        add("a1 = b1", first, second)


# Deleting


def test_a_word_leaves_its_group_by_any_spelling() -> None:
    assert delete("KNOWLEDGE  distillation", "KD=knowledge distillation=지식 증류") == {"kd": "KD=지식 증류"}


def test_a_group_without_its_first_word_has_the_key_of_the_next_one() -> None:
    assert delete("kd", "KD=Knowledge distillation=지식 증류") == {
        "knowledge distillation": "Knowledge distillation=지식 증류"
    }


def test_a_group_of_one_word_is_deleted() -> None:
    assert delete("a", "a=b", "c=d") == {"c": "c=d"}


def test_an_unknown_word_is_an_error_that_lists_those_that_exist() -> None:
    with pytest.raises(NoSuchItem, match=r"^no synonyms of: x; words with synonyms: a, b, c$"):
        delete("x", "c=b=a")
    with pytest.raises(NoSuchItem, match=r"and 1 more$"):
        delete("x", "=".join("abcdefghijk"))
    with pytest.raises(NoSuchItem, match=r"^no synonyms of: x; there are no synonyms yet$"):
        delete("x")
    with pytest.raises(UsageError, match="empty word"):
        delete("\u200b")


def test_a_word_that_another_program_put_into_two_groups_is_deleted_from_both() -> None:
    assert delete("b", "a=b=c", "d=b") == {"a": "a=c"}
    assert add("b = x", "a=b=c", "d=b") == {"a": "a=b=c=d=x"}


# In the library


@pytest.fixture
def library(own_folders: Path) -> Library:
    return Library(LibraryFiles(own_folders).directories)


def test_a_group_is_a_record_of_marks_json(library: Library) -> None:
    applied = library.apply(definition_edits.AddSynonyms.parse("사전학습 = pretraining"))
    (group,) = applied.definitions.synonyms.values()
    assert group is not None
    record = json.loads((library.directories.data / "marks.json").read_bytes())["synonyms"]["사전학습"]
    assert record.pop("sum")
    assert record == {"words": ["사전학습", "pretraining"], "at": f"{group.at:%Y-%m-%dT%H:%M:%SZ}"}
    assert library.definitions() == UserDefinitions(synonyms={"사전학습": group})


def test_undo_names_the_synonyms_that_another_program_changed(run: Run, own_folders: Path) -> None:
    run("words", "add", "a = b")
    run("words", "add", "c = d")
    newest = max(LibraryFiles(own_folders).history.glob("*.done"))
    run("words", "add", "d = x")
    max(LibraryFiles(own_folders).history.glob("*.done")).unlink()  # as if another machine had added it
    done = run("undo")
    assert done.code == 1
    assert done.err.startswith("readlist: cannot undo: words add c = d; another program changed it: synonyms of c; ")
    assert not newest.exists()
    assert run("words").out == "a = b\nc = d = x\n"


def test_a_deleted_group_is_restored_from_a_backup(run: Run, own_folders: Path) -> None:
    run("words", "add", "a = b")
    (own_folders / "home" / "marks.json").unlink()
    assert run("backup", "restore").err.endswith(": 1 saved query, tag name or synonym group changed\n")
    assert run("words").out == "a = b\n"


STEPS = st.lists(
    st.one_of(
        st.lists(st.sampled_from(WORDS), min_size=2, max_size=3, unique_by=fold)
        .map(tuple)
        .map(definition_edits.AddSynonyms),
        st.sampled_from(WORDS).map(definition_edits.DeleteSynonym),
    ),
    max_size=8,
)


def words_of(groups: Iterable[Synonyms | None]) -> list[str]:
    return [fold(word) for group in groups if group for word in group.words]


@settings(max_examples=25, deadline=None)
@given(before=STEPS, steps=STEPS)
def test_no_word_is_ever_in_two_groups_and_undoing_all_steps_restores_the_former_groups(
    tmp_path_factory: pytest.TempPathFactory,
    before: list[definition_edits.AddSynonyms | definition_edits.DeleteSynonym],
    steps: list[definition_edits.AddSynonyms | definition_edits.DeleteSynonym],
) -> None:
    library = Library(LibraryFiles(tmp_path_factory.mktemp("library")).directories)
    for edit in before:
        take_step(library, edit)
    former = library.definitions()
    done = sum(take_step(library, edit) for edit in steps)
    last = library.definitions()
    assert len(library.undo(done)) == done
    assert library.definitions() == former
    assert len(library.redo(done)) == done
    assert library.definitions() == last


def take_step(library: Library, edit: definition_edits.AddSynonyms | definition_edits.DeleteSynonym) -> bool:
    """Apply an edit; returns whether it changed something."""
    try:
        changed = library.apply(edit).definitions.synonyms
    except NoSuchItem:
        return False
    groups = library.definitions().synonyms
    words = words_of(groups.values())
    assert len(words) == len(set(words))
    assert all(group and fold(group.words[0]) == name and len(group.words) > 1 for name, group in groups.items())
    if isinstance(edit, definition_edits.AddSynonyms):
        assert any(set(map(fold, edit.words)) <= set(words_of([group])) for group in groups.values())
    else:
        assert fold(edit.word) not in words
    return bool(changed)
