"""What names mean: golden expectations for everyday, special and ambiguous ones."""

from __future__ import annotations

import pytest

from nlp.lexicon import Lexicon, NameKind


@pytest.mark.parametrize(
    ("name", "curie"),
    [
        ("ERK", "FPLX:ERK"),
        ("ERK1/2", "FPLX:ERK"),
        ("AKT", "FPLX:AKT"),
        ("Akt", "FPLX:AKT"),
        ("PI3K", "FPLX:PI3K"),
        ("NF-κB", "FPLX:NFkappaB"),
        ("NFkB", "FPLX:NFkappaB"),
        ("AMPK", "FPLX:AMPK"),
        ("p38", "FPLX:p38"),
        ("Wnt", "FPLX:Wnt"),
        ("AMPAR", "FPLX:GRIA"),
        ("mTORC1", "FPLX:mTORC1"),
        ("p-CREB", "FPLX:CREB"),
        ("pERK", "FPLX:ERK"),
        ("PERK", "HGNC:3255"),
        ("hTERT", "HGNC:11730"),
        ("TNF", "HGNC:11892"),
        ("TNF-α", "HGNC:11892"),
        ("TNFα", "HGNC:11892"),
        ("TNF-a", "HGNC:11892"),
        ("IL-1β", "HGNC:5992"),
        ("interleukin 6", "HGNC:6018"),
        ("NRBP1", "HGNC:7993"),
        ("PSD-95", "HGNC:2903"),
        ("TrkB", "HGNC:8032"),
        ("Bcl-2", "HGNC:990"),
        ("caspase-3", "HGNC:1504"),
        ("Bax", "HGNC:959"),
        ("β-catenin", "HGNC:2514"),
        ("miR-132-5p", "HGNC:31516"),
        ("14-3-3", "FPLX:p14_3_3"),
        ("miRNAs", "MESH:D035683"),
        ("cAMP", "CHEBI:17489"),
        ("Ca2+", "CHEBI:29108"),
        ("Ca²⁺", "CHEBI:29108"),
        ("NO", "CHEBI:16480"),
        ("H2O2", "CHEBI:16240"),
        ("LPS", "CHEBI:16412"),
        ("IP3", "CHEBI:16595"),
        ("apoptosis", "GO:0006915"),
        ("EMT", "GO:0001837"),
        ("cell survival", "MESH:D002470"),
        ("plasma membrane", "GO:0005886"),
        ("mitochondria", "GO:0005739"),
        ("T cells", "CL:0000084"),
        ("CD4+ T cells", "CL:0000624"),
        ("breast cancer", "MONDO:0007254"),
        ("Alzheimer’s disease", "MONDO:0004975"),
        ("hippocampus", "UBERON:0001954"),
        ("liver", "UBERON:0002107"),
        ("mice", "NCBITaxon:10090"),
        ("E. coli", "NCBITaxon:562"),
        ("SARS-CoV-2", "NCBITaxon:2697049"),
        ("HEK293", "cellosaurus:0045"),
    ],
)
def test_best_candidate(lexicon: Lexicon, name: str, curie: str) -> None:
    assert [candidate.entry.curie for candidate in lexicon.lookup(name)][:1] == [curie]


@pytest.mark.parametrize(
    ("name", "curies"),
    [
        ("ERK", {"FPLX:ERK", "HGNC:6871"}),  # also an alias of MAPK1
        ("cytochrome c", {"CHEBI:18070", "HGNC:19986"}),
        ("ROS", {"CHEBI:26523", "HGNC:10261"}),
        ("cAMP", {"CHEBI:17489", "HGNC:1472"}),
        ("caspases 3 and 9", {"HGNC:1504", "HGNC:1511"}),
        ("HDAC1–3", {"HGNC:4852", "HGNC:4853", "HGNC:4854"}),
        ("miR-29b", {"HGNC:31619", "HGNC:31620"}),
    ],
)
def test_all_meanings_are_among_the_candidates(lexicon: Lexicon, name: str, curies: set[str]) -> None:
    assert curies <= {candidate.entry.curie for candidate in lexicon.lookup(name)}


@pytest.mark.parametrize("name", ["A", "B", "2", "α", "12", "1433", "2,3", "1,2,3,4", "20-438", "", " ", "qzxv", "A–D"])
def test_no_meaning(lexicon: Lexicon, name: str) -> None:
    assert lexicon.lookup(name) == ()


