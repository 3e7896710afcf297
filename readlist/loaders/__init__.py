"""Loaders turn files, standard input and web pages into papers and problems; `library` calls `batch`.

Data flow: `files` or `fetch` (bytes) -> `encoding` (text) -> `registry` (selects loader) -> loader (papers, problems).
Loaders parse text only: they open no file or connection, print nothing and know nothing of the store.

How to add a loader:

1. Write `loaders/<format>.py`, or `parser.py` in a package of that name, with a class that has `name`, `detect` and
   `parse`, as `base.Loader` describes.
2. In `parse`, pass each paper through `limits.apply_limits`, and report what cannot be placed to a `base.ProblemLog`.
   What `detect` has parsed, `parse` gets by `Source.parse_once`.
3. Add an instance to the loaders of markup or of text in `registry`, which also parse the parts of mail, before every
   loader whose `detect` accepts the format too.
4. If the format has its own file name suffix, add it to `files.SUFFIXES`.
5. Add a realistic sample to `SAMPLES` in tests/loaders/test_registry.py, and tests/loaders/test_<format>.py with the
   whole expected papers.
"""
