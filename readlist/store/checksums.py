"""CRC-32 checksums of parts that are put together, computed from those of the parts: the bytes are not read again."""

from __future__ import annotations

from functools import lru_cache

_POLYNOMIAL = 0xEDB88320
"""That of CRC-32 as zlib computes it: its bits, and those of all values here, are in reverse, x^0 is the highest."""
_ONE = 1 << 31
_X8 = 1 << 23


def combine(first: int, second: int, length: int) -> int:
    """Return the checksum of two byte strings one after the other, the second one of this length.

    >>> from zlib import crc32
    >>> combine(crc32(b"store"), crc32(b"file"), 4) == crc32(b"storefile")
    True
    """
    return _multiply(first, _zeros(length)) ^ second


@lru_cache(maxsize=64)
def _zeros(length: int) -> int:
    """Return by what so many zero bytes after a byte string multiply its checksum: x^(8·length)."""
    product, power = _ONE, _X8
    while length:
        if length & 1:
            product = _multiply(product, power)
        power = _multiply(power, power)
        length >>= 1
    return product


def _multiply(one: int, other: int) -> int:
    """Return the product of two polynomials over GF(2) modulo that of CRC-32."""
    product = 0
    while one:
        if one & _ONE:
            product ^= other
        one = one << 1 & 0xFFFFFFFF
        other = other >> 1 ^ (_POLYNOMIAL if other & 1 else 0)
    return product
