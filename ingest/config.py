"""sources.toml: the operator's wishes. The database holds the sources; keys named here win.

Every wrong key is named with its line and the nearest right one. Secrets are never written here: the file names
the environment variable that holds them, and no error repeats what stands where one was expected.
"""

import difflib
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ingest.errors import ConfigError

__all__ = ["Config", "Entry", "find", "known", "read", "wish"]

#: A value of the file -> the value that is used; raises ValueError that says what is wanted instead.
_Check = Callable[[Any], Any]

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([smhdw])\s*\Z")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_SECTIONS = ("defaults", "fetch", "source")
_MONTH = 30 * 86_400


# ---- what a value may be ----------------------------------------------------------------------------------


def _of(what: str, *types: type) -> _Check:
    def check(value: Any) -> Any:
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            raise ValueError(what)
        return value

    return check


def _one_of(*words: str) -> _Check:
    def check(value: Any) -> Any:
        if value not in words:
            near = difflib.get_close_matches(str(value), words, 1)
            raise ValueError(f"{near[0]!r}, perhaps?" if near else " or ".join(map(repr, words)))
        return value

    return check


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


_NUMBER, _TEXT, _WHETHER, _WHOLE = (
    _of("a number", int, float), _of("a text", str), _of("true or false", bool), _of("a whole number", int),
)  # fmt: skip


def _within(unit: str, least: float, most: float, *types: type) -> _Check:
    """A number between two others; `nan` is between none."""
    number = _of("a whole number" if types == (int,) else "a number", *types)

    def check(value: Any) -> Any:
        if not least <= number(value) <= most:
            raise ValueError(f"{unit} from {least:g} to {most:g}")
        return value

    return check


#: Options of a source that may also be given for all of them.
_OPTIONS: Mapping[str, _Check] = {
    "types": _texts, "comments": _WHETHER, "media": _WHETHER, "since": _date, "robots": _one_of("respect", "ignore"),
    "interval": partial(_duration, words=("auto",)), "min_interval": _duration, "max_interval": _duration,
    # WordPress: hours between two listings, two looks at everything, two unconditional feeds, two tries of rejects.
    **dict.fromkeys((f"{n}_hours" for n in ("manifest", "full", "feed", "rejects")), _within("hours", 1, 8784, int)),
}  # fmt: skip
_KEYS: Mapping[str, Mapping[str, _Check]] = {
    "defaults": {"contact": _TEXT, "rules_off": _texts, **_OPTIONS},
    "fetch": {
        "deadline": _within("seconds", 0.1, 86_400, int, float), "max_bytes": _within("bytes", 1024, 2**31, int),
        "delay": _within("seconds", 0, 86_400, int, float), "allow_private": _texts,
        "redirects": _within("a number", 0, 20, int),
        "ca_file": _TEXT, "proxy": _TEXT,
    },
    "source": {
        "url": _TEXT, "name": _TEXT, "kind": _one_of("wordpress", "feed", "wxr", "text", "page"), "group": _groups,
        "tags": _texts, "history": _WHETHER, "feed": _TEXT, "sitemap": _TEXT, "user": _TEXT,
        "password_env": _variable, "token_env": _variable, **_OPTIONS,
    },
}  # fmt: skip
#: What makes a source another one, and what is never kept in the corpus.
_NOT_TYPED = frozenset({"url", "kind", "user", "password_env", "token_env"})


# ---- the file ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """A `[[source]]` of the file."""

    url: str
    kind: str | None = None
    name: str | None = None
    group: tuple[str, ...] | None = None
    tags: tuple[str, ...] | None = None
    #: What the kind, the schedule and the client are to heed: `types`, `robots`, `interval` in seconds (0: auto), …
    options: Mapping[str, Any] = field(default_factory=dict)
    #: The user, empty for a token; and the environment variable that holds the secret. None when there is no secret.
    credential: tuple[str, str] | None = None

    def secret(self) -> tuple[str, str] | None:
        """User and password, or an empty user and the token. Raises ConfigError when the variable is not set."""
        if self.credential is None:
            return None
        user, variable = self.credential
        if not os.environ.get(variable):
            raise ConfigError(f"the secret for {self.url}: the environment variable {variable} is not set")
        return user, os.environ[variable]


@dataclass(frozen=True, slots=True)
class Config:
    """What the file says."""

    path: Path | None = None
    defaults: Mapping[str, Any] = field(default_factory=dict)
    fetch: Mapping[str, Any] = field(default_factory=dict)
    sources: tuple[Entry, ...] = ()

    def options(self) -> dict[str, Any]:
        """What `[defaults]` says of every source."""
        return {name: self.defaults[name] for name in _OPTIONS if name in self.defaults}


def known(key: str) -> str:
    """A key of `[[source]]` that may be set at a prompt. Raises ConfigError for one that may not."""
    words = tuple(name for name in _KEYS["source"] if name not in _NOT_TYPED)
    if key not in words:
        near = difflib.get_close_matches(key, words, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(words)}"
        raise ConfigError(f"{key!r} cannot be set; {hint}")
    return key


