"""The daily newsletter as plain text, and the layout rules that web pages and notes share with it."""
