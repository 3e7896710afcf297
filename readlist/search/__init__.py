"""Search: the query language, the index, ranking and recommendation; sqlite3 and rapidfuzz, and only here."""