def wish(key: str, text: str) -> Any:
    """The value of a key of `[[source]]` as it is typed at a prompt: `interval`, `6h`. Lists are split at commas.

    Raises ConfigError for a key that is none, and for a value that may not be.
    """
    known(key)
    check = _KEYS["source"][key]
    value: Any = [one.strip() for one in text.split(",") if one.strip()] if check in {_texts, _groups} else text
    if check in {_WHETHER, _NUMBER, _WHOLE}:
        value = {"true": True, "yes": True, "false": False, "no": False}.get(text.lower(), text)
    try:
        return check(value)
    except ValueError as error:
        raise ConfigError(f"{key} must be {error}, not {text!r}") from None


def find() -> Path | None:
    """`sources.toml` under the XDG configuration folder, when it is there."""
    base = os.environ.get("XDG_CONFIG_HOME") or str(Path("~/.config").expanduser())
    path = Path(base) / "blogcorpus" / "sources.toml"
    return path if path.is_file() else None


def read(path: Path | None) -> Config:
    """Read and check a configuration. Raises ConfigError that names the file, the line and the key."""
    if path is None:
        return Config()
    try:
        text = path.read_text(encoding="utf-8")
        told = tomllib.loads(text)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error
    file = _File(path, text)
    for section, table in told.items():
        if section not in _SECTIONS:
            raise file.unknown(section, "section", _SECTIONS)
        if not (isinstance(table, list) and table and isinstance(table[0], dict)) and section == "source":
            raise ConfigError(f"{path}:{file.line('source')}: write [[source]], in double brackets, for each source")
        if not isinstance(table, dict) and section != "source":
            raise ConfigError(f"{path}:{file.line(section)}: [{section}] must be a section")
    rows = [file.checked("source", table, number) for number, table in enumerate(told.get("source", ()))]
    entries = tuple(file.entry(row, number) for number, row in enumerate(rows))
    file.unique([entry.url for entry in entries])
    return Config(
        path, file.checked("defaults", told.get("defaults", {})), file.checked("fetch", told.get("fetch", {})), entries
    )


@dataclass(frozen=True, slots=True)
class _File:
    """The text, for the line of whatever is wrong."""

    path: Path
    text: str

    def checked(self, section: str, table: Mapping[str, Any], number: int | None = None) -> dict[str, Any]:
        """The values of a section as they are used."""
        shown, found = f"[[{section}]]" if number is not None else f"[{section}]", {}
        for key, value in table.items():
            if key not in _KEYS[section]:
                raise self.unknown(key, f"key of {shown}", tuple(_KEYS[section]), section, number)
            try:
                found[key] = _KEYS[section][key](value)
            except ValueError as error:
                hidden = "" if key.endswith("_env") else f", not {value!r}"
                where = f"{self.path}:{self.line(key, section, number)}"
                raise ConfigError(f"{where}: {key} must be {error}{hidden}") from None
        return found

    def entry(self, row: dict[str, Any], number: int) -> Entry:
        """One source; its secret may only travel over https."""
        where = f"{self.path}:{self.line('url', 'source', number)}"
        url = row.pop("url", "").strip()
        if not url:
            raise ConfigError(f"{where}: a [[source]] needs a url")
        user, password, token = (row.pop(key, None) for key in ("user", "password_env", "token_env"))
        if (user is None) != (password is None) or (token and password):
            raise ConfigError(f"{where}: a secret is either user and password_env, or token_env")
        if (password or token) and urlsplit(url).scheme not in {"https", ""}:
            raise ConfigError(f"{where}: the secret for {url} would be sent unencrypted: give its address with https")
        if user is not None and (":" in user or not user):
            raise ConfigError(f"{where}: a user may not be empty or hold a colon (RFC 7617)")
        named = {key: row.pop(key, None) for key in ("kind", "name", "group", "tags")}
        credential = (user or "", password or token) if password or token else None
        return Entry(url=url, options=row, credential=credential, **named)

    def unique(self, addresses: list[str]) -> None:
        """Raise ConfigError for an address that is named twice."""
        for number, url in enumerate(addresses):
            if url in addresses[:number]:
                raise ConfigError(f"{self.path}:{self.line('url', 'source', number)}: {url} is named twice")

    def unknown(
        self, word: str, what: str, known: tuple[str, ...], section: str | None = None, number: int | None = None
    ) -> ConfigError:
        """The error of a word that is none of `known`."""
        near = difflib.get_close_matches(word, known, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
        return ConfigError(f"{self.path}:{self.line(word, section, number)}: {word!r} is no {what}; {hint}")

    def line(self, word: str, section: str | None = None, number: int | None = None) -> int:
        """The line on which `word` is a key or a section, looked for from the header of its section on."""
        start = 0
        if section is not None:
            header = re.compile(rf"^[ \t]*\[+[ \t]*[\"']?{section}[\"']?[ \t]*\]+", re.MULTILINE)
            heads = list(header.finditer(self.text))
            start = heads[min(number or 0, len(heads) - 1)].end() if heads else 0
        found = re.compile(rf"^[ \t]*\[*[ \t]*[\"']?{re.escape(word)}[\"']?[ \t]*[\]=]", re.MULTILINE).search(
            self.text, start
        )
        return self.text.count("\n", 0, found.start() if found else start) + 1
