"""How the bytes that a site sent for a post are packed: as zlib (RFC 1950), by the reading process or the writer.

What was packed in another process comes without the bytes themselves: the writer needs no more than these.
"""

import hashlib
from typing import NamedTuple

try:
    from isal import isal_zlib as deflate
except ImportError:  # there is no ISA-L for this processor
    import zlib as deflate  # type: ignore[no-redef]

__all__ = ["Packed", "digest_of", "packed", "size_of"]

#: Measured on 3,130 real REST objects of 13.2 kB: zlib packs them to 3,604 bytes at level 3 in 132 us, to 3,324 at
#: level 6 in 236, ISA-L to 3,669 at its level 3 in 45 us, to 3,769 at 2 in 33. Any zlib unpacks what either packs.
_LEVEL = 3


class Packed(NamedTuple):
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
    data = deflate.compress(raw, _LEVEL)
    encoding, data = ("zlib", data) if len(data) < len(raw) else ("identity", raw)
    return Packed(digest_of(raw), len(raw), encoding, data)


def digest_of(raw: bytes | Packed) -> bytes:
    """SHA-256 of the bytes that came."""
    return raw.sha256 if isinstance(raw, Packed) else hashlib.sha256(raw).digest()


def size_of(raw: bytes | Packed) -> int:
    """How many bytes came."""
    return raw.size if isinstance(raw, Packed) else len(raw)
