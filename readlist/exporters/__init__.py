"""Exporters: entries in, the text of a file out; one module a format, see `registry`."""
