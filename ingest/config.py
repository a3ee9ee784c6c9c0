"""sources.toml: the operator's wishes. The database holds the sources; keys named here win.

Every wrong key is named with its line and the nearest right one. Secrets are never written here: the file names
the environment variable that holds them.
"""

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingest.errors import ConfigError

__all__ = ["Config", "find", "read"]

_NUMBER, _TEXT, _LIST = (int, float), (str,), (list,)

#: section -> key -> accepted types.
_KEYS: Mapping[str, Mapping[str, tuple[type, ...]]] = {
    "defaults": {
        "contact": _TEXT, "robots": _TEXT, "rules_off": _LIST,
    },
    "fetch": {
        "deadline": _NUMBER, "max_bytes": (int,), "delay": _NUMBER, "allow_private": _LIST, "redirects": (int,),
        "ca_file": _TEXT, "proxy": _TEXT,
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Config:
    """What the file says."""

    path: Path | None = None
    defaults: Mapping[str, Any] = field(default_factory=dict)
    fetch: Mapping[str, Any] = field(default_factory=dict)


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
        source = path.read_text(encoding="utf-8")
        told = tomllib.loads(source)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error
    for section, table in told.items():
        if section not in _KEYS or not isinstance(table, dict):
            raise ConfigError(_unknown(path, source, section, "section", list(_KEYS)))
        for key, value in table.items():
            if key not in _KEYS[section]:
                raise ConfigError(_unknown(path, source, key, f"key of [{section}]", list(_KEYS[section])))
            if not isinstance(value, _KEYS[section][key]) or isinstance(value, bool):
                wanted = " or ".join(kind.__name__ for kind in _KEYS[section][key])
                raise ConfigError(f"{path}:{_line(source, key)}: {key} must be {wanted}, not {value!r}")
    return Config(path, told.get("defaults", {}), told.get("fetch", {}))


def _unknown(path: Path, source: str, word: str, what: str, known: list[str]) -> str:
    near = difflib.get_close_matches(word, known, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
    return f"{path}:{_line(source, word)}: {word!r} is no {what}; {hint}"


def _line(source: str, word: str) -> int:
    found = re.search(rf"^[ \t]*\[*[ \t]*[\"']?{re.escape(word)}[\"']?[ \t]*[\]=]", source, re.MULTILINE)
    return source.count("\n", 0, found.start()) + 1 if found else 1
