"""What a site sent is packed one way, wherever that is done."""

import hashlib
import random
import subprocess
import sys
import zlib

import pytest

from ingest.records import Packed, digest_of, packed, size_of


@pytest.mark.parametrize("raw", [b"", b"x", b'{"id":1}' * 2000, random.Random(7).randbytes(5000)])  # noqa: S311
def test_packed_bytes_come_back(raw: bytes) -> None:
    """By zlib, which everybody can read, where that is shorter; what is packed is not packed again."""
    kept = packed(raw)
    assert kept == Packed(hashlib.sha256(raw).digest(), len(raw), kept.encoding, kept.data)
    assert (zlib.decompress(kept.data) if kept.encoding == "zlib" else kept.data) == raw
    assert len(kept.data) <= len(raw)
    assert packed(kept) is kept


def test_where_there_is_no_isa_l() -> None:
    """The standard library packs in its place."""
    code = """
import sys
sys.modules["isal"] = None
from ingest.records import packed
import zlib
raw = b'{"id":1}' * 2000
assert "isal.isal_zlib" not in sys.modules
assert zlib.decompress(packed(raw).data) == raw
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_what_is_asked_of_bytes_is_told_by_packed_ones() -> None:
    """Their hash and their number."""
    raw = b'{"id":1}' * 100
    assert digest_of(packed(raw)) == digest_of(raw)
    assert size_of(packed(raw)) == size_of(raw) == 800
