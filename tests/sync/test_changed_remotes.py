"""A remote that was emptied, rewound or changed, and a library that was copied or moved: everything is sent again."""

from __future__ import annotations

import shutil
import subprocess

from tests.sync.machines import Machine, Pair, describe_shared


def newcomer(pair: Pair) -> Machine:
    """Return a machine that has just synced with the remote for the first time: it has what is there."""
    machine = pair.add("newcomer")
    machine.sync()
    return machine


def test_a_folder_that_was_deleted_is_not_created_again_by_itself(pair: Pair) -> None:
    shutil.rmtree(pair.remote)
    result = pair.desk.call("sync")
    assert (result.code, str(pair.remote) in result.output) == (1, True)
    assert not pair.remote.exists()


def test_everything_is_sent_to_a_remote_that_was_created_again(pair: Pair) -> None:
    pair.desk.run("unstar", "1")
    pair.settle()
    pair.laptop.run("star", "4")
    shutil.rmtree(pair.remote)
    subprocess.run(["git", "init", "-q", "--bare", pair.remote], check=True)
    assert pair.desk.run("sync") == "Sent 10 papers, 2 marks and 1 saved query.\n"
    assert pair.laptop.run("sync") == "Sent 1 mark.\n"
    machine = newcomer(pair)
    assert machine.starred() == {4}
    assert machine.shared_state() == pair.settle(machine)


def test_what_a_rewound_remote_lost_is_sent_again(pair: Pair) -> None:
    old = pair.git("rev-parse", "readlist")
    pair.desk.load(range(11, 14), day=11)
    for words in (("unstar", "1"), ("query", "delete", "fresh"), ("edit", "3", "--title", "New"), ("merge", "8", "9")):
        pair.desk.run(*words)
    expected = pair.settle()
    pair.git("update-ref", "refs/heads/readlist", old)
    assert "Sent" in pair.laptop.run("sync")
    assert newcomer(pair).shared_state() == expected
    pair.git("update-ref", "refs/heads/readlist", old)
    pair.git("gc", "-q", "--prune=now")
    assert "Sent" in pair.desk.run("sync")
    assert newcomer(pair).shared_state() == expected == pair.settle()


def test_everything_is_sent_to_another_remote_and_merged_with_what_is_there(pair: Pair) -> None:
    other = pair.remote.with_name("other")
    shutil.rmtree(other, ignore_errors=True)
    cabin = pair.add("cabin")
    cabin.remote = other
    cabin.load(range(5, 15), day=11)
    cabin.run("star", "6")
    cabin.run("note", "2", "in the cabin")
    cabin.sync()
    pair.desk.run("unstar", "1")
    pair.desk.remote = pair.laptop.remote = other
    try:
        assert "sent 10 papers" in pair.desk.sync()
        pair.laptop.run("star", "3")
        shared = pair.settle(cabin)
    finally:
        pair.desk.remote = pair.laptop.remote = pair.remote
    assert len(shared.papers) == 14
    starred = {title for title, mark in shared.marks.items() if mark.get("starred")}
    assert starred == {"Sparse reward number 3", "Reward policy number 10"}
    assert shared.marks["Diffusion reward number 6"] == {"note": "in the cabin"}


def test_a_library_that_was_copied_without_its_state_is_a_machine_of_its_own(pair: Pair) -> None:
    pair.desk.run("star", "6")
    copy = pair.add("copy")
    shutil.copytree(pair.desk.files.data, copy.files.data)
    copy.run("unstar", "1")
    assert copy.sync() == "Sent 2 marks."
    pair.settle(copy)
    assert pair.laptop.starred() == {6}
    assert copy.run("doctor").startswith("No problems found")


def test_a_library_that_was_copied_with_its_state_is_a_machine_of_its_own(pair: Pair) -> None:
    pair.desk.run("star", "6")
    copy = pair.add("copy")
    for name in ("data", "state"):
        shutil.copytree(getattr(pair.desk.files, name), getattr(copy.files, name))
    copy.run("unstar", "1")
    assert copy.run("sync", "--name", "copy") == "Sent 2 marks.\n"
    pair.desk.run("star", "7")
    pair.settle(copy)
    assert pair.laptop.starred() == {6, 7}
    assert copy.run("doctor").startswith("No problems found")


def test_a_library_that_was_moved_with_the_directories_beside_it_is_synced_and_undone_as_before(pair: Pair) -> None:
    pair.desk.run("star", "6")
    moved = pair.add("moved")
    moved.sandbox.root.rmdir()
    pair.desk.sandbox.root.rename(moved.sandbox.root)
    try:
        assert moved.sync() == "Sent 1 mark."
        assert moved.run("undo") == "Undone: star 6\n"
        assert moved.run("sync") == "Sent 1 mark.\n"
    finally:
        moved.sandbox.root.rename(pair.desk.sandbox.root)
    pair.laptop.sync()
    assert pair.laptop.starred() == {1}


def test_a_lost_machine_is_complete_after_its_first_sync(pair: Pair) -> None:
    pair.desk.run("star", "6")
    pair.desk.run("query", "delete", "fresh")
    pair.desk.sync()
    again = pair.add("again")
    assert again.sync() == "Received 10 papers and 3 marks (first sync)."
    assert again.shared_state() == pair.settle(again)
    keys = [{id_: paper["key"] for id_, paper in machine.state()["papers"].items()} for machine in (pair.desk, again)]
    assert keys[0] == keys[1]
    assert again.run("history").splitlines()[0].split("\t")[1] == "sync: received 10 papers and 3 marks"
    assert again.call("undo").output == "Nothing to undo\n"


def test_doctor_finds_nothing_in_a_library_that_was_synced_and_lists_namesakes(pair: Pair) -> None:
    for machine, number in ((pair.desk, "2501.00001"), (pair.laptop, "2501.00002")):
        machine.run("add", f"https://arxiv.org/abs/{number}", "--title", "On Tides", "--authors", "Ada Lovelace")
        assert machine.run("doctor").startswith("No problems found")
    pair.desk.sync()
    pair.laptop.sync()
    pair.desk.sync()
    assert len(describe_shared(pair.desk.state()).papers) == 11  # both have one title
    assert len(pair.desk.state()["papers"]) == len(pair.laptop.state()["papers"]) == 12
    listed = [machine.run("doctor") for machine in (pair.desk, pair.laptop)]
    assert all("No problems found: 12 papers" in output for output in listed)
    assert any("papers with title and first author of another paper, and another arXiv ID" in text for text in listed)
    assert not any("permissions" in output for output in listed)
