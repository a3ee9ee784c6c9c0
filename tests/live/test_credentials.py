"""With an application password: drafts and private posts as well, and a wrong one is said on every run."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.looking import Desk
from tests.live.tls import Before, before
from tests.wordpress import events
from tests.wordpress.server import WordPress
from tests.wordpress.truth import truth

pytestmark = [pytest.mark.wordpress, pytest.mark.xdist_group("wordpress-more")]

VARIABLE = "BLOGCORPUS_TEST_PASSWORD"
STATUSES = "SELECT status, count(*) FROM posts WHERE gone_at IS NULL OR gone_kind = 'protected' GROUP BY status"


@pytest.fixture
def https(wordpress_small: WordPress, tmp_path: Path) -> Iterator[Before]:
    """`wordpress_small` behind TLS."""
    with before(wordpress_small, tmp_path) as shown:
        yield shown


@pytest.fixture
def config(https: Before, tmp_path: Path) -> Path:
    """A configuration that names the site, and the variable with the password."""
    path = tmp_path / "sources.toml"
    path.write_text(
        f'[fetch]\nca_file = "{https.authority}"\n\n[[source]]\nurl = "{https.url}"\nuser = "admin"\n'
        f'password_env = "{VARIABLE}"\n'
    )
    return path


def stored(site: WordPress) -> dict[str, int]:
    """What the database holds by status, as this corpus names it; no trash, no drafts of nobody."""
    rows = site.sql(
        "SELECT IF(post_password <> '' AND post_status = 'publish', 'protected', post_status) AS status, count(*) AS n"
        " FROM wp_posts WHERE post_type IN ('post', 'page')"
        " AND post_status IN ('publish', 'draft', 'private', 'pending', 'future') GROUP BY 1"
    )
    return {row["status"]: int(row["n"]) for row in rows}


def test_what_the_password_opens(
    desk: Desk, wordpress_small: WordPress, https: Before, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Drafts, private, pending and scheduled posts are stored under their status; the trash is not.

    An unchanged poll is four requests instead of two, because no feed tells of a draft.
    """
    events.draft(wordpress_small, "A draft")
    monkeypatch.setenv(VARIABLE, events.application_password(wordpress_small))
    code, rows, err = desk.run("fetch", "--config", config)
    assert (code, rows[-2]["verdict"]) == (0, "complete"), (rows, err)
    held = dict(desk.ask(STATUSES))
    assert held == stored(wordpress_small)
    assert held.keys() >= {"publish", "draft", "private", "protected"}
    assert desk.ask("SELECT count(*) FROM posts WHERE title LIKE 'Secret trash%'") == [(0,)]
    https.secrets.clear()
    code, rows, _ = desk.run("fetch", "--config", config, https.url)
    assert (code, rows[0]["verdict"], rows[0]["new"], len(https.secrets)) == (0, "complete", 0, 4)
    number = truth(wordpress_small)[3].id
    events.set_status(wordpress_small, "private", number)
    code, rows, _ = desk.run("fetch", "--config", config, https.url)
    assert desk.ask("SELECT status, gone_at FROM posts WHERE remote_id = ?", str(number)) == [("private", None)]
    assert dict(desk.ask(STATUSES)) == stored(wordpress_small)
    told = "\n".join(str(row) for row in (*desk.ask("SELECT * FROM fetches"), *desk.ask("SELECT * FROM sources"), err))
    assert "Basic" not in told


def test_a_wrong_password_is_said(
    desk: Desk, wordpress_small: WordPress, https: Before, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """WordPress answers it like a stranger; every run says so, until the right one brings the rest."""
    monkeypatch.setenv(VARIABLE, "abcd efgh ijkl mnop qrst uvwx")
    for words in ((), (https.url,)):
        code, rows, err = desk.run("fetch", "--config", config, *words)
        assert (code, rows[-2]["verdict"], rows[-2]["reason"]) == (3, "partial", "password"), (rows, err)
    assert "application password" in err
    assert desk.ask("SELECT count(*) FROM posts") == [(len(truth(wordpress_small)),)]
    monkeypatch.setenv(VARIABLE, events.application_password(wordpress_small))
    code, rows, _ = desk.run("fetch", "--config", config, https.url)
    assert (code, rows[0]["verdict"]) == (0, "complete"), rows
    assert dict(desk.ask(STATUSES)) == stored(wordpress_small)


def test_a_password_that_is_revoked_buries_nothing(
    desk: Desk, wordpress_small: WordPress, https: Before, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What only the password showed is not gone; the run says why it ended."""
    monkeypatch.setenv(VARIABLE, events.application_password(wordpress_small))
    assert desk.run("fetch", "--config", config)[0] == 0
    before_ = desk.content()
    monkeypatch.setenv(VARIABLE, "abcd efgh ijkl mnop qrst uvwx")
    for words in ((), ("--full",)):
        code, rows, _ = desk.run("fetch", "--config", config, https.url, *words)
        assert (code, rows[0]["verdict"], rows[0]["reason"]) == (3, "partial", "password"), rows
    assert desk.content() == before_
    assert desk.ask("SELECT count(*) FROM posts WHERE gone_at IS NOT NULL") == [(0,)]