@pytest.mark.parametrize(
    ("name", "curie"),
    [
        ("metformin", "CHEBI:6801"),  # and not its hydrochloride
        ("iron", "CHEBI:18248"),
        ("copper", "CHEBI:28694"),
        ("zinc", "CHEBI:27363"),
        ("calcium", "CHEBI:29108"),
        ("sodium", "CHEBI:29101"),
        ("glucose", "CHEBI:17234"),
        ("estradiol", "CHEBI:23965"),
        ("testosterone", "CHEBI:17347"),
        ("sorafenib", "CHEBI:50924"),
        ("morphine", "CHEBI:17303"),
        ("caffeine", "CHEBI:27732"),
        ("cocaine", "CHEBI:27958"),
        ("phosphoenolpyruvate", "CHEBI:18021"),
    ],
)
def test_a_capital_at_the_start_does_not_decide(lexicon: Lexicon, name: str, curie: str) -> None:
    for surface in (name, name.capitalize()):
        chemicals = [one.entry.curie for one in lexicon.lookup(surface) if one.entry.type == "CHEMICAL"]
        assert chemicals[0] == curie


@pytest.mark.parametrize(
    ("name", "curie"),
    [
        ("β-catenin", "HGNC:2514"),
        ("NF-κB-inducing kinase", "HGNC:6853"),
        ("acetaminophen", "CHEBI:46195"),
        ("carbohydrate metabolism", "GO:0005975"),
        ("2-phosphoglycerate", "MESH:C008885"),  # ChEBI knows its ions alone
    ],
)
def test_a_thesaurus_yields_to_an_ontology(lexicon: Lexicon, name: str, curie: str) -> None:
    for surface in (name, name[0].upper() + name[1:]):
        assert lexicon.lookup(surface)[0].entry.curie == curie


@pytest.mark.parametrize(
    ("name", "type"),
    [
        ("thrombin", "GENE"),
        ("fibronectin", "GENE"),
        ("adiponectin", "GENE"),
        ("luteinizing hormone", "GENE"),
        ("peroxidase", "GENE"),
        ("alkaline phosphatase", "GENE"),
        ("trypsin", "GENE"),
        ("cyclosporine", "CHEMICAL"),
        ("cetuximab", "CHEMICAL"),
        ("glutathione", "CHEMICAL"),
        ("bradykinin", "CHEMICAL"),
        ("kinetochore", "COMPONENT"),
    ],
)
def test_the_type_does_not_hang_on_a_capital(lexicon: Lexicon, name: str, type: str) -> None:
    assert {lexicon.lookup(surface)[0].entry.type for surface in (name, name.capitalize())} == {type}


def test_a_salt_is_a_synonym_of_what_it_is_called_by(lexicon: Lexicon) -> None:
    hows = {candidate.entry.name: candidate.how for candidate in lexicon.lookup("Metformin")}
    assert hows["metformin"] < hows["metformin hydrochloride"] == NameKind.SYNONYM
    assert lexicon.lookup("Metformin hydrochloride")[0].entry.name == "metformin hydrochloride"


@pytest.mark.parametrize(
    ("name", "curie"),
    [
        ("TOR", "HGNC:3942"),
        ("P300", "HGNC:3373"),
        ("CSL", "HGNC:5724"),
        ("SNARE", "GO:0031201"),
        ("SNAREs", "GO:0031201"),
        ("IIS", "GO:0008286"),
        ("protein kinase B", "FPLX:AKT"),
        ("AMP-activated protein kinase", "FPLX:AMPK"),
        ("Toll-like receptors", "FPLX:TLR"),
        ("G-protein-coupled receptors", "FPLX:GPCR"),
        ("IFN-γ receptor", "FPLX:Interferon_gamma_receptor"),
        ("D2 receptors", "HGNC:3023"),
        ("pyruvate decarboxylase", "MESH:D011767"),
        ("IAPs", "MESH:D051034"),
        ("PAR1", "HGNC:3537"),
        ("GA", "CHEBI:24250"),
    ],
)
def test_what_captions_mean_by_a_symbol(lexicon: Lexicon, name: str, curie: str) -> None:
    assert lexicon.lookup(name)[0].entry.curie == curie


@pytest.mark.parametrize("word", ["trans", "Trans"])
def test_an_ordinary_word_is_no_plural(lexicon: Lexicon, word: str) -> None:
    assert lexicon.lookup(word) == ()


