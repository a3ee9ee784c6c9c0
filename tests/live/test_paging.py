"""The site changes while it is crawled: what was public all the while is held, whatever went on around it."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.live.looking import Desk
from tests.live.test_backfill import equals
from tests.wordpress.server import WordPress
from tests.wordpress.truth import truth

pytestmark = [pytest.mark.wordpress, pytest.mark.xdist_group("wordpress-more")]

Event = dict[str, Any]


def published(posts: int) -> list[Event]:
    """New posts."""
    return [{"event": "publish", "title": f"Meanwhile {n}"} for n in range(posts)]


def trashed(ids: list[int]) -> list[Event]:
    """Posts in the trash."""
    return [{"event": "trash", "ids": ids}]


def hidden(ids: list[int]) -> list[Event]:
    """Posts made private."""
    return [{"event": "status", "ids": ids, "status": "private"}]


def edited(ids: list[int]) -> list[Event]:
    """Posts saved again."""
    return [{"event": "edit", "ids": ids, "append": "<p>Edited meanwhile.</p>"}]


#: What happens after the third of 14 windows; `ids` ascend. Paging by number loses, at the same events: 40 newest
#: trashed, 40 posts by date descending; 40 oldest-dated, 40 by date ascending; 20 lowest ids, 20 by id ascending.
EVENTS: dict[str, Callable[[list[int]], list[Event]]] = {
    "nothing": lambda _: [],
    "7 posts published": lambda _: published(7),
    "40 newest trashed": lambda ids: trashed(ids[-40:]),
    "40 oldest-dated trashed": lambda ids: trashed(ids[-40:]),
    "20 lowest ids private": lambda ids: hidden(ids[:20]),
    "all crawled so far private": lambda ids: hidden(ids[:27]),
    "28 crawled edited": lambda ids: edited(ids[:28]),
    "mixed": lambda ids: [*published(7), *trashed(ids[-15:]), *hidden(ids[:20]), *edited(ids[20:35])],
}


@pytest.mark.parametrize("case", EVENTS)
def test_nothing_that_was_public_all_the_while_is_missed(desk: Desk, wordpress_plain: WordPress, case: str) -> None:
    """Missed: none; held twice: none; and the next look brings what came and went meanwhile."""
    wordpress_plain.reset()
    if case == "40 oldest-dated trashed":
        wordpress_plain.sql(
            "UPDATE wp_posts SET post_date = '2001-01-01 00:00:00', post_date_gmt = '2001-01-01 00:00:00'"
            " WHERE post_type = 'post' AND post_status = 'publish' ORDER BY ID DESC LIMIT 40"
        )
    before = {post.id for post in truth(wordpress_plain)}
    events = EVENTS[case]([post.id for post in truth(wordpress_plain, ("post",))])
    # The first request of the walk learns the cap, so that the fifth comes after three windows.
    inject = {"before": 5, "match": "wp/v2/posts&orderby=id&order=asc&per_page", "events": events}
    wordpress_plain.plays(per_page_cap={"cap": 10}, inject=inject)
    code, rows, err = desk.run("fetch", wordpress_plain.url)
    assert code in {0, 3}, err
    throughout = before & {post.id for post in truth(wordpress_plain)}
    assert (throughout == before) == (not {"trash", "status"} & {event["event"] for event in events})
    held = [int(row[0]) for row in desk.ask("SELECT remote_id FROM posts WHERE gone_at IS NULL")]
    assert not throughout - set(held), "missed"
    assert len(held) == len(set(held)), "held twice"
    wordpress_plain.play(None)
    code, rows, _ = desk.run("fetch", "--accept-gone", wordpress_plain.url)
    assert (code, rows[0]["verdict"]) == (0, "complete"), rows
    equals(desk, wordpress_plain)
