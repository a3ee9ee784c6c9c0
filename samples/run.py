"""What `make run` does: ingest the sample posts (or a site), then search what came in."""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def step(*words: str) -> int:
    """Show a command, then run it."""
    print("\n$ blogcorpus", *(f'"{w}"' if " " in w else w for w in words), flush=True)
    return subprocess.run([Path(sys.executable).with_name("blogcorpus"), *words], check=False).returncode


def main() -> int:
    """The sample posts, or the sites named on the command line. Exits as the ingesting command did."""
    os.environ.setdefault("BLOGCORPUS_DB", "corpus.db")
    sites = sys.argv[1:]
    if sites:
        code = step("fetch", *sites)
        step("status")
        print(f"\nNow search it:  .venv/bin/blogcorpus --db {os.environ['BLOGCORPUS_DB']} search WORDS")
        return code
    code = step("load", *(str(path) for path in sorted(HERE.glob("*.txt"))))
    step("search", "heat pump OR bees")
    step("search", "weather compensation")
    return code


if __name__ == "__main__":
    sys.exit(main())
