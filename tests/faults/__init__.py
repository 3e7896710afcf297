"""Fault injection: killed processes, failing system calls, full disks, corrupt files, concurrent writers.

pytest               a tenth of the faults, with the rest of the suite
pytest -m slow       all of them, with a summary at the end, and the same faults applied to a plain TinyDB file

    sandbox            a library that a test may break, with a snapshot to go back to
    fault_injection    system calls that fail, or at which the process dies
    processes          forked processes, cheap enough to be killed by the thousand
    note_stores        readlist and a plain TinyDB file behind one interface, for the comparison
"""
