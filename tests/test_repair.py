"""Damage that cannot be mended offline: the next fetch of the source is told to bring the post anew."""

from pathlib import Path

import pytest

from ingest import normalise
from ingest.corpus import Corpus, RunWriter, inspect
from ingest.errors import FetchError
from ingest.records import Batch, Page, Post, PostItem, Reject, Source
from ingest.repair import repair
from ingest.sources import wordpress
from tests.corpus.making import AT
from tests.corpus.test_verify import spoil
from tests.sources.wordpress.fake import HOME, Site

NOW = "2026-02-01T00:00:00Z"


def fetch(path: Path, site: Site, now: str) -> list[str]:
    """One run over a WordPress in memory into a corpus; what was asked."""
    with Corpus(path, write=True, create=True) as corpus:
        number = corpus.add_source("wordpress", HOME, now, home=HOME, endpoint=f"{HOME}/wp-json/")[0]
        source, writer, before = corpus.source(number, now=now, held=True), RunWriter(corpus, "fetch"), len(site.asked)
        waiting = wordpress.start(source)
        while waiting:
            request = waiting.pop(0)
            try:
                answer = site.get(request)
            except FetchError as error:
                error.request = request
                answer = error  # type: ignore[assignment]
            for page in wordpress.read(source, answer):
                writer.apply(source, batch(page, source), now)
                waiting.extend(page.next)
    return site.asked[before:]


def batch(page: Page, source: Source) -> Batch:
    """A page as the loop would hand it on."""
    made = [normalise.post(item, source) for item in page.items if isinstance(item, PostItem)]
    rejects = tuple(item for item in page.items if isinstance(item, Reject))
    return Batch(posts=tuple(one for one in made if isinstance(one, Post)), rejects=rejects, cursor=page.cursor)


@pytest.fixture
def site() -> Site:
    """Thirty posts."""
    made = Site()
    for number in range(1, 31):
        made.add(number, at=f"2025-01-{number:02}T10:00:00")
    return made


SAID = "SELECT doc_id, title, text, url, published_at, flags, payload_id IS NOT NULL AS held FROM posts ORDER BY 1"
ROTTEN = (
    "UPDATE payloads SET data = CAST('rotten' || hex(data) AS BLOB)"
    " WHERE id = (SELECT payload_id FROM posts WHERE remote_id = '7')"
)


def test_the_next_fetch_brings_what_was_lost(tmp_path: Path, site: Site) -> None:
    """Of an unchanged site that one post is asked for, and then everything is as it was."""
    path = tmp_path / "c.db"
    fetch(path, site, NOW)
    with Corpus(path) as corpus:
        before = corpus.rows(SAID)
    assert not [one for one in fetch(path, site, "2026-02-01T06:00:00Z") if "include=" in one]
    spoil(path, ROTTEN)
    with Corpus(path, write=True) as corpus:
        (done,) = repair(corpus, inspect(path), AT)
        assert not done.whole
        assert "the next `blogcorpus fetch 1` asks for it again" in done.how
        assert corpus.rows("SELECT next_due FROM sources") == [{"next_due": None}]
        assert corpus.source(1, now=NOW, held=True).held.rejects == {("post", "7")}
    asked = fetch(path, site, "2026-02-01T07:00:00Z")
    assert [one for one in asked if "include=7" in one]
    with Corpus(path) as corpus:
        assert corpus.rows(SAID) == before
        assert corpus.rows("SELECT count(*) AS n FROM rejects WHERE resolved_at IS NULL") == [{"n": 0}]
    assert [one for one in inspect(path) if not one.known] == []
    assert not [one for one in fetch(path, site, "2026-02-01T08:00:00Z") if "include=" in one]


@pytest.mark.parametrize(
    "damage", ["text = 'other words', payload_id = NULL", "payload_id = NULL, url = NULL", "title = 'x', status = 'x'"]
)
def test_any_payload_that_came_proves_words_and_facts(tmp_path: Path, site: Site, damage: str) -> None:
    """Also where the row has lost which one it was made from: nobody needs to be asked."""
    path = tmp_path / "c.db"
    fetch(path, site, NOW)
    with Corpus(path) as corpus:
        before = corpus.rows(SAID)
    spoil(path, f"UPDATE posts SET {damage} WHERE remote_id = '7'")
    with Corpus(path, write=True) as corpus:
        assert all(one.whole for one in repair(corpus, inspect(path), AT))
        assert corpus.rows(SAID) == before
    assert inspect(path) == []
