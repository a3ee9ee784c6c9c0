"""sources.toml: what may stand in it, and how wrong words are named."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ingest import config
from ingest.errors import ConfigError

WHOLE = """
[defaults]
contact = "lab@uni.example"
interval = "auto"
min_interval = "1h"
max_interval = "1d"
robots = "respect"
rules_off = []

[fetch]
deadline = 30
max_bytes = 1_000_000
delay = 0.5
allow_private = ["10.0.0.0/8"]
redirects = 3
proxy = "http://proxy.example:3128"

[[source]]
url = "https://blog.example.org"
name = "The blog"
kind = "wordpress"
group = "clinics"
tags = ["health", "en"]
types = ["post", "page"]
comments = false
manifest_hours = 24
since = 2020-01-01
interval = "90m"
robots = "ignore"
user = "reader"
password_env = "WP_PASS"

[[source]]
url = "https://other.example/feed/"
token_env = "OTHER_TOKEN"
"""

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a configuration."""

    def make(text: str) -> Path:
        path = tmp_path / "sources.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return make


def test_everything_that_may_stand_in_it(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """Times are seconds, dates are text, a secret is what the variable holds when it is asked for."""
    told = config.read(write(WHOLE))
    first, second = told.sources
    assert (first.url, first.kind, first.name, first.group) == (
        "https://blog.example.org",
        "wordpress",
        "The blog",
        ("clinics",),
    )
    assert first.tags == ("health", "en")
    assert first.options == {
        "types": ("post", "page"), "comments": False, "manifest_hours": 24, "since": "2020-01-01", "interval": 5400.0, "robots": "ignore"
    }  # fmt: skip
    assert (second.name, second.tags, second.options) == (None, None, {})
    assert told.options() == {"interval": 0.0, "min_interval": 3600.0, "max_interval": 86_400.0, "robots": "respect"}
    assert told.fetch["proxy"] == "http://proxy.example:3128"
    monkeypatch.setenv("WP_PASS", "abcd efgh")
    monkeypatch.setenv("OTHER_TOKEN", "t0ken")
    assert (first.secret(), second.secret()) == (("reader", "abcd efgh"), ("", "t0ken"))


def test_no_file_is_no_wish() -> None:
    """Without a configuration there is nothing to apply."""
    assert config.read(None) == config.Config()


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("[default]\n", 1, "'default' is no section; did you mean 'defaults'?"),
        ("[defaults]\ncontakt = 'x'\n", 2, "'contakt' is no key of [defaults]; did you mean 'contact'?"),
        ("[fetch]\ndelay = 'soon'\n", 2, "delay must be a number, not 'soon'"),
        ("[fetch]\ndelay = true\n", 2, "delay must be a number, not True"),
        ("[fetch]\nproxies = 1\n", 2, "did you mean 'proxy'?"),
        ("[source]\nurl = 'https://a.example'\n", 1, "write [[source]]"),
        ("[[source]]\nname = 'a'\n", 1, "needs a url"),
        ("[[source]]\nurl = 'https://a.example'\n\n[[source]]\nurl = 'https://b.example'\nkinds = 'feed'\n", 6,
         "did you mean 'kind'?"),
        ("[[source]]\nurl = 'https://a.example'\nkind = 'wordpres'\n", 3, "kind must be 'wordpress' or 'feed' or 'wxr' or 'text' or 'page', not 'wordpres'; did you mean 'wordpress'?"),
        ("[[source]]\nurl = 'https://a.example'\nrobots = 'ignored'\n", 3, "not 'ignored'; did you mean 'ignore'?"),
        ("[[source]]\nurl = 'https://a.example'\ntags = 'one'\n", 3, "a list of texts"),
        ("[[source]]\nurl = 'https://a.example'\nsince = 'lately'\n", 3, "a date such as"),
        ("[[source]]\nurl = 'https://a.example'\ninterval = '1 fortnight'\n", 3, "or 'auto'"),
        ("[[source]]\nurl = 'https://a.example'\ninterval = '60d'\n", 3, "at most 30 days"),
        ("[[source]]\nurl = 'https://a.example'\n[[source]]\nurl = 'https://a.example'\n", 4, "named twice"),
        ("[[source]]\nurl = 'http://a.example'\nuser = 'me'\npassword_env = 'P'\n", 2, "give its address with https"),
        ("[[source]]\nurl = 'https://a.example'\npassword_env = 'P'\n", 2, "either user and password_env, or token_env"),
        ("[[source]]\nurl = 'https://a.example'\nuser='me'\npassword_env = 'P'\ntoken_env = 'T'\n", 2, "either user and"),
        ("[[source]]\nname = 'a'\n\n[[source]]\nurl = 'https://b.example'\n", 1, "needs a url"),
        ("# mine\n\n[fetch.proxy]\nhost = 'a'\n", 3, "proxy must be a text, not {'host': 'a'}"),
        ("[defaults]\n[defaults.retries]\nmany = 3\n", 2, "'retries' is no key of [defaults]"),
        ("[[source]]\nurl = 'https://a.example'\n[source.options]\ntypes = ['post']\n", 3, "'options' is no key of [[source]]"),
        ("\nfetch.dealy = 1\n", 2, "did you mean 'delay'?"),
        ("fetch = {delay = 1, dealine = 3}\n", 1, "did you mean 'deadline'?"),
        ("source = [\n  {url = 'https://a.example'},\n  {url = 'https://b.example', knd = 'feed'},\n]\n", 3, "did you mean 'kind'?"),
        ("source = ['https://a.example']\n", 1, "write [[source]]"),
        ("source = [{url = 'https://a.example'}, 'https://b.example']\n", 1, "write [[source]]"),
        ("fetch = 3\n", 1, "[fetch] must be a section"),
        ("[[defaults]]\ncontact = 'x'\n", 1, "[defaults] must be a section"),
        ("[[source]]\nurl = 5\n", 2, "url must be a text, not 5"),
        ("[[source]]\nurl = 'my blog'\n", 2, "an address such as"),
        ("[[source]]\nurl = 'ftp://a.example/'\n", 2, "an address such as"),
        ("[[source]]\nurl = 'https://[a.example/'\n", 2, "an address such as"),
        ("[[source]]\nurl = 'https://a.example:blog/'\n", 2, "an address such as"),
        ("[[source]]\nurl = 'https://a.example'\nname = \"two\\nlines\"\n", 3, "a text on one line"),
        ('[defaults]\ncontact = "a\\r\\nX-Evil: 1"\n', 2, "a text on one line"),
        ("[defaults]\nmin_interval = '2d'\nmax_interval = '1h'\n", 2, "min_interval is longer than max_interval"),
        ("[[source]]\nurl = 'https://a.example/x'\n[[source]]\nurl = 'https://A.example/x/'\n", 4, "named twice, first in line 2"),
        ("[[source]]\nurl = 'https://a.example'\n[[source]]\nurl = 'https://a.example'\nrobot = 'ignore'\n", 5, "did you mean 'robots'?"),
        ("[fetch]\ndelay = nan\n", 2, "seconds from 0 to 86400"),
        ("[fetch]\ndelay = inf\n", 2, "seconds from 0 to 86400"),
        ("[fetch]\nmax_bytes = 1.5\n", 2, "a whole number"),
        ("[fetch]\nmax_bytes = 1\n", 2, "max_bytes must be bytes from 1024 to 2147483648, not 1"),
        ("[fetch]\ndelay = 1\ndelay = 2\n", 3, "not TOML: Cannot overwrite a value"),
        ("[defaults]\ncontact = 'x\n", 2, "not TOML"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_line(write: Write, text: str, line: int, said: str) -> None:
    """And with the nearest right word."""
    with pytest.raises(ConfigError) as caught:
        config.read(write(text))
    assert f"sources.toml:{line}: " in str(caught.value)
    assert said in str(caught.value)


def test_all_mistakes_of_a_file_are_told_at_once(write: Write) -> None:
    """A line each, by their lines; none is told twice, and nothing follows from a value that was wrong."""
    path = write(
        "[default]\ncontact = 'x'\n[[source]]\nurl = 5\nuser = 'me'\npassword_env = 'a b'\nkinds = 'feed'\n"
        "[[source]]\nname = 'two'\n[fetch]\nretries = 3\ndelay = 'soon'\n"
    )
    with pytest.raises(ConfigError) as caught:
        config.read(path)
    assert [line.removeprefix(str(path)).split(" ")[:3] for line in str(caught.value).split("\n")] == [
        [":1:", "'default'", "is"], [":4:", "url", "must"], [":6:", "password_env", "must"], [":7:", "'kinds'", "is"],
        [":8:", "a", "[[source]]"], [":11:", "'retries'", "is"], [":12:", "delay", "must"],
    ]  # fmt: skip


def test_of_many_mistakes_the_first_are_told(write: Write) -> None:
    """Twenty, and how many more there are; ten thousand are as soon told."""
    path = write("".join(f"[[source]]\nurl = 'https://b{n}.example/'\nkinds = 'feed'\n" for n in range(10_000)))
    with pytest.raises(ConfigError) as caught:
        config.read(path)
    lines = str(caught.value).split("\n")
    assert [line.removeprefix(f"{path}:").partition(":")[0] for line in lines[:20]] == [
        str(3 * n) for n in range(1, 21)
    ]
    assert lines[20:] == [f"{path}: and 9,980 more"]


@pytest.mark.parametrize("key", ["password", "password_env", "token_env"])
def test_a_secret_in_the_file_is_refused_and_not_repeated(write: Write, key: str) -> None:
    """Whoever writes the secret itself is told where it belongs, and the error holds none of it."""
    with pytest.raises(ConfigError) as caught:
        config.read(write(f"[[source]]\nurl = 'https://a.example'\nuser = 'me'\n{key} = 'hun ter2'\n"))
    assert "_env" in str(caught.value)
    assert "ter2" not in str(caught.value)


def test_a_variable_that_is_not_set(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is named when the secret is needed, and not when the file is read."""
    monkeypatch.delenv("WP_PASS", raising=False)
    told = config.read(write(WHOLE))
    with pytest.raises(ConfigError, match="WP_PASS is not set"):
        told.sources[0].secret()


def test_what_is_no_toml(write: Write, tmp_path: Path) -> None:
    """A broken file, and one that is not there, are said in one line."""
    with pytest.raises(ConfigError, match=r"sources\.toml:1: not TOML"):
        config.read(write("[[source]\n"))
    (tmp_path / "latin.toml").write_bytes(b"[defaults]\ncontact = '\xfc'\n")
    with pytest.raises(ConfigError, match="not TOML: 'utf-8' codec"):
        config.read(tmp_path / "latin.toml")
    with pytest.raises(ConfigError, match="cannot be read"):
        config.read(tmp_path / "missing.toml")


def test_the_example_in_the_readme_is_whole_and_right(write: Write) -> None:
    """It is read as it stands there, and shows every key that there is."""
    page = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    example = page.split("```toml")[1].split("```")[0]
    assert len(config.read(write(example)).sources) == 3
    for section, keys in config.KEYS.items():
        for key in keys:
            assert f"\n{key} = " in example, f"{section}.{key} is not in the example"


def test_a_mark_before_the_first_line_is_no_fault(tmp_path: Path) -> None:
    """As Windows' editors write it."""
    (tmp_path / "sources.toml").write_bytes("\ufeff[fetch]\ndelay = 2\n".encode())
    assert config.read(tmp_path / "sources.toml").fetch == {"delay": 2}


def test_ten_thousand_sources_are_read_in_one_go(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks for a line while nothing is wrong: with 2,000 sources that took seven seconds."""
    from ingest.config import file

    def never(*_: object) -> int:
        raise AssertionError

    monkeypatch.setattr(file._File, "line", never)
    told = config.read(write("".join(f"[[source]]\nurl = 'https://b{n}.example/'\n" for n in range(10_000))))
    assert len(told.sources) == 10_000


@pytest.mark.parametrize("url", ["http://me:hush@a.example/x@y", "me:hush@a.example/x@y"])
def test_no_error_repeats_a_password_that_stands_in_an_address(tmp_path: Path, url: str) -> None:
    """Whatever else is wrong with the entry."""
    path = tmp_path / "sources.toml"
    path.write_text(f'[[source]]\nurl = "{url}"\ntoken_env = "NOT_SET"\n[[source]]\nurl = "{url}"\n')
    with pytest.raises(ConfigError) as caught:
        config.read(path)
    assert "a.example/x@y is named twice" in str(caught.value)
    assert "hush" not in str(caught.value)
    if "://" in url:
        path.write_text(f'[[source]]\nurl = "{url.replace("http:", "https:")}"\ntoken_env = "NOT_SET"\n')
        with pytest.raises(ConfigError, match=r"a\.example/x@y: the environment variable NOT_SET is not set") as caught:
            config.read(path).sources[0].secret()
        assert "hush" not in str(caught.value)
