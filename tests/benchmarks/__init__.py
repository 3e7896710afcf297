"""Benchmarks: time, memory, search quality and suggestions, compared with a short script on TinyDB.

    python -m tests.benchmarks            1,000 and 10,000 papers, about two minutes
    python -m tests.benchmarks 100000     other sizes

Times are of whole processes and given as ratios to a floor measured in the same rounds, because ratios hold on a busy
machine and seconds do not.
"""
