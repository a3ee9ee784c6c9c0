"""Blogs as they are: when each publishes and edits, what its feed shows, and when it stumbles, moves or dies.

Everything is drawn from a seed before the year begins, so that what could be seen at any second is known. Times are
seconds since 1970.
"""

import random
from bisect import bisect_right
from dataclasses import dataclass, field

__all__ = ["DAY", "HOUR", "Blog", "Fault", "Post", "village"]

HOUR, DAY = 3600, 86_400
#: Mean seconds between two posts, and how many of a hundred blogs write so often.
PACES = ((HOUR, 1), (4 * HOUR, 2), (DAY, 10), (2.5 * DAY, 16), (7 * DAY, 25), (30 * DAY, 30), (365 * DAY, 16))
#: Posts that are there before the year begins.
BACKLOG = 40
#: What goes wrong on a host for a while: how, its share of the troubles that are no more than that.
TROUBLES = (("dns", 2), ("refused", 3), ("tls", 1), ("too_slow", 3), ("server_error", 5), ("broken", 2), ("busy", 1))


@dataclass(frozen=True, slots=True)
class Post:
    """One post, from the second at which it appears."""

    number: int
    at: int
    #: When it is edited; None for never.
    edited: int | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """A time in which a host does not answer as it should."""

    start: int
    end: int
    #: A kind of FetchError, `server_error`, `broken` (a web page in place of the feed), `busy` or `rate_limited`.
    how: str
    #: Its Retry-After, seconds.
    wait: int | None = None


@dataclass(slots=True)
class Blog:
    """One blog for the whole of the year."""

    number: int
    kind: str = "feed"
    #: Mean seconds between two posts.
    pace: float = DAY
    posts: list[Post] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    #: Entries that its feed shows; whether WordPress made it, which shows older ones page by page.
    window: int = 10
    wordpress: bool = False
    #: `true`, `none` or `wrong`: what its feed says of dates.
    dates: str = "true"
    validators: bool = True
    #: Seconds that its feed asks for, in Cache-Control and in `ttl`.
    cache: int | None = None
    ttl: int | None = None
    #: When it moves to another domain, and when the old one stops to redirect.
    moves: int | None = None
    forgets: int | None = None
    _times: list[int] = field(default_factory=list)
    _edits: list[int] = field(default_factory=list)

    @property
    def host(self) -> str:
        """Where it began."""
        return f"b{self.number}.example"

    @property
    def new_host(self) -> str:
        """Where it moves to."""
        return f"moved{self.number}.example"

    def settle(self) -> None:
        """Bring what was drawn into order."""
        self.posts.sort(key=lambda post: (post.at, post.number))
        self.faults.sort(key=lambda fault: fault.start)
        self._times = [post.at for post in self.posts]
        self._edits = sorted(post.edited for post in self.posts if post.edited is not None)

    def count(self, now: int) -> int:
        """How many posts it has."""
        return bisect_right(self._times, now)

    def version(self, now: int) -> tuple[int, int]:
        """What changes with everything that is published or edited."""
        return self.count(now), bisect_right(self._edits, now)

    def shown(self, now: int, page: int = 1) -> list[Post]:
        """What a page of its feed shows, newest first."""
        end = self.count(now) - (page - 1) * self.window
        return self.posts[max(end - self.window, 0) : max(end, 0)][::-1]

    def fault(self, now: int) -> Fault | None:
        """What is wrong with it, if anything."""
        return next((one for one in self.faults if one.start <= now < one.end), None)


def village(count: int, start: int, days: int, seed: int = 8) -> list[Blog]:
    """So many blogs for a year that begins at `start` and lasts `days`."""
    chances = [random.Random(f"{seed}/{number}") for number in range(count)]  # noqa: S311
    return [_blog(number, start, start + days * DAY, chance) for number, chance in enumerate(chances)]


def _blog(number: int, start: int, end: int, chance: random.Random) -> Blog:
    blog = Blog(number, pace=chance.choices([p for p, _ in PACES], [share for _, share in PACES])[0])
    blog.kind = "wordpress" if chance.random() < 0.2 else "feed"
    blog.wordpress = chance.random() < 0.4
    blog.window = chance.choice([10, 10, 10, 10, 15, 20, 50])
    blog.dates = chance.choices(["true", "none", "wrong"], [93, 5, 2])[0]
    blog.validators = chance.random() < 0.85
    blog.cache = chance.choice([None, None, None, 300, HOUR, 6 * HOUR, 365 * DAY])
    blog.ttl = chance.choice([None, None, HOUR, HOUR, 12 * HOUR])
    _write(blog, start, end, chance)
    _stumble(blog, start, end, chance)
    if chance.random() < 0.04 and blog.kind == "feed":
        blog.moves = chance.randrange(start + DAY, end)
        blog.forgets = blog.moves + 90 * DAY
    blog.settle()
    return blog


def _write(blog: Blog, start: int, end: int, chance: random.Random) -> None:
    """The posts: one by one, now and then several in an afternoon, some edited later."""
    times, at = [], float(start - BACKLOG * blog.pace)
    while (at := at + chance.expovariate(1 / blog.pace)) < end:
        times.append(int(at))
        if chance.random() < 0.05:
            times += [int(at) + chance.randrange(3 * HOUR) for _ in range(chance.randrange(1, 8))]
    for number, moment in enumerate(sorted(one for one in times if one < end)):
        edited = moment + chance.randrange(HOUR, 10 * DAY) if chance.random() < 0.1 else None
        blog.posts.append(Post(number, moment, edited))


def _stumble(blog: Blog, start: int, end: int, chance: random.Random) -> None:
    """The faults: short ones often, long ones rarely, hosts that rate-limit, and hosts that die."""
    years = (end - start) / (365 * DAY)
    for a_year, least, most in ((3, HOUR // 4, 2 * HOUR), (0.7, 4 * HOUR, 3 * DAY), (0.15, 4 * DAY, 21 * DAY)):
        for _ in range(_poisson(a_year * years, chance)):
            at = chance.randrange(start, end)
            how = chance.choices([how for how, _ in TROUBLES], [share for _, share in TROUBLES])[0]
            wait = chance.choice([HOUR, 4 * HOUR, DAY]) if how == "busy" else None
            blog.faults.append(Fault(at, at + chance.randrange(least, most), how, wait))
    if chance.random() < 0.04:
        for _ in range(_poisson(12 * years, chance)):
            at = chance.randrange(start, end)
            wait = chance.choice([600, HOUR, 6 * HOUR])
            blog.faults.append(Fault(at, at + chance.randrange(HOUR, 8 * HOUR), "rate_limited", wait))
    if chance.random() < 0.03 * years:
        blog.faults.append(Fault(chance.randrange(start, end), end + DAY, chance.choice(["dns", "refused", "broken"])))


def _poisson(mean: float, chance: random.Random) -> int:
    count, left = 0, chance.expovariate(1)
    while left < mean:
        count, left = count + 1, left + chance.expovariate(1)
    return count
