"""What may stand in sources.toml: its keys, and what their values may be. One place, for the file and the prompt."""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from ingest.errors import ConfigError

__all__ = ["KEYS", "OPTIONS", "SECTIONS", "Check", "known", "nearest", "refused", "wish"]

#: A value of the file -> the value that is used; raises ValueError that says what is wanted instead, and the nearest
#: right word where there is one.
Check = Callable[[Any], Any]

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([smhdw])\s*\Z")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_SCHEMES = ("", "http", "https", "file")
_MONTH = 30 * 86_400


def nearest(word: str, words: Collection[str]) -> list[str]:
    """The one of `words` that `word` may be a slip of, or none."""
    import difflib  # noqa: PLC0415  (2 ms of every start, for slips alone)

    return difflib.get_close_matches(word, words, 1)


# ---- what a value may be ----------------------------------------------------------------------------------


def _of(what: str, *types: type) -> Check:
    def check(value: Any) -> Any:
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            raise ValueError(what)
        return value

    return check


def _one_of(*words: str) -> Check:
    def check(value: Any) -> Any:
        if value not in words:
            near = nearest(str(value), words)
            raise ValueError(" or ".join(map(repr, words)), *near)
        return value

    return check


def _text(value: Any) -> str:
    """One line: a name, an address, what goes into a header."""
    if not isinstance(value, str):
        raise ValueError("a text")  # noqa: TRY004  (what is wanted, for one kind of handler)
    if not value.isprintable():
        raise ValueError("a text on one line")
    return value


def _url(value: Any) -> str:
    """An address, its scheme left out or not. Whether it answers is for the run to say."""
    url = _text(value).strip()
    try:
        parts = urlsplit(url if "://" in url else f"//{url}")
        sound = (parts.hostname or parts.scheme == "file") and parts.port != 0
    except ValueError:
        sound = False
    if url and not (sound and parts.scheme in _SCHEMES and " " not in url):
        raise ValueError("an address such as 'https://blog.example.org'")
    return url


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ValueError("a list of texts")
    return tuple(value)


def _groups(value: Any) -> tuple[str, ...]:
    """One group, or several."""
    found = (value,) if isinstance(value, str) else _texts(value)
    return tuple(name.strip().strip("/") for name in found if name.strip().strip("/"))


def _date(value: Any) -> str:
    """A date as TOML has it or in quotes; `YYYY-MM-DD` comes out."""
    try:
        day = value if isinstance(value, date) else date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise ValueError("a date such as 2020-01-31") from error
    return day.isoformat()[:10]


def _duration(value: Any, *, words: tuple[str, ...] = ()) -> float:
    """Seconds; 0 for one of `words`."""
    if value in words:
        return 0.0
    found = _DURATION.match(value) if isinstance(value, str) else None
    seconds = float(found[1]) * _UNITS[found[2]] if found else value
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds <= _MONTH:
        raise ValueError("a time such as '90m', '1h' or '1d', at most 30 days" + "".join(f", or {w!r}" for w in words))
    return float(seconds)


def _variable(value: Any) -> str:
    if not isinstance(value, str) or not _VARIABLE.match(value):
        raise ValueError("the name of an environment variable, never the secret itself")
    return value


_WHETHER = _of("true or false", bool)


def _within(unit: str, least: float, most: float, *types: type) -> Check:
    """A number between two others; `nan` is between none."""
    number = _of("a whole number" if types == (int,) else "a number", *types)

    def check(value: Any) -> Any:
        if not least <= number(value) <= most:
            raise ValueError(f"{unit} from {least} to {most}")
        return value

    return check


# ---- the keys ---------------------------------------------------------------------------------------------

#: Options of a source that may also be given for all of them.
OPTIONS: Mapping[str, Check] = {
    "types": _texts, "comments": _WHETHER, "media": _WHETHER, "since": _date, "robots": _one_of("respect", "ignore"),
    "interval": partial(_duration, words=("auto",)), "min_interval": _duration, "max_interval": _duration,
    # WordPress: hours between two listings, two looks at everything, two unconditional feeds, two tries of rejects.
    **dict.fromkeys((f"{n}_hours" for n in ("manifest", "full", "feed", "rejects")), _within("hours", 1, 8784, int)),
}  # fmt: skip
KEYS: Mapping[str, Mapping[str, Check]] = {
    "defaults": {"contact": _text, "rules_off": _texts, **OPTIONS},
    "fetch": {
        "deadline": _within("seconds", 0.1, 86_400, int, float), "max_bytes": _within("bytes", 1024, 2**31, int),
        "delay": _within("seconds", 0, 86_400, int, float), "allow_private": _texts,
        "redirects": _within("a number", 0, 20, int),
        "ca_file": _text, "proxy": _text,
    },
    "source": {
        "url": _url, "name": _text, "kind": _one_of("wordpress", "feed", "wxr", "text", "page"), "group": _groups,
        "tags": _texts, "history": _WHETHER, "feed": _text, "sitemap": _text, "user": _text,
        "password_env": _variable, "token_env": _variable, **OPTIONS,
    },
}  # fmt: skip
SECTIONS = tuple(KEYS)
#: What makes a source another one, and what is never kept in the corpus.
_NOT_TYPED = frozenset({"url", "kind", "user", "password_env", "token_env"})


def refused(key: str, value: Any, error: ValueError) -> str:
    """What a check said of a value, as a sentence. What stands where a secret's variable belongs is not repeated."""
    wanted, *near = error.args
    shown = "" if key.endswith("_env") else f", not {value!r}"
    return f"{key} must be {wanted}{shown}" + "".join(f"; did you mean {word!r}?" for word in near)


# ---- at a prompt ------------------------------------------------------------------------------------------


def known(key: str) -> str:
    """A key of `[[source]]` that may be set at a prompt. Raises ConfigError for one that may not."""
    words = tuple(name for name in KEYS["source"] if name not in _NOT_TYPED)
    if key not in words:
        near = nearest(key, words)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(words)}"
        raise ConfigError(f"{key!r} cannot be set; {hint}")
    return key


def wish(key: str, text: str) -> Any:
    """The value of a key of `[[source]]` as it is typed at a prompt: `interval`, `6h`. Lists are split at commas.

    Raises ConfigError for a key that is none, and for a value that may not be.
    """
    known(key)
    check = KEYS["source"][key]
    value: Any = [one.strip() for one in text.split(",") if one.strip()] if check in {_texts, _groups} else text
    if key.endswith("_hours") and text.isdecimal():
        value = int(text)
    if check is _WHETHER:
        value = {"true": True, "yes": True, "false": False, "no": False}.get(text.lower(), text)
    try:
        return check(value)
    except ValueError as error:
        raise ConfigError(refused(key, text, error)) from None
