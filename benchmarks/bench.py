"""What the cases of `run.py` stand on: the server, the contenders and their files, rounds in turns, the figures."""

import compileall
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Self

from measuring import Run, cpu_of, run

__all__ = ["Bench", "Contender", "Figures", "Server", "Wrong", "copy", "environment"]

HERE = Path(__file__).parent
ROOT = HERE.parent
PEERS, PLAIN = ROOT / ".cache" / "peers", ROOT / ".cache" / "plain"


class Wrong(Exception):  # noqa: N818  (it says what is wrong)
    """A program failed, or did not do what it was to do: there is no figure to be had."""


class Server:
    """`serving.py` in its own process."""

    def __init__(self, **told: Any) -> None:
        """`told` as in `serving.World`."""
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "serving.py"), json.dumps(told)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        self.tell("warm")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)

    def tell(self, what: str, **query: object) -> list[str]:
        """Say something to the server; the addresses that it was asked for since the last time."""
        words = "&".join(f"{name}={value}" for name, value in {"port": self.port, **query}.items())
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/{what}?{words}", timeout=300) as answer:
            told: list[str] = json.load(answer)
        return told

    @property
    def cpu(self) -> float:
        """Seconds of processor so far."""
        return cpu_of(self._process.pid)


@dataclass(slots=True)
class Contender:
    """A program with a state before the clock starts."""

    name: str
    #: The file that it works on -> the command.
    command: Callable[[Path], Sequence[str]]
    #: Makes the file as it is before each run; nothing where it starts from nothing.
    prepare: Callable[[Path], None] = lambda _: None
    #: What has to be in the file afterwards: an SQL query for a number, and that number.
    holds: tuple[str, int] = ("SELECT 1", 1)
    #: Runs at most so often, being slow.
    most: int = 99


@dataclass(slots=True)
class Figures:
    """The runs of one contender in one case."""

    case: str
    name: str
    runs: list[Run] = field(default_factory=list)
    requests: int = 0
    #: Seconds of processor that the server took, a run.
    server: list[float] = field(default_factory=list)

    @property
    def wall(self) -> float:
        """Seconds, the median."""
        return median(one.wall for one in self.runs)

    @property
    def cpu(self) -> float:
        """Seconds of processor of all processes, the median."""
        return median(one.cpu for one in self.runs)

    @property
    def spread(self) -> str:
        """Fastest to slowest."""
        return f"{min(one.wall for one in self.runs):.2f} to {max(one.wall for one in self.runs):.2f}"

    @property
    def parent_mb(self) -> float:
        """Peak of the program's first process."""
        return max(one.parent_mb for one in self.runs)

    @property
    def all_mb(self) -> float:
        """Peak of all its processes together."""
        return max(one.all_mb for one in self.runs)

    def row(self) -> dict[str, Any]:
        """For the file of results."""
        return {
            "case": self.case, "name": self.name, "wall": round(self.wall, 3), "spread": self.spread,
            "cpu": round(self.cpu, 3), "server_cpu": round(median(self.server), 3), "requests": self.requests,
            "parent_mb": round(self.parent_mb), "all_mb": round(self.all_mb), "rounds": len(self.runs),
            "left": max(one.left for one in self.runs),
        }  # fmt: skip


