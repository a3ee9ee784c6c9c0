"""A corpus to look at: three blogs about gardens, bees and houses, over six years, made of sentences of our own."""

import html
import json
import random
from pathlib import Path
from typing import Any

from ingest import normalise
from ingest.corpus import Corpus, RunWriter
from ingest.records import Batch, PersonRef, Post, PostItem, RawDate, Source, TermRef

__all__ = ["AT", "BLOGS", "item", "keep", "made", "plant"]

AT = "2026-03-01T06:00:00Z"

#: Home, name, author, category, share of the posts.
BLOGS = (
    ("https://bees.example", "Bees in Town", "Ines Okafor", "Beekeeping"),
    ("https://slow-garden.example", "The Slow Garden", "Ruth Lindqvist", "Garden"),
    ("https://warm-walls.example", "Warm Walls", "Tomasz Bielak", "Heating"),
)

_TITLES = {
    "Beekeeping": ("A hive on a flat roof", "What the bees did in {month}", "Swarms, and whom to call", "Honey from railway banks"),
    "Garden": ("What the hedge is for", "A pond the size of a washing-up bowl", "Sowing in {month}", "Leaves are not rubbish"),
    "Heating": ("A heat pump in {month}", "Draughts, and where they come from", "Radiators for 45 degrees", "What the meter said in {month}"),
}  # fmt: skip
_SENTENCES = {
    "Beekeeping": (
        "A colony needs about {n} kilos of stores to come through the winter.",
        "It is hunger, not frost, that kills a hive in March.",
        "The bees fly from {n} degrees on, and the lime trees pay for the whole year.",
        "Talk to the neighbours first, and take them {n} jars of honey.",
        "Nobody sprays a railway bank, which is why it hums.",
        "I lifted the hive to feel its weight and left it alone.",
        "The association lent me a smoker and a veil with {n} patches.",
        "A swarm hung in the pear tree for {n} hours and then made up its mind.",
        "The varroa board showed {n} mites, which is few for August.",
        "We took {n} frames and left the rest for the bees.",
        "Ivy flowers last, and smells of it until Christmas.",
        "The queen is marked blue, and she hides anyway.",
    ),
    "Garden": (
        "A hedge is a road, a larder and a bedroom for everything smaller than a cat.",
        "Sow into warm soil or sow {n} times.",
        "The pond froze over for {n} days and the newts did not mind.",
        "Leave the stems standing until spring: something sleeps in each of them.",
        "Bumblebees found the first crocus before I did.",
        "Rain water is better than what comes out of the tap.",
        "We counted {n} sparrows in the hawthorn.",
        "The beans are up, {n} of them, and the slugs know it.",
        "Compost is a slow fire: turn it every {n} weeks.",
        "Nothing grows under the spruce, so we put the bench there.",
        "A hedgehog walked past at dusk as if it paid rent.",
        "I moved the rhubarb, which one should not do.",
    ),
    "Heating": (
        "The heat pump used {n},410 kWh in its first winter and gave three times as much heat.",
        "Draught sealing cost a weekend and {n} metres of brush strip.",
        "The coldest night was {n} below, and nobody woke up.",
        "Weather compensation does the work if you leave the thermostat alone.",
        "A radiator that is too large is never wrong.",
        "The hedge keeps the wind off the north wall, which is worth half a degree.",
        "The defrost cycle ran every {n} minutes and sounded like rain.",
        "We insulated the pipes in the cellar, all {n} metres.",
        "The installer asked for a heat loss survey, and that was the right installer.",
        "Hot water takes a quarter of it, so we set it to {n} less.",
        "Single glazing in the hall is the last thing on the list.",
        "The meter said {n} kWh for the day of the storm.",
    ),
}
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def item(number: int, home: str, title: str, body: str, **wishes: Any) -> PostItem:
    """A post as WordPress gives it, with the object it came in."""
    date = wishes.pop("date", "2025-01-01T10:00:00")
    address = wishes.get("url", f"{home}/{number}/")
    raw = {
        "id": number, "type": "post", "status": "publish", "link": address, "date_gmt": date,
        "modified_gmt": wishes.pop("modified", date), "title": {"rendered": title},
        "content": {"rendered": body, "protected": False}, "excerpt": {"rendered": ""},
    }  # fmt: skip
    told: dict[str, Any] = {
        "type": "post", "raw": json.dumps(raw).encode(), "format": "application/json", "rank": "rest",
        "remote_id": str(number), "home": home, "url": address, "title": title, "body": body,
        "published": RawDate(utc=date), "modified": RawDate(utc=raw["modified_gmt"]),
    }  # fmt: skip
    return PostItem(**(told | wishes))


def made(one: PostItem) -> Post:
    """A post after every rule."""
    post = normalise.post(one, Source("wordpress", f"{one.home}/", home=one.home, now=AT))
    assert isinstance(post, Post)
    return post


def keep(corpus: Corpus, *items: PostItem, at: str = AT, polled: bool = False) -> None:
    """Write posts as a load of saved documents does, or as a fetch of the blogs does."""
    for home in dict.fromkeys(one.home for one in items):
        posts = tuple(made(one) for one in items if one.home == home)
        number = corpus.add_source("wordpress", str(home), at, home=home)[0] if polled else None
        source = Source(kind="wordpress", url=f"{home}/", id=number, home=home, now=at)
        RunWriter(corpus, "fetch" if polled else "load").apply(source, Batch(posts=posts), at)


