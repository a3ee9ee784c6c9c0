"""`python -m ingest.cli`."""

from ingest.cli import main

__all__: list[str] = []

main()
