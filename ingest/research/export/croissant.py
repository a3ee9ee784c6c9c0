"""croissant.json: an export described for programs (https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html).

Schema.org's Dataset in JSON-LD, with the SHA-256 of the files and the columns of the posts. Of `txt` the table is
described, of SQLite and Markdown the files alone: Croissant has no word for taking columns out of them.
"""

import json
from collections.abc import Iterator
from typing import Any

from ingest.research.cite import Whole, bibtex_of_corpus
from ingest.research.export import txt
from ingest.research.export.citation import RIGHTS
from ingest.research.export.columns import Column, columns
from ingest.research.export.facts import Facts
from ingest.research.export.kinds import KINDS
from ingest.research.files import File

__all__ = ["CONTEXT", "croissant"]

#: The context that the specification gives (Appendix 1); without it the words below mean nothing.
CONTEXT = {
    "@language": "en", "@vocab": "https://schema.org/", "annotation": "cr:annotation", "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs", "column": "cr:column", "conformsTo": "dct:conformsTo", "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/", "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"}, "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/", "description": {"@container": "@language"},
    "equivalentProperty": "cr:equivalentProperty", "examples": {"@id": "cr:examples", "@type": "@json"},
    "excludes": "cr:excludes", "extract": "cr:extract", "field": "cr:field", "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject", "fileSet": "cr:fileSet", "format": "cr:format", "includes": "cr:includes",
    "isArray": "cr:isArray", "isLiveDataset": "cr:isLiveDataset", "jsonPath": "cr:jsonPath", "key": "cr:key",
    "md5": "cr:md5", "name": {"@container": "@language"}, "parentField": "cr:parentField", "path": "cr:path",
    "readLines": "cr:readLines", "recordSet": "cr:recordSet", "references": "cr:references", "regex": "cr:regex",
    "repeated": "cr:repeated", "replace": "cr:replace", "samplingRate": "cr:samplingRate", "sc": "https://schema.org/",
    "sdVersion": "cr:sdVersion", "separator": "cr:separator", "source": "cr:source", "subField": "cr:subField",
    "transform": "cr:transform", "unArchive": "cr:unArchive", "value": "cr:value",
}  # fmt: skip

_TYPES = {"integer": "sc:Integer", "time": "sc:DateTime"}
#: Beyond so many files each is no longer named: they are a set, and SHA256SUMS names them.
_NAMED = 1_000


def croissant(facts: Facts, files: list[File]) -> str:
    """The file's content. `files`: those of the data that are not one of many."""
    return json.dumps(_dataset(facts, files), ensure_ascii=False, indent=2) + "\n"


def _dataset(facts: Facts, files: list[File]) -> dict[str, Any]:
    told = facts.whole
    found: dict[str, Any] = {
        "@context": CONTEXT, "@type": "sc:Dataset", "conformsTo": "http://mlcommons.org/croissant/1.1",
        "name": told.title,
        "description": f"{told.title}, collected with blogcorpus. How, and what is missing: DATASHEET.md.",
        "url": f"urn:x-blogcorpus:export:{told.digest}",
        "license": RIGHTS, "creator": _creators(told),
        "datePublished": (told.state_at or "1970-01-01")[:10],
        "version": _version(told.state_at), "citeAs": bibtex_of_corpus(told).strip(),
        "isLiveDataset": False, "keywords": ["blogs", "corpus", "text"],
        "inLanguage": sorted(filter(None, facts.tally.languages)),
    }  # fmt: skip
    if told.first and told.last:
        found["temporalCoverage"] = f"{told.first[:10]}/{told.last[:10]}"
    found["distribution"] = list(_distribution(facts.form, files))
    if KINDS[facts.form].columnar:
        found["recordSet"] = [_records(facts.form)]
    return {name: value for name, value in found.items() if value or value is False}


def _creators(told: Whole) -> list[dict[str, str]]:
    return [{"@type": "sc:Person" if told.by else "sc:Organization", "name": name} for name in told.authors]


def _version(state_at: str | None) -> str:
    """Three numbers, as the specification recommends: year, month, day."""
    return ".".join(str(int(part)) for part in (state_at or "0000-00-00")[:10].split("-"))


def _distribution(form: str, files: list[File]) -> Iterator[dict[str, Any]]:
    kind = KINDS[form]
    if "*" in kind.files:
        yield _set(form, kind.media, kind.files, kind.meaning)
    if form == "txt":
        yield _set("texts", "text/plain", "*.txt", "the texts, a file a post")
    for one in files[:_NAMED]:
        yield {
            "@type": "cr:FileObject", "@id": one.name, "name": one.name, "contentUrl": one.name,
            "contentSize": f"{one.size} B", "encodingFormat": _media(kind.media), "sha256": one.sha256,
        }  # fmt: skip


def _set(name: str, media: str, pattern: str, meaning: str) -> dict[str, Any]:
    return {
        "@type": "cr:FileSet", "@id": name, "name": name, "description": meaning, "encodingFormat": _media(media),
        "includes": pattern,
    }  # fmt: skip


def _media(media: str) -> str:
    """As readers of Croissant know it."""
    return {
        "application/vnd.apache.parquet": "application/x-parquet",
        "application/jsonl": "application/jsonlines",
    }.get(media, media)


def _records(form: str) -> dict[str, Any]:
    fields = {column.name: column for column in columns()}
    names = txt.facts() if form == "txt" else list(fields)
    return {
        "@type": "cr:RecordSet", "@id": "posts", "name": "posts", "description": "One record a post.",
        "key": {"@id": "posts/doc_id"},
        "field": [_field(form, name, fields.get(name)) for name in names],
    }  # fmt: skip


def _field(form: str, name: str, column: Column | None) -> dict[str, Any]:
    kind = KINDS[form]
    source = {"fileSet": {"@id": form}} if "*" in kind.files else {"fileObject": {"@id": kind.files}}
    found: dict[str, Any] = {
        "@type": "cr:Field", "@id": f"posts/{name}", "name": name,
        "description": column.meaning if column else "Name of the file with the text.",
        "dataType": _TYPES.get(column.kind if column else "", "sc:Text"),
        "source": {**source, "extract": {"column": name}},
    }  # fmt: skip
    if column and column.kind == "names" and kind.lists:
        found |= {"isArray": True, "arrayShape": "-1"}
    return found
