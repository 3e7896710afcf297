"""Search: query language, index, ranking and recommendation; the only package that imports sqlite3 and RapidFuzz."""
