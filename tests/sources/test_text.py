"""`sources.text`: cases as folders, and what no folder can show."""

from pathlib import Path

import pytest

from tests.sources.documents import cases, check


@pytest.mark.parametrize("case", cases("text"), ids=lambda case: case.name)
def test_case(case: Path) -> None:
    """The document gives what its folder says."""
    check("text", case)
