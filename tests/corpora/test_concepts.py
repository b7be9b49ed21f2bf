"""Mentions with identifiers, from three corpora."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from corpora.concepts import READERS, article
from nlp.errors import FormatError
from nlp.types import Document
from tests.standoff import write

TEXT = "Leptin and zorkase bind in HeLa nuclei of mouse liver with ATP."


def entity(surface: str, type: str, concept: str | None) -> dict[str, Any]:
    start = TEXT.index(surface)
    place = {"id": f"T{start}", "type": type, "start": start, "end": start + len(surface), "text": surface}
    return place | ({} if concept is None else {"concept": concept})


def read(path: Path, corpus: str, *entities: dict[str, Any], id: str = "12 Figure_1-A") -> Document:
    record = {"id": id, "text": TEXT, "entities": list(entities)}
    (document,) = READERS[corpus](write(path / "train.jsonl.gz", [record]))
    return document


def curies(document: Document) -> dict[str, tuple[str, list[str]]]:
    return {one.text: (one.type, [reference.curie for reference in one.references]) for one in document.mentions}


def test_bioid(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        "BioID",
        entity("Leptin", "Protein", "Uniprot:P41159|Uniprot:P41160"),
        entity("zorkase", "Gene", "gene:zorkase"),
        entity("HeLa", "Cell_line", "CVCL_0030"),
        entity("nuclei", "Cellular_component", "GO:0005634"),
        entity("mouse", "Organism", "NCBI taxon:10090"),
        entity("liver", "Tissue", "Uberon:UBERON:0002107"),
        entity("ATP", "Small_molecule", "PubChem:5957"),
        entity("bind", "Assay", "BAO:BAO_1"),
    )
    assert curies(document) == {
        "Leptin": ("GENE", ["UniProt:P41159", "UniProt:P41160"]),
        "zorkase": ("GENE", []),
        "HeLa": ("CELL", ["cellosaurus:0030"]),
        "nuclei": ("COMPONENT", ["GO:0005634"]),
        "mouse": ("ORGANISM", ["NCBITaxon:10090"]),
        "liver": ("ANATOMY", ["UBERON:0002107"]),
        "ATP": ("CHEMICAL", ["pubchem.compound:5957"]),
    }
    assert article(document) == "12"


def test_craft(tmp_path: Path) -> None:
    split = entity("ATP", "CHEBI", "CHEBI:15422") | {"spans": [[0, 1], [3, 4]]}
    document = read(
        tmp_path, "CRAFT5", entity("Leptin", "PR", "PR:000009758"), entity("bind", "GO_BP", "GO:0005488"), split
    )
    assert curies(document) == {"Leptin": ("GENE", ["PR:000009758"]), "bind": ("PROCESS", ["GO:0005488"])}


def test_biored(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        "BioRED",
        entity("Leptin", "GeneOrGeneProduct", "3952,16846"),
        entity("ATP", "ChemicalEntity", "D000255"),
        entity("HeLa", "CellLine", " CVCL_0030"),
        entity("mouse", "OrganismTaxon", "10090"),
        entity("liver", "DiseaseOrPhenotypicFeature", "OMIM:1234;-"),
        id="77",
    )
    assert curies(document) == {
        "Leptin": ("GENE", ["NCBIGene:3952", "NCBIGene:16846"]),
        "ATP": ("CHEMICAL", ["MESH:D000255"]),
        "HeLa": ("CELL", ["cellosaurus:0030"]),
        "mouse": ("ORGANISM", ["NCBITaxon:10090"]),
        "liver": ("DISEASE", ["omim:1234"]),
    }


def test_a_wrong_offset_is_named_by_line(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="identified mentions") as error:
        read(tmp_path, "BioID", entity("Leptin", "Protein", "Uniprot:P41159") | {"text": "Leptins"})
    assert error.value.where.line == 1
