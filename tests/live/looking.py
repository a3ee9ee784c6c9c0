"""Running the real command against a real site, and reading what came of it."""

import json
import sqlite3
import subprocess
import sys
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.wordpress.server import WordPress

COMMAND = Path(sys.executable).with_name("blogcorpus")


@dataclass(frozen=True)
class Desk:
    """A folder with a corpus, and the command in it."""

    folder: Path

    @property
    def db(self) -> Path:
        """The corpus."""
        return self.folder / "corpus.db"

    def words(self, *words: object, delay: float = 0) -> list[str]:
        """The command line."""
        return [
            str(COMMAND),
            "--db",
            str(self.db),
            "--allow-private",
            "127.0.0.1",
            "--delay",
            str(delay),
            *map(str, words),
        ]

    def run(self, *words: object, delay: float = 0) -> tuple[int, list[dict[str, Any]], str]:
        """Exit status, the objects printed, what was said."""
        done = subprocess.run(
            [*self.words(*words, delay=delay), "--json"], capture_output=True, text=True, check=False, timeout=240
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr

    def start(self, *words: object, delay: float = 0) -> subprocess.Popen[str]:
        """The command in the background."""
        return subprocess.Popen(
            self.words(*words, delay=delay), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def ask(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Plain SQL, as a researcher asks it."""
        conn = sqlite3.connect(f"file:{self.db}?mode=ro", uri=True)
        try:
            return conn.execute(sql, values).fetchall()
        finally:
            conn.close()

    def content(self) -> list[tuple[Any, ...]]:
        """Everything a researcher sees, but for the day of the run."""
        return self.ask(
            "SELECT c.doc_id, c.url, c.site, c.type, c.title, c.text, c.authors, c.categories, c.tags, c.published_at,"
            " c.modified_at, c.word_count, c.revisions, p.status, p.remote_id, p.text_hash, p.cleaned"
            " FROM corpus c JOIN posts p USING (doc_id) ORDER BY 1"
        )

    def sound(self) -> None:
        """The file is whole, and its index in step."""
        from ingest.corpus import Corpus, fulltext

        with Corpus(self.db, write=True) as corpus:
            assert corpus.rows("PRAGMA integrity_check") == [{"integrity_check": "ok"}]
            assert corpus.rows("PRAGMA foreign_key_check") == []
            assert list(fulltext.in_step(corpus.conn)) == []


_SHOWN = """
    $shown = array();
    foreach ( json_decode( $args[0] ) as $id ) {
        $post = get_post( $id );
        $title = html_entity_decode( wp_strip_all_tags( apply_filters( 'the_title', $post->post_title, $id ) ), ENT_QUOTES | ENT_HTML5 );
        $shown[ $id ] = trim( preg_replace( '/\\s+/u', ' ', str_replace( "\\u{a0}", ' ', $title ) ) );
    }
    echo json_encode( $shown );
"""


def titles(site: WordPress, ids: list[int]) -> dict[int, str]:
    """The titles as WordPress itself shows them, as text."""
    told = json.loads(site.php(_SHOWN, json.dumps(ids)))
    return {int(number): unicodedata.normalize("NFC", title) for number, title in told.items()}
