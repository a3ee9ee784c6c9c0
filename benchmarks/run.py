"""Side by side in one run: blogcorpus, its peers and the bare limits, whole processes, start-up included.

    python benchmarks/run.py [--only CASE…] [--rounds N] [--quick] [--alone] [--profile] [--png FILE] [--json FILE]

Cases: feeds-100, feeds-1000, unchanged, wordpress, many, hostile. The server (`serving.py`) is a process of its own and
answers from memory, packed, with ETags, from a host of its own in 127.0.0.0/8 for every feed. The peers are installed
into `.cache/peers`. Sources are known to everyone before the clock starts, and so is robots.txt to us. Contenders run
in turns, so that what the machine does beside it meets all; the figures are medians, and ratios of medians.

`--quick`: a tenth of everything. `--alone`: without the slow peers. `--profile`: instead of measuring, where our
processes spend their time, by part of the house. Linux only.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from bench import Bench, Wrong, environment
from cases import CASES
from measuring import adopt_orphans


def table(bench: Bench) -> str:
    """Everything measured, as Markdown."""
    lines = ["| case | who | wall, s | spread | CPU, s | server's CPU, s | requests | peak MB (all) | rounds |",
             "|---|---|---|---|---|---|---|---|---|"]  # fmt: skip
    for one in bench.figures.values():
        row = one.row()
        lines.append(
            f"| {row['case']} | {row['name']} | {row['wall']:.2f} | {row['spread']} | {row['cpu']:.2f} |"
            f" {row['server_cpu']:.2f} | {row['requests']:,} | {row['parent_mb']} ({row['all_mb']}) | {row['rounds']} |"
        )
    lines += ["", "| figure | measured | goal | met |", "|---|---|---|---|"]
    marks = {True: "yes", False: "**no**", None: ""}
    lines += [f"| {what} | {got} | {goal} | {marks[met]} |" for what, got, goal, met in bench.goals]
    return "\n".join(lines)


def results(bench: Bench) -> dict[str, Any]:
    """Everything measured, for a file."""
    return {"figures": [one.row() for one in bench.figures.values()], "goals": bench.goals}


def main() -> int:
    """Measure, print, and say whether every goal was met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=list(CASES), default=list(CASES))
    parser.add_argument("--rounds", type=int, default=5)
    for name in ("quick", "alone", "profile"):
        parser.add_argument(f"--{name}", action="store_true")
    parser.add_argument("--png", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--into", type=Path, help="folder for files (on the disk that is to be measured)")
    told = parser.parse_args()
    adopt_orphans()
    environment()
    with tempfile.TemporaryDirectory(dir=told.into) as folder:
        bench = Bench(Path(folder), told.rounds, quick=told.quick, alone=told.alone or told.profile)
        if told.profile:
            from profiling import Profiling

            bench = Profiling(Path(folder), quick=told.quick)
        for name in told.only:
            try:
                CASES[name](bench)
            except Wrong as error:
                print(f"  {error}", file=sys.stderr)
                bench.goals.append((name, "failed", str(error).splitlines()[0][:100], False))
            save(bench, told)
    print("\n" + table(bench))
    return 0 if all(met is not False for *_, met in bench.goals) else 1


def save(bench: Bench, told: argparse.Namespace) -> None:
    """Write what was measured so far where it was wished for."""
    if told.json:
        told.json.write_text(json.dumps(results(bench), indent=1), encoding="utf-8")
    if told.png:
        from chart import draw

        draw(results(bench), told.png)


if __name__ == "__main__":
    sys.exit(main())
