"""Reading sources.toml.

Every wrong key is named with its line and the nearest right one. Secrets are never written here: the file names
the environment variable that holds them, and no error repeats what stands where one was expected.
"""

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ingest.config.values import KEYS, OPTIONS, SECTIONS
from ingest.errors import ConfigError

__all__ = ["Config", "Entry", "find", "read"]

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
        return {name: self.defaults[name] for name in OPTIONS if name in self.defaults}


def find() -> Path | None:
    """`sources.toml` under the XDG configuration folder, when it is there.

    A relative XDG_CONFIG_HOME is none (XDG Base Directory Specification 0.8: "consider the path invalid").
    """
    said = os.environ.get("XDG_CONFIG_HOME", "")
    base = Path(said) if Path(said).is_absolute() else Path("~/.config").expanduser()
    path = base / "blogcorpus" / "sources.toml"
    return path if path.is_file() else None


def read(path: Path | None) -> Config:
    """Read and check a configuration. Raises ConfigError that names the file, the line and the key."""
    if path is None:
        return Config()
    file, told = _parsed(path)
    for section, table in told.items():
        if section not in SECTIONS:
            raise file.unknown(section, "section", SECTIONS)
        if section == "source":
            if not isinstance(table, list) or not table or not all(isinstance(one, dict) for one in table):
                raise ConfigError(
                    f"{path}:{file.line('source')}: write [[source]], in double brackets, for each source"
                )
        elif not isinstance(table, dict):
            raise ConfigError(f"{path}:{file.line(section)}: [{section}] must be a section")
    rows = [file.checked("source", table, number) for number, table in enumerate(told.get("source", ()))]
    entries = tuple(file.entry(row, number) for number, row in enumerate(rows))
    file.unique([entry.url for entry in entries])
    return Config(
        path, file.checked("defaults", told.get("defaults", {})), file.checked("fetch", told.get("fetch", {})), entries
    )


def _parsed(path: Path) -> "tuple[_File, dict[str, Any]]":
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

    def checked(self, section: str, table: Mapping[str, Any], number: int | None = None) -> dict[str, Any]:
        """The values of a section as they are used."""
        shown, found = f"[[{section}]]" if number is not None else f"[{section}]", {}
        for key, value in table.items():
            if key not in KEYS[section]:
                raise self.unknown(key, f"key of {shown}", tuple(KEYS[section]), section, number)
            try:
                found[key] = KEYS[section][key](value)
            except ValueError as error:
                hidden = "" if key.endswith("_env") else f", not {value!r}"
                raise self.wrong(f"{key} must be {error}{hidden}", key, section, number) from None
        if found.get("min_interval", 0) > found.get("max_interval", float("inf")):
            raise self.wrong("min_interval is longer than max_interval", "min_interval", section, number)
        return found

    def entry(self, row: dict[str, Any], number: int) -> Entry:
        """One source; its secret may only travel over https."""
        url = row.pop("url", "")
        if not url:
            raise self.wrong("a [[source]] needs a url", "url", "source", number)
        user, password, token = (row.pop(key, None) for key in ("user", "password_env", "token_env"))
        if (user is None) != (password is None) or (token and password):
            raise self.wrong("a secret is either user and password_env, or token_env", "url", "source", number)
        if (password or token) and urlsplit(url).scheme not in {"https", ""}:
            why = f"the secret for {url} would be sent unencrypted: give its address with https"
            raise self.wrong(why, "url", "source", number)
        if user is not None and (":" in user or not user):
            raise self.wrong("a user may not be empty or hold a colon (RFC 7617)", "user", "source", number)
        named = {key: row.pop(key, None) for key in ("kind", "name", "group", "tags")}
        credential = (user or "", password or token) if password or token else None
        return Entry(url=url, options=row, credential=credential, **named)

    def unique(self, addresses: list[str]) -> None:
        """Raise ConfigError for an address that is named twice, be it in capitals or with a slash at its end."""
        seen = dict[str, int]()
        for number, url in enumerate(addresses):
            scheme, mark, rest = url.rpartition("://")
            host, slash, path = rest.partition("/")
            first = seen.setdefault(f"{scheme.lower()}{mark}{host.lower()}{slash}{path}".rstrip("/"), number)
            if first != number:
                before = self.line("url", "source", first)
                raise self.wrong(f"{url} is named twice, first in line {before}", "url", "source", number)

    def wrong(self, what: str, word: str, section: str, number: int | None) -> ConfigError:
        """The error, with the line on which `word` is a key."""
        return ConfigError(f"{self.path}:{self.line(word, section, number)}: {what}")

    def unknown(
        self, word: str, what: str, known: tuple[str, ...], section: str | None = None, number: int | None = None
    ) -> ConfigError:
        """The error of a word that is none of `known`."""
        near = difflib.get_close_matches(word, known, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
        return ConfigError(f"{self.path}:{self.line(word, section, number)}: {word!r} is no {what}; {hint}")

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
