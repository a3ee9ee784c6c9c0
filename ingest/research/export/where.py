"""`--where`: a condition in SQL over the columns of the view `corpus`.

It is asked on its own, of a connection that cannot write, for `doc_id`s alone; the rows then come as they always do. So
whatever is written there can choose posts, and do nothing else.
"""

import sqlite3
from collections.abc import Iterable, Iterator

from ingest.corpus import Corpus
from ingest.errors import ConfigError
from ingest.research.export.columns import Row

__all__ = ["meeting"]


def meeting(corpus: Corpus, rows: Iterable[Row], condition: str) -> Iterator[Row]:
    """The rows that meet a condition; both the rows and what is asked here come by `doc_id`. Raises ConfigError."""
    # The line end keeps a comment in the condition from taking the rest with it.
    asked = f"SELECT doc_id FROM corpus WHERE (\n{condition}\n) ORDER BY doc_id"
    try:
        wanted = corpus.conn.execute(asked)
        found = wanted.fetchone()
        for row in rows:
            while found is not None and found[0] < row["doc_id"]:
                found = wanted.fetchone()
            if found is None:
                return
            if found[0] == row["doc_id"]:
                yield row
    except (sqlite3.Error, sqlite3.Warning) as error:
        raise ConfigError(f"--where {condition!r}: {error}") from error
