"""Which drop rule, if any, leaves an element out."""

from collections.abc import Mapping, Sequence

from ingest.text.records import Drop

__all__ = ["Drops"]


class Drops:
    """Drop rules, made ready to be asked about one element after another."""

    def __init__(self, rules: Sequence[Drop]) -> None:
        self.tags: dict[str, str] = {}
        self._exact: dict[tuple[str, str], str] = {}
        self._prefixes: list[tuple[str, str, str]] = []
        for rule in rules:
            for what, names in (("class", rule.classes), ("id", rule.ids)):
                for name in sorted(names):
                    if name.endswith("*"):
                        self._prefixes.append((what, name[:-1].lower(), rule.name))
                    else:
                        self._exact.setdefault((what, name.lower()), rule.name)
            for name in rule.tags:
                self.tags.setdefault(name.lower(), rule.name)
        self._names = frozenset(name for _, name in self._exact)

    def may_name(self, named: Mapping[str, str]) -> bool:
        """Whether a rule may name one of these attributes; nearly always none does, and that is quickly seen."""
        if self._prefixes or ("class" in named and not self._names.isdisjoint(named["class"].lower().split())):
            return True
        return "id" in named and named["id"].strip().lower() in self._names

    def rule_for(self, name: str, named: Mapping[str, str]) -> str:
        """The name of the first rule that leaves out an element of this name and these attributes, or nothing."""
        if name in self.tags:
            return self.tags[name]
        if not self.may_name(named):
            return ""
        keys = [("id", named["id"].strip().lower())] if "id" in named else []
        keys += [("class", token) for token in named.get("class", "").lower().split()]
        for key in keys:
            if key in self._exact:
                return self._exact[key]
            for what, prefix, rule in self._prefixes:
                if key[0] == what and key[1].startswith(prefix):
                    return rule
        return ""
