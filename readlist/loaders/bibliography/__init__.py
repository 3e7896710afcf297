"""Bibliographies, as reference managers and publishers' sites export them: BibTeX, RIS, CSL-JSON, Zotero's CSV.

Each module parses one format to `record.Record` values; `record.RecordCollector` turns them into papers and marks. A
bibliography is a digest without a date: its papers appear in it at no day.
"""
