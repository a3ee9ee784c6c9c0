"""The page: a Datasette plugin that gives a corpus a search, a reading view and the health of its sources."""

__all__: list[str] = []
