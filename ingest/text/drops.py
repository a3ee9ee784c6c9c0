"""Which drop rule, if any, leaves an element out."""

from collections.abc import Mapping, Sequence

from ingest.text.records import Drop

__all__ = ["Drops"]


class Drops:
    """Drop rules, made ready to be asked about one element after another."""

    def __init__(self, rules: Sequence[Drop]) -> None:
        self.tags: dict[str, str] = {}
        self._exact: dict[str, dict[str, str]] = {"class": {}, "id": {}}
        self._prefixes: list[tuple[str, str, str]] = []
        for rule in rules:
            for what, names in (("class", rule.classes), ("id", rule.ids)):
                for name in sorted(names):
                    if name.endswith("*"):
                        self._prefixes.append((what, name[:-1].lower(), rule.name))
                    else:
                        self._exact[what].setdefault(name.lower(), rule.name)
            for name in rule.tags:
                self.tags.setdefault(name.lower(), rule.name)

    def may_name(self, named: Mapping[str, str]) -> bool:
        """Whether a rule may name one of these attributes; nearly always none does, and that is quickly seen."""
        keys = (*named.get("class", "").lower().split(), named.get("id", "").strip().lower())
        exact = self._exact
        return bool(self._prefixes) or not (
            exact["class"].keys().isdisjoint(keys) and exact["id"].keys().isdisjoint(keys)
        )

    def rule_for(self, name: str, named: Mapping[str, str]) -> str:
        """The name of the first rule that leaves out an element of this name and these attributes, or nothing."""
        if name in self.tags:
            return self.tags[name]
        if not ("class" in named or "id" in named) or not self.may_name(named):
            return ""
        keys = [("id", named["id"].strip().lower())] if "id" in named else []
        keys += [("class", token) for token in named.get("class", "").lower().split()]
        for key in keys:
            if key[1] in self._exact[key[0]]:
                return self._exact[key[0]][key[1]]
            for what, prefix, rule in self._prefixes:
                if key[0] == what and key[1].startswith(prefix):
                    return rule
        return ""
