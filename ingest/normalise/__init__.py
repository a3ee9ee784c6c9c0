"""An item as its source says it -> a post as the corpus holds it: the same rules for every kind of source.

- `posts`       an item -> a post
- `lines`       names and short texts written as HTML
- `identity`    what makes two views one post
- `characters`  one form for characters, blanks and lines; what counts as a word
- `chrome`      what is not the post: elements, lines, tails, shortcodes

What is named here is loaded when it is asked for: rules and renderer are 20 ms of a start, and a run over sources that
say nothing new needs neither.
"""

from typing import TYPE_CHECKING

from ingest import urls
from ingest.later import later

if TYPE_CHECKING:
    from ingest.normalise.lines import plain_line, plain_text
    from ingest.normalise.posts import RULES, RULES_VERSION, post

__all__ = ["RULES", "RULES_VERSION", "plain_line", "plain_text", "post", "site_key"]

__getattr__ = later(
    __name__,
    {"RULES": "posts", "RULES_VERSION": "posts", "plain_line": "lines", "plain_text": "lines", "post": "posts"},
)


def site_key(home: str | None) -> str:
    """The key of the site with this home address; empty when there is none. A folder that is polled is its own."""
    return "" if not home else home if home.startswith("inbox:") else urls.site_of(home)
