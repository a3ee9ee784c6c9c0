"""What a site sent is packed one way, wherever that is done."""

import zlib

import pytest

from ingest.corpus import payloads
from ingest.records.packing import pack


@pytest.mark.parametrize("raw", [b"", b"x", b'{"id":1}' * 2000, bytes(range(256)) * 50])
def test_packed_bytes_come_back(raw: bytes) -> None:
    """As zlib, which everybody can read; the writer packs as the processes that read do."""
    assert zlib.decompress(pack(raw)) == raw
    assert zlib.decompress(payloads.pack(raw)) == raw
