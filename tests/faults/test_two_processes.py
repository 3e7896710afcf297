"""Two terminals and cron: both changes are kept, or one says that it is busy and changes nothing."""

from __future__ import annotations

import time

import pytest

from readlist import edits
from readlist.errors import Busy
from readlist.store.lock import Lock
from tests.faults.conftest import Figures
from tests.faults.home import Home
from tests.faults.keepers import KEEPERS, Keeper, Readlist, under_the_same_faults
from tests.faults.processes import Child, command, ended, say


def write(keeper: Keeper, papers: range) -> None:
    """Write a note on each of these papers, and say which is saved."""
    for paper in papers:
        keeper.note(paper, f"note {paper}")
        say(str(paper))


@under_the_same_faults
@pytest.mark.parametrize("shape", [(2, 1000), (8, 100)], ids=["2 x 1,000", "8 x 100"])
def test_several_writers_keep_all_their_notes(
    home_in_memory: Home, part: int, figures: Figures, who: str, shape: tuple[int, int]
) -> None:
    writers, each = shape[0], shape[1] // part
    keeper = KEEPERS[who](home_in_memory, writers * each)
    shares = [range(1 + each * number, 1 + each * (number + 1)) for number in range(writers)]
    children = [Child(lambda share=share: write(keeper, share)) for share in shares]  # type: ignore[misc]
    said = [child.end() for child in children]
    acknowledged = {int(line) for one in said for line in one.said.splitlines() if line.isdecimal()}
    notes = keeper.kept().notes
    lost = sum(notes.get(paper) != f"note {paper}" for paper in acknowledged)
    died = sum(one.code != 0 for one in said)
    figures(
        f"{writers} writers at once", who, notes=writers * each, acknowledged=len(acknowledged), lost=lost, died=died
    )
    if isinstance(keeper, Readlist):
        assert (len(acknowledged), lost, died) == (writers * each, 0, 0)
        assert len(notes) == writers * each
        home_in_memory.assert_index_is_of_the_store()


def test_readers_never_see_half_a_change(home_in_memory: Home, part: int, figures: Figures) -> None:
    """Each change puts the same note on two papers; who reads meanwhile sees both or none of it, and never an older."""
    home_in_memory.load(20)
    writes = 1000 // part

    def write() -> None:
        for number in range(writes):
            home_in_memory.library().apply(edits.ReplaceNote(f"{number:04}"), [1, 2])

    reads, seen = 0, ""
    with Child(write) as writer:
        while seen != f"{writes - 1:04}":
            marks, damage, _ = home_in_memory.marks()
            stored = {mark.note for mark in marks.values()}
            shown = {entry.mark.note for entry in home_in_memory.library().entries([1, 2])}
            assert damage == ()
            assert len(stored) <= len(shown) == 1
            now = shown.pop()
            assert seen <= "".join(stored) <= now
            seen, reads = now, reads + 2
        assert writer.end().code == 0
    figures("readers during writes", writes=writes, reads=reads, half_states=0)


def hold(lock: Lock) -> None:
    with lock:
        say("held")
        time.sleep(60)


def test_the_next_writer_follows_a_killed_one_at_once(home_in_memory: Home, part: int, figures: Figures) -> None:
    keeper, waits = Readlist(home_in_memory, 20), []
    for paper in range(1, 1 + 20 // part):
        with Child(lambda: hold(home_in_memory.lock())) as holder:
            holder.output.readline()
            with pytest.raises(Busy, match="another readlist is changing this library"), home_in_memory.lock(0):
                pass
            with Child(lambda paper=paper: write(keeper, range(paper, paper + 1))) as waiting:  # type: ignore[misc]
                time.sleep(0.1)
                assert keeper.kept().notes.get(paper) is None
                holder.kill()
                start = time.perf_counter()
                assert waiting.output.readline() == f"{paper}\n".encode()
                waits.append(time.perf_counter() - start)
    assert max(waits) < 2  # 0.1 s where nobody else works on the machine
    figures("lock holder killed", kills=len(waits), ms_until_next_is_saved_at_most=round(max(waits) * 1000))


@pytest.mark.slow
def test_who_cannot_have_the_lock_within_10_seconds_says_so_and_changes_nothing(
    home_in_memory: Home, figures: Figures
) -> None:
    home_in_memory.load(3)
    before, start = home_in_memory.state(), time.perf_counter()
    with home_in_memory.lock():
        done = ended(lambda: command("read", "1"))
    waited = time.perf_counter() - start
    assert done.code == 5
    assert done.said == (
        "readlist: another readlist is changing this library (waited 10 s); nothing was changed, try again\n"
    )
    assert 10 <= waited < 15
    assert home_in_memory.state() == before
    figures("busy", commands=1, seconds_waited=round(waited, 1), changed=0)
