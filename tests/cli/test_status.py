"""`status`: what needs a look, in words, as JSON, for a terminal, and for Prometheus."""

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from ingest.corpus import Corpus
from tests.health_corpus import lived_in
from tests.prompt import Prompt


@pytest.fixture
def sick(prompt: Prompt) -> Prompt:
    """A prompt over a corpus some of whose sources need a look."""
    lived_in(prompt.db).close()
    return prompt


def test_a_line_for_each_that_needs_a_look_and_totals_for_the_rest(sick: Prompt) -> None:
    """The worst first: since when, how often, when it is tried again, why, and what to do."""
    done = sick("status")
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0].split() == ["no", "source", "kind", "what", "since", "last", "ok", "next", "try", "why"]
    assert re.fullmatch(
        r"3 +dead\.example/feed +feed +failing 12x +2026-11-02 +2026-11-01 +\S.* +dns: no such host · check the address; .+",
        lines[1],
    )
    assert [line.split()[0] for line in lines[1:6]] == ["3", "4", "7", "5", "6"]
    assert re.search(r"walled.+partial .+ rate_limited, 2 missing · we were asked to slow down", lines[2])
    assert re.search(r"silent\.example/feed .+silent +2026-08-17 .+usual gap 2 d, last post 95 d ago$", lines[5])
    assert lines[6] == ""
    assert lines[7] == "2 well: 1 complete, 1 unknown (what they have is not said)"
    assert "1 paused" in lines[8]
    assert lines[-1] == "53 posts (0 gone) of 8 sources in corpus.db"


def test_all_is_well(prompt: Prompt) -> None:
    """Then there are only figures."""
    with lived_in(prompt.db) as corpus, corpus.transaction() as conn:
        conn.execute("UPDATE sources SET state = 'removed' WHERE id > 2")
    done = prompt("status")
    assert "why" not in done.out
    assert done.out.startswith("2 well: ")
    assert prompt("status", "--failing").out == prompt("status", "--stale").out == "none of them\n"


def test_failing_and_stale(sick: Prompt) -> None:
    """Only the one sort, or only the other, or both; nothing else."""
    for words, numbers in (
        (("--failing",), {3, 4, 7}), (("--stale",), {6, 7}), (("--failing", "--stale"), {3, 4, 6, 7}),
    ):  # fmt: skip
        lines = sick("status", *words).out.splitlines()
        assert {int(line.split()[0]) for line in lines[1:]} == numbers
        rows = sick("status", "--json", *words).rows
        assert {row["source"] for row in rows[:-1]} == numbers
        assert rows[-1]["sources"] == 8


def test_json(sick: Prompt) -> None:
    """A line for every source with what the contract names, and why it needs a look."""
    *rows, last = sick("status", "--json").rows
    assert [row["source"] for row in rows] == list(range(1, 9))
    dead = rows[2]
    for key in (
        "kind", "url", "new", "changed", "same", "gone", "rejected", "verdict", "reason", "missing_ids", "error", "have",
        "announced", "failing_since", "next_due", "failures", "last_ok_at", "missing", "rejects", "last_post_at",
    ):  # fmt: skip
        assert key in dead
    assert (dead["type"], dead["signs"], dead["why"]) == ("source", ["failing"], "dns: no such host")
    assert dead["advice"]
    assert rows[3]["missing_ids"] == ["post/7", "post/8"]
    assert rows[5]["silent"] is True
    assert (rows[5]["usual_gap_days"], rows[5]["silent_days"]) == (2.0, 95)
    assert {k: last[k] for k in ("sources", "posts", "gone", "complete", "partial", "failing", "unknown", "silent", "exit_code")} == {
        "sources": 8, "posts": 53, "gone": 0, "complete": 3, "partial": 2, "failing": 1, "unknown": 1, "silent": 2, "exit_code": 0,
    }  # fmt: skip


def test_one_source_in_full(sick: Prompt) -> None:
    """By its number or its address: what is known of it, what is missing, what could not be stored, its last runs."""
    done = sick("status", "dead.example/feed")
    assert done.code == 0
    assert "failing    12x since 2026-11-02T12:00:00Z" in done.out
    assert "error      https://dead.example/feed/: dns: no such host" in done.out
    assert "missing     post/7, post/8" in sick("status", "4").out
    assert "post/77  no title, no text" in sick("status", 5).out
    (row, _) = sick("status", "5", "--json").rows
    assert row["last_rejects"][0]["reason"] == "no title, no text"
    assert (row["announced_by_type"], row["last_runs"]) == ({"post": 5}, [])
    assert "usual gap  2 d; silent for 95 d" in sick("status", "6").out
    assert sick("status", "nobody").code == 2
    assert sick("status", "6", "--failing").code == 2


