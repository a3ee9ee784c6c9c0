"""Global options: taken before the command and after it, and from `BLOGCORPUS_…` in the environment."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from ingest.add import Wish
    from ingest.config import Config
    from ingest.corpus import Corpus
    from ingest.fetch import Policy

__all__ = ["Duration", "Settings", "global_options", "said"]

#: Bytes. A run's own log stays under a hundredth of this (SQLite folds it in every 16 MB).
_LONG_LOG = 256 * 2**20

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(slots=True)
class Settings:
    """The global options of one call."""

    db: Path = Path("corpus.db")
    config: Path | None = None
    quiet: bool = False
    verbose: bool = False
    json: bool = False
    allow_private: str | None = None
    delay: float | None = None
    deadline: float | None = None
    no_backup: bool = False
    #: What `told` has read.
    read: Config | None = None

    @property
    def program(self) -> str:
        """How this program is called for the same corpus."""
        return f"blogcorpus --db {shlex.quote(str(self.db))}"

    def corpus(self, *, write: bool = False, create: bool = False) -> Corpus:
        """Open the corpus that `--db` names."""
        from ingest.corpus import Corpus  # noqa: PLC0415  (--help must not pay for it)

        corpus = Corpus(self.db, write=write, create=create, backup=not self.no_backup)
        if corpus.log_bytes > _LONG_LOG:
            click.echo(
                f"{self.db}: the write-ahead log has grown to {corpus.log_bytes >> 20:,} MB: a program has been reading"
                " without a pause. Nothing is lost; end it, then run `blogcorpus compact`",
                err=True,
            )
        return corpus

    def told(self) -> Config:
        """The configuration file, read once: 10,000 sources take half a second. Raises ConfigError."""
        from ingest import config  # noqa: PLC0415

        if self.read is None:
            self.read = config.read(self.config or config.find())
        return self.read

    def rules_off(self) -> tuple[str, ...]:
        """The cleaning rules that the configuration switches off. Raises ConfigError for a name that is no rule."""
        off = tuple(sorted(set(self.told().defaults.get("rules_off", ()))))
        if not off:
            return off
        from ingest.errors import ConfigError  # noqa: PLC0415
        from ingest.normalise import RULES  # noqa: PLC0415

        wrong = [name for name in off if name not in RULES]
        if wrong:
            raise ConfigError(f"rules_off: no rule {wrong[0]!r}; the rules are {', '.join(sorted(RULES))}")
        return off

    def named(self) -> list[Wish]:
        """The sources that the configuration names, without their secrets. Raises ConfigError."""
        if not self.told().sources:
            return []
        from ingest.add import Wish  # noqa: PLC0415

        return [Wish(one.url, one.kind, one.name) for one in self.told().sources]

    def wishes(self) -> list[Wish] | None:
        """What the configuration says of sources; None without one. Raises ConfigError, also for a secret not set."""
        told = self.told()
        if told.path is None:
            return None
        from ingest.add import Wish  # noqa: PLC0415

        return [
            Wish(one.url, one.kind, one.name, one.group, one.tags, one.options, one.secret()) for one in told.sources
        ]

    def policy(self) -> Policy:
        """The network rules: configuration first, then the options. Raises ConfigError."""
        from ingest.errors import ConfigError  # noqa: PLC0415
        from ingest.fetch import Policy  # noqa: PLC0415

        told = self.told()
        wishes: dict[str, Any] = {key: told.defaults[key] for key in ("contact", "robots") if key in told.defaults}
        wishes |= told.fetch
        wishes |= {key: getattr(self, key) for key in ("delay", "deadline") if getattr(self, key) is not None}
        wishes["allow_private"] = (
            *wishes.get("allow_private", ()), *(w.strip() for w in (self.allow_private or "").split(",") if w.strip()),
        )  # fmt: skip
        try:
            return Policy(**wishes)
        except (TypeError, ValueError) as error:
            raise ConfigError(f"network options: {error}") from error


# Generic in new versions of click only.
class Duration(click.ParamType):  # type: ignore[type-arg]
    """Seconds, or with a unit: `90s`, `50m`, `2h`, `1d`."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Seconds."""
        found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhd]?)", str(value).strip())
        if not found or not float(found[1]):
            self.fail(f"{value!r} is no time: 90s, 50m, 2h", param, ctx)
        return float(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}[found[2]]


def said(_: click.Context, __: click.Parameter, words: Any) -> Any:
    """Refuse an empty word: it is a variable of the shell that was never set, and would mean the folder one is in."""
    if any(not word.strip() for word in ([words] if isinstance(words, str) else words)):
        raise click.BadParameter("an empty word; was a variable of the shell not set?")
    return words


def _put(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    """Note an option; one that was not given leaves what an outer level said."""
    settings = ctx.ensure_object(Settings)
    if isinstance(value, float) and value != value:  # noqa: PLR0124  (`nan` passes any range)
        raise click.BadParameter("not a number", ctx, param)
    given = ctx.get_parameter_source(param.name or "") not in {click.core.ParameterSource.DEFAULT, None}
    if given:
        setattr(settings, param.name or "", value)


_OPTIONS = [
    click.option("--db", type=click.Path(path_type=Path), metavar="PATH", help="The corpus file [./corpus.db]."),
    click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="sources.toml to read."),
    click.option("-q", "--quiet", is_flag=True, help="Nothing but what went wrong."),
    click.option("-v", "--verbose", is_flag=True, help="Say more."),
    click.option("--json", is_flag=True, help="One JSON object a line; the last is the summary."),
    click.option("--allow-private", metavar="NAME|ADDRESS|NET,…", help="Non-public hosts that may be connected to."),
    click.option(
        "--delay", type=click.FloatRange(min=0, max=86_400), metavar="S", help="Seconds between requests to a host [1]."
    ),
    click.option(
        "--deadline",
        type=click.FloatRange(min=0, max=86_400, min_open=True),
        metavar="S",
        help="Seconds a request may take [60].",
    ),
    click.option("--no-backup", is_flag=True, help="Do not copy a corpus before its schema is brought up to date."),
]


def global_options(*, hidden: bool = False, env: bool = False) -> Callable[[F], F]:
    """Add the global options to a command. `hidden`: a command takes them, its help does not repeat them."""

    def add(command: F) -> F:
        for option in reversed(_OPTIONS):
            option(command)
        for param in getattr(command, "__click_params__", []):
            if param.name in Settings.__slots__:
                param.callback, param.expose_value, param.hidden = _put, False, hidden
                if env:
                    param.envvar = f"BLOGCORPUS_{param.name.upper()}"
        return command

    return add
