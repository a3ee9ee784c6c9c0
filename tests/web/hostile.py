"""A corpus whose publisher means harm: script in every field, and texts that are no texts."""

from html import escape
from pathlib import Path

from ingest.corpus import Corpus
from ingest.records import PersonRef, TermRef
from tests.web.garden import AT, item, keep

__all__ = ["HOME", "SCRIPTS", "plant"]

HOME = "https://evil.example"

#: Ways to run a script, or to fetch something, from what ought to be text.
SCRIPTS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    "</title><script>alert(3)</script>",
    "</mark></p><svg onload=alert(4)>",
    "{{ 7 * 7 }}{% include 'page.css' %}",
    "javascript:alert(5)",
    "\u202eevil\u202c <b>bold</b>",
    "'; DROP TABLE posts; --",
    "<style>body{background:url(//evil.example/css)}</style>",
    "--><iframe srcdoc='<script>alert(6)</script>'></iframe>",
)

_BODY = """<p onclick="alert(7)">needle {0}</p>
<script>fetch('https://evil.example/ran')</script><style>@import url(https://evil.example/style.css);</style>
<img src="https://evil.example/pixel.gif" onerror="alert(8)" alt="a pixel">
<svg><script>alert(9)</script><image href="https://evil.example/svg.png"/></svg>
<math><mtext><table><mglyph><style><img src=x onerror=alert(10)></style></mglyph></table></mtext></math>
<a href="javascript:alert(11)">one</a> <a href="JaVaScRiPt&colon;alert(12)">two</a> <a href="data:text/html,x">three</a>
<iframe src="https://evil.example/frame"></iframe><object data="https://evil.example/o"></object>
<form action="https://evil.example/form"><input name="q" autofocus onfocus="alert(13)"><button>go</button></form>
<link rel="stylesheet" href="https://evil.example/l.css"><meta http-equiv="refresh" content="0;url=https://evil.example/">
<base href="https://evil.example/"><video src="https://evil.example/v" autoplay></video>
{1} <div style="background:url(https://evil.example/bg)">styled</div></details></main><p>after</p>"""


def plant(path: Path) -> Path:
    """One post a script, in title, author, terms, address and body; then one of 5 MB and some that SQL put there."""
    with Corpus(path, write=True, create=True) as corpus:
        for number, script in enumerate(SCRIPTS, 1):
            keep(
                corpus,
                item(
                    number, HOME, escape(f"needle {script}"), _BODY.format(escape(script), script), authors=(PersonRef(name=script),),
                    terms=(TermRef("category", name=script), TermRef("post_tag", name=script)), language="en",
                ),
            )  # fmt: skip
        keep(corpus, item(90, HOME, "A large one", "<p>needle " + "one large & <b>bold</b> word " * 200_000 + "</p>"))
        keep(corpus, item(91, HOME, "Old", "<p>one</p>", modified="2025-01-02T10:00:00"))
        changed = f"<p>two {SCRIPTS[0].replace('<', '&lt;')}</p>"
        keep(corpus, item(91, HOME, f"New {SCRIPTS[1]}", changed, modified="2025-01-03T10:00:00"))
        _by_hand(corpus)
    return path


def _by_hand(corpus: Corpus) -> None:
    """What our own rules would not let through, but another program may have written."""
    number, _ = corpus.add_source("feed", f"{HOME}/{SCRIPTS[0]}", AT, home=HOME, name=SCRIPTS[1])
    with corpus.transaction() as conn:
        conn.execute(
            "UPDATE sites SET name = ?, description = ?, home = 'javascript:alert(20)'", [SCRIPTS[0], SCRIPTS[3]]
        )
        conn.execute("UPDATE posts SET url = 'javascript:alert(21)' WHERE remote_id = '1'")
        conn.execute("UPDATE posts SET language = '\"><script>alert(22)</script>' WHERE remote_id = '2'")
        conn.execute("UPDATE posts SET title = 'nul' || char(0, 1, 2, 27, 8238, 65535) || '<b>' WHERE remote_id = '3'")
        conn.execute(
            "UPDATE posts SET status = ?1, type = ?1, modified_at = ?1, gone_at = ?1, gone_kind = 'erased', gone_evidence = ?1"
            " WHERE remote_id = '4'", [SCRIPTS[0]],
        )  # fmt: skip
        conn.execute("UPDATE links SET url = 'javascript:alert(23)'")
        conn.execute(
            "UPDATE sources SET verdict = 'failing', error = ?, reason = ?, missing_ids = ? WHERE id = ?",
            [SCRIPTS[0], SCRIPTS[1], '["<script>alert(24)</script>"]', number],
        )
        conn.execute("INSERT INTO saved_searches VALUES (?, ?, ?)", [SCRIPTS[0], "q=%00%3Cscript%3E&page=x", AT])
        conn.execute("INSERT INTO posts_fts (posts_fts) VALUES ('rebuild')")
