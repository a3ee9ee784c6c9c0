"""What is known of robots.txt, from run to run."""

from collections.abc import Sequence

from ingest.corpus import Corpus, hosts
from ingest.fetch import RobotsCache, RobotsText
from ingest.records import Fetched

__all__ = ["Origins", "origins"]


class Origins:
    """The robots.txt of a day, as the corpus holds it from run to run."""

    def __init__(self, corpus: Corpus, now: str) -> None:
        self._corpus = corpus
        held = hosts.robots(corpus.conn, now)
        self.cache = RobotsCache({origin: RobotsText(text, at) for origin, (text, at) in held.items()})

    def keep(self, fetches: Sequence[Fetched] = ()) -> None:
        """Store what was learnt since the last call, and requests that belong to no source."""
        news = {origin: (text.text, text.at) for origin, text in self.cache.news().items()}
        if news or fetches:
            with self._corpus.transaction() as conn:
                hosts.keep_robots(conn, news)
                hosts.keep_fetches(conn, fetches)


def origins(corpus: Corpus, now: str) -> Origins:
    """What is known of robots.txt at the beginning of a run."""
    return Origins(corpus, now)
