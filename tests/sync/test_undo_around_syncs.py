"""Undo, redo and the history of a library that is synced: a sync is listed, never undone, and what it changed stays."""

from __future__ import annotations

from tests.sync.machines import Machine, Pair

BECAUSE = "because a sync changed it"


def history(machine: Machine) -> list[str]:
    return [line.split("\t")[1] for line in machine.run("history").splitlines()]


def test_the_history_lists_what_a_sync_received_and_undo_passes_over_it(pair: Pair) -> None:
    pair.laptop.run("star", "5")
    pair.laptop.sync()
    pair.desk.run("star", "3")
    assert pair.desk.sync() == "Received 1 mark, sent 1 mark."
    assert history(pair.desk)[:2] == ["sync: received 1 mark", "star 3"]
    assert pair.desk.run("undo") == "Undone: star 3\n"
    assert pair.desk.starred() == {1, 5}
    assert pair.settle().marks.keys() == {"Policy reward number 1", "Latent reward number 2", "Scaling reward number 5"}


def test_a_sync_that_received_nothing_is_not_listed(pair: Pair) -> None:
    pair.desk.run("star", "3")
    assert pair.desk.sync() == "Sent 1 mark."
    assert history(pair.desk)[0] == "star 3"


def test_what_a_sync_changed_since_is_left_alone_and_named(pair: Pair) -> None:
    pair.desk.run("read", "3-5")
    pair.desk.sync()
    pair.laptop.sync()
    pair.laptop.run("skip", "4")
    pair.laptop.sync()
    pair.desk.sync()
    undone = pair.desk.call("undo")
    assert (undone.code, undone.output) == (1, f"Undone: read 3-5; not changed, {BECAUSE}: 4 Token reward number 4\n")
    assert pair.desk.sync() == "Sent 2 marks."
    assert pair.settle().marks["Token reward number 4"] == {"status": "skipped"}


def test_a_change_of_which_a_sync_changed_everything_is_not_undone(pair: Pair) -> None:
    pair.desk.run("note", "5", "mine")
    pair.desk.sync()
    pair.laptop.sync()
    pair.laptop.run("note", "5", "theirs")
    pair.laptop.sync()
    pair.desk.sync()
    undone = pair.desk.call("undo")
    assert undone.code == 1
    assert "cannot undo: note 5; a sync changed it: 5 Scaling reward number 5; " in undone.output
    assert pair.settle().marks["Scaling reward number 5"] == {"note": "mine\n\ntheirs"}
    assert pair.desk.run("undo") == "Undone: query save fresh\n"


def test_other_fields_that_a_sync_changed_do_not_keep_a_change_from_being_undone(pair: Pair) -> None:
    pair.desk.run("star", "5")
    pair.laptop.run("read", "5")
    pair.laptop.sync()
    pair.desk.sync()
    assert pair.desk.run("undo") == "Undone: star 5\n"
    assert pair.settle().marks["Scaling reward number 5"] == {"status": "read"}


def test_redo_after_a_sync_reaches_the_other_machine(pair: Pair) -> None:
    pair.desk.run("star", "3")
    pair.desk.sync()
    pair.desk.run("undo")
    pair.desk.sync()
    pair.laptop.run("star", "6")
    assert pair.laptop.sync() == "Sent 1 mark."
    pair.desk.sync()
    assert pair.desk.run("redo") == "Redone: star 3\n"
    pair.settle()
    assert pair.laptop.starred() == {1, 3, 6}


def test_undo_of_several_changes_goes_across_syncs(pair: Pair) -> None:
    for number in ("3", "4", "5"):
        pair.laptop.run("star", f"1{number}" if number == "9" else str(int(number) + 3))
        pair.laptop.sync()
        pair.desk.run("star", number)
        pair.desk.sync()
    assert pair.desk.run("undo", "3").splitlines() == ["Undone: star 5", "Undone: star 4", "Undone: star 3"]
    pair.settle()
    assert pair.desk.starred() == pair.laptop.starred() == {1, 6, 7, 8}


def test_undo_mine_passes_over_syncs_and_commands_of_cron(pair: Pair) -> None:
    pair.laptop.run("star", "6")
    pair.laptop.sync()
    pair.desk.run("star", "3")
    pair.desk.load(range(11, 13), day=11)  # unattended, like all commands here that do not read a terminal
    pair.desk.sync()
    assert pair.desk.run("undo", "--mine") == "Undone: star 3\n"
    pair.settle()
    assert pair.laptop.starred() == {1, 6}


