"""Every row of the catalogue of bad answers, over http and https: what comes of it, when, and at what cost."""

import ssl
from collections.abc import Iterator

import pytest

from .certificates import Authority
from .hostile import Server
from .prober import Prober
from .rows import CASES, SCRIPTS, Case

#: MB; the interpreter with requests loaded takes 45 of them.
MEMORY = 100
#: Seconds beyond the deadline.
GRACE = 0.5
#: Seconds of the processor: whoever takes more keeps the other threads from the interpreter. 0.02 to 0.1 are usual.
CPU = 0.25


@pytest.fixture(scope="module", params=["http", "https"])
def server(request: pytest.FixtureRequest, tls: ssl.SSLContext) -> Iterator[Server]:
    """The hostile server, with and without TLS."""
    with Server(SCRIPTS, tls if request.param == "https" else None) as it:
        yield it


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.path)
def test_row(case: Case, server: Server, prober: Prober, authority: Authority) -> None:
    """The row ends as the catalogue says, within its deadline and half a second, 100 MB and 0.25 s of processor."""
    probe = prober.get(server.url(case.path), deadline=case.deadline, ca_file=str(authority.file))
    assert probe["outcome"] == case.outcome, probe
    assert probe["seconds"] < case.deadline + GRACE
    assert probe["peak"] < MEMORY
    assert probe["cpu"] < CPU
    if case.body is not None:
        assert probe["text"].encode("latin-1") == case.body[:4096]
        assert probe["size"] == len(case.body)


def test_every_script_has_its_own_path() -> None:
    """No case hides another."""
    assert len({case.path for case in CASES}) == len(CASES)
