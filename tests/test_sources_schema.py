"""`schemas/sources.schema.json` tells an editor what `ingest.config` tells a run."""

import json
import re
import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ingest import config
from ingest.errors import ConfigError

ROOT = Path(__file__).parent.parent
SCHEMA = json.loads((ROOT / "schemas" / "sources.schema.json").read_text(encoding="utf-8"))
VALID = jsonschema.Draft202012Validator(SCHEMA)


def as_json(value: Any) -> Any:
    """A TOML document as editors validate it: dates are text (taplo, and every JSON Schema tool for TOML)."""
    if isinstance(value, dict):
        return {key: as_json(one) for key, one in value.items()}
    if isinstance(value, list):
        return [as_json(one) for one in value]
    return value.isoformat() if isinstance(value, date | datetime) else value


def properties(section: str) -> dict[str, Any]:
    """The keys of a section in the schema."""
    told = SCHEMA["properties"][section]
    found: dict[str, Any] = told.get("items", told)["properties"]
    return found


def test_it_is_a_schema_of_2020_12() -> None:
    """And none of its references leads nowhere."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    for name in re.findall(r'"#/\$defs/(\w+)"', json.dumps(SCHEMA)):
        assert name in SCHEMA["$defs"]


def test_every_key_known_to_one_is_known_to_the_other() -> None:
    """And an editor has a word for each."""
    assert set(SCHEMA["properties"]) == set(config.KEYS)
    for section, keys in config.KEYS.items():
        assert set(properties(section)) == set(keys), section
        for key, told in properties(section).items():
            words = told.get("description") or SCHEMA["$defs"][told["$ref"].rpartition("/")[2]].get("description")
            assert words, f"{section}.{key} has no description"


@pytest.mark.parametrize("page", [*sorted(p.name for p in (ROOT / "docs").glob("*.md")), "README.md"])
def test_every_example_in_the_papers_is_valid(tmp_path: Path, page: str) -> None:
    """By the schema, and for the program."""
    text = (ROOT / ("docs" if page != "README.md" else ".") / page).read_text(encoding="utf-8")
    for n, example in enumerate(re.findall(r"^```toml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)):
        path = tmp_path / f"{n}.toml"
        path.write_text(example, encoding="utf-8")
        config.read(path)
        VALID.validate(as_json(tomllib.loads(example)))


#: Key -> values of which the program takes some and refuses others; the schema has to agree on each.
VALUES: dict[str, list[Any]] = {
    "url": ["https://a.example", "a.example/blog", "HTTP://a.example", "file:///srv/notes/", "", "my blog", 5],
    "kind": ["feed", "wordpress", "auto", "blog", 1],
    "group": ["a", ["a", "b/c"], [], 5, [5]],
    "tags": [["a"], [], "a", [1]],
    "types": [["post"], "post"],
    "history": [True, False, "yes", 1],
    "comments": [True, "no"],
    "media": [False, 0],
    "name": ["Blog", "two\nlines", 5, ""],
    "feed": ["https://a.example/rss", 1],
    "sitemap": ["https://a.example/sitemap.xml", True],
    "since": ["2020-01-01", "lately", 5, True],
    "robots": ["respect", "ignore", "obey", True],
    "interval": ["auto", "90m", "1.5 h", 3600, 0, -5, "soon", "90 minutes", True, 2_592_001],
    "min_interval": ["1h", 60, "auto", 0, False],
    "max_interval": ["1d", 86_400.5, [], "1y"],
    **{f"{name}_hours": [1, 8784, 0, 8785, 1.5, "1", True] for name in ("manifest", "full", "feed", "rejects")},
    "contact": ["me@uni.example", "a\nb", 5],
    "rules_off": [[], ["x"], "x"],
    "deadline": [0.1, 60, 86_400, 0, 86_401, "1", True],
    "max_bytes": [1024, 2**31, 1023, 1.5, True],
    "delay": [0, 2.5, -1, "1", True],
    "redirects": [0, 20, 21, 1.5],
    "allow_private": [["10.0.0.0/8"], "10.0.0.0/8"],
    "ca_file": ["/etc/ca.pem", 1],
    "proxy": ["http://proxy.example:3128", 3128],
    "user": ["me", "a:b", "", 5],
    "password_env": ["WP_PASS", "hun ter2", "", 5],
    "token_env": ["TOKEN_1", "1TOKEN", 5],
}


@pytest.mark.parametrize(("section", "key"), [(s, k) for s, keys in config.KEYS.items() for k in keys])
def test_schema_and_program_agree_on_values(tmp_path: Path, section: str, key: str) -> None:
    """What one takes the other takes, and what one refuses the other refuses."""
    taken = set()
    for value in VALUES[key]:
        own = {key: value}
        if section == "source":
            own = {"url": "https://a.example", **({"password_env": "P"} if key == "user" else {})} | own
            own |= {"user": "me"} if key == "password_env" else {}
        document = {section: [own] if section == "source" else own}
        path = tmp_path / "sources.toml"
        path.write_text(_toml(section, own), encoding="utf-8")
        try:
            config.read(path)
        except ConfigError:
            good = False
        else:
            good = True
        assert VALID.is_valid(as_json(document)) == good, value
        taken.add(good)
    assert taken == {True, False}


def _toml(section: str, table: dict[str, Any]) -> str:
    head = f"[[{section}]]\n" if section == "source" else f"[{section}]\n"
    return head + "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items())


@pytest.mark.parametrize(
    "text",
    [
        "[default]\n", "[[source]]\nname = 'a'\n", "source = []\n", "[source]\nurl = 'https://a.example'\n",
        "[[source]]\nurl = 'https://a.example'\nuser = 'me'\n", "[[source]]\nurl = 'https://a.example'\npassword_env = 'P'\n",
        "[[source]]\nurl = 'https://a.example'\nuser = 'me'\npassword_env = 'P'\ntoken_env = 'T'\n",
        "[[source]]\nurl = 'https://a.example'\nknd = 'feed'\n", "[fetch.proxy]\nhost = 'a'\n", "fetch = 3\n",
    ],
)  # fmt: skip
def test_schema_and_program_refuse_the_same_shapes(tmp_path: Path, text: str) -> None:
    """Unknown sections and keys, what is missing, what does not go together."""
    (tmp_path / "sources.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError):
        config.read(tmp_path / "sources.toml")
    assert not VALID.is_valid(as_json(tomllib.loads(text)))
