"""What readlist promises of the reader's data, and the faults that try it.

pytest               a tenth of the faults, with the rest of the suite
pytest -m slow       all of them, and at the end what they did, beside a plain TinyDB file under the same faults
"""
