"""The bare limit of feeds with feedparser: `DB LIST`. One session, no sanitising, one table, neither text nor index."""

import io
import sqlite3
import sys
from pathlib import Path

import feedparser
import requests

db, told = sys.argv[1:]
conn = sqlite3.connect(db)
conn.execute("CREATE TABLE entries (feed TEXT, guid TEXT, url TEXT, title TEXT, at TEXT, html TEXT)")
with requests.Session() as session:
    for url in Path(told).read_text(encoding="utf-8").split():
        body = session.get(url, timeout=60).content
        found = feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
        conn.executemany(
            "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?)",
            [(url, e.id, e.link, e.title, e.published, e.content[0].value) for e in found.entries],
        )
conn.commit()
conn.close()
