"""The query language: text -> syntax tree -> SQL."""
