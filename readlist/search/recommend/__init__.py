"""Recommendation: which unread papers the user would probably like, and which papers are similar to others."""
