"""What robots.txt says (RFC 9309), read by Protego and remembered for a day."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from protego import Protego

from ingest.records import Response

__all__ = ["AGENT", "LIMIT", "RobotsCache", "RobotsText", "Rules", "allowed"]

#: Our product token (RFC 9309 §2.2.1).
AGENT = "blogcorpus"
#: RFC 9309 §2.5: at least 500 kibibytes are read; what follows is left out.
LIMIT = 500 * 1024
#: RFC 9309 §2.4: a cached copy is used for at most a day.
MAX_AGE = 86_400.0
#: A host that answers with a server error is asked for its robots.txt again after ten minutes.
ERROR_AGE = 600.0
#: Characters of a text that is worth remembering what was made of it.
_LONGEST_HELD = 2000
#: Lines without a word: 500 KiB of nothing else are a tenth of a second to look at one by one.
_BLANKS = re.compile(r"\n\s+")


def allowed(robots: str, url: str, agent: str) -> bool:
    """Whether the text of a robots.txt lets `agent` fetch `url` (RFC 9309 §2.2)."""
    return bool(Protego.parse(robots.removeprefix("\ufeff")).can_fetch(url, agent))


@dataclass(frozen=True, slots=True)
class RobotsText:
    """A robots.txt as it was fetched; plain data that may be kept between runs."""

    #: The text; None when the host answered with a server error, which forbids everything (RFC 9309 §2.3.1.4).
    text: str | None
    #: When it was fetched, seconds since 1970.
    at: float


class Rules:
    """The rules of one origin."""

    __slots__ = ("_parsed", "crawl_delay", "source")

    def __init__(self, source: RobotsText) -> None:
        self.source = source
        self._parsed = None if source.text is None else _parsed(source.text)
        #: Seconds between two requests that the host asks of us; 0 when it asks nothing.
        self.crawl_delay = float((self._parsed and self._parsed.crawl_delay(AGENT)) or 0.0)

    def allow(self, url: str) -> bool:
        """Whether we may fetch `url`."""
        return self._parsed is not None and bool(self._parsed.can_fetch(url, AGENT))

    def fresh(self, now: float) -> bool:
        """Whether they may still be used at `now`; a clock that was set back makes them stale."""
        age = now - self.source.at
        return 0 <= age < (ERROR_AGE if self._parsed is None else MAX_AGE)


def _parsed(text: str) -> Protego:
    return _parsed_held(text) if len(text) <= _LONGEST_HELD else Protego.parse(_BLANKS.sub("\n", text))


@lru_cache(maxsize=256)  # that of most hosts is empty, and many share one text: it is parsed once
def _parsed_held(text: str) -> Protego:
    return Protego.parse(text)


class RobotsCache:
    """The rules of the origins met so far; shared by the clients of a process, safe between threads."""

    def __init__(self, held: Mapping[str, RobotsText] | None = None) -> None:
        """`held` is what an earlier cache gave out by `texts`; a text is parsed when its host is met."""
        self._texts = dict(held or {})
        self._rules: dict[str, Rules] = {}
        self._news: dict[str, RobotsText] = {}
        self._lock = threading.Lock()

    def get(self, origin: str, now: float) -> Rules | None:
        """The rules of `origin` (scheme, host and port), or None when they have to be fetched."""
        rules = self._held(origin)
        return rules if rules is not None and rules.fresh(now) else None

    def _held(self, origin: str) -> Rules | None:
        with self._lock:
            text, rules = self._texts.get(origin), self._rules.get(origin)
        if text is None or rules is not None:
            return rules
        rules = Rules(text)  # without the lock: a long one takes a tenth of a second, in which others want theirs
        with self._lock:
            return self._rules.setdefault(origin, rules)

    def put(self, origin: str, answer: Response, now: float) -> Rules:
        """Remember what `answer` says for `origin`.

        4xx means that there are no rules, 5xx that nothing may be fetched, unless an older copy is held
        (RFC 9309 §2.3.1).
        """
        text = RobotsText(_text(answer), now)
        with self._lock:
            held = self._texts.get(origin)
        if text.text is None and held is not None and held.text is not None:
            text = RobotsText(held.text, now - MAX_AGE + ERROR_AGE)
        rules = Rules(text)
        with self._lock:
            self._texts[origin] = self._news[origin] = text
            self._rules[origin] = rules
        return rules

    def texts(self) -> dict[str, RobotsText]:
        """Everything remembered, to be kept between runs."""
        with self._lock:
            return dict(self._texts)

    def news(self) -> dict[str, RobotsText]:
        """What was remembered since the last call."""
        with self._lock:
            news, self._news = self._news, {}
        return news


def _text(answer: Response) -> str | None:
    if answer.status >= 500:
        return None
    return answer.body.decode("utf-8-sig", "replace") if answer.status == 200 else ""
