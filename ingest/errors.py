"""What is raised on purpose.

IngestError
├── SourceError(url)      one source's trouble: noted in its row, the run goes on
│   ├── FetchError(kind)  there is no answer (dns, refused, tls, too_slow, …)
│   ├── ParseError        there is an answer, and it is not what the kind reads
│   └── ReadError(kind)   there is an answer, and the process that read it was ended, or found a bug of ours
├── ConfigError           the operator's to mend; stops the run, exit 2
└── CorpusError           the corpus file; stops the run, exit 5
    ├── Locked            another run or program holds it, exit 75
    └── DiskFull          no space, or the file cannot be written, exit 74

`str(error)` names the address or file and the cause, in one line that a person can act on.
"""

from typing import Any

__all__ = [
    "FETCH_KINDS",
    "ConfigError",
    "CorpusError",
    "DiskFull",
    "FetchError",
    "IngestError",
    "Locked",
    "ParseError",
    "ReadError",
    "SourceError",
]

FETCH_KINDS: dict[str, bool] = {
    # kind: transient? (worth an ordinary retry; the others back off as well, but their cause is theirs to mend)
    "dns": True,
    "refused": True,
    "tls": False,
    "too_slow": True,
    "too_big": False,
    "truncated": True,
    "bad_encoding": False,
    "bad_http": False,
    "redirects": False,
    "blocked": False,
    "robots": False,
}


class IngestError(Exception):
    """Anything this program raises on purpose."""

    #: What the process exits with when this error ends it (sysexits(3) for 74 and 75).
    exit_code = 1


class SourceError(IngestError):
    """One source's trouble; the other sources go on."""

    exit_code = 3

    def __init__(self, url: str, cause: str) -> None:
        super().__init__(url, cause)
        #: The address or file that is at fault.
        self.url = url
        #: The cause, a sentence for people, without the address.
        self.cause = cause

    def __str__(self) -> str:
        return f"{self.url}: {self.cause}"


class FetchError(SourceError):
    """There is no answer. `kind` is a word of `FETCH_KINDS`."""

    def __init__(self, url: str, kind: str, cause: str, *, transient: bool | None = None) -> None:
        super().__init__(url, cause)
        self.args = (url, kind, cause)  # so that it survives pickling on its way out of a worker
        #: What happened, a word of `FETCH_KINDS`.
        self.kind = kind
        #: Whether the same request may well succeed later without anyone mending anything.
        self.transient = FETCH_KINDS[kind] if transient is None else transient
        #: The `records.Request` that got no answer, with its `what` and `context`; set where it was sent.
        self.request: Any = None

    def __str__(self) -> str:
        return f"{self.url}: {self.kind}: {self.cause}"


class ParseError(SourceError):
    """There is an answer, and the kind that was to read it cannot."""


class ReadError(SourceError):
    """There is an answer, and reading it came to no end.

    `kind`: `read_too_slow`, `read_too_big`, `read_died`, `bug`.
    """

    def __init__(self, url: str, kind: str, cause: str) -> None:
        super().__init__(url, cause)
        self.args = (url, kind, cause)
        #: What happened to the process that read it.
        self.kind = kind


class ConfigError(IngestError):
    """The operator's to mend: an option, a configuration file, an unknown source."""

    exit_code = 2


class CorpusError(IngestError):
    """The corpus file is missing, foreign, newer than this program, or damaged."""

    exit_code = 5


class Locked(CorpusError):  # noqa: N818  (the state is the message)
    """Another run, or another program for over 30 s, holds the corpus."""

    exit_code = 75


class DiskFull(CorpusError):  # noqa: N818
    """There is no space left, or the file cannot be written."""

    exit_code = 74
