"""`readlist search`, `list`, `show`, `tags`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conftest import Done, Run
from tests.hostile import strip_colors

GRPO = [
    "On the Effect of Negative Gradient in Group Relative Deep Reinforcement Optimization",
    "Learning to Reason without External Rewards",
]


def titles(done: Done) -> list[str]:
    assert done.code == 0, done.err
    return [entry["title"] for entry in done.json]


def test_search_finds_the_papers_that_speak_of_grpo(loaded: Run) -> None:
    assert sorted(titles(loaded("search", "GRPO", "--json"))) == sorted(GRPO)


def test_a_misspelled_word_is_corrected_with_a_notice_on_stderr(loaded: Run) -> None:
    done = loaded("search", "quantizd")
    assert done.out.split("\t")[0] == "12"
    assert 'No match for "quantizd"; showing results for "quantized"' in done.err


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("추론", [9, 11]),
        ("데이타", [9]),
        ("unit scaling", [5]),
        ("author:levine", [9]),
        ("levien", [9]),
        ("Levine Sergey", [9]),
        ('"KL penalty"', [1]),
        ("2310.15389", [8]),
        ("tag:rl -tag:synthetic-data reward", [1, 2, 9, 13]),
        ("c++", []),
        ("don't", []),
        ("rope", []),
    ],
)
def test_search_finds_papers_by_words_names_phrases_and_ids(loaded: Run, query: str, ids: list[int]) -> None:
    found = [hit["id"] for hit in loaded("search", query, "--json").json if not hit["matched"] or hit["matched"]["all"]]
    assert (found[:1], sorted(found)) == (ids[:1], sorted(ids))
    assert sorted(hit["id"] for hit in loaded("search", "--exact", query, "--json").json) <= sorted(ids)


def test_a_word_after_a_hyphen_is_excluded_with_or_without_quotes(loaded: Run) -> None:
    for args in (
        ["reasoning", "-distillation", "-tag:synthetic-data"],
        ["reasoning -distillation -tag:synthetic-data"],
    ):
        found = {entry["id"] for entry in loaded("search", *args, "--json").json}
        assert 9 in found
        assert not found & {1, 7, 11}


def test_list_is_newest_first_and_within_a_digest_in_its_order(loaded: Run) -> None:
    assert [entry["id"] for entry in loaded("list", "--json").json] == [9, 10, 11, 12, 13, *range(1, 9)]


def test_a_pipe_gets_one_tab_separated_line_a_paper(loaded: Run) -> None:
    loaded("read", "12")
    loaded("star", "12")
    assert loaded("list", "tag:quantization", "--until", "2025-05-27", "--since", "2025-05").out == (
        "12\t2025-05-27\tread\t*\tFP4 All the Way: Fully Quantized Training of LLMs\t"
        "Brian Chmiel, Maxim Fishman, Ron Banner, Daniel Soudry\t#quantization\n"
    )


FILTERS = [
    (["--tag", "rl", "-t", "synthetic-data"], "tag:rl tag:synthetic-data", [11]),
    (["--author", "levine"], "author:levine", [9]),
    (["--read"], "is:read", [1]),
    (["--skipped", "--reading"], "is:skipped OR is:reading", [2, 3]),
    (["--starred"], "is:starred", [2]),
    (["--unread", "--since", "2025-05-27"], "is:unread date:2025-05-27..", [9, 10, 11, 12, 13]),
    (["--until", "2025-02-11", "--tag", "rl", "--unread"], "date:..2025-02-11 tag:rl is:unread", []),
    (["reward", "--tag", "rl"], "reward tag:rl", [1, 2, 9, 11, 13]),
    (["quantizd"], "quantizd", [12]),
    (["추론", "--unread"], "추론 is:unread", [9, 11]),
    (
        ["tag:rl", "-tag:synthetic-data", "--since", "2025-03"],
        "tag:rl NOT tag:synthetic-data date:2025-03..",
        [9, 10, 13],
    ),
]
"""Options, the equivalent query, and the papers that match, where 1 is read, 2 being read and starred, 3 skipped."""


@pytest.fixture
def marked(loaded: Run) -> Run:
    for command, item in (("read", "1"), ("reading", "2"), ("skip", "3"), ("star", "2")):
        loaded(command, item)
    return loaded


@pytest.mark.parametrize(("options", "query", "ids"), FILTERS)
def test_every_command_finds_the_same_papers(marked: Run, options: list[str], query: str, ids: list[int]) -> None:
    for asked in (options, [query]):
        hits = marked("search", *asked, "--json").json
        assert sorted(hit["id"] for hit in hits if not hit["matched"] or hit["matched"]["all"]) == ids
        assert sorted(entry["id"] for entry in marked("list", *asked, "--json").json) == ids
        assert sorted(entry["id"] for entry in marked("export", *asked, "--to", "json").json) == ids
    marked("tag", "--where", query, "--add", "chosen", "--yes")
    assert sorted(entry["id"] for entry in marked("list", "tag:chosen", "--json").json) == ids


def test_limit_counts_papers_and_0_is_all(loaded: Run) -> None:
    assert len(loaded("list", "--json", "--limit", "3").json) == 3
    assert len(loaded("list", "--json", "--limit", "0").json) == 13


def test_a_search_without_matches_is_no_failure(loaded: Run) -> None:
    done = loaded("search", "xqzwvkjh")
    assert (done.code, done.out) == (0, "")
    assert done.err.startswith("No papers match")


def test_in_an_empty_library_commands_print_how_to_add_papers(run: Run) -> None:
    done = run("search", "anything")
    assert (done.code, done.out) == (0, "")
    assert "readlist load" in done.err
    assert run("list", "--json").out == "[]\n"


def test_papers_with_most_of_the_words_are_found_where_none_has_all(loaded: Run) -> None:
    done = loaded("search", "GRPO", "xqzwvkjh", "--json")
    assert sorted(titles(done)) == sorted(GRPO)


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["show", "99"], 3, "no paper has ID 99"),
        (["show", "no-such-key"], 3, "no paper has the arXiv ID, DOI or key: no-such-key"),
        (
            ["show", "99", "15-18", "2401.00001"],
            3,
            "no paper has ID 99, 15-18; no paper has the arXiv ID, DOI or key: 2401",
        ),
        (["list", "--since", "yesterweek"], 2, "--since: invalid date: yesterweek"),
        (["list", "is:finished"], 2, "finished"),
        (["list", "--limit", "-1"], 2, "--limit"),
        (["list", "--no-such-option"], 2, "no such option: --no-such-option; see: readlist list --help"),
        (["lst"], 2, "no such command: lst; did you mean: list?"),
        (["serch"], 2, "no such command: serch; did you mean: search?"),
        (["list", "--sincee", "7d"], 2, "no such option: --sincee; did you mean: --since?"),
        (["search", "--since"], 2, "option --since needs a value; see: readlist search --help"),
        (["list", "--json=3"], 2, "option --json takes no value; see: readlist list --help"),
        (["list", "-n", "x"], 2, "invalid value for --limit: x; write a number; see: readlist list --help"),
        (["list", "-n", "-3"], 2, "invalid value for --limit: -3; the minimum is 0; see: readlist list --help"),
        (["digests", "x"], 2, "unexpected argument: x; usage: readlist digests [OPTIONS]"),
        (["load"], 2, "missing argument: SOURCE; usage: readlist load [OPTIONS] SOURCE..."),
        (["tags", "rename", "rl"], 2, "missing argument: NEW; usage: readlist tags rename [OPTIONS] OLD NEW"),
        (["query", "shw"], 2, "no such command: query shw; did you mean: query show"),
        (["digests", "forget", "x"], 2, "no such command: digests forget; did you mean: sources forget?"),
    ],
)
def test_a_user_error_is_one_line_with_its_exit_code(loaded: Run, args: list[str], code: int, message: str) -> None:
    done = loaded(*args)
    assert (done.code, done.out) == (code, "")
    assert message in done.err.splitlines()[0]
    assert done.err.startswith("readlist: ")


def test_show_prints_everything_of_a_paper(loaded: Run) -> None:
    loaded("note", "9", "try it on code")
    page = " ".join(loaded("show", "9").out.split())
    for text in (
        "Learning to Reason without External Rewards",
        "Xuandong Zhao, Zhewei Kang, Aosong Feng, Sergey Levine, Dawn Song",
        "We propose Intuitor",
        "데이터 없이 성능을 향상시키는 시도가",
        "Would it be a good direction?",
        "https://github.com/sunblaze-ucb/Intuitor",
        "2504.05812",
        "2025-05-27",
        "#rl",
        "try it on code",
    ):
        assert text in page


def test_show_folds_a_long_list_of_authors_on_a_terminal_only(run: Run, on_terminal: Callable[..., Done]) -> None:
    names = ", ".join(f"Ada Author{chr(ord('a') + i)}" for i in range(12))
    run("load", "-", stdin=f"2025-02-11\nOn Tides\n({names})\nTides rise and fall.\n")
    folded = strip_colors(on_terminal("show", "1").out)
    assert folded.splitlines()[1].strip() == "Ada Authora, Ada Authorb, Ada Authorc and 9 more"
    for done in (on_terminal("show", "1", "--all-authors"), run("show", "1"), run("show", "1", "--json")):
        assert "Ada Authorl" in " ".join(done.out.split())


def test_show_takes_ids_ranges_keys_and_stdin(loaded: Run) -> None:
    key = loaded("list", "author:levine", "--json").json[0]["key"]
    done = loaded("show", "3-4", key, "-", "--json", stdin="12\tanything\n13\n")
    assert [entry["id"] for entry in done.json] == [3, 4, 9, 12, 13]


def test_tags_are_counted(loaded: Run) -> None:
    loaded("read", "9-10")
    assert loaded("tags", "--since", "2025-05-27", "--json").json == [
        {"tag": "reasoning", "papers": 4, "unread": 2},
        {"tag": "rl", "papers": 4, "unread": 2},
        {"tag": "quantization", "papers": 1, "unread": 1},
        {"tag": "synthetic-data", "papers": 1, "unread": 1},
    ]


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_a_table_fits_the_terminal(loaded: Run, on_terminal: Callable[..., Done], columns: int) -> None:
    from wcwidth import wcswidth

    loaded("tag", "1", "--add", "강화학습")
    done = on_terminal("list", columns=columns, NO_COLOR="1")
    assert done.code == 0
    assert max(wcswidth(line) for line in done.out.splitlines()) <= columns


def test_no_color_leaves_no_escape_sequence(loaded: Run, on_terminal: Callable[..., Done]) -> None:
    assert "\x1b" in on_terminal("list").out
    plain = on_terminal("list", NO_COLOR="1").out
    assert "\x1b[3" not in plain


@pytest.mark.parametrize(
    ("field", "command", "reverse"),
    [
        ("read", ("read", "12"), ("unread", "12")),
        ("starred", ("star", "12"), ("unstar", "12")),
        ("noted", ("note", "12", "compare"), ("note", "12", "--clear")),
    ],
)
def test_papers_are_found_by_the_day_on_which_they_were_marked(
    loaded: Run, field: str, command: tuple[str, ...], reverse: tuple[str, ...]
) -> None:
    def found(query: str) -> list[int]:
        return [entry["id"] for entry in loaded("list", query, "--json").json]

    assert found(f"{field}:today") == []
    loaded(*command)
    assert found(f"{field}:today") == found(f"{field}:1d") == [12]
    assert found(f"{field}:..2024") == []
    loaded(*reverse)
    assert found(f"{field}:today") == []