def _post(number: int, dice: random.Random) -> PostItem:
    home, _, author, about = dice.choices(BLOGS, weights=(4, 3, 2))[0]
    year, month = 2020 + (number - 1) * 6 // 240, dice.randrange(12)
    title = dice.choice(_TITLES[about]).format(month=f"{_MONTHS[month]} {year}")
    sentences = [line.format(n=dice.randint(2, 60)) for line in dice.sample(_SENTENCES[about], k=dice.randint(3, 7))]
    paragraphs = [" ".join(sentences[:3]), " ".join(sentences[3:])]
    body = "".join(f"<p>{html.escape(text)}</p>\n" for text in paragraphs)
    body += f'<p>See <a href="{home}/{max(1, number - 7)}/">what we said before</a>. <img src="{home}/i/{number}.jpg" alt="A photograph"></p>'
    tags = dice.sample(("winter", "spring", "water", "neighbours", "costs", "tools"), k=2)
    return item(
        number, home, title, body, date=f"{year}-{month + 1:02}-{dice.randint(1, 28):02}T08:{number % 60:02}:00",
        authors=(PersonRef(name=author),), language="en",
        terms=(TermRef("category", name=about), *(TermRef("post_tag", name=tag) for tag in tags)),
    )  # fmt: skip


def plant(path: Path, posts: int = 240) -> Path:
    """The corpus: one post edited twice, one copied by another blog, four sources that fare differently."""
    dice = random.Random(7)  # noqa: S311  (posts, no secrets)
    with Corpus(path, write=True, create=True) as corpus:
        items = [_post(number, dice) for number in range(1, posts + 1)]
        keep(corpus, *items, polled=True)
        home = BLOGS[2][0]
        versions = (
            "<p>The heat pump keeps the house warm. We have not measured it yet.</p><p>More in spring.</p>",
            "<p>The heat pump keeps the house warm at nine below. We measured 3,410 kWh.</p><p>More in spring.</p>",
            (
                "<p>The heat pump keeps the whole house warm at nine below. We measured 3,410 kWh in one winter.</p>"
                "<p>The coldest night was in February.</p>"
            ),
        )
        for day, body in enumerate(versions, 1):
            when = f"2026-02-{day * 7:02}T10:00:00"
            one = item(9001, home, "Our first winter with a heat pump", body, date="2026-02-07T10:00:00", modified=when,
                       authors=(PersonRef(name="Tomasz Bielak"),), language="en")  # fmt: skip
            keep(corpus, one, at=f"2026-02-{day * 7:02}T12:00:00Z", polled=True)
        _copy(corpus, items[20])
        _fare(corpus)
        with corpus.transaction() as conn:
            conn.execute("INSERT INTO saved_searches VALUES ('Bees and hedges', 'q=bees+OR+hedge', ?)", [AT])
            for blog in BLOGS:
                conn.execute("UPDATE sites SET name = ? WHERE home = ?", [blog[1], blog[0]])
    return path


def _copy(corpus: Corpus, one: PostItem) -> None:
    """A post that another blog has copied, nearly."""
    home = "https://copies.example"
    body = one.body.replace("See", "<p>Found elsewhere.</p> See")
    copy = item(1, home, one.title, body, date="2025-12-30T10:00:00", language="en")
    keep(corpus, copy)


def _fare(corpus: Corpus) -> None:
    fates = (
        (BLOGS[0][0], "wordpress", "complete", None, "[]", 0, None),
        (BLOGS[1][0], "wordpress", "partial", "2 announced and not held", '["post/511", "post/512"]', 0, None),
        (BLOGS[2][0], "wordpress", "failing", None, "[]", 5, "https://warm-walls.example/wp-json/: too_slow: no answer in 60 s"),
        (BLOGS[2][0] + "/feed/", "feed", "unknown", "the source does not say what it has", "[]", 0, None),
    )  # fmt: skip
    dice = random.Random(3)  # noqa: S311
    for home, kind, verdict, reason, missing, failures, error in fates:
        number, _ = corpus.add_source(kind, home, AT, home=home.removesuffix("/feed/"))
        with corpus.transaction() as conn:
            held = conn.execute("SELECT count(*) FROM sightings WHERE source_id = ?", [number]).fetchone()[0]
            announced = json.dumps({"post": held + 2 * (verdict == "partial")}) if kind == "wordpress" else "{}"
            conn.execute("DELETE FROM runs WHERE source_id = ?", [number])
            conn.execute(
                "UPDATE sources SET verdict = ?, reason = ?, missing_ids = ?, failures = ?, error = ?, announced = ?,"
                " failing_since = ?, last_run_at = ?, next_due = '2026-03-02T06:00:00Z' WHERE id = ?",
                [verdict, reason, missing, failures, error, announced,
                 "2026-02-25T06:00:00Z" if failures else None, AT, number],
            )  # fmt: skip
            for day in range(1, 29):
                word = verdict if day > 28 - failures else "complete"
                news = 0 if word == "failing" else dice.choice((0, 0, 0, 1, 1, 2, 5))
                conn.execute(
                    "INSERT INTO runs (source_id, command, version, started_at, ended_at, new, verdict)"
                    " VALUES (?, 'fetch', '0', ?, ?, ?, ?)",
                    [number, f"2026-02-{day:02}T06:00:00Z", f"2026-02-{day:02}T06:00:09Z", news, word],
                )
