"""The builder, on a collection of a few entries, and its coverage of the reference tables."""

from __future__ import annotations

import csv
import gzip
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nlp.lexicon import Lexicon, NameKind
from nlp.lexicon.store import Store

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


@pytest.fixture
def scripts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "lexicon_build"]:
        del sys.modules[name]


def small_collection() -> object:
    from lexicon_build.collect import Collection

    collection = Collection()
    gene = collection.add("HGNC:10", "ABC1", "gene", NameKind.SYMBOL)
    gene.add("Abc-1", NameKind.ALIAS)
    gene.add("ABC1", NameKind.SYNONYM)  # a worse kind for a name that is there
    gene.xrefs.update({"NCBIGene:1", "UniProt:P1"})
    collection.add("HGNC:9", "ABD1", "gene", NameKind.SYMBOL)
    collection.add("FPLX:ABX", "ABX", "family", NameKind.SYMBOL)
    collection.members["FPLX:ABX"] = ["HGNC:10", "HGNC:9", "HGNC:404"]
    collection.add("CHEBI:5", "x" * 41, "chemical")
    collection.add("CHEBI:6", "abc 1 acid", "chemical")
    return collection


@pytest.mark.usefixtures("scripts")
def test_what_is_written_is_read(tmp_path: Path) -> None:
    from lexicon_build.write import write

    sizes = write(small_collection(), tmp_path / "lexicon.bin", {"test 1": "0"})  # type: ignore[arg-type]
    store = Store(tmp_path / "lexicon.bin")
    assert sizes["entries"] == store.count == 4  # the chemical has no name of use
    assert [store.entry(index).curie for index in range(4)] == ["HGNC:9", "HGNC:10", "FPLX:ABX", "CHEBI:6"]
    entry = store.entry(1)
    assert (entry.name, entry.type, entry.kind, entry.xrefs) == ("ABC1", "GENE", "gene", ("NCBIGene:1", "UniProt:P1"))
    names = store.postings("abc1")
    assert {(store.entry(name.entry).curie, name.how, name.separated) for name in names} == {
        ("HGNC:10", NameKind.SYMBOL, False),
        ("HGNC:10", NameKind.ALIAS, True),
    }
    assert store.postings("nothing") == ()
    assert store.members() == {"FPLX:ABX": (1, 0)}
    assert store.index("CHEBI:5") is None


@pytest.mark.usefixtures("scripts")
def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    from lexicon_build.write import write

    for name in ("one", "two"):
        write(small_collection(), tmp_path / name, {})  # type: ignore[arg-type]
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.usefixtures("scripts")
@pytest.mark.parametrize(
    ("name", "inverted"),
    [("Receptor, Insulin", True), ("1,2-dichloroethane", False), ("tumor necrosis factor, alpha", True)],
)
def test_index_order(name: str, inverted: bool) -> None:
    from lexicon_build.collect import is_inverted

    assert is_inverted(name) is inverted


@pytest.mark.usefixtures("scripts")
def test_an_altered_wheel_is_refused(tmp_path: Path) -> None:
    from lexicon_build.wheels import WHEELS, Sources

    for wheel in WHEELS:
        (tmp_path / wheel.file).write_bytes(b"something else")
    with pytest.raises(SystemExit, match="expected SHA-256"):
        Sources(tmp_path)


@pytest.mark.parametrize(("words", "tables"), [("genes", ("genes", "families")), ("chemicals", ("chemicals",))])
def test_it_names_what_the_reference_tables_name(
    lexicon: Lexicon, shared: Path, words: str, tables: tuple[str, ...]
) -> None:
    known: set[str] = set()
    for table in tables:
        with gzip.open(shared / "lexicon" / f"{table}.tsv.gz", "rt", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                known.update(map(loose, (row["name"], *row["synonyms"].split("|"))))
    with gzip.open(shared / "captions" / "captions.jsonl.gz", "rt", encoding="utf-8") as file:
        annotated = [row["word"] for line in file for row in json.loads(line)[words] or ()]
    covered = [word for word in annotated if loose(word) in known]
    assert covered
    for sample in (covered, sorted(set(covered))):
        assert sum(lexicon.has_name(word) for word in sample) >= 0.95 * len(sample)


def loose(word: str) -> str:
    return re.sub(r"[\s-]+", "", word).lower()
