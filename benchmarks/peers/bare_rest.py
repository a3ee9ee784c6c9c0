"""The bare limit of WordPress REST: `DB LIST`. The same requests, `json.loads`, `executemany` into one table."""

import json
import sqlite3
import sys
from pathlib import Path

import requests

db, told = sys.argv[1:]
conn = sqlite3.connect(db)
conn.execute("CREATE TABLE posts (id INTEGER, url TEXT, type TEXT, title TEXT, at TEXT, html TEXT)")
with requests.Session() as session:
    for url in Path(told).read_text(encoding="utf-8").split():
        answer = session.get(url, timeout=60)
        if "json" not in answer.headers.get("content-type", ""):
            continue
        rows = json.loads(answer.content)
        if isinstance(rows, list) and rows and "content" in rows[0]:
            conn.executemany(
                "INSERT INTO posts VALUES (?, ?, ?, ?, ?, ?)",
                [(r["id"], r["link"], r["type"], r["title"]["rendered"], r["date_gmt"], r["content"]["rendered"])
                 for r in rows],
            )  # fmt: skip
conn.commit()
conn.close()
