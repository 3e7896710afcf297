"""Recommendations: what to read next, and what is similar, with the reason."""
