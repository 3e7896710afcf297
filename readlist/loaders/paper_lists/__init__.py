"""Markdown files with several papers: digests, and lists of papers with links."""
