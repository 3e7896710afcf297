"""Exporters: the text of a file from the entries in it, one module a format; `registry` lists them.

All of them are pure. Besides the formats of the registry there are `tsv` (what commands write into a pipe), `vault` (a
Markdown file per paper, which `export --split` updates), and `citation` and `latex`, which formats share.
"""
