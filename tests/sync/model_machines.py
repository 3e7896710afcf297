"""Machines whose libraries sync through a branch in memory, each checked against the model after every sync."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from readlist.errors import Busy, ReadlistError
from readlist.library.library import Directories, Library
from readlist.library.sync_directory import OWN, Settings, SyncDirectory
from readlist.library.syncer import Syncer
from readlist.store.fingerprint import fingerprint
from readlist.sync.keys import KeyMap
from tests.search.index_file import contents
from tests.sync.memory_clone import MemoryClone, MemoryRemote
from tests.sync.model import (
    IN_PAPERS,
    Events,
    Frontier,
    Register,
    View,
    default,
    find_violation,
    is_dropped_as_done,
    view_of,
)

if TYPE_CHECKING:
    from readlist.library.syncer import LibraryParts
    from readlist.models import Paper
    from readlist.sync.clone import Clone

START = 1_760_000_000
"""In October 2025, in seconds UTC."""
DAY = 86_400
STEPS = ("fetched", "committed", "papers saved", "marks saved", "saved", "before push", "pushed")
"""Where a sync may die."""
_WRONG_CLOCKS = (0, 0, 0, 2, -2, 3_600, -3_600, 30 * DAY, 400 * DAY, -400 * DAY)


class Died(BaseException):
    """The process ended here."""


class World:
    """Machines and what they share; `set_clock` sets that of the process to seconds UTC."""

    def __init__(self, seed: int, count: int, directory: Path, set_clock: Callable[[float], object]) -> None:
        self.random = random.Random(seed)
        self.set_clock = set_clock
        self.now = START
        self.remote = MemoryRemote()
        self.events = Events()
        self.frontiers: dict[str, Frontier] = {"": {}}
        """What the state of each commit knows."""
        self.is_calm = False
        """Whether nothing unforeseen happens."""
        self.counts: Counter[str] = Counter()
        self.serial = 0
        self.edit_meanwhile: Callable[[Machine], object] = lambda _machine: None
        """What the user of a machine does during its sync."""
        self.machines = [Machine(self, number, directory / str(number)) for number in range(count)]

    def number(self) -> int:
        """Return a number that was not used before."""
        self.serial += 1
        return self.serial

    def join(self, first: Frontier, second: Frontier) -> Frontier:
        """Return what is current where both are known."""
        none: frozenset[int] = frozenset()
        return {
            register: self.events.join(first.get(register, none), second.get(register, none))
            for register in first.keys() | second.keys()
        }


class Machine:
    """A machine with a library; the `Hooks` of its clone."""

    def __init__(self, world: World, number: int, root: Path) -> None:
        self.world, self.name, self.root = world, f"machine {number}", root
        self.offset = world.random.choice(_WRONG_CLOCKS)
        self.frontier: Frontier = {}
        self.clone = MemoryClone(world.remote, self)
        self.dies_at = ""
        self.copied: Frontier | None = None
        self._copied_unsent: list[Register] = []
        self._sent: Frontier = {}
        self._received: Frontier = {}
        self._tables: dict[str, Mapping[str, Any]] = {}
        self._is_syncing = False
        self.start()

    @property
    def now(self) -> int:
        """The time that this machine shows, in seconds UTC."""
        return self.world.now + self.offset

    @property
    def state(self) -> Path:
        return self.root / "state"

    def start(self) -> None:
        """Start a new process."""
        self.library = Library(Directories(self.root / "data", self.state, self.root / "cache"))
        self.parts: LibraryParts = self.library._sync_parts()
        for file in (self.parts.store.papers.file, self.parts.store.marks.file):
            self._watch(file)
        self._tables.clear()

    def _watch(self, file: Any) -> None:
        save = file.save

        def save_and_note(*arguments: Any, **options: Any) -> int:
            before = self.ids()
            sequence: int = save(*arguments, **options)
            if self._is_syncing:
                ids = self.ids()
                changed = {key: (id_, ids[key]) for key, id_ in before.items() if ids.get(key, id_) != id_}
                assert not changed, f"{self.name}: IDs changed: {changed}"
                self.reach(f"{file.main_table} saved", "")
            return sequence

        file.save = save_and_note

    def wake(self) -> None:
        """Let the clock of the process be that of this machine."""
        self.world.set_clock(self.now)

    # What it shows

    def tables(self) -> dict[str, Mapping[str, Any]]:
        """Return the records of the library."""
        found: dict[str, Mapping[str, Any]] = {}
        for file in (self.parts.store.papers.file, self.parts.store.marks.file):
            version = f"{file.main_table} {fingerprint(file.path)}"
            if version not in self._tables:
                self._tables[version] = file.read_content(validate=False).tables
            found |= self._tables[version]
        return found

    def view(self) -> View:
        """Return what the library shows."""
        return view_of(self.tables())

    def papers(self) -> list[Paper]:
        """Return the papers of the library."""
        return list(self.parts.store.papers.read().papers)

    def ids(self) -> dict[str, str]:
        """Return the ID of each paper by its key."""
        return {record["key"]: id_ for id_, record in self.tables()["papers"].items()}

    # Changes

    def change(self, act: Callable[[], object]) -> None:
        """Let the user of this machine do something; each register that it changes gets an event."""
        tables = self.tables()
        before = view_of(tables)
        papers_before = {record["key"] for record in tables["papers"].values()}
        was_syncing, self._is_syncing = self._is_syncing, False
        try:
            act()
        except Busy:
            raise
        except ReadlistError:
            self.world.counts["refused"] += 1
        finally:
            self._is_syncing = was_syncing
        tables = self.tables()
        after = view_of(tables)
        papers = {record["key"] for record in tables["papers"].values()}
        for register in before.keys() | after.keys():
            if before.get(register) != after.get(register):
                replaces = not is_dropped_as_done(register, after)
                self.state_value(register, after.get(register, default(register)), replaces=replaces)
        gone = papers_before - papers
        for register in [each for each in self.frontier if each[0] in ("correction", "deleted") and each[1] in gone]:
            self.frontier[register] = self._sent.get(register, frozenset())  # a missing paper says nothing
        for register in list(self.frontier):
            kind, name = register[:2]
            is_stated = (
                before.get(("status", name)) != after.get(("status", name)) and not is_dropped_as_done(register, after)
                if kind == "later"
                else kind in ("correction", "deleted") and name in papers - papers_before
            )
            shown = after.get(register, default(register))
            if is_stated and shown not in self.world.events.values(self.frontier[register]):
                self.state_value(register, shown)

    def state_value(self, register: Register, value: Any, *, replaces: bool = True) -> None:
        """Add an event of this machine; where it `replaces` nothing, the known values are as good."""
        known = self.frontier.get(register, frozenset())
        event = self.world.events.add(value, known if replaces else ())
        self.frontier[register] = frozenset([event]) if replaces else known | {event}

    # Sync

    def sync(self, dies_at: str = "") -> bool:
        """Sync, and check the result; return whether it succeeded."""
        self.dies_at = dies_at
        self._is_syncing = True
        directory = SyncDirectory(self.state, OWN)
        syncer = Syncer(self.parts, directory, Settings("/memory", self.name), cast("Clone", self.clone))
        try:
            syncer.run(lambda *_: None)
        except Died:
            self.world.counts["died"] += 1
            self.start()
            return False
        except Busy:
            self.world.counts["busy"] += 1
            return False
        except ReadlistError as error:
            if "offline" not in str(error):
                raise
            self.world.counts["offline"] += 1
            return False
        finally:
            self._is_syncing = False
            self.dies_at = ""
        self.world.counts["synced"] += 1
        self.check()
        return True

    def check(self) -> None:
        """Compare what this machine shows after a sync with the model."""
        violation = find_violation(self.world.events, self.frontier, self.view())
        assert not violation, f"{self.name}: {violation}"

    def reach(self, step: str, commit: str) -> None:
        """See `Hooks`: keep what the model knows up to date, and die where it was planned."""
        world = self.world
        if step == "fetched":
            self._received = world.frontiers[commit]
        elif step == "committed":
            world.frontiers[commit] = world.join(self.frontier, self._received)
        elif step in ("papers saved", "marks saved"):
            is_papers = step == "papers saved"
            received = {each: events for each, events in self._received.items() if (each[0] in IN_PAPERS) == is_papers}
            self.frontier = world.join(self.frontier, received)
        elif step == "saved":
            self.frontier = world.join(self.frontier, self._received)
            self._sent = dict(self.frontier)
        if step == self.dies_at:
            raise Died

    def is_offline(self) -> bool:
        return not self.world.is_calm and self.world.random.random() < 0.05

    def interlude(self) -> None:
        """Let another machine sync, or the user of this one change something."""
        world = self.world
        if world.is_calm or world.random.random() > 0.3:
            return
        if world.random.random() < 0.2:
            world.edit_meanwhile(self)
            return
        others = [machine for machine in world.machines if not machine._is_syncing]
        if not others:
            return
        other = world.random.choice(others)
        if any(machine._is_syncing and machine is not self for machine in world.machines):
            return
        world.counts["met another sync"] += 1
        other.wake()
        other.sync()
        self.wake()

    # Files

    def copy_away(self) -> None:
        """Copy the library to another disk."""
        shutil.rmtree(self.root / "copy", ignore_errors=True)
        if (self.root / "data" / "marks.json").exists() and (self.root / "data" / "papers.json").exists():
            shutil.copytree(self.root / "data", self.root / "copy")
            self.copied = dict(self.frontier)
            self._copied_unsent = [each for each, events in self.frontier.items() if events != self._sent.get(each)]

    def copy_back(self) -> None:
        """Copy the library back over what it has become meanwhile; what the copy had not sent, it states again."""
        if self.copied is not None:
            shutil.rmtree(self.root / "data")
            shutil.copytree(self.root / "copy", self.root / "data")
            self.frontier = dict(self.copied)
            view = self.view()
            for register in self._copied_unsent:
                self.state_value(register, view.get(register, default(register)))
            self.world.counts["copied back"] += 1

    def lose(self) -> None:
        """Lose the machine, and begin with an empty one."""
        shutil.rmtree(self.root, ignore_errors=True)
        self.clone.forget()
        self.frontier, self.copied, self._sent = {}, None, {}
        self.start()
        self.world.counts["lost"] += 1

    def forget(self) -> None:
        """Delete what syncs remember in the state directory."""
        shutil.rmtree(self.state / "sync", ignore_errors=True)

    # The end

    def outcome(self) -> dict[str, Any]:
        """Return what must be the same on all machines, papers by the canonical keys of the branch."""
        last = SyncDirectory(self.state, OWN).read_last()
        assert last is not None
        keys = KeyMap.from_record(last.keys)
        tables = self.tables()
        papers = {keys.to_shared(record["key"]): record for record in tables["papers"].values()}
        assert len(papers) == len(tables["papers"]), "two papers here are one in the branch"
        marks = {keys.to_shared(key): mark for key, mark in tables["marks"].items() if mark}
        assert len(marks) == sum(map(bool, tables["marks"].values())), "two marks here are of one paper"
        return {
            "marks": marks,
            "papers": {
                key: (
                    paper.get("corrections", {}),
                    paper.get("deleted_at"),
                    sorted(paper.get("tags", ())),
                    sorted((each["date"] or "", each["source"]) for each in paper["digests"]),
                )
                for key, paper in papers.items()
            },
            "sources": {url: source.get("only", "") for url, source in tables["sources"].items()},
        } | {name: tables[name] for name in ("queries", "aliases", "synonyms")}

    def compare_index(self) -> None:
        """Check that the index is what a rebuild would make of the store."""
        path = self.root / "cache" / "index.sqlite"
        self.parts.index.ensure_current()
        updated = contents(path)
        path.unlink()
        self.parts.index.ensure_current()
        assert contents(path) == updated, f"{self.name}: the index differs from a rebuilt one"
