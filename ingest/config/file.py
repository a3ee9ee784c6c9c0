"""Reading sources.toml.

Every wrong key is named with its line and the nearest right one, all of a file in one error. Secrets are never written
here: the file names the environment variable that holds them, and no error repeats what stands where one was expected.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ingest.config.values import KEYS, OPTIONS, SECTIONS, nearest, refused
from ingest.errors import ConfigError

__all__ = ["Config", "Entry", "find", "read"]

#: Mistakes that are told, each on its line: after these the first ones are to be mended.
_SHOWN = 20
#: Where the TOML parser stopped, at the end of its message.
_AT = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)\Z")


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
            raise ConfigError(f"the secret for {_shown(self.url)}: the environment variable {variable} is not set")
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
        return {name: self.defaults[name] for name in OPTIONS if name in self.defaults}


def _shown(url: str) -> str:
    """An address for an error, without a user and password that stand in it."""
    return re.sub(r"^((?:[^:/?#]*:)?//|)[^/?#]*@", r"\1", url)


def find() -> Path | None:
    """`sources.toml` under the XDG configuration folder, when it is there.

    A relative XDG_CONFIG_HOME is none (XDG Base Directory Specification 0.8: "consider the path invalid").
    """
    said = os.environ.get("XDG_CONFIG_HOME", "")
    base = Path(said) if Path(said).is_absolute() else Path("~/.config").expanduser()
    path = base / "blogcorpus" / "sources.toml"
    return path if path.is_file() else None


def read(path: Path | None) -> Config:
    """Read and check a configuration.

    Raises ConfigError that names the file, and the line and the key of each mistake in it, a line each.
    """
    if path is None:
        return Config()
    file, told = _parsed(path)
    sections = {section: table for section, table in told.items() if file.is_section(section, table)}
    checked: dict[str, Any] = {"defaults": {}, "fetch": {}, "source": []}
    # In the order of the file: so the first of many mistakes are those that stand first.
    for section, table in sections.items():
        checked[section] = file.sources(table) if section == "source" else file.checked(section, table)
    file.settle()
    return Config(path, checked["defaults"], checked["fetch"], tuple(checked["source"]))


def _parsed(path: Path) -> "tuple[_File, dict[str, Any]]":
    import tomllib  # noqa: PLC0415  (2 ms of every start, most of them without such a file)

    try:
        text = path.read_text(encoding="utf-8-sig")  # Windows' editors put a mark first
        return _File(path, text), tomllib.loads(text)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error
    except tomllib.TOMLDecodeError as error:
        found = _AT.search(str(error))
        where = found[1] or len(text.rstrip().splitlines()) if found else None
        raise ConfigError(f"{path}{f':{where}' if where else ''}: not TOML: {_AT.sub('', str(error))}") from error


@dataclass(frozen=True, slots=True)
class _File:
    """The text, for the line of whatever is wrong. It is looked for only then: for 10,000 sources it takes minutes."""

    path: Path
    text: str
    #: What is wrong, and the key, section and number to look for its line by.
    mistakes: list[tuple[str, tuple[str, str | None, int | None]]] = field(default_factory=list)

    def is_section(self, section: str, table: Any) -> bool:
        """Whether this is a section of ours, in the form it must have."""
        if section not in SECTIONS:
            self.unknown(section, "section", SECTIONS)
        elif section == "source":
            if isinstance(table, list) and table and all(isinstance(one, dict) for one in table):
                return True
            self.wrong("write [[source]], in double brackets, for each source", "source")
        elif isinstance(table, dict):
            return True
        else:
            self.wrong(f"[{section}] must be a section", section)
        return False

    def sources(self, tables: list[dict[str, Any]]) -> list[Entry]:
        """The sources; one that is wrong is in the mistakes."""
        entries = [self.entry(table, self.checked("source", table, n), n) for n, table in enumerate(tables)]
        self.unique([entry.url for entry in entries])
        return entries

    def checked(self, section: str, table: Mapping[str, Any], number: int | None = None) -> dict[str, Any]:
        """The values of a section as they are used; without those that are wrong."""
        shown, found = f"[[{section}]]" if number is not None else f"[{section}]", {}
        for key, value in table.items():
            if key not in KEYS[section]:
                self.unknown(key, f"key of {shown}", tuple(KEYS[section]), section, number)
                continue
            try:
                found[key] = KEYS[section][key](value)
            except ValueError as error:
                self.wrong(refused(key, value, error), key, section, number)
        if found.get("min_interval", 0) > found.get("max_interval", float("inf")):
            self.wrong("min_interval is longer than max_interval", "min_interval", section, number)
        return found

    def entry(self, table: Mapping[str, Any], row: dict[str, Any], number: int) -> Entry:
        """One source, as it stands in the file and as its right values are; its secret may only travel over https."""
        url = row.pop("url", "")
        if not url and not table.get("url"):
            self.wrong("a [[source]] needs a url", "url", "source", number)
        secrets = [key for key in ("user", "password_env", "token_env") if key in table]
        if secrets not in ([], ["user", "password_env"], ["token_env"]):
            self.wrong("a secret is either user and password_env, or token_env", "url", "source", number)
        user, password, token = (row.pop(key, None) for key in ("user", "password_env", "token_env"))
        if (password or token) and urlsplit(url).scheme not in {"https", ""}:
            why = f"the secret for {_shown(url)} would be sent unencrypted: give its address with https"
            self.wrong(why, "url", "source", number)
        if user is not None and (":" in user or not user):
            self.wrong("a user may not be empty or hold a colon (RFC 7617)", "user", "source", number)
        named = {key: row.pop(key, None) for key in ("kind", "name", "group", "tags")}
        credential = (user or "", password or token) if password or token else None
        return Entry(url=url, options=row, credential=credential, **named)

    def unique(self, addresses: list[str]) -> None:
        """Note an address that is named twice, be it in capitals or with a slash at its end."""
        seen = dict[str, int]()
        for number, url in enumerate(addresses):
            scheme, mark, rest = url.rpartition("://")
            host, slash, path = rest.partition("/")
            first = seen.setdefault(f"{scheme.lower()}{mark}{host.lower()}{slash}{path}".rstrip("/"), number)
            if url and first != number and len(self.mistakes) < _SHOWN:
                before = self.line("url", "source", first)
                self.wrong(f"{_shown(url)} is named twice, first in line {before}", "url", "source", number)
            elif url and first != number:
                self.wrong(f"{_shown(url)} is named twice", "url", "source", number)

    def wrong(self, what: str, word: str, section: str | None = None, number: int | None = None) -> None:
        """Note a mistake, of which `word` is the key."""
        self.mistakes.append((what, (word, section, number)))

    def unknown(
        self, word: str, what: str, known: tuple[str, ...], section: str | None = None, number: int | None = None
    ) -> None:
        """Note a word that is none of `known`."""
        near = nearest(word, known)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
        self.wrong(f"{word!r} is no {what}; {hint}", word, section, number)

    def settle(self) -> None:
        """Raise ConfigError where there are mistakes: the first of them, by their lines, and how many more."""
        if not self.mistakes:
            return
        shown = sorted((self.line(*where), n, what) for n, (what, where) in enumerate(self.mistakes[:_SHOWN]))
        more = len(self.mistakes) - len(shown)
        lines = [f"{self.path}:{line}: {what}" for line, _, what in shown]
        raise ConfigError("\n".join([*lines, *([f"{self.path}: and {more:,} more"] if more else [])]))

    def line(self, word: str, section: str | None = None, number: int | None = None) -> int:
        """The line on which `word` is a key or a section, looked for from the header of its section on.

        Dotted keys and sections (`fetch.delay`, `[fetch.delay]`) are found too, and keys of an inline table.
        """
        start, end, named = 0, len(self.text), rf"[\"']?{re.escape(word)}[\"']?"
        if section is not None:
            header = rf"^[ \t]*(?:\[+[ \t]*[\"']?{section}[\"']?[ \t]*\]+|(?=\[*[ \t]*{section}[ \t]*[.=]))"
            heads = list(re.finditer(header, self.text, re.MULTILINE))
            start = heads[min(number or 0, len(heads) - 1)].end() if heads else 0
            after = re.compile(rf"^[ \t]*\[(?![ \t]*{section}[ \t]*\.)", re.MULTILINE).search(self.text, start)
            end = after.start() if after else end
        for form in (
            rf"^[ \t]*\[*[ \t]*(?:{section}[ \t]*\.[ \t]*)?{named}[ \t]*[\]=.]",
            rf"[{{,][ \t]*{named}[ \t]*=",
        ):
            found = re.compile(form, re.MULTILINE).search(self.text, start, end)
            if found:
                return self.text.count("\n", 0, found.start()) + 1
        return self.text.count("\n", 0, start) + 1
