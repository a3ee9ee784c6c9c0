"""The command `blogcorpus`: parses, calls, prints, exits.

Exit: 0 all well · 1 a bug · 2 usage or configuration · 3 some sources failed or are partial, some files were
rejected · 4 every source failed, nothing was usable · 5 the corpus is missing, foreign, newer or damaged · 74 the disk
is full or cannot be written · 75 another run or program holds the corpus · 130/143 stopped.
"""

import errno
import gc
import io
import os
import sys
from collections.abc import Sequence

import click

from ingest import __version__
from ingest.cli import (
    annotating,
    completing,
    copies,
    counting,
    cron,
    doctor,
    exporting,
    finding,
    loading,
    pulling,
    reading,
    serving,
    sources,
    status,
    upkeep,
)
from ingest.cli.options import global_options
from ingest.cli.output import failed
from ingest.errors import IngestError

__all__ = ["cli", "main"]

#: Objects made and still there before Python looks for circles among them; its own 700 cost a run over 1,000 sources
#: 6 % of its time, and there are next to none to be found.
_YOUNG = 10_000


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@global_options(env=True)
@click.version_option(__version__, prog_name="blogcorpus")
def cli() -> None:
    """Pull blogs into one SQLite corpus of clean, dated, identified posts.

    Global options are also taken after the command, and from the environment as BLOGCORPUS_DB, BLOGCORPUS_JSON, …
    """


for command in (
    *pulling.COMMANDS,
    *sources.COMMANDS,
    *status.COMMANDS,
    *loading.COMMANDS,
    *finding.COMMANDS,
    *counting.COMMANDS,
    *reading.COMMANDS,
    *serving.COMMANDS,
    *annotating.COMMANDS,
    *upkeep.COMMANDS,
    *copies.COMMANDS,
    *doctor.COMMANDS,
    *exporting.COMMANDS,
    *cron.COMMANDS,
    *completing.COMMANDS,
):
    cli.add_command(command)


def main(words: Sequence[str] | None = None) -> None:
    """Run the command and exit with its status. `words`: not those of the process itself."""
    if words is None:
        gc.set_threshold(_YOUNG)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that cannot show a letter is no reason to stop
            stream.reconfigure(errors="backslashreplace")
    code: object
    try:
        code = cli.main(args=words if words is None else list(words), prog_name="blogcorpus", standalone_mode=False)
        _flush()
    except click.exceptions.Exit as ended:
        code = ended.exit_code
    except click.ClickException as error:
        error.show(sys.stderr)
        code = failed(error.format_message(), 2, words)
    except (click.Abort, KeyboardInterrupt):
        code = failed("stopped", 130, words)
    except IngestError as error:
        click.echo(f"blogcorpus: {error}", err=True)
        code = failed(str(error), error.exit_code, words)
    except OSError as error:
        code = _unwritable(error)
    except SystemExit as ended:
        # click ends a broken pipe with 1; whoever read it has seen enough.
        code = 0 if "Pacify" in type(sys.stdout).__name__ else ended.code
    if words is None:
        gc.freeze()  # at its end Python looks through all there is, for circles, to no use: 40 ms after 1,000 sources
    sys.exit(code if isinstance(code, int) else 0)


def _flush() -> None:
    if sys.stdout is not None and not sys.stdout.closed:
        sys.stdout.flush()


def _unwritable(error: OSError) -> int:
    """What we print cannot be written. Whoever read a pipe has seen enough; a full disk is 74."""
    # Python flushes once more at exit and must not complain then.
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123
        os.dup2(nowhere.fileno(), 1)
    if error.errno == errno.EPIPE:
        return 0
    if error.errno not in {errno.ENOSPC, errno.EIO, errno.EBADF, errno.EFBIG, errno.EDQUOT}:
        raise error
    print(f"blogcorpus: the output cannot be written: {error.strerror}", file=sys.stderr)  # noqa: T201
    return 74
