"""A reading list of research papers in the terminal, fed by daily digests."""

__version__ = "0.1.0"  # a string, because importlib.metadata would slow every start
