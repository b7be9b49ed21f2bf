"""The tables that are for grounding alone, and candidates by name, long form and usage."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from nlp import Pipeline
from nlp.errors import LexiconError
from nlp.lexicon import Candidate, Entry, Lexicon, NameKind
from nlp.lexicon.usage import MEMBERS, SHORT_FORMS, USAGE, read_usage
from nlp.stages.disambiguation.candidates import KINDRED, Finder, Option, Origin, sole
from nlp.stages.disambiguation.context import AROUND
from nlp.stages.disambiguation.evidence import KINDS, evidence
from nlp.stages.disambiguation.variants import alternatives, variants
from nlp.stages.disambiguation.weights import WEIGHTS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    header = "# of a test\ncurie\tname\ttype\tarticles\n"
    (tmp_path / USAGE).write_text(header + "HGNC:1\tzork-1\tGENE\t2\nHGNC:2\tzork1\tGENE\t5\n", encoding="utf-8")
    (tmp_path / SHORT_FORMS).write_text(header + "HGNC:1\tZORK1\tGENE\t4\n", encoding="utf-8")
    (tmp_path / MEMBERS).write_text("curie\tmembers\nFPLX:Zork\tHGNC:1|HGNC:2\n", encoding="utf-8")
    return tmp_path


def test_names_of_one_key_are_counted_together(folder: Path) -> None:
    usage = read_usage(folder)
    assert usage.articles == {("zork1", "GENE"): {"HGNC:1": 4, "HGNC:2": 5}}
    assert usage.members == {"FPLX:Zork": ("HGNC:1", "HGNC:2")}


def test_no_table_must_be_there(tmp_path: Path) -> None:
    usage = read_usage(tmp_path)
    assert (usage.articles, usage.members) == ({}, {})


def test_a_bad_row_is_named(folder: Path) -> None:
    with (folder / SHORT_FORMS).open("a", encoding="utf-8") as file:
        file.write("HGNC:3\tthree\n")
    with pytest.raises(LexiconError, match="another number of columns") as error:
        read_usage(folder)
    assert error.value.where.line == 4


def test_what_the_project_ships_names_entries_of_the_lexicon(pipeline: Pipeline) -> None:
    usage = read_usage(Path(__file__).resolve().parents[2] / "models" / "caption" / "grounding")
    assert len(usage.articles) > 100
    for curie in {curie for counts in usage.articles.values() for curie in counts}:
        assert pipeline.lexicon.entry(curie) is not None, curie
    for family, members in usage.members.items():
        assert [member.curie for member in pipeline.lexicon.members(family)] == list(members)


def test_usage_finds_no_mentions(pipeline: Pipeline) -> None:
    assert pipeline.lexicon.usage("LC3B", "GENE")
    assert not pipeline.lexicon.usage("LC3B", "CHEMICAL")
    assert pipeline.lexicon.lookup("LC3B") == ()
    assert pipeline.lexicon.find_all("LC3B") == []


def found(lexicon: Lexicon, surface: str, type: str = "GENE", long: str | None = None) -> dict[str, Option]:
    return {option.candidate.entry.name: option for option in Finder(lexicon).options(surface, type, long)}


def test_how_options_are_found(pipeline: Pipeline) -> None:
    lexicon = pipeline.lexicon
    assert found(lexicon, "TP53")["TP53"].origin is Origin.NAME
    assert found(lexicon, "PC", long="pyruvate carboxylase")["PC"].origin is Origin.BOTH
    assert found(lexicon, "PYC9", long="pyruvate carboxylase")["PC"].origin is Origin.LONG
    assert found(lexicon, "WIPI1a")["WIPI1"].origin is Origin.VARIANT
    assert found(lexicon, "Sec23")["SEC23A"].origin is Origin.KIN
    assert found(lexicon, "LC3B")["MAP1LC3B"].origin is Origin.USAGE
    assert found(lexicon, "xqzw") == {}


def test_a_long_form_that_is_no_name_of_a_gene_speaks_against_it(pipeline: Pipeline) -> None:
    options = found(pipeline.lexicon, "CAT", long="chloramphenicol acetyltransferase")
    assert options["CAT"].unexplained
    assert not found(pipeline.lexicon, "CAT", long="catalase")["CAT"].unexplained
    gene = options["CAT"]
    assert "another long form" in evidence(gene, "CAT", "GENE")
    assert WEIGHTS["another long form"] < 0


def test_usage_counts_for_what_it_names_and_by_its_share(pipeline: Pipeline) -> None:
    finder = Finder(pipeline.lexicon, lambda *_: {"HGNC:11998": 3, "HGNC:6871": 1})
    options = {option.candidate.entry.name: option for option in finder.options("TP53", "GENE", None)}
    assert (options["TP53"].origin, options["TP53"].articles, options["TP53"].share) == (Origin.NAME, 3, 0.75)
    assert (options["MAPK1"].origin, options["MAPK1"].articles) == (Origin.USAGE, 1)
    assert sole(options.values()) is None
    assert sole([options["TP53"]]) == "HGNC:11998"


def test_evidence_of_every_kind_has_a_weight_and_no_other() -> None:
    assert WEIGHTS.keys() == KINDS


def test_every_kind_of_evidence_is_told(pipeline: Pipeline) -> None:
    """An entry of each prefix and kind in the lexicon, for each type that may mean it, found in every way."""
    entries: dict[tuple[str, str, bool], Entry] = {}
    for entry in pipeline.lexicon.entries():
        late = entry.kind == "gene" and int(entry.curie.partition(":")[2]) > 20_000
        known = entries.setdefault((entry.curie.partition(":")[0], entry.kind, late), entry)
        if len(entry.xrefs) > len(known.xrefs):
            entries[entry.curie.partition(":")[0], entry.kind, late] = entry
    shapes = [pipeline.lexicon.entry(curie) for curie in ("CHEBI:29108", "CHEBI:15365", "CHEBI:114785")]
    told: set[str] = set()
    for entry in (*entries.values(), *filter(None, shapes)):
        types = [type for type, others in KINDRED.items() if entry.type in others and entry.kind != "gene"]
        for type in (entry.type, *types):
            for how, origin, surface in product(NameKind, Origin, ("Q", "abc", "abcd", "acetate", entry.name)):
                option = Option(Candidate(entry, how, 0.3), origin, 1, 2, 0.5, unexplained=True, beside=True)
                told |= evidence(option, surface, type).keys()
    assert told == KINDS - set(AROUND)


@pytest.mark.parametrize(
    ("surface", "type", "others"),
    [
        ("PLCβ1", "GENE", ["PLCB1", "PLC"]),
        ("FBW7α", "GENE", ["FBW7A", "FBW7"]),
        ("WIPI2b", "GENE", ["WIPI2"]),
        ("PeliII", "GENE", ["Peli"]),
        ("human TNF", "GENE", ["TNF"]),
        ("TNF receptor", "GENE", ["TNF"]),
        ("cristae", "COMPONENT", ["crista"]),
        ("centriolar", "COMPONENT", ["centriole", "centriolus"]),
        ("TP53", "GENE", []),
        ("nuclei", "CHEMICAL", []),
        ("thiols", "CHEMICAL", ["thiol"]),
        ("palmitic", "CHEMICAL", ["palmitic acid"]),
        ("hydroxy urea", "CHEMICAL", ["hydroxyurea"]),
        ("[3H]-thymidine", "CHEMICAL", ["thymidine"]),
        ("35S-methionine", "CHEMICAL", ["methionine"]),
        ("naloxone hydrochloride", "CHEMICAL", ["naloxone", "naloxonehydrochloride"]),
        ("TNF", "CHEMICAL", []),
        ("amino acids metabolism", "PROCESS", ["amino acid metabolic process"]),
        ("taxol biosynthetic pathway", "PROCESS", ["taxol biosynthetic process", "taxol biosynthetic"]),
        ("lipid degradation", "PROCESS", ["lipid catabolic process"]),
        ("glucose uptake", "PROCESS", ["glucose import"]),
        ("lipid trafficking", "PROCESS", ["lipid transport"]),
        ("TCA pathway", "PROCESS", ["TCA"]),
        ("growth factor (TGF)-β", "GENE", ["growth factor-β"]),
        ("reticulum (ER) lumen", "COMPONENT", ["reticulum lumen"]),
        ("PI(4,5)P2", "GENE", []),
        ("growth factor (TGF)", "GENE", []),
        ("acid (DHA) ester", "CHEMICAL", []),
    ],
)
def test_variants(surface: str, type: str, others: list[str]) -> None:
    assert [*variants(surface, type)] == others


def test_alternatives() -> None:
    assert alternatives("Bcl-2/Bax") == ("Bcl-2", "Bax")
    assert alternatives("PI3K/AKT/mTOR") == ("PI3K", "AKT", "mTOR")
    assert alternatives("A/B") == alternatives("Bcl-2") == ()
