"""How the bytes that a site sent for a post are packed: by zlib (RFC 1950), by the reading process or the writer."""

import zlib

__all__ = ["pack"]

#: Measured on 2,761 real REST objects of 16.9 kB and 1,982 entries of real feeds of 5.0 kB: level 6 packs to 3,771 and
#: 1,699 bytes in 305 and 91 us, level 3 to 4,148 and 1,778 in 155 and 64, level 1 to 4,435 and 1,829 in 131 and 59.
#: A corpus grows by 3 % for it.
_LEVEL = 3


def pack(raw: bytes) -> bytes:
    """The bytes, packed."""
    return zlib.compress(raw, _LEVEL)
