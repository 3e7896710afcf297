"""Loaders: bytes or a URL in, papers and problems out; one module or package a format, see `registry`."""
