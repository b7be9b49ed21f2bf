"""Entries under construction, and the rules for which names of a source are worth keeping."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nlp.lexicon.entries import NameKind
from nlp.text import key

# Longer names are systematic or compound ones, which captions do not use.
_LONGEST = {"chemical": 40, "disease": 44, "process": 48, "complex": 48, "component": 48}
_LONGEST_OTHER = 60

_INVERTED = re.compile(r", (?!and |or )")
_BRACKETED_TAIL = re.compile(r"\s*[\[(](?:obsolete|disorder|finding|human|mouse)[\])]$", re.IGNORECASE)


@dataclass(slots=True)
class Item:
    """An entry with all its names; a name keeps the best kind it was given."""

    curie: str
    name: str
    kind: str
    names: dict[str, NameKind] = field(default_factory=dict)
    xrefs: set[str] = field(default_factory=set)

    def add(self, name: str, how: NameKind) -> None:
        name = " ".join(_BRACKETED_TAIL.sub("", name).split())
        if not 2 <= len(name) <= _LONGEST.get(self.kind, _LONGEST_OTHER) or "\t" in name:
            return
        if not any(character.isalnum() for character in name):
            return
        self.names[name] = min(how, self.names.get(name, how))


class Collection:
    """All entries by CURIE, and the genes of the families."""

    def __init__(self) -> None:
        self.items: dict[str, Item] = {}
        self.members: dict[str, list[str]] = {}

    def add(self, curie: str, name: str, kind: str, how: NameKind = NameKind.NAME) -> Item:
        item = self.items.get(curie)
        if item is None:
            item = self.items[curie] = Item(curie, name, kind)
        item.add(name, how)
        return item

    def by_key(self, kinds: frozenset[str]) -> dict[str, str]:
        """CURIE by the key of its preferred name, for merging by equal names."""
        found: dict[str, str] = {}
        for curie, item in self.items.items():
            if item.kind in kinds:
                found.setdefault(key(item.name), curie)
        return found


def below(records: Iterable[Mapping[str, Any]], roots: Iterable[str]) -> set[str]:
    """The terms of an ontology at and below ``roots``, by their ``is_a`` relations."""
    children: dict[str, list[str]] = defaultdict(list)
    for record in records:
        for parent in record.get("relations", {}).get("is_a", ()):
            children[parent].append(record["id"])
    found: set[str] = set()
    open_ids = [*roots]
    while open_ids:
        id = open_ids.pop()
        if id not in found:
            found.add(id)
            open_ids.extend(children[id])
    return found


def is_inverted(name: str) -> bool:
    """Whether a thesaurus name stands in index order, such as "Receptor, Insulin"."""
    return _INVERTED.search(name) is not None


def split(field: str, separator: str = "|") -> list[str]:
    return [part.strip() for part in field.split(separator) if part.strip()]
