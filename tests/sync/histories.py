"""Random histories: what users do on machines with wrong clocks, and syncs that die, lose races or are offline."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import time_machine

from readlist import definition_edits, edits, paper_edits
from readlist.edits import EditTags, LoadPapers
from readlist.later import Postpone
from readlist.models import Appearance, Paper, Status
from readlist.sources import TrackedSource
from readlist.text import fold_tag
from tests.sync.model import LOOSE
from tests.sync.model_machines import DAY, START, STEPS, Machine, World

_STRICT, _MERGEABLE = 4, 4
"""How many papers are in the digests that are never merged, and that may be."""
_TAGS = ("rl", "RL", "to-read", "quant", "lab")
_URLS = ("https://a.example/feed", "https://b.example/feed")


def run(seed: int, count: int, directory: Path, steps: int = 60) -> Counter[str]:
    """Run a history on `count` machines, and check it. Raises AssertionError; returns what happened."""
    with time_machine.travel(START, tick=False) as clock, patch("readlist.library.syncer._pause"):
        world = World(seed, count, directory, clock.move_to)
        world.edit_meanwhile = _edit
        for machine in world.machines:
            machine.wake()
            if world.random.random() < 0.8:
                _load(machine)
        for _ in range(world.random.randint(steps // 3, steps)):
            _step(world)
        _settle(world)
    world.counts["events"] += len(world.events)
    return world.counts


def _step(world: World) -> None:
    random = world.random
    world.now += random.choice((0, 0, 1, 1, 2, 30, 3_600, DAY))
    machine = random.choice(world.machines)
    machine.wake()
    what = random.random()
    if what < 0.7:
        _edit(machine)
    elif what < 0.72:
        machine.offset += random.choice((-400, -30, -1, 1, 30, 400)) * DAY
        machine.offset = max(-400 * DAY, min(machine.offset, 400 * DAY))
    elif what < 0.75:
        (machine.copy_back if machine.copied and random.random() < 0.6 else machine.copy_away)()
    elif what < 0.757:
        machine.lose()
    elif what < 0.765:
        machine.forget()
    elif what < 0.82:
        machine.sync(dies_at=random.choice(STEPS))
    else:
        machine.sync()


def _settle(world: World) -> None:
    """Sync all machines until they agree, and check that they do."""
    world.is_calm = True
    for machine in world.machines * 2:
        machine.wake()
        assert machine.sync()
    tip = world.remote.tip
    for machine in world.machines:
        machine.wake()
        assert machine.sync()
    assert world.remote.tip == tip, f"a third round still changed: {world.remote.difference(tip)}"
    _look_at_everything(world)
    outcomes = [machine.outcome() for machine in world.machines]
    for number, outcome in enumerate(outcomes):
        for name, value in outcome.items():
            other = outcomes[0][name]
            differing = {key: (other.get(key), value.get(key)) for key in other.keys() | value.keys()}
            differing = {key: pair for key, pair in differing.items() if pair[0] != pair[1]}
            assert not differing, f"machines 0 and {number} differ in {name}: {differing}"
    aliases = {name: record["tag"] for name, record in outcomes[0]["aliases"].items()}
    chains = [name for name, tag in aliases.items() if aliases.get(fold_tag(tag), tag) != tag]
    assert not chains, f"chains of aliases: {aliases}"
    for machine in world.machines:
        machine.compare_index()


def _look_at_everything(world: World) -> None:
    """Delete what one machine remembers of its syncs, and check that it finds nothing new.

    Only of two papers with one title it does not know any more which has which key in the branch, and says that both
    keys are of one paper.
    """
    tip = world.remote.tip
    machine = world.random.choice(world.machines)
    machine.wake()
    machine.forget()
    assert machine.sync()
    difference = world.remote.difference(tip)
    lines = [line for lines in difference.values() for line in lines if not line.startswith(b'"loose-')]
    assert not lines, f"a look at everything changed: {difference}"
    for machine in world.machines * 2 if difference else ():
        machine.wake()
        assert machine.sync()


# What users do


def _edit(machine: Machine) -> None:
    """Let the user of a machine do something."""
    random = machine.world.random
    choices = random.choices(list(_EDITS), list(_EDITS.values()))
    for edit in choices:
        edit(machine)


def _some(machine: Machine, most: int = 1) -> list[Paper]:
    papers = machine.papers()
    return machine.world.random.sample(papers, min(len(papers), machine.world.random.randint(1, most)))


def _apply(
    machine: Machine, edit: edits.Edit | definition_edits.DefinitionsEdit | paper_edits.PaperEdit, papers: list[Paper]
) -> None:
    machine.change(lambda: machine.library.apply(edit, [paper.ref for paper in papers]))


def _day(machine: Machine, days: int) -> dt.date:
    return dt.datetime.fromtimestamp(machine.now, dt.UTC).date() + dt.timedelta(days)


def _set_status(machine: Machine) -> None:
    random = machine.world.random
    on = _day(machine, -random.randint(1, 30)) if random.random() < 0.2 else None
    _apply(machine, edits.SetStatus(random.choice(list(Status)), on), _some(machine, 2))


def _set_star(machine: Machine) -> None:
    _apply(machine, edits.SetStar(machine.world.random.random() < 0.6), _some(machine))


def _postpone(machine: Machine) -> None:
    random = machine.world.random
    papers = _some(machine, 2)
    refs = [paper.ref for paper in papers]
    what = random.random()
    if what < 0.5:
        _apply(machine, Postpone.append(refs, machine.library.queue_ends()), papers)
    elif what < 0.75:
        _apply(machine, Postpone.until(refs, _day(machine, random.randint(1, 99))), papers)
    else:
        _apply(machine, Postpone.drop(refs), papers)


def _append_note(machine: Machine) -> None:
    _apply(machine, edits.AppendNote(f"문단 {machine.world.number()} by {machine.name}"), _some(machine))


def _edit_note(machine: Machine) -> None:
    """Insert, delete, edit and move paragraphs of a note."""
    world, random = machine.world, machine.world.random
    for paper in _some(machine):
        note = machine.tables()["marks"].get(paper.key, {}).get("note", "")
        paragraphs = note.split("\n\n") if note else []
        moved = False
        for _ in range(random.choice((1, 1, 2, 3))):
            what, place = random.random(), random.randrange(len(paragraphs) or 1)
            text = f"p{world.number()} by {machine.name}"
            if paper.key.startswith(LOOSE) and random.random() < 0.3:
                text = "the same"
            if not paragraphs or what < 0.3:
                paragraphs.insert(random.randint(0, len(paragraphs)), text)
            elif what < 0.55:
                del paragraphs[place]
            elif what < 0.8:
                paragraphs[place] = f"{text}\nedited"
            else:
                random.shuffle(paragraphs)
                moved = True
        _apply(machine, edits.ReplaceNote("\n\n".join(paragraphs)), [paper])
        if moved:  # who moves a paragraph states that it exists
            for text in paragraphs:
                machine.state_value(("paragraph", paper.key, text), True)


def _clear_note(machine: Machine) -> None:
    _apply(machine, edits.ReplaceNote(""), _some(machine))


def _edit_tags(machine: Machine) -> None:
    random = machine.world.random
    tag = [random.choice(_TAGS)]
    edit = EditTags.parse(add=tag) if random.random() < 0.6 else EditTags.parse(remove=tag)
    machine.change(lambda: machine.library.apply(edit, [paper.ref for paper in _some(machine, 2)]))


def _rename_tag(machine: Machine) -> None:
    old, new = machine.world.random.sample(("rl", "reinforcement-learning", "ppo", "quant", "QUANT"), 2)
    _apply(machine, definition_edits.RenameTag.parse(old, new), [])


def _define_query(machine: Machine) -> None:
    random = machine.world.random
    name = random.choice(("fresh", "읽을것"))
    if random.random() < 0.6:
        text = f"is:unread {machine.world.number()}"
        _apply(machine, definition_edits.SaveQuery.parse(name, text, random.choice(("", "newest"))), [])
    else:
        _apply(machine, definition_edits.DeleteQuery(name), [])


def _define_synonyms(machine: Machine) -> None:
    random = machine.world.random
    if random.random() < 0.6:
        words = random.choice(
            ("rl = 강화학습", "llm = language model", "loose = loosen", "loosen = looser", "looser = loose")
        )
        _apply(machine, definition_edits.AddSynonyms.parse(words), [])
    else:
        _apply(machine, definition_edits.DeleteSynonym.parse(random.choice(("rl", "llm", "loose", "looser"))), [])


def _correct(machine: Machine) -> None:
    random = machine.world.random
    fields = random.sample(("title", "abstract", "authors", "date"), random.randint(1, 2))
    number = machine.world.number()
    values = {name: f"2026-01-{number % 28 + 1:02}" if name == "date" else f"Right {number}" for name in fields}
    resets = random.random() < 0.3
    edit = paper_edits.EditPaper.parse({} if resets and random.random() < 0.5 else values, resets=resets)
    _apply(machine, edit, _some(machine))


def _delete(machine: Machine) -> None:
    _apply(machine, paper_edits.DeletePapers(), _some(machine))


def _restore(machine: Machine) -> None:
    _apply(machine, paper_edits.RestorePapers(), [paper for paper in machine.papers() if paper.deleted_at])


def _merge(machine: Machine) -> None:
    papers = [paper for paper in machine.papers() if paper.key.startswith(LOOSE)]
    if len(papers) > 1:
        _apply(machine, paper_edits.MergePapers(), machine.world.random.sample(papers, 2))


def _undo(machine: Machine) -> None:
    machine.change(lambda: machine.library.undo(machine.world.random.choice((1, 1, 1, 2, 3))))
    machine.world.counts["undone"] += 1


def _redo(machine: Machine) -> None:
    machine.change(lambda: machine.library.redo(machine.world.random.choice((1, 1, 2))))


def _restore_backup(machine: Machine) -> None:
    machine.change(lambda: machine.library.restore(machine.world.random.choice(("marks.json", "papers.json"))))


def _load(machine: Machine) -> None:
    """Load a digest; digests overlap, and do not describe a paper in the same words."""
    random = machine.world.random
    digest = random.randrange(6)
    papers = [_paper(number, digest) for number in random.sample(range(_STRICT + _MERGEABLE), random.randint(1, 4))]
    source = [TrackedSource(random.choice(_URLS), only=random.choice(("", "tag:rl", "is:unread")))]
    _apply(machine, LoadPapers(papers, (), source if random.random() < 0.3 else (), "load"), [])


def _paper(number: int, digest: int) -> Paper:
    """Return a paper as a digest has it; of those that may be merged, some have one title or two keys."""
    appearance = Appearance(dt.date(2025, 1 + digest, 1 + number), f"digest {digest}")
    paper = Paper(
        f"Strict paper {number}",
        (f"Author {number}",),
        "Abstract" + digest * " and more",
        comments={"ko": f"좋다 {digest % 2}"},
        tags=("RL",) if number % 2 else (),
        digests=(appearance,),
    )
    if number < _STRICT:
        return paper
    if number == _STRICT:
        return paper._replace(title="Loose twins", authors=("Kim",), arxiv_id=f"2501.0000{1 + digest % 2}")
    return paper._replace(title=f"Loose paper {number}", authors=("Kim",) if digest % 2 else (), tags=(f"t{digest}",))


def _untrack(machine: Machine) -> None:
    machine.change(lambda: machine.library.untrack(machine.world.random.choice(_URLS)))


_EDITS: dict[Callable[[Machine], None], int] = {
    _set_status: 14,
    _set_star: 8,
    _postpone: 9,
    _append_note: 9,
    _edit_note: 12,
    _clear_note: 2,
    _edit_tags: 10,
    _rename_tag: 4,
    _define_query: 6,
    _define_synonyms: 4,
    _correct: 6,
    _delete: 3,
    _restore: 2,
    _merge: 3,
    _undo: 9,
    _redo: 4,
    _restore_backup: 2,
    _load: 5,
    _untrack: 1,
}
"""What users do, and how often."""
