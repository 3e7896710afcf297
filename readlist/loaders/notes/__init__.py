"""Markdown notes, one paper a file."""
