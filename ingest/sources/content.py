"""What every kind of document asks of an answer before it reads it: whether there is a document in it."""

from ingest.errors import FetchError, ParseError
from ingest.records import Response
from ingest.sources.answers import classify

__all__ = ["SAVED", "content"]

#: `Request.what` of a document that was saved, and not asked for.
SAVED = "saved"


def content(answer: Response | FetchError) -> Response | None:
    """The answer, when it holds a document; None when nothing changed since it was last read (304).

    A saved document is taken as it is. Raises the FetchError itself, and ParseError for a refusal, an error, a bot
    wall, a login page or a parked domain: none of them is content, whatever its status.
    """
    if isinstance(answer, FetchError):
        raise answer
    if answer.request.what == SAVED:
        return answer
    said = classify(answer)
    if said.word == "unchanged":
        return None
    if said.word != "content":
        raise ParseError(answer.url, f"the site answered {said}")
    return answer
