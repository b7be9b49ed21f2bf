"""Corpora whose mentions carry identifiers: BioID, CRAFT5 and BioRED, as documents with references.

Types become those of captions, identifiers CURIEs in Bioregistry's standard prefixes. A mention keeps every identifier
that its annotators gave it, in their order: several where they meant several genes by one name. One to which they gave
only a name (``protein:GFP``) has no reference, and so was looked up in vain.

======== ========================================= =====================================================
corpus   texts                                     identifiers
======== ========================================= =====================================================
BioID    captions of figure panels                 NCBI Gene, UniProt, Rfam, ChEBI, PubChem, GO, CL, UBERON,
                                                   NCBI Taxonomy, Cellosaurus
CRAFT5   articles                                  PRO, ChEBI, GO, CL, UBERON, NCBI Taxonomy, MONDO
BioRED   abstracts                                 NCBI Gene, MeSH, OMIM, NCBI Taxonomy, Cellosaurus
======== ========================================= =====================================================

Mentions in several pieces, and those that are known not to hold their text, are left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from corpora.records import convert, entity_span
from nlp.types import Document, Mention, Reference

BIOID_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Protein": "GENE",
        "Gene": "GENE",
        "miRNA": "GENE",
        "Complex": "GENE",
        "Small_molecule": "CHEMICAL",
        "Cellular_component": "COMPONENT",
        "Cell": "CELL",
        "Cell_line": "CELL",
        "Tissue": "ANATOMY",
        "Organism": "ORGANISM",
    }
)
CRAFT5_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "PR": "GENE",
        "CHEBI": "CHEMICAL",
        "GO_BP": "PROCESS",
        "GO_CC": "COMPONENT",
        "MONDO": "DISEASE",
        "CL": "CELL",
        "UBERON": "ANATOMY",
        "NCBITaxon": "ORGANISM",
    }
)
BIORED_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "GeneOrGeneProduct": "GENE",
        "ChemicalEntity": "CHEMICAL",
        "DiseaseOrPhenotypicFeature": "DISEASE",
        "CellLine": "CELL",
        "OrganismTaxon": "ORGANISM",
    }
)

# How the corpora write identifiers, and the CURIEs they are; whatever else stands there is a name.
_PREFIXES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Uniprot": "UniProt",
        "NCBI gene": "NCBIGene",
        "PubChem": "pubchem.compound",
        "NCBI taxon": "NCBITaxon",
        "Rfam": "rfam",
        "Corum": "corum",
        "OMIM": "omim",
    }
    | {prefix: prefix for prefix in ("CHEBI", "GO", "CL", "UBERON", "MONDO", "NCBITaxon", "PR")}
)
_CELL_LINE: Final = re.compile(r"CVCL_(\w{4})")
_MESH: Final = re.compile(r"[CD]\d{6,9}")


def read_bioid(path: Path) -> Iterator[Document]:
    """The captions of a BioID file; the id of each begins with that of its article (see ``article``).

    Raises:
        FormatError: at a line that is not such a record.
    """
    return _read(path, BIOID_TYPES, lambda _, concept: [_curie(part) for part in concept.split("|")])


def read_craft(path: Path) -> Iterator[Document]:
    """The articles of a CRAFT file.

    Raises:
        FormatError: at a line that is not such a record.
    """
    return _read(path, CRAFT5_TYPES, lambda _, concept: [_curie(concept)])


def read_biored(path: Path) -> Iterator[Document]:
    """The abstracts of a BioRED file.

    Raises:
        FormatError: at a line that is not such a record.
    """
    return _read(path, BIORED_TYPES, lambda label, concept: [_plain(label, part) for part in re.split("[,;]", concept)])


READERS: Final[Mapping[str, Callable[[Path], Iterator[Document]]]] = MappingProxyType(
    {"BioID": read_bioid, "CRAFT5": read_craft, "BioRED": read_biored}
)


def article(document: Document) -> str:
    """The article that a document is from: what documents are to be held out by."""
    return article_of(document.id)


def article_of(id: str) -> str:
    """The article that the document of this id is from."""
    return id.partition(" ")[0]


def _read(path: Path, types: Mapping[str, str], curies: Callable[[str, str], list[str]]) -> Iterator[Document]:
    def make(record: Mapping[str, Any]) -> Document:
        return _document(record, types, curies)

    return convert(path, make, "a text with identified mentions")


def _document(record: Mapping[str, Any], types: Mapping[str, str], curies: Callable[[str, str], list[str]]) -> Document:
    text: str = record["text"]
    mentions: dict[str, Mention] = {}
    for entity in record["entities"]:
        type = types.get(entity["type"])
        span = entity_span(entity, text, type) if type is not None else None
        if type is None or span is None:
            continue
        found = filter(None, curies(entity["type"], entity.get("concept") or ""))
        references = tuple(Reference(curie, "") for curie in dict.fromkeys(found))
        mention = Mention(entity["id"], type, span.start, span.end, entity["text"], references=references)
        mentions[mention.id] = mention
    return Document(id=record["id"], text=text, mentions=tuple(mentions.values()))


def _curie(concept: str) -> str:
    """A concept with its prefix as a CURIE; empty if it is a name."""
    if cell_line := _CELL_LINE.fullmatch(concept.strip()):
        return f"cellosaurus:{cell_line[1]}"
    prefix, _, local = concept.strip().partition(":")
    if prefix == "Uberon":  # "Uberon:UBERON:0002107"
        prefix, _, local = local.partition(":")
    return f"{_PREFIXES[prefix]}:{local}" if prefix in _PREFIXES and local else ""


def _plain(type: str, concept: str) -> str:
    """A concept of BioRED, whose type says what it is an identifier of, as a CURIE; empty if it is none."""
    concept = concept.strip()
    if concept.isdecimal() and type in ("GeneOrGeneProduct", "OrganismTaxon"):
        return f"{'NCBIGene' if type == 'GeneOrGeneProduct' else 'NCBITaxon'}:{concept}"
    return f"MESH:{concept}" if _MESH.fullmatch(concept) else _curie(concept)
