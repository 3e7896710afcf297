"""Benchmarks: time, memory, search quality and suggestions, compared with a short script on TinyDB.

    python -m tests.benchmarks                                          1,000 and 10,000 papers, a few minutes
    python -m tests.benchmarks 100000                                   other sizes
    python -m tests.benchmarks 10000 --python OLD --python NEW          times of two installed versions, in turn

Times are of whole processes and given as ratios to a floor measured in the same minutes, because ratios hold on a busy
machine and seconds do not.
"""
