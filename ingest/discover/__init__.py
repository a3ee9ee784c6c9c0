"""An address -> the sources that lie behind it: once, when it is added, and again for `doctor`.

What a page says of itself comes first (`advertised`), then where a WordPress answers anyway (`search`): `/wp-json/`
and, always, `/?rest_route=/`. Every answer is judged by parsing it: a site with plain permalinks answers `/wp-json/`
with its home page and status 200, plugins take the links away while the API works. Pure: the network is the `get`
that is handed in.
"""

from ingest.discover.advertised import Advertised, FeedLink, advertised
from ingest.discover.found import Candidate, Discovery, NoBlog, Tried
from ingest.discover.search import Get, discover

__all__ = ["Advertised", "Candidate", "Discovery", "FeedLink", "Get", "NoBlog", "Tried", "advertised", "discover"]
