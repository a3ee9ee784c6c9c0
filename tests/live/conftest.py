"""A desk of its own for every test."""

from pathlib import Path

import pytest

from tests.live.looking import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """An empty folder with the command in it."""
    return Desk(tmp_path)
