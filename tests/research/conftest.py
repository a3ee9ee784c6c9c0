"""A corpus to look into."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.corpus import Corpus


@pytest.fixture
def corpus(tmp_path: Path) -> Iterator[Corpus]:
    """An empty corpus; when the test is over, all references hold."""
    with Corpus(tmp_path / "corpus.db", write=True, create=True) as made:
        yield made
        assert made.rows("PRAGMA foreign_key_check") == []
