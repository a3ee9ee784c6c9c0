"""A corpus to write into."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.corpus import Corpus, fulltext


@pytest.fixture
def corpus(tmp_path: Path) -> Iterator[Corpus]:
    """An empty corpus; when the test is over, its indexes are in step and its pages whole."""
    with Corpus(tmp_path / "corpus.db", write=True, create=True) as made:
        yield made
        assert made.rows("PRAGMA integrity_check") == [{"integrity_check": "ok"}]
        assert made.rows("PRAGMA foreign_key_check") == []
        assert list(fulltext.in_step(made.conn)) == []
