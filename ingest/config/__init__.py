"""sources.toml: the operator's wishes. The database holds the sources; keys named here win.

- `values`  what may stand in it: every key, and what its value may be (`schemas/sources.schema.json` says the same)
- `file`    reading it; every wrong key and value is named with its line and the nearest right one
"""

from ingest.config.file import Config, Entry, find, read
from ingest.config.values import KEYS, known, wish

__all__ = ["KEYS", "Config", "Entry", "find", "known", "read", "wish"]
