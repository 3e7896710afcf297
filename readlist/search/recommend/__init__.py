"""Recommendation: which unread papers the reader would probably like, and which papers are similar to others."""
