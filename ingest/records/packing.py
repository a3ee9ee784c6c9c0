"""How the bytes that a site sent for a post are packed: by zlib (RFC 1950), by the reading process or the writer.

What was packed in another process comes without the bytes themselves: the writer needs no more than these.
"""

import hashlib
import zlib
from dataclasses import dataclass

from ingest.records.pickling import by_position

__all__ = ["Packed", "digest_of", "packed", "size_of"]

#: Measured on 2,761 real REST objects of 16.9 kB and 1,982 entries of real feeds of 5.0 kB: level 6 packs to 3,771 and
#: 1,699 bytes in 305 and 91 us, level 3 to 4,148 and 1,778 in 155 and 64, level 1 to 4,435 and 1,829 in 131 and 59.
#: A corpus grows by 3 % for it.
_LEVEL = 3


@by_position
@dataclass(frozen=True, slots=True)
class Packed:
    """Bytes as they are kept."""

    #: SHA-256 of what came, and how many bytes it had.
    sha256: bytes
    size: int
    #: `zlib`, or `identity` where that would be no shorter.
    encoding: str
    data: bytes


def packed(raw: bytes | Packed) -> Packed:
    """The bytes, packed unless they are."""
    if isinstance(raw, Packed):
        return raw
    data = zlib.compress(raw, _LEVEL)
    encoding, data = ("zlib", data) if len(data) < len(raw) else ("identity", raw)
    return Packed(digest_of(raw), len(raw), encoding, data)


def digest_of(raw: bytes | Packed) -> bytes:
    """SHA-256 of the bytes that came."""
    return raw.sha256 if isinstance(raw, Packed) else hashlib.sha256(raw).digest()


def size_of(raw: bytes | Packed) -> int:
    """How many bytes came."""
    return raw.size if isinstance(raw, Packed) else len(raw)
