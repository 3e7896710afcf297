"""The search index: one SQLite file, built from the store and never read back into it."""
