"""Where our processes spend their time in a case: cProfile's own times, by part of the house. Processor time."""

import pstats
import re
import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from bench import HERE, ROOT, Bench, Contender, Figures, Server
from measuring import run

__all__ = ["Profiling"]

#: What is matched in "file:function" -> the part of the house; the first that fits.
PARTS = (
    (
        "waiting",
        r"'acquire' of '_thread|method poll|select\.|epoll|method time\.sleep|connection\.py:.*\(_?(recv|wait|poll)",
    ),
    ("SQLite itself", r"sqlite3\.|'_sqlite3"),
    ("robots.txt", r"protego|ingest/fetch/robots"),
    (
        "network: sockets, HTTP, requests",
        r"_socket|socket\.py|http/|http\.|urllib3|requests/|/ssl|email/|idna|ingest/fetch/|_contextvars",
    ),
    ("packing (zlib)", r"zlib|gzip|Compress"),
    ("hashes, JSON", r"_hashlib|hashlib|_json|json/|_sha"),
    ("XML: expat, feedparser, lxml", r"expat|feedparser|lxml|etree"),
    (
        "between processes: pickle, pipes, threads",
        r"pickle|multiprocessing|queue\.py|concurrent/|threading\.py|selectors|_thread",
    ),
    (
        "imports, start-up",
        r"importlib|_imp\.|marshal|zipimport|re/_(c|p)|enum\.py|builtins\.(__build|exec|compile)|posix\.(stat|list)|ctypes",
    ),
    ("regular expressions", r"re\.Pattern|re/__init__"),
    ("ingest/corpus", r"ingest/corpus"),
    ("ingest/text", r"ingest/text"),
    ("ingest/normalise", r"ingest/normalise"),
    ("ingest/sources", r"ingest/sources"),
    ("ingest/urls, dates, charset", r"ingest/(url|dates|charset)|urllib/parse|w3lib"),
    ("ingest/run, sync and the rest", r"ingest/"),
    ("built-in functions of str, list, dict", r"^~"),
)


class Profiling(Bench):
    """A Bench that profiles our side instead of measuring everybody."""

    def __init__(self, folder: Path, *, quick: bool) -> None:
        super().__init__(folder, 1, quick=quick, alone=True)

    def compare(self, case: str, contenders: Sequence[Contender], server: Server) -> dict[str, Figures]:
        """Once under cProfile for the summary, and once without, for the figures that the case notes."""
        found = super().compare(case, contenders, server)
        mine = next((one for one in contenders if "blogcorpus" in one.name), None)
        if mine is not None:
            into = self.folder / f"profile-{case}"
            into.mkdir(exist_ok=True)
            db = self.folder / f"{case}-profiled.db"
            mine.prepare(db)
            shutil.copy(HERE / "profiled" / "sitecustomize.py", into)
            env = self.env | {"PYTHONPATH": f"{into}:{self.env['PYTHONPATH']}"}
            run(mine.command(db), env=env, cwd=ROOT, errors=self.folder / "errors.txt")
            print(summary(case, into), flush=True)
        return found


def summary(case: str, into: Path, most: int = 25) -> str:
    """The parts' own times, main thread, other threads and workers apart; then the functions that take most."""
    lines = []
    for label, pattern in (("main thread", "parent.pstats"), ("its threads", "parent-*"), ("workers", "worker-*")):
        files = [str(one) for one in sorted(into.glob(pattern)) if one.stat().st_size]
        if not files:
            continue
        told = pstats.Stats(*files).stats  # type: ignore[attr-defined]
        own = {key: (value[2], value[0]) for key, value in told.items()}
        total = sum(seconds for seconds, _ in own.values())
        parts: Counter[str] = Counter()
        for key, (seconds, _) in own.items():
            parts[part(key)] += seconds
        lines.append(f"\n{case}, {label}: {total:.2f} s in {len(files)} profiles")
        lines += [f"    {seconds:7.2f} s {seconds / total:5.0%}  {name}" for name, seconds in parts.most_common()]
        lines.append("  by function")
        top = sorted(own.items(), key=lambda one: -one[1][0])[:most]
        lines += [f"    {seconds:7.2f} s {calls:9,} x  {shown(key)}" for key, (seconds, calls) in top]
    return "\n".join(lines)


def shown(key: tuple[str, int, str]) -> str:
    """`file:line function`, the file from the package on."""
    file, line, name = key
    short = re.sub(r".*/(site-packages|python3\.\d+|(?=ingest/))", "", file)
    return name if file == "~" else f"{short}:{line} {name}"


def part(key: tuple[str, int, str]) -> str:
    """The part of the house that a function belongs to."""
    word = f"{key[0]}:({key[2]}"
    return next((name for name, pattern in PARTS if re.search(pattern, word)), "the rest of Python")