class Bench:
    """One call of the benchmark: a folder for files, how many rounds, and the figures so far."""

    def __init__(self, folder: Path, rounds: int, *, quick: bool = False, alone: bool = False) -> None:
        """`quick`: a tenth of everything; `alone`: without the peers."""
        self.folder, self.rounds, self.quick, self.alone = folder, rounds, quick, alone
        self.figures: dict[tuple[str, str], Figures] = {}
        self.goals: list[tuple[str, str, str, bool | None]] = []
        # Modules are compiled once, as pip does it for the peers, and not at every start.
        left_out = ("BLOGCORPUS_", "PYTHONDONTWRITEBYTECODE")
        self.env = {
            **{k: v for k, v in os.environ.items() if not k.startswith(left_out)},
            "XDG_CONFIG_HOME": str(folder), "PYTHONPATH": str(ROOT),
        }  # fmt: skip
        compileall.compile_dir(ROOT / "ingest", quiet=2)

    # ---- programs -----------------------------------------------------------------------------------------

    def ours(self, db: Path, *words: str, extras: bool = False) -> list[str]:
        """The command `blogcorpus` on this corpus: as `pip install blogcorpus` makes it, or with every extra."""
        python = sys.executable if extras else str(PLAIN / "bin" / "python")
        return [python, "-m", "ingest.cli", "--db", str(db), "--allow-private", "127.0.0.0/8", "--delay", "0", *words]

    def peer(self, name: str, *words: str) -> list[str]:
        """A program of `peers/`, in their environment."""
        return [str(PEERS / "bin" / "python"), str(HERE / "peers" / name), *words]

    def tool(self, name: str) -> str:
        """A program that a peer brings along."""
        return str(PEERS / "bin" / name)

    def do(self, command: Sequence[str]) -> None:
        """Run something that is not measured; raises Wrong with what it said."""
        done = subprocess.run(command, env=self.env, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Wrong(
                f"{' '.join(command)[:300]}: exit {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-4000:]}"
            )

    def sources(self, urls: Sequence[str]) -> Callable[[Path], None]:
        """Our corpus before the first run: the feeds imported, their robots.txt known since this morning."""

        def prepare(db: Path) -> None:
            opml = db.with_suffix(".opml")
            lines = "".join(f'<outline type="rss" text="{u}" xmlUrl="{u}"/>\n' for u in urls)
            opml.write_text(f'<opml version="2.0"><head/><body>{lines}</body></opml>', encoding="utf-8")
            self.do(self.ours(db, "-q", "sources", "import", str(opml)))
            at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3600))
            with sqlite3.connect(db) as conn:
                rows = [(url.rpartition("/")[0], "", at) for url in urls]
                conn.executemany("INSERT INTO robots (origin, text, fetched_at) VALUES (?, ?, ?)", rows)
            conn.close()

        return prepare

    # ---- rounds -------------------------------------------------------------------------------------------

    def compare(self, case: str, contenders: Sequence[Contender], server: Server) -> dict[str, Figures]:
        """Everybody once a round, in turns; each begins with a copy of its prepared file."""
        found = {one.name: self.figures.setdefault((case, one.name), Figures(case, one.name)) for one in contenders}
        begun = {one.name: self.folder / f"{case}-{n}.before" for n, one in enumerate(contenders)}
        for one in contenders:
            one.prepare(begun[one.name])
        for n in range(self.rounds):
            for one in contenders:
                if n < one.most:
                    self._once(found[one.name], one, begun[one.name], server)
        return found

    def _once(self, into: Figures, one: Contender, before: Path, server: Server) -> None:
        db = self.folder / f"{into.case}.db"
        for old in self.folder.glob(f"{into.case}.db*"):
            old.unlink()
        copy(before, db)
        errors = self.folder / "errors.txt"
        errors.write_bytes(b"")
        os.sync()  # what others wrote is not this one's to wait for
        server.tell("asked")
        spent = server.cpu
        done = run(one.command(db), env=self.env, cwd=ROOT, errors=errors)
        into.server.append(server.cpu - spent)
        into.requests = len(server.tell("asked"))
        into.runs.append(done)
        question, wanted = one.holds
        conn = sqlite3.connect(db)
        got = conn.execute(question).fetchone()[0]
        conn.close()
        if done.code or got != wanted:
            said = errors.read_text(encoding="utf-8", errors="replace")[-3000:]
            raise Wrong(f"{into.case}, {one.name}: exit {done.code}, {got} instead of {wanted}\n{said}")
        print(f"  {into.case}  {one.name:22} {done.wall:8.2f} s  cpu {done.cpu:7.2f} s, own {done.own:6.2f} s  server"
              f" {into.server[-1]:5.2f} s  {into.requests:6} requests  {done.parent_mb:4.0f} MB, all {done.all_mb:4.0f}"
              f"{f'  {done.left} LEFT' if done.left else ''}", flush=True)  # fmt: skip

    # ---- goals --------------------------------------------------------------------------------------------

    def goal(self, what: str, got: float, wanted: float, *, most: bool = False, unit: str = "x", aim: str = "") -> None:
        """Note a figure with its goal: at least `wanted`, or at most."""
        sign = "<=" if most else ">="
        met = got <= wanted if most else got >= wanted
        self.goals.append((what, f"{got:.2f} {unit}", f"{sign} {wanted:g} {unit}{f' (aim {aim})' if aim else ''}", met))

    def note(self, what: str, got: str) -> None:
        """Note a figure without a goal."""
        self.goals.append((what, got, "", None))


def copy(source: Path, target: Path) -> None:
    """Copy a program's file, and the index that reader keeps beside it; nothing where there is nothing."""
    for suffix in ("", ".search"):
        beside = source.with_name(source.name + suffix)
        if beside.exists():
            shutil.copy(beside, target.with_name(target.name + suffix))


def environment() -> None:
    """Make the environments of the peers and of a plain install when they are not there."""
    for folder, wanted in ((PEERS, ["-r", str(HERE / "peers" / "requirements.txt")]), (PLAIN, ["-e", str(ROOT)])):
        if (folder / "ready").exists():
            continue
        print(f"making {folder.relative_to(ROOT)}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        subprocess.run([str(folder / "bin" / "pip"), "install", "-q", *wanted], check=True)
        (folder / "ready").touch()
