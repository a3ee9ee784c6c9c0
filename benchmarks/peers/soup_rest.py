"""What one writes in an afternoon: `DB ROOT PARSER`. requests, BeautifulSoup and sqlite-utils, no index.

PARSER is BeautifulSoup's: `html.parser` is what comes with Python, `lxml` a package more.
"""

import sys

import requests
import sqlite_utils
from bs4 import BeautifulSoup

path, root, parser = sys.argv[1:]
db = sqlite_utils.Database(path)
page, pages = 1, 1
with requests.Session() as session:
    while page <= pages:
        answer = session.get(f"{root}wp/v2/posts", params={"per_page": 100, "page": page}, timeout=60)
        pages = int(answer.headers["X-WP-TotalPages"])
        db["posts"].upsert_all(
            (
                {
                    "id": row["id"], "url": row["link"], "title": row["title"]["rendered"], "date": row["date_gmt"],
                    "html": row["content"]["rendered"],
                    "text": BeautifulSoup(row["content"]["rendered"], parser).get_text("\n"),
                }
                for row in answer.json()
            ),
            pk="id",
        )  # fmt: skip
        page += 1
db.close()
