"""`serve`, `saved`: the page on the corpus, and the searches that have a name there."""

import errno
import signal
import socket
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from ingest.cli.asking import Asking, asked, filter_options
from ingest.cli.options import Settings, global_options
from ingest.cli.output import emit, say, summary, table
from ingest.errors import ConfigError

if TYPE_CHECKING:
    from ingest.corpus import Corpus

__all__ = ["COMMANDS"]

_LOCAL = "127.0.0.1"


@click.command()
@click.option("--port", default=8001, show_default=True, type=click.IntRange(0, 65535), help="0: any free one.")
@click.option("--public", is_flag=True, help="For every machine that can reach this one, not for this one alone.")
@click.option("--open", "browse", is_flag=True, help="Open it in a browser.")
@global_options(hidden=True)
@click.pass_obj
def serve(settings: Settings, port: int, public: bool, browse: bool) -> None:
    """Search and read the corpus in a browser, until it is stopped (Ctrl-C, SIGTERM). Needs the extra `web`.

    The file is only read, also beside a run. The page is Datasette with a plugin of ours.
    """
    try:
        from ingest.web.server import run  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError(f"the page needs {error.name}: pip install 'blogcorpus[web]'") from error

    _ready(settings)
    with _listening("0.0.0.0" if public else _LOCAL, port) as listener:  # noqa: S104  (`--public` was said)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _stopped)
        address = f"http://{socket.gethostname() if public else _LOCAL}:{listener.getsockname()[1]}/"
        try:
            _told(settings, address, public=public, browse=browse)
            run(settings.db, listener, public=public)
        except SystemExit as ended:
            summary(settings, int(ended.code or 0))
            raise


def _told(settings: Settings, address: str, *, public: bool, browse: bool) -> None:
    """Say where the page is, which answers from now on, and open it if that was wished."""
    if public:
        say(settings, "open to every machine that can reach this one: the texts are other people's", always=True)
    if settings.json:
        emit({"type": "serving", "url": address})
    else:
        click.echo(address)
    if browse:
        click.launch(address)


def _ready(settings: Settings) -> None:
    """Refuse what is no corpus; bring one of an older schema up to date, which a page cannot do."""
    from ingest import schema  # noqa: PLC0415
    from ingest.corpus.connection import check_file  # noqa: PLC0415

    if check_file(settings.db) < schema.VERSION:
        say(settings, f"{settings.db}: of an older schema, brought up to date first")
        settings.corpus(write=True).close()
    settings.corpus().close()


def _listening(host: str, port: int) -> socket.socket:
    """A socket that answers from now on. Raises ConfigError where the port cannot be had."""
    listener = socket.socket()
    # A server that has just ended must not keep its port for a minute.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()
    except OSError as error:
        listener.close()
        taken = error.errno == errno.EADDRINUSE
        why = "another program listens there" if taken else error.strerror
        raise ConfigError(f"port {port}: {why}; give another with --port") from error
    return listener


def _stopped(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
    raise SystemExit(128 + number)


@click.group()
def saved() -> None:
    """Searches that have a name: the page shows them to everyone who opens it."""


@saved.command("list")
@global_options(hidden=True)
@click.pass_obj
def listed(settings: Settings) -> None:
    """The saved searches."""
    with settings.corpus() as corpus:
        rows = corpus.rows("SELECT name, asked, saved_at FROM saved_searches ORDER BY name")
    for row in rows if settings.json else ():
        emit({"type": "saved", **row})
    if settings.json:
        summary(settings, 0, saved=len(rows))
    elif rows:
        click.echo(table([(row["name"], row["asked"]) for row in rows]))


@saved.command(cls=Asking)
@click.argument("name")
@click.argument("words", nargs=-1, metavar="QUERY")
@click.option("--address", metavar="TEXT", help="The search as the page's address has it: what follows the `?`.")
@filter_options
@global_options(hidden=True)
@click.pass_obj
def add(settings: Settings, /, name: str, words: tuple[str, ...], address: str | None, **filters: Any) -> None:
    """Save a search under NAME; words and filters are those of `search`. An older one of that name is replaced."""
    from ingest import run  # noqa: PLC0415
    from ingest.corpus.search import plan  # noqa: PLC0415
    from ingest.web import asked as questions  # noqa: PLC0415

    query = questions.ask(address).query if address is not None else asked(" ".join(words), filters)
    plan(query)  # a date that is none
    if not query.words.strip() and not query.narrowed:
        raise click.UsageError("save what? Give words, or a filter (`blogcorpus saved add --help`)")
    with settings.corpus(write=True) as corpus:
        _write(corpus, "INSERT OR REPLACE INTO saved_searches VALUES (?, ?, ?)",
               [name, questions.address(query), run.clock()])  # fmt: skip
    say(settings, f"saved {name}")
    summary(settings, 0, saved=1)


@saved.command()
@click.argument("name")
@global_options(hidden=True)
@click.pass_obj
def remove(settings: Settings, name: str) -> None:
    """Forget the saved search NAME."""
    with settings.corpus(write=True) as corpus:
        if not corpus.rows("SELECT 1 FROM saved_searches WHERE name = ?", [name]):
            raise ConfigError(f"no saved search {name!r}; `blogcorpus saved list` shows them")
        _write(corpus, "DELETE FROM saved_searches WHERE name = ?", [name])
    say(settings, f"removed {name}")
    summary(settings, 0, removed=1)


def _write(corpus: "Corpus", sql: str, values: list[str]) -> None:
    with corpus.transaction() as conn:
        conn.execute(sql, values)


COMMANDS = [serve, saved]
