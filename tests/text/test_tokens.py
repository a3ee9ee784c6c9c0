"""Tokens, where what is shown does not tell that they are right."""

import pytest

from ingest.text.tokens import tokens


@pytest.mark.parametrize(
    ("html", "parts"),
    [
        ("<script>a</script >z", ["<script>a", "</script >", "z"]),
        ("<xmp>a<b>c</xmp>z", ["<xmp>a<b>c", "</xmp>", "z"]),
        ("a<!-- b - c ->-->z", ["a", "<!-- b - c ->-->", "z"]),
    ],
)
def test_an_end_is_seen_by_every_python(html: str, parts: list[str]) -> None:
    """Before 3.11.4 a possessive group went on behind a lookahead that had failed."""
    assert [part for pair in tokens(html) for part in pair if part] == parts
