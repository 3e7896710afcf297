"""The daily newsletter as plain text."""
