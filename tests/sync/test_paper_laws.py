from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sync.paper_machines import Branch, Machine, paper, settle

PAPERS = [
    paper("Tides of Attention", "Kim", arxiv_id="2501.00001", tags=("llm",)),
    paper("Tides of Attention", "Kim", arxiv_id="2501.00002", tags=("sea",), abstract="Moon."),
    paper("Tides of Attention", "Kim", date="2026-02-05", source="weekly", tags=("ocean",)),
    paper("Tides of Attention", date="2026-02-05", source="weekly"),
    paper("Deep Sleep", comments={"ko": "좋다"}),
    paper(
        "Deep Sleep", "Lee", date="2026-03-01", source="weekly", comments={"ko": "나쁘다"}, url="https://a.example/x"
    ),
    paper("arXiv:2501.00003", arxiv_id="2501.00003", source="", date="2026-03-09"),
    paper("Quantized Nets", "Park", "Choi", arxiv_id="2501.00003", abstract="Bits."),
    paper("Quantised Nets", "Park", arxiv_id="2501.00003", abstract="Bits and more.", date="2026-02-01"),
    paper("Graphs", "Cho", doi="10.1000/182"),
    paper("On Graphs", "Cho", doi="10.1000/182", source="other"),
]

ACTIONS = st.one_of(
    st.tuples(st.just("load"), st.lists(st.sampled_from(PAPERS), min_size=1, max_size=4)),
    st.tuples(
        st.just("correct"), st.integers(0, 9), st.sampled_from(["title", "abstract"]), st.sampled_from(["A", "B", None])
    ),
    st.tuples(st.just("delete"), st.integers(0, 9)),
    st.tuples(st.just("restore"), st.integers(0, 9)),
    st.tuples(st.just("merge"), st.integers(0, 9), st.integers(0, 9)),
    st.tuples(st.just("undo")),
    st.tuples(st.just("sync")),
    st.tuples(st.just("lost race")),
    st.tuples(st.just("clock"), st.integers(-400, 400)),
)


def act(machine: Machine, branch: Branch, action: tuple) -> None:
    kind, *values = action
    ids = sorted(machine.records, key=int)
    if kind == "load":
        machine.load(*values[0])
    elif kind == "sync":
        machine.sync(branch)
    elif kind == "lost race":
        machine.prepare(branch)
    elif kind == "undo":
        machine.undo()
    elif kind == "clock":
        machine.now += values[0] * 86_400
    elif not ids:
        return
    elif kind == "merge":
        first, second = ids[values[0] % len(ids)], ids[values[1] % len(ids)]
        if first != second:
            machine.merge(first, second)
    else:
        id_ = ids[values[0] % len(ids)]
        record = machine.records[id_]
        if kind == "correct":
            if values[2] is not None or values[1] in record.get("corrections", {}):
                machine.correct(id_, values[1], values[2])
        elif ("deleted_at" in record) == (kind == "restore"):
            machine.delete(id_, restore=kind == "restore")


@settings(deadline=None, max_examples=3000)
@given(st.lists(st.tuples(st.integers(0, 2), ACTIONS), max_size=25), st.integers(2, 3))
def test_machines_agree_after_two_syncs_each_and_a_third_round_changes_nothing(steps, count):
    branch, machines = Branch(), [Machine(str(number)) for number in range(count)]
    for number, action in steps:
        act(machines[number % count], branch, action)
    settle(branch, machines)