@pytest.mark.parametrize("columns", [80, 100, 250])
def test_it_is_readable_on_a_terminal(sick: Prompt, columns: int) -> None:
    """No line is wider than the terminal; where the words do not fit, they are folded below; a pipe gets one line each."""
    lines = _terminal(sick.folder, columns, "status")
    assert max(map(len, lines)) <= columns
    assert (
        any("dead.example/feed" in line and "failing 12x" in line and "in " in line for line in lines) or columns > 80
    )
    told = re.sub(r"\s+", " ", " ".join(lines))
    assert "dns: no such host · check the address; if the site moved, add the new one" in told
    assert ("      dns: no such host" in "\n".join(lines)) == (columns < 250)
    assert "last ok" in told or columns < 250


def _terminal(folder: Path, columns: int, *words: str) -> list[str]:
    """What a command shows on a terminal of so many columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    env = {k: v for k, v in os.environ.items() if k not in {"COLUMNS", "LINES"}} | {"TERM": "dumb"}
    with subprocess.Popen(
        [sys.executable, "-m", "ingest.cli", *words], cwd=folder, stdout=theirs, stdin=theirs, stderr=theirs, env=env
    ) as process:
        os.close(theirs)
        shown = b""
        try:
            while piece := os.read(ours, 65_536):
                shown += piece
        except OSError:  # Linux says so when the other end is closed
            pass
        assert process.wait(60) == 0
    os.close(ours)
    return shown.decode().replace("\r\n", "\n").splitlines()


def test_the_rhythm_is_in_the_list_of_sources(sick: Prompt) -> None:
    """How often each is asked as its dates taught, and why it is due when it is."""
    with Corpus(sick.db, write=True) as corpus, corpus.transaction() as conn:
        for number, seconds, why in (
            (1, 5400, "rhythm"),
            (2, 21_600, "asked"),
            (3, 129_600, "failing"),
            (4, 259_200, "config"),
        ):
            conn.execute("UPDATE sources SET interval_s = ?, due_why = ? WHERE id = ?", [seconds, why, number])
    lines = sick("sources", "list").out.splitlines()
    assert re.search(r"next due +every +due by +name", lines[0])
    shown = [re.split(r" {2,}", line)[7:9] for line in lines[1:6]]
    assert shown == [["90 min", "rhythm"], ["6 h", "asked"], ["36 h", "failing"], ["3 d", "config"], ["—", "—"]]


# ---- Prometheus -------------------------------------------------------------------------------------------

_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)')
_SAMPLE = re.compile(r"(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?P<labels>.*)\})? (?P<value>[-+]?\d+(?:\.\d+)?)")


def parsed(text: str) -> dict[str, list[tuple[dict[str, str], float]]]:
    """Samples by metric, read as strictly as text format 0.0.4 and the node exporter want them."""
    assert text.endswith("\n")
    found: dict[str, list[tuple[dict[str, str], float]]] = {}
    helped: set[str] = set()
    typed = ""
    for line in text[:-1].split("\n"):
        if line.startswith("# HELP "):
            _, _, name, words = line.split(" ", 3)
            assert _NAME.fullmatch(name)
            assert words
            assert name not in helped, "a second HELP line for a metric"
            helped.add(name)
        elif line.startswith("# TYPE "):
            _, _, typed, kind = line.split(" ")
            assert typed in helped
            assert kind == "gauge"
            assert typed not in found, "the lines of a metric stand together"
            found[typed] = []
        else:
            match = _SAMPLE.fullmatch(line)
            assert match, line
            assert match["name"] == typed, "a sample follows its TYPE line"
            labels = _LABEL.findall(match["labels"] or "")
            assert ",".join(f'{k}="{v}"' for k, v in labels) == (match["labels"] or "")
            assert "\ufeff" not in line
            told = {k: re.sub(r"\\(.)", lambda m: {"n": "\n"}.get(m[1], m[1]), v) for k, v in labels}
            assert len(told) == len(labels)
            assert told not in [said for said, _ in found[typed]], "a series stands once"
            found[typed].append((told, float(match["value"])))
    assert helped == set(found)
    return found


def test_prometheus(sick: Prompt) -> None:
    """Every rule of the text format is kept; the file is whole, readable by the exporter, and the only one."""
    target = sick.folder / "textfile" / "blogs.prom"
    target.parent.mkdir()
    before = os.umask(0o077)
    try:
        done = sick("status", "--prometheus", target)
    finally:
        os.umask(before)
    assert (done.code, done.out, done.err) == (0, "", "")
    assert target.stat().st_mode & 0o777 == 0o644
    assert [one.name for one in target.parent.iterdir()] == ["blogs.prom"]
    found = parsed(target.read_text(encoding="utf-8"))
    corpus = {"corpus": str(sick.db)}
    dead = corpus | {"source": "3", "url": "https://dead.example/feed/"}
    assert (dead | {"verdict": "failing"}, 1.0) in found["blogcorpus_source_verdict"]
    assert (dead, 12.0) in found["blogcorpus_source_failures"]
    assert (dead, 1793620800.0) in found["blogcorpus_source_failing_since_timestamp_seconds"]
    assert [value for said, value in found["blogcorpus_source_posts_missing"] if said["source"] == "4"] == [2.0]
    assert [said["source"] for said, value in found["blogcorpus_source_silent"] if value] == ["6", "7"]
    assert {said["source"] for said, _ in found["blogcorpus_source_posts"]} == set("1234567")
    assert (corpus | {"verdict": "failing"}, 1.0) in found["blogcorpus_sources"]
    assert found["blogcorpus_posts"] == [(corpus, 53.0)]
    assert "blogcorpus_last_run_timestamp_seconds" in found


def test_prometheus_labels_hold_anything_but_secrets(prompt: Prompt) -> None:
    """Quotes, backslashes, line feeds and other letters come back as they were; tokens in addresses do not."""
    odd = 'https://ü.example/a"b\\c\nd?access_token=s3cret'
    with lived_in(prompt.db) as corpus, corpus.transaction() as conn:
        conn.execute("UPDATE sources SET url = ? WHERE id = 1", [odd])
    assert prompt("status", "--prometheus", "x.prom").code == 0
    text = (prompt.folder / "x.prom").read_text(encoding="utf-8")
    assert "s3cret" not in text
    urls = {said["url"] for said, _ in parsed(text)["blogcorpus_source_posts"]}
    assert 'https://ü.example/a"b\\c\nd?access_token=***' in urls


def test_prometheus_of_an_empty_corpus(prompt: Prompt) -> None:
    """Figures of nothing are figures."""
    prompt("sources", "import", prompt.file("empty.opml", "<opml version='2.0'><body/></opml>"))
    assert prompt("status", "--prometheus", "x.prom").code == 0
    assert parsed((prompt.folder / "x.prom").read_text())["blogcorpus_posts"][0][1] == 0


def test_prometheus_where_it_cannot_be_written(sick: Prompt) -> None:
    """A missing folder is said in one line, and an old file stays as it is when the new one cannot be made."""
    done = sick("status", "--prometheus", "no/x.prom")
    assert done.code == 2
    assert "no/x.prom: cannot be written: No such file or directory" in done.err
    assert sick("status", "--json", "--prometheus", "no/x.prom").rows[-1]["exit_code"] == 2


def test_a_day_with_ten_thousand_sources_is_read_by_index(sick: Prompt) -> None:
    """What is counted per source never reads a post's row, which holds its text: only indexes are looked at."""
    for view in ("source_health", "source_rhythm"):
        plan = [row[3] for row in sick.ask(f"EXPLAIN QUERY PLAN SELECT * FROM {view}")]
        posts = [step for step in plan if re.match(r"(SCAN|SEARCH) p\b", step)]
        assert posts
        assert all("COVERING INDEX" in step or "posts_gone" in step for step in posts), posts


def test_signs_survive_json_without_a_corpus_change(sick: Prompt) -> None:
    """Looking changes nothing."""
    before = sick.db.read_bytes()
    for words in (("status",), ("status", "--json"), ("status", "3"), ("status", "--prometheus", "x.prom")):
        assert sick(*words).code == 0
    assert sick.db.read_bytes() == before
    assert json.loads(sick("status", "--json").out.splitlines()[0])["signs"] == []
