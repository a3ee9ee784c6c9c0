"""lemon24/reader: `add DB LIST` takes feeds up, `update DB WORKERS` polls them and updates the search index."""

import sys
from pathlib import Path

from reader import make_reader

what, db, told = sys.argv[1:]
reader = make_reader(db)
if what == "add":
    reader.enable_search()
    for url in Path(told).read_text(encoding="utf-8").split():
        reader.add_feed(url)
else:
    reader.update_feeds(workers=int(told), scheduled=False)  # every feed, whether due or not
    reader.update_search()
reader.close()
