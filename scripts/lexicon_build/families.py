"""Families and complexes of FamPlex, with the genes they hold at all levels."""

from __future__ import annotations

import csv
import io
from collections import defaultdict

from lexicon_build.collect import Collection
from lexicon_build.wheels import Sources
from nlp.lexicon.entries import NameKind


def add_families(collection: Collection, sources: Sources, genes: dict[str, str]) -> None:
    children: dict[str, list[tuple[str, str]]] = defaultdict(list)
    complexes: set[str] = set()
    for child_space, child, relation, _, parent in csv.reader(io.StringIO(sources.famplex("relations.csv"))):
        children[parent].append((child_space, child))
        if relation == "partof":
            complexes.add(parent)
    for row in csv.reader(io.StringIO(sources.famplex("entities.csv"))):
        id = row[0]
        kind = "complex" if id in complexes else "family"
        family = collection.add(f"FPLX:{id}", id, kind, NameKind.SYMBOL)
        if "_" in id:
            family.add(id.replace("_", " "), NameKind.SYMBOL)
        collection.members[family.curie] = sorted(_genes_of(id, children, genes, set()))
    for name, space, id in csv.reader(io.StringIO(sources.famplex("equivalences.csv"))):
        if space == "MESH" and f"FPLX:{id}" in collection.items:
            collection.items[f"FPLX:{id}"].xrefs.add(f"MESH:{name}")
    for row in csv.reader(io.StringIO(sources.famplex("grounding_map.csv"))):
        identifiers = dict(zip(row[1::2], row[2::2], strict=False))
        item = collection.items.get(f"FPLX:{identifiers.get('FPLX')}")
        if item is not None:
            item.add(row[0], NameKind.TEXT_FORM)


def _genes_of(id: str, children: dict[str, list[tuple[str, str]]], genes: dict[str, str], seen: set[str]) -> set[str]:
    found: set[str] = set()
    if id in seen:
        return found
    seen.add(id)
    for space, child in children.get(id, ()):
        if space == "FPLX":
            found |= _genes_of(child, children, genes, seen)
        elif child in genes:
            found.add(genes[child])
    return found