@pytest.mark.parametrize("word", ["met", "cat", "impact", "rest", "not", "was", "can", "an", "large", "clock", "all"])
def test_ordinary_words_are_at_best_a_far_guess(lexicon: Lexicon, word: str) -> None:
    assert all(candidate.edits >= 1 for candidate in lexicon.lookup(word))


@pytest.mark.parametrize("word", ["MET", "CAT", "IMPACT", "REST", "CLOCK"])
def test_but_genes_where_they_are_spelled_so(lexicon: Lexicon, word: str) -> None:
    best = lexicon.lookup(word)[0]
    assert (best.entry.name, best.how, best.edits) == (word, NameKind.SYMBOL, 0)


@pytest.mark.parametrize(("name", "type"), [("ROS", "CHEMICAL"), ("ER", "COMPONENT"), ("IPP", "CHEMICAL")])
def test_everyday_forms_come_before_symbols(lexicon: Lexicon, name: str, type: str) -> None:
    types = [candidate.entry.type for candidate in lexicon.lookup(name)]
    assert types[0] == type
    assert "GENE" in types


def test_edits_grow_with_the_distance(lexicon: Lexicon) -> None:
    edits = [lexicon.lookup(name)[0].edits for name in ("CXCL12", "CXCL12s", "p-CXCL12", "Cxcl12")]
    assert edits[0] == 0
    assert all(edit > 0 for edit in edits[1:])


def test_candidates_are_sorted_and_of_different_entries(lexicon: Lexicon) -> None:
    for name in ("ERK", "p38", "LPS", "cytochrome c", "TNF", "AR", "ER"):
        candidates = lexicon.lookup(name)
        assert [candidate.rank for candidate in candidates] == sorted(candidate.rank for candidate in candidates)
        assert len({candidate.entry.curie for candidate in candidates}) == len(candidates)


@pytest.mark.parametrize(
    ("surface", "gene"),
    [
        ("phospho-AKT", "FPLX:AKT"),
        ("pAkt", "FPLX:AKT"),
        ("cleaved caspase-3", "HGNC:1504"),
        ("mBDNF", "HGNC:1033"),
        ("rTNF", "HGNC:11892"),
        ("siTNF", "HGNC:11892"),
        ("sh-p53", "HGNC:11998"),
        ("p53 knockdown", "HGNC:11998"),
        ("TNF mRNA", "HGNC:11892"),
        ("GFP-LC3", "FPLX:MAP1LC3"),
        ("BRCA1-KD", "HGNC:1100"),
        ("circUBAP2", "HGNC:14185"),
    ],
)
def test_affixes_come_off(lexicon: Lexicon, surface: str, gene: str) -> None:
    best = lexicon.lookup(surface)[0]
    assert best.entry.curie == gene
    assert best.edits > 0


@pytest.mark.parametrize(("surface", "curie"), [("LX-2 cells", "cellosaurus:5792"), ("lung tissues", "UBERON:0002048")])
def test_heads_come_off(lexicon: Lexicon, surface: str, curie: str) -> None:
    best = lexicon.lookup(surface)[0]
    assert best.entry.curie == curie
    assert best.edits > 0


def test_entries_carry_what_is_known_of_them(lexicon: Lexicon) -> None:
    gene = lexicon.entry("HGNC:6871")
    assert gene is not None
    assert (gene.name, gene.type, gene.kind) == ("MAPK1", "GENE", "gene")
    assert {"NCBIGene:5594", "UniProt:P28482"} <= set(gene.xrefs)
    drug = lexicon.entry("CHEBI:9168")
    assert drug is not None
    assert drug.name == "sirolimus"
    assert {"DRUGBANK:DB00877", "MESH:D020123"} <= set(drug.xrefs)


@pytest.mark.parametrize("curie", ["HGNC:0", "XYZ:1", "", "FPLX:", "HGNC:99999999", "AAA"])
def test_unknown_identifiers(lexicon: Lexicon, curie: str) -> None:
    assert lexicon.entry(curie) is None
    assert lexicon.members(curie) == ()


def test_families_hold_genes_at_all_levels(lexicon: Lexicon) -> None:
    assert {gene.name for gene in lexicon.members("FPLX:ERK")} == {"MAPK1", "MAPK3"}
    assert {"MAPK1", "MAPK14", "MAPK8"} <= {gene.name for gene in lexicon.members("FPLX:MAPK")}
    assert {"PRKAA1", "PRKAB1", "PRKAG1"} <= {gene.name for gene in lexicon.members("FPLX:AMPK")}
