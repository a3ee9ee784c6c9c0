"""Whether the site knows the password that it is given: it answers a wrong one like a stranger, with 200.

Asked once (`/users/me`), and again where a question is refused that a known user may ask. Source:
`wp_authenticate_application_password` leaves a request with a wrong password unauthenticated.
"""

from __future__ import annotations

from ingest.records import Source
from ingest.sources.wordpress.describing import EVERYTHING
from ingest.sources.wordpress.hearing import Heard
from ingest.sources.wordpress.state import State, Step, done, times

__all__ = ["hear_me", "unknown"]


def hear_me(source: Source, state: State, heard: Heard) -> Step:
    """The id of the user, or the word `password`.

    A password that was good before and is not any more ends the run: what only it shows is not gone. With one that
    becomes good, everything is looked at.
    """
    number = heard.data.get("id") if heard.word == "ok" and isinstance(heard.data, dict) else None
    known = state.get("me")
    if number:
        state = done({**state, "me": number})
        if known or not state.get("times", {}).get("backfilled") or state.get("times", {}).get("begun"):
            return Step(state)
        return Step({**times(state, begun=source.now), "todo": list(EVERYTHING)})
    if heard.word == "failed" and heard.error is not None:
        raise heard.error
    note = f"password: {heard.why}"
    if known:
        return Step(state, notes=(note,), trouble="password", stop=True)
    return Step(done({**state, "me": None}), notes=(note,), trouble="password")


def unknown(source: Source, state: State, heard: Heard) -> Step | None:
    """The question whether we are still known, where something is refused that we asked as a known user; else None."""
    task = state["todo"][0]
    asked = source.options.get("authenticated") and state.get("me") and task.get("of", ("",))[0] == "types"
    if not asked or heard.word not in {"refused", "closed"} or heard.bound or task.get("known"):
        return None
    me = {"do": "me", **({"soft": True} if task.get("soft") else {})}
    return Step({**state, "todo": [me, {**task, "known": True}, *state["todo"][1:]]})
