"""kill -9: what was said to be saved is there, and the file is whole."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from itertools import count
from typing import NamedTuple

from tests.faults.conftest import Figures
from tests.faults.home import Home
from tests.faults.keepers import KEEPERS, Keeper, PlainTinyDB, Readlist, under_the_same_faults
from tests.faults.processes import Child, say

PAPERS = 30


class Note(NamedTuple):
    """The note that a turn's `number`-th step writes."""

    turn: int
    number: int

    @property
    def paper(self) -> int:
        return (self.turn * 7 + self.number) % PAPERS + 1

    @property
    def text(self) -> str:
        return f"{self.turn}.{self.number}" + " a thought on it" * 20


def write(keeper: Keeper, turn: int) -> None:
    """Write notes without end, and say which is saved."""
    for number in count():
        note = Note(turn, number)
        keeper.note(note.paper, note.text)
        say(str(number))


@under_the_same_faults
def test_what_was_said_to_be_saved_survives_kill_9(home: Home, part: int, figures: Figures, who: str) -> None:
    keeper = KEEPERS[who](home, PAPERS)
    dice, known = random.Random(20250211), dict[int, str]()
    acknowledged = lost = unreadable = 0
    for turn in range(1000 // part):
        with Child(lambda turn=turn: write(keeper, turn)) as child:  # type: ignore[misc]
            time.sleep(dice.random() * 0.06)
            saved = [Note(turn, int(line)) for line in child.kill()]
        kept = keeper.kept()
        known |= {note.paper: note.text for note in saved}
        begun = Note(turn, len(saved))
        acknowledged += len(saved)
        unreadable += kept.noticed
        lost += sum(kept.notes.get(paper) not in (text, begun.text) for paper, text in known.items())
        known = kept.notes
        if isinstance(keeper, Readlist):
            assert (lost, unreadable) == (0, 0)
            home.assert_index_is_of_the_store()
        elif kept.noticed:
            keeper.file.unlink()  # there is no way back but to begin anew
    assert acknowledged > 20 // part
    figures("kill -9 of a writer", who, kills=1000 // part, acknowledged=acknowledged, lost=lost, unreadable=unreadable)
    if isinstance(keeper, Readlist):
        keeper.note(1, "the next one")
        assert home.left_over() == []


def test_whole_commands_survive_kill_9(home: Home, part: int, figures: Figures) -> None:
    keeper, dice = Readlist(home, 20), random.Random(1)
    known: dict[int, str] = {}
    acknowledged = 0
    for turn in range(150 // part):
        words = [sys.executable, "-m", "readlist", "note", str(turn % 20 + 1), f"{turn}"]
        with subprocess.Popen(words, stderr=subprocess.PIPE) as process:
            assert process.stderr
            time.sleep(0.05 + dice.random() * 0.4)
            process.send_signal(signal.SIGKILL)
            said = process.stderr.read()
        kept, paper = keeper.kept(), turn % 20 + 1
        added = "\n\n".join(filter(None, (known.get(paper), f"{turn}")))
        assert not kept.noticed
        assert kept.notes in ([known | {paper: added}] if b"saved" in said else [known, known | {paper: added}])
        acknowledged += b"saved" in said
        known = kept.notes
        home.assert_index_is_of_the_store()
    figures("kill -9 of whole commands", kills=150 // part, acknowledged=acknowledged, lost=0, unreadable=0)


def test_a_plain_file_is_read_as_it_was_written(home: Home) -> None:
    keeper = PlainTinyDB(home, 0)
    keeper.note(1, "x")
    keeper.note(1, "y")
    assert keeper.kept() == ({1: "y"}, False)
