"""Search: the query language, the index that answers it, and which answer the reader means."""