def test_a_load_that_was_sent_and_undone_comes_back_with_a_message(pair: Pair) -> None:
    pair.desk.load(range(11, 14), day=11)
    pair.desk.sync()
    assert pair.desk.run("undo") == "Undone: load 2025-02-11.txt: 3 papers added\n"
    assert pair.desk.sync().splitlines() == [
        "papers that were removed here without `delete` came back: 11-13; to remove: readlist delete 11-13",
        "Received 3 papers.",
    ]
    pair.desk.run("delete", "11-13")
    assert sum(not paper["is_deleted"] for paper in pair.settle().papers.values()) == 10


def test_an_undone_merge_is_separate_on_the_other_machine_too(pair: Pair) -> None:
    pair.desk.run("merge", "8", "9")
    assert pair.desk.sync() == "Sent 1 paper."
    assert "paper 9 was merged into 8" in pair.laptop.sync()
    pair.laptop.run("note", "8", "seen on the laptop")
    assert pair.desk.run("undo") == "Undone: merge 8-9\n"
    assert pair.desk.sync() == "Sent 1 paper."
    assert "without `delete`" not in pair.laptop.sync()
    shared = pair.settle()
    assert len(shared.papers) == 10
    assert shared.marks["Retrieval reward number 8"] == {"note": "seen on the laptop"}
    assert pair.laptop.state()["papers"].keys() == {str(number) for number in range(1, 11)}


def test_a_mark_of_a_paper_that_was_merged_elsewhere_is_not_undone_and_stays_with_the_other_paper(pair: Pair) -> None:
    pair.desk.run("star", "9")
    pair.desk.sync()
    pair.laptop.sync()
    pair.laptop.run("merge", "8", "9")
    pair.laptop.sync()
    pair.desk.sync()
    undone = pair.desk.call("undo")
    assert (undone.code, "cannot undo: star 9; a sync changed it; " in undone.output) == (1, True)
    pair.settle()
    assert pair.desk.starred() == pair.laptop.starred() == {1, 8}


def test_an_undone_deletion_and_its_redo_reach_the_other_machine(pair: Pair) -> None:
    pair.desk.run("delete", "8")
    pair.desk.sync()
    pair.laptop.sync()
    for command, is_deleted in (("undo", False), ("redo", True)):
        pair.desk.run(command)
        pair.desk.sync()
        pair.laptop.sync()
        assert pair.laptop.shared_state().papers["Retrieval reward number 8"]["is_deleted"] is is_deleted


def test_definitions_that_a_sync_changed_are_left_alone_and_named(pair: Pair) -> None:
    pair.desk.run("tags", "rename", "reward", "gain")
    pair.desk.sync()
    pair.laptop.sync()
    pair.laptop.run("tags", "rename", "gain", "win")
    pair.laptop.sync()
    pair.desk.sync()
    undone = pair.desk.call("undo")
    assert undone.code == 1
    assert "cannot undo: tags rename reward gain; a sync changed it: renamed tag #reward; " in undone.output
    assert {name: record["tag"] for name, record in pair.settle().definitions["aliases"].items()} == {
        "gain": "win",
        "reward": "win",
    }


def test_an_undone_rename_leaves_no_chain_of_aliases(pair: Pair) -> None:
    pair.laptop.run("tag", "1", "--add", "quant")
    pair.laptop.run("tags", "rename", "quant", "rl")
    pair.desk.run("tags", "rename", "reward", "quant")
    pair.laptop.sync()
    pair.desk.sync()
    pair.laptop.run("tags", "rename", "rl", "quant")  # before the laptop knows of #reward
    pair.laptop.sync()
    pair.laptop.call("undo")
    aliases = {name: record["tag"] for name, record in pair.settle().definitions["aliases"].items()}
    assert aliases == {"quant": "rl", "reward": "rl"}


def test_a_backup_restored_by_the_command_counts_as_a_change_of_the_user(pair: Pair) -> None:
    pair.desk.run("star", "3")
    pair.desk.run("unstar", "1")
    pair.desk.sync()
    pair.laptop.sync()
    backups = pair.desk.files.backups("marks.json")
    (before_the_note,) = [path for path in backups if b"starred" in path.read_bytes()][:1]
    pair.desk.run("backup", "restore", f"marks.json/{before_the_note.name}", "--yes")
    assert pair.desk.starred() == {1}
    assert "Sent" in pair.desk.sync()
    pair.settle()
    assert pair.laptop.starred() == {1}
    pair.desk.run("undo")
    pair.settle()
    assert pair.laptop.starred() == {3}
