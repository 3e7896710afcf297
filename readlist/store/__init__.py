"""The store: papers.json and marks.json, kept with TinyDB, and only here."""
