"""One post that a site cannot deliver, however it fails: named on every look, until it is mended or gone."""

from pathlib import Path
from typing import Any

import pytest

from tests.live.looking import Desk
from tests.live.test_backfill import equals
from tests.wordpress import events
from tests.wordpress.server import WordPress
from tests.wordpress.truth import truth

pytestmark = [pytest.mark.wordpress, pytest.mark.xdist_group("wordpress-more")]

#: How it fails -> the play's arguments, the command's options, a word of the reason. Small pages, so that few wait.
HOW: dict[str, tuple[dict[str, Any], tuple[str, ...], str]] = {
    "timeout": ({"how": "timeout", "seconds": 5}, ("--deadline", "2"), "too_slow"),
    "too_big": ({"how": "too_big", "mb": 3}, (), "too_big"),
}
OPEN = "SELECT type, remote_id FROM rejects WHERE resolved_at IS NULL"


def refused(desk: Desk) -> str:
    """The reason of the one open reject."""
    ((reason,),) = desk.ask("SELECT reason FROM rejects WHERE resolved_at IS NULL")
    return str(reason)


@pytest.mark.parametrize("how", HOW)
def test_no_answer_at_all_is_halved_like_any_other(
    desk: Desk, wordpress_small: WordPress, tmp_path: Path, how: str
) -> None:
    """A post that takes for ever, or is larger than is taken, is found and named; all others are stored."""
    play, words, word = HOW[how]
    config = tmp_path / "sources.toml"
    config.write_text("[fetch]\nmax_bytes = 2_000_000\n")
    words = (*words, "--config", str(config))
    poison = truth(wordpress_small, ("post",))[17].id
    wordpress_small.plays(poison={"ids": [poison], **play}, per_page_cap={"cap": 4})
    code, rows, err = desk.run("fetch", wordpress_small.url, *words)
    assert (code, rows[-2]["verdict"], rows[-2]["missing_ids"]) == (3, "partial", [f"post/{poison}"]), (rows, err)
    assert desk.ask(OPEN) == [("post", str(poison))]
    assert word in refused(desk)
    assert desk.ask("SELECT count(*) FROM posts") == [(len(truth(wordpress_small)) - 1,)]
    wordpress_small.play(None)
    code, rows, _ = desk.run("fetch", wordpress_small.url, *words, "--full")
    assert (code, rows[-2]["verdict"]) == (0, "complete")
    assert desk.ask(OPEN) == []
    equals(desk, wordpress_small)


def test_it_is_named_on_every_later_look_until_it_is_gone(desk: Desk, wordpress_small: WordPress) -> None:
    """A poll that finds nothing new still says which post is missing; erased by its owner, it is missed no more."""
    poison, other = (post.id for post in truth(wordpress_small, ("post",))[17:19])
    wordpress_small.play("poison", ids=[poison, other], how="fatal")
    named = [f"post/{poison}", f"post/{other}"]
    assert desk.run("fetch", wordpress_small.url)[1][-2]["missing_ids"] == named
    for _ in range(2):
        code, rows, _err = desk.run("fetch", wordpress_small.url)
        assert (code, rows[0]["verdict"], rows[0]["missing_ids"]) == (3, "partial", named)
    events.edit(wordpress_small, truth(wordpress_small)[3].id)
    code, rows, _ = desk.run("fetch", wordpress_small.url)
    assert (code, rows[0]["missing_ids"], rows[0]["changed"]) == (3, named, 1)
    events.delete(wordpress_small, poison)
    events.trash(wordpress_small, other)
    events.publish(wordpress_small, "News, so that the rejects are tried again")
    code, rows, _ = desk.run("fetch", wordpress_small.url)
    assert (code, rows[0]["verdict"], rows[0]["missing_ids"]) == (0, "complete", []), rows
    assert desk.ask(OPEN) == []
    equals(desk, wordpress_small)
