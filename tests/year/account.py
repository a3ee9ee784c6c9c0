"""The year's account: one or several parts of a village, lived through side by side, added up."""

import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from tests.year.blogs import HOUR, village
from tests.year.cron import Run, live, possible

__all__ = ["Account", "added_up", "lived"]


@dataclass(frozen=True, slots=True)
class Account:
    """What a year came to."""

    blogs: int
    days: int
    runs: tuple[Run, ...]
    polls: int
    requests: int
    #: Requests that met a fault; those answered with a body, and by 304.
    failed: int
    bodies: int
    unchanged: int
    published: int
    #: Posts that are not held: nobody who asks hourly could have them; nobody who also keeps the rules for failing
    #: hosts could; and the rest, which are ours, as `blog/post`.
    impossible: int
    patience: int
    ours: tuple[str, ...]
    revisions: int
    #: Troubles of hosts.
    faults: int
    #: Lines about the blog that had the most, less two for each of its troubles: none may be above 0.
    chatter: int
    #: Troubles that healed, by the number of looks that met them.
    rows: Counter[int]
    #: Seconds until a post was held.
    delays: tuple[int, ...]

    @property
    def mails(self) -> int:
        """Runs that printed anything."""
        return sum(bool(run.lines) for run in self.runs)

    @property
    def mails_without_memory(self) -> int:
        """Runs in which any source was not well."""
        return sum(bool(run.unwell) for run in self.runs)

    @property
    def words(self) -> Counter[str]:
        """The lines, by their word."""
        return Counter(word for run in self.runs for word in run.lines)

    @property
    def hourly(self) -> int:
        """Polls of a cron that asks every source at every turn."""
        return self.blogs * len(self.runs)

    def summary(self) -> dict[str, object]:
        """The figures, to be printed."""
        later = [run.due for run in self.runs[len(self.runs) // 4 :]]
        delays = sorted(self.delays)
        return {
            "blogs": self.blogs, "days": self.days, "troubles": self.faults,
            "mails": self.mails, "lines": dict(self.words), "mails without memory": self.mails_without_memory,
            "troubles that one look met, two, more": [self.rows[1], self.rows[2], self.rows.total() - self.rows[1] - self.rows[2]],
            "posts published": self.published, "posts missed, ours": len(self.ours),
            "posts missed, impossible": self.impossible, "posts missed, patience with failing hosts": self.patience,
            "revisions": self.revisions, "polls": self.polls, "polls of an hourly cron": self.hourly,
            "polls a source and day": round(self.polls / self.blogs / self.days, 2),
            "requests": self.requests, "requests with a body": self.bodies, "304": self.unchanged,
            "requests to failing hosts": self.failed,
            "sources due in a run, mean and most": [round(sum(later) / len(later), 1), max(later)],
            "hours until a post is held, median, 95 %, most": [
                round(value / HOUR, 1) for value in (median(delays), delays[len(delays) * 95 // 100], delays[-1])
            ],
        }  # fmt: skip


def lived(
    count: int, start: int, days: int, part: int = 0, parts: int = 1, down: tuple[int, int] = (0, 0),
    options: Mapping[str, Any] | None = None,
) -> Account:  # fmt: skip
    """Live through the year of every `parts`-th blog of a village of `count`, from number `part` on."""
    blogs = village(count, start, days)[part::parts]
    memory = Path("/dev/shm")  # noqa: S108  (a year of commits needs no disk; where there is no such folder, the usual one)
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        year = live(blogs, start, days, Path(folder), down=down, options=options)
    web = year.web
    requests, failed = web.asked.total(), web.failed.total()
    impossible = patience = 0
    ours: list[str] = []
    for blog in blogs:
        missed = year.missed(blog)
        if missed:
            could, may = possible(blog, year, patient=False), possible(blog, year, patient=True)
            impossible += len(missed - could)
            patience += len(missed & could - may)
            ours += [f"{blog.number}/{number}" for number in sorted(missed & could & may)]
    troubles = {blog.number: len(blog.faults) + (down != (0, 0)) for blog in blogs}
    return Account(
        len(blogs), days, tuple(year.runs), sum(run.due for run in year.runs), requests, failed, web.bodies,
        web.unchanged, sum(start < post.at for blog in blogs for post in blog.posts), impossible, patience,
        tuple(ours), year.revisions, sum(troubles.values()),
        max(year.mailbox.of[number] - 2 * count for number, count in troubles.items()), year.mailbox.rows, tuple(year.delays),
    )  # fmt: skip


def added_up(parts: Sequence[Account]) -> Account:
    """One account of several: their runs are the same turns of one cron."""
    runs = [
        Run(
            at[0].at,
            sum(run.due for run in at),
            tuple(word for run in at for word in run.lines),
            sum(run.unwell for run in at),
        )
        for at in zip(*(part.runs for part in parts), strict=True)
    ]

    def total(name: str) -> int:
        return sum(getattr(part, name) for part in parts)

    return Account(
        total("blogs"), parts[0].days, tuple(runs), total("polls"), total("requests"), total("failed"), total("bodies"),
        total("unchanged"), total("published"), total("impossible"), total("patience"),
        tuple(one for part in parts for one in part.ours), total("revisions"), total("faults"),
        max(part.chatter for part in parts), sum((part.rows for part in parts), Counter()), tuple(one for part in parts for one in part.delays),
    )  # fmt: skip
