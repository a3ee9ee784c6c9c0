"""The shape of the house: which room may import which. The table is the diagram, and it is run."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "ingest"
MODULES = sorted(PACKAGE.rglob("*.py"))

PURE = {"errors", "later", "records", "dates", "urls", "text", "charset"}

#: room -> the rooms it may import. `sources`, `fetch`/`files` and `corpus` never import one another.
ALLOWED = {
    "errors": set(),
    "later": set(),
    "records": set(),
    "dates": set(),
    "charset": set(),
    "text": set(),
    "url_standard": set(),
    "urls": {"url_standard"},
    "normalise": PURE,
    "sources": PURE,
    "fetch": PURE,
    "files": PURE,
    "inbox": PURE | {"files"},
    "archives": PURE | {"files"},
    "schema": {"errors"},
    "corpus": PURE | {"normalise", "schema"},
    "verdict": PURE,
    "config": {"errors"},
    "lock": {"errors"},
    "journal": {"errors"},
    "discover": PURE | {"sources"},
    "reading": PURE | {"normalise", "sources", "fetch"},
    "sync": PURE | {"sources", "fetch", "reading"},
    "fallback": PURE | {"reading", "sync"},
    "retext": PURE | {"normalise", "sources", "corpus"},
    "merge": PURE | {"normalise", "retext", "corpus"},
    "remake": PURE | {"retext", "corpus"},
    "repair": PURE | {"remake", "retext", "corpus"},
    "run": PURE | {"fallback", "inbox", "retext", "reading", "sync", "verdict", "sources", "fetch", "corpus"},
    "seek": PURE | {"run", "discover", "fetch"},
    "add": PURE | {"normalise", "run", "seek", "discover", "fetch", "corpus"},
    "lists": PURE | {"config", "sources"},
    "enlist": PURE | {"run", "add", "lists", "fetch", "corpus"},
    "load": PURE | {"archives", "run", "retext", "reading", "sources", "files", "corpus"},
    "health": PURE | {"schema", "run", "corpus"},
    "unfound": PURE | {"health", "add", "run", "fetch", "corpus"},
    "prometheus": PURE | {"health", "fetch"},
    "research": PURE | {"normalise", "schema", "corpus"},
    "library": PURE | {"corpus", "research"},
    "doctor": PURE | {"discover", "sources", "fetch"},
    "web": PURE | {"schema", "normalise", "sources", "corpus", "research"},
    "cli": PURE
    | {
        "doctor",
        "normalise",
        "config",
        "lock",
        "journal",
        "health",
        "unfound",
        "prometheus",
        "run",
        "retext",
        "merge",
        "repair",
        "add",
        "lists",
        "enlist",
        "research",
        "load",
        "corpus",
        "fetch",
        "sources",
        "discover",
        "web",
        "schema",
    },
}


def room(path: Path) -> str:
    """The room a module belongs to: the first name below the package."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return parts[0]


def imported(tree: ast.AST) -> set[str]:
    """The rooms of ours that a module imports, wherever in it the import stands."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {name.name.split(".")[1] for name in node.names if name.name.startswith("ingest.")}
        elif isinstance(node, ast.ImportFrom) and node.module == "ingest":
            found |= {name.name for name in node.names if not name.name.startswith("__")}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ingest."):
            found.add((node.module or "").split(".")[1])
    return found


@pytest.mark.parametrize(
    "path", [p for p in MODULES if p != PACKAGE / "__init__.py"], ids=lambda p: str(p.relative_to(PACKAGE))
)
def test_a_room_imports_only_the_rooms_below_it(path: Path) -> None:
    """Imports go one way."""
    here = room(path)
    assert here in ALLOWED, f"{here} is a new room: give it a place in the table"
    above = imported(ast.parse(path.read_text(encoding="utf-8"))) - ALLOWED[here] - {here}
    assert not above, f"{path.relative_to(ROOT)} imports {sorted(above)}"


def test_the_table_has_no_way_back() -> None:
    """What a room may import may not, in the end, import it."""

    def below(name: str, seen: frozenset[str] = frozenset()) -> set[str]:
        assert name not in seen, f"{name} can be reached from itself"
        return ALLOWED[name].union(*(below(n, seen | {name}) for n in ALLOWED[name])) if ALLOWED[name] else set()

    for name in ALLOWED:
        assert name not in below(name)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_is_small_and_says_what_it_is(path: Path) -> None:
    """A module has a docstring, under 300 lines, and no function of 40 or more; nothing is swallowed in silence."""
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    assert ast.get_docstring(tree), f"{path} has no docstring"
    assert source.count("\n") < 300, f"{path} has {source.count(chr(10))} lines"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            size = (node.end_lineno or 0) - node.lineno + 1
            assert size <= 40, f"{path}:{node.lineno} {node.name} has {size} lines"
        if isinstance(node, ast.ExceptHandler):
            broad = node.type is None or getattr(node.type, "id", "") in {"Exception", "BaseException"}
            assert not (broad and all(isinstance(b, ast.Pass) for b in node.body)), f"{path}:{node.lineno} swallows"


def test_every_kind_is_listed_and_offers_what_a_kind_offers() -> None:
    """A module that claims documents is named in KINDS, and the other way round."""
    from ingest.sources import KINDS, kind

    offering = {
        path.parent.name if path.name == "__init__.py" else path.stem
        for path in (PACKAGE / "sources").rglob("*.py")
        if path.parent.name == "sources" or path.name == "__init__.py"
        if path != PACKAGE / "sources" / "__init__.py"
        if "claims" in _public(path)
    }
    assert offering == set(KINDS)
    for name in KINDS:
        assert isinstance(kind(name).NEEDS_HELD, bool)
        assert callable(kind(name).start)
        assert callable(kind(name).read)


def _public(path: Path) -> set[str]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            return set(ast.literal_eval(node.value))
    return set()


@pytest.mark.parametrize(
    "path", [p for p in MODULES if p.name != "__main__.py"], ids=lambda p: str(p.relative_to(PACKAGE))
)
def test_all_is_sorted_and_true(path: Path) -> None:
    """`__all__` names exactly the public functions and classes that a module defines, or re-exports on purpose."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = _public(path)
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    public = [n for n in tree.body if isinstance(n, kinds) and not n.name.startswith("_")]
    defined = {n.name for n in public if room(path) != "cli" or not n.decorator_list}
    assert defined <= told, f"{path}: not in __all__: {sorted(defined - told)}"
    defined = {n.name for n in public}
    names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    names |= {a.asname or a.name for n in ast.walk(tree) if isinstance(n, ast.ImportFrom | ast.Import) for a in n.names}
    assert told <= defined | names, f"{path}: __all__ names what is not there: {sorted(told - defined - names)}"


def test_only_the_command_line_prints() -> None:
    """Libraries raise or return; stdout belongs to `cli`."""
    for path in MODULES:
        if room(path) == "cli":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", ""))
            assert called not in {"print", "echo", "basicConfig"}, f"{path}:{node.lineno} prints"
