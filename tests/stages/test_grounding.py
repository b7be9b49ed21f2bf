"""Which identifiers mentions get."""

import pickle
import re
from collections.abc import Sequence
from itertools import islice

import pytest

from nlp import Pipeline
from nlp.stages.base import Draft
from nlp.stages.disambiguation.context import IN_PANEL
from nlp.stages.disambiguation.weights import WEIGHTS
from nlp.stages.grounding import Grounding
from nlp.types import Abbreviation, Caption, Mention, Reference, Span
from tests.timing import least_cpu_seconds

SLIP = "MESH:1622152"  # a cross reference of MONDO:0000890, which should have a C before it


def ground(stage: Grounding, text: str, names: dict[str, str], **titles: str) -> dict[str, tuple[Reference, ...]]:
    """References of the first place of each name, by the name, with its type given."""
    places = [(text.index(name), name, type) for name, type in names.items()]
    mentions = tuple(
        Mention(f"T{number}", type, start, start + len(name), name)
        for number, (start, name, type) in enumerate(sorted(places))
    )
    (found,) = stage.predict([Draft(Caption("1", text, **titles), mentions=mentions)])
    return {one.text: one.references for one in found}


def best(stage: Grounding, name: str, type: str = "GENE") -> str | None:
    references = ground(stage, name, {name: type})[name]
    return references[0].curie if references else None


@pytest.fixture(scope="module")
def stage(pipeline: Pipeline) -> Grounding:
    return Grounding(pipeline.lexicon)


def mention(pipeline: Pipeline, text: str, surface: str) -> Mention:
    return next(found for found in pipeline(text).mentions if found.text == surface)


def curie(pipeline: Pipeline, text: str, surface: str) -> str | None:
    references = mention(pipeline, text, surface).references
    return references[0].curie if references else None


@pytest.mark.parametrize(
    ("surface", "expected"),
    [
        ("ERK", "FPLX:ERK"),
        ("MAPK1", "HGNC:6871"),
        ("BDNF", "HGNC:1033"),
        ("TNF-α", "HGNC:11892"),
        ("TNFα", "HGNC:11892"),
        ("TNF alpha", "HGNC:11892"),
        ("IL-1β", "HGNC:5992"),
        ("PSD-95", "HGNC:2903"),
        ("TrkB", "HGNC:8032"),
        ("p-CREB", "FPLX:CREB"),
        ("hTERT", "HGNC:11730"),
        ("NF-κB", "FPLX:NFkappaB"),
        ("caspase-3", "HGNC:1504"),
        ("(R)-ketamine", "CHEBI:580604"),
        ("Ca2+", "CHEBI:29108"),
        ("ROS", "CHEBI:26523"),
        ("apoptosis", "GO:0006915"),
    ],
)
def test_names(pipeline: Pipeline, surface: str, expected: str) -> None:
    assert curie(pipeline, f"It acts on {surface} there.", surface) == expected


def test_the_long_form_decides_what_a_short_form_means(pipeline: Pipeline) -> None:
    assert curie(pipeline, "PC falls. Abbreviations: PC: pyruvate carboxylase.", "PC") == "HGNC:8636"
    assert curie(pipeline, "ADH rises (ADH, alcohol dehydrogenase).", "ADH") == "FPLX:ADH"
    assert curie(pipeline, "The ER (endoplasmic reticulum of the cell) swells.", "ER") == "GO:0005783"


def test_explaining_a_name_does_not_make_a_class_of_it(pipeline: Pipeline) -> None:
    for text, surface, expected in (
        ("AMPK (AMP-activated protein kinase) rises.", "AMPK", "FPLX:AMPK"),
        ("MMP falls. MMP, matrix metalloproteinase.", "MMP", "FPLX:MMP"),
    ):
        assert curie(pipeline, text, surface) == expected == curie(pipeline, f"{surface} rises.", surface)


def test_a_class_that_explains_a_name_is_better_than_an_unlikely_gene(pipeline: Pipeline) -> None:
    assert curie(pipeline, "IRF falls. IRF, interferon regulatory factor.", "IRF") == "MESH:D050835"
    assert curie(pipeline, "FDH falls. FDH, formate dehydrogenase.", "FDH") == "MESH:D005560"
    assert curie(pipeline, "IRF falls.", "IRF") != "MESH:D050835"
    # Not better than a gene that is likely, since the class has no genes.
    assert curie(pipeline, "PFK1 falls. PFK1, phosphofructokinase-1.", "PFK1") == "HGNC:8877"


def test_a_long_form_without_an_entry_means_what_its_short_form_means(stage: Grounding) -> None:
    text = "The Zorkian ERK-activating kinase (MEK1) acts. The Zorkian fluid (ROS) acts."
    names = {"Zorkian ERK-activating kinase": "GENE", "MEK1": "GENE", "Zorkian fluid": "CHEMICAL", "ROS": "CHEMICAL"}
    places = sorted((text.index(name), name, type) for name, type in names.items())
    mentions = tuple(Mention(f"T{place}", type, place, place + len(name), name) for place, name, type in places)
    spans = {one.text: one.span for one in mentions}
    explained = tuple(
        Abbreviation(spans[short], spans[long])
        for short, long in (("MEK1", "Zorkian ERK-activating kinase"), ("ROS", "Zorkian fluid"))
    )
    (found,) = stage.predict([Draft(Caption("1", text), mentions=mentions, abbreviations=explained)])
    references = {one.text: one.references for one in found}
    ((short, *_), (long,)) = references["MEK1"], references["Zorkian ERK-activating kinase"]
    assert (long.curie, long.name) == (short.curie, short.name) == ("HGNC:6840", "MAP2K1")
    assert 0.8 * short.score < long.score < short.score
    # Of chemicals a long form that has no entry speaks against its short form's, more often than not.
    assert references["ROS"]
    assert not references["Zorkian fluid"]


@pytest.mark.parametrize("surface", ["O2•−", "O2·-", "O2-", "O2⁻", "O2.-"])
def test_superoxide_is_not_the_molecule(stage: Grounding, surface: str) -> None:
    assert best(stage, surface, "CHEMICAL") == "CHEBI:18421"
    assert best(stage, "O2", "CHEMICAL") == "CHEBI:15379"


def test_an_explanation_speaks_against_what_only_shares_the_letters(pipeline: Pipeline) -> None:
    assert curie(pipeline, "LT binds LTBR.", "LT") == "HGNC:6709"
    found = pipeline("LT binds LTBR. LT, lipid transfer protein.")
    assert {reference.curie for one in found.mentions if one.text == "LT" for reference in one.references} == set()


def test_references_are_of_the_mentions_type_best_first_with_scores(pipeline: Pipeline) -> None:
    found = mention(pipeline, "LPS activates p38.", "p38")
    scores = [reference.score for reference in found.references]
    assert scores == sorted(scores, reverse=True)
    assert 1 < len(scores) <= 5
    assert 0 < sum(scores) <= 1
    for reference in found.references:
        entry = pipeline.lexicon.entry(reference.curie)
        assert entry is not None
        assert entry.type == "GENE"


def test_a_name_without_entry_stays_without_reference(pipeline: Pipeline) -> None:
    found = mention(pipeline, "XQZ falls. XQZ, xanthoquinazoline dehydrogenase.", "XQZ")
    assert found.references == ()


@pytest.mark.parametrize("family", ["ERK", "AKT", "AMPK", "PI3K", "Wnt", "NFkappaB", "JNK", "p38"])
def test_families_that_are_named_as_such_keep_their_members(pipeline: Pipeline, stage: Grounding, family: str) -> None:
    assert best(stage, family) == f"FPLX:{family}"
    assert len(pipeline.lexicon.members(f"FPLX:{family}")) > 1


@pytest.mark.parametrize(
    ("surface", "names"),
    [
        ("ERK1/2", ["MAPK3", "MAPK1"]),
        ("pERK1/2", ["MAPK3", "MAPK1"]),
        ("SMAD2/3", ["SMAD2", "SMAD3"]),
        ("MMP-2/-9", ["MMP2", "MMP9"]),
        ("IL-1α/β", ["IL1A", "IL1B"]),
        ("caspases 3 and 9", ["CASP3", "CASP9"]),
        ("HDAC1–3", ["HDAC1", "HDAC2", "HDAC3"]),
        ("Bcl-2/Bax", ["BCL2", "BAX"]),
    ],
)
def test_coordinated_names_are_split_in_the_order_of_the_text(stage: Grounding, surface: str, names: list[str]) -> None:
    references = ground(stage, surface, {surface: "GENE"})[surface]
    assert [reference.name for reference in references] == names
    assert all(0.5 < reference.score <= 1 for reference in references)


@pytest.mark.parametrize(
    ("surface", "type", "name"),
    [
        ("WIPI2b", "GENE", "WIPI2"),  # isoforms
        ("LAMP-2A", "GENE", "LAMP2"),
        ("PLCβ1", "GENE", "PLCB1"),  # a Greek letter for the Latin one of the symbol
        ("Sec61β", "GENE", "SEC61B"),
        ("recombinant leptin", "GENE", "LEP"),
        ("leptin gene", "GENE", "LEP"),
        ("LC3B", "GENE", "MAP1LC3B"),  # from the tables of usage
        ("TAZ", "GENE", "WWTR1"),
        ("hydroxyurea", "CHEMICAL", "hydroxyurea"),
        ("HU", "CHEMICAL", "hydroxyurea"),
        ("nucleoli", "COMPONENT", "nucleolus"),  # Latin plurals, adjectives
        ("sarcomeric", "COMPONENT", "sarcomere"),
    ],
)
def test_other_spellings(pipeline: Pipeline, stage: Grounding, surface: str, type: str, name: str) -> None:
    entry = pipeline.lexicon.entry(best(stage, surface, type) or "")
    assert entry is not None
    assert entry.name == name


def test_a_stem_means_the_genes_that_share_it(stage: Grounding) -> None:
    references = ground(stage, "Sec23", {"Sec23": "GENE"})["Sec23"]
    assert [reference.name for reference in references] == ["SEC23A", "SEC23B"]
    assert sum(reference.score for reference in references) <= 1


def test_the_type_decides(stage: Grounding) -> None:
    assert best(stage, "LPS", "CHEMICAL") == "CHEBI:16412"
    assert best(stage, "EMT", "PROCESS") == "GO:0001837"
    assert best(stage, "ER", "COMPONENT") == "GO:0005783"
    assert best(stage, "CAT", "GENE") == "HGNC:1516"


def test_an_entry_of_another_type_is_taken_only_where_none_of_the_own_is(pipeline: Pipeline, stage: Grounding) -> None:
    references = ground(stage, "immunoglobulin complex", {"immunoglobulin complex": "COMPONENT"})
    (first, *_) = references["immunoglobulin complex"]
    entry = pipeline.lexicon.entry(first.curie)
    assert entry is not None
    assert (entry.curie, entry.type) == ("GO:0019814", "GENE")
    assert best(stage, "apoptosis", "CHEMICAL") is None


def test_another_name_of_the_same_entry_and_a_title_speak_for_it(stage: Grounding) -> None:
    def score(found: dict[str, tuple[Reference, ...]]) -> float:
        return next((one.score for one in found["DRP1"] if one.name == "DNM1L"), 0.0)

    alone = score(ground(stage, "DRP1 acts", {"DRP1": "GENE"}))
    beside = score(ground(stage, "DRP1 acts as DNM1L does", {"DRP1": "GENE", "DNM1L": "GENE"}))
    titled = score(ground(stage, "DRP1 acts", {"DRP1": "GENE"}, title="What DNM1L does"))
    other = score(ground(stage, "DRP1 acts", {"DRP1": "GENE"}, title="What TP53 does"))
    assert 0 < alone == other < beside
    assert titled > alone


def test_the_long_form_of_the_own_panel_decides(stage: Grounding) -> None:
    text = "(A) Pyruvate carboxylase (PC) rises. (B) Proprotein convertase (PC) falls."
    starts = [match.start() for match in re.finditer("PC", text)]
    abbreviations = tuple(
        Abbreviation(Span(start, start + 2), Span(text.index(long), text.index(long) + len(long)))
        for start, long in zip(starts, ("Pyruvate carboxylase", "Proprotein convertase"), strict=True)
    )
    mentions = tuple(Mention(f"T{start}", "GENE", start, start + 2, "PC") for start in starts)
    (found,) = stage.predict([Draft(Caption("1", text), abbreviations=abbreviations, mentions=mentions)])
    assert [one.references[0].name for one in found] == ["PC", "PCSK"]


def test_what_the_own_panel_names_weighs_differently(stage: Grounding) -> None:
    def score(text: str) -> float:
        found = ground(stage, text, {"DRP1": "GENE", "DNM1L": "GENE"})["DRP1"]
        return next(one.score for one in found if one.name == "DNM1L")

    apart = score("(A) DRP1 acts. (B) DNM1L does.")
    together = score("(A) DRP1 acts as DNM1L. (B) So it is.")
    assert apart == score("DRP1 acts as DNM1L does")
    assert together != apart
    assert (together > apart) == (WEIGHTS[IN_PANEL] > 0)


def test_a_heading_yields_to_the_chemical_of_its_name(stage: Grounding) -> None:
    assert best(stage, "dextrans", "CHEMICAL") == "CHEBI:52071"  # DrugBank has "Dextrans"
    assert best(stage, "nucleosides", "CHEMICAL") == "CHEBI:33838"
    assert best(stage, "peptides", "CHEMICAL") == "CHEBI:16670"  # the heading is of proteins
    assert best(stage, "5-AzadC", "CHEMICAL") == "CHEBI:50131"  # only the heading "Decitabine" has this name


def test_below_the_threshold_a_mention_stays_ungrounded(pipeline: Pipeline) -> None:
    for threshold, grounded in ((0.0, True), (0.99, False)):
        stage = Grounding(pipeline.lexicon, threshold=threshold)
        assert bool(ground(stage, "DRP1", {"DRP1": "GENE"})["DRP1"]) is grounded


def test_a_pickled_stage_grounds_the_same(pipeline: Pipeline) -> None:
    stage = Grounding(pipeline.lexicon, max_references=2, threshold=0.2)
    again = pickle.loads(pickle.dumps(stage))  # noqa: S301 — made here
    text, names = "p38, ERK1/2 and DRP1", {"p38": "GENE", "ERK1/2": "GENE", "DRP1": "GENE"}
    assert ground(again, text, names) == ground(stage, text, names)
    assert max(map(len, ground(again, text, names).values())) == 2


def draft_of(id: str, names: Sequence[tuple[str, str]]) -> Draft:
    """A caption in two panels of these names, each with its type."""
    text, mentions = "(A) ", []
    for number, (name, type) in enumerate(names):
        start = len(text)
        text += f"{name}. (B) " if number == len(names) // 2 else f"{name} and "
        mentions.append(Mention(f"T{number}", type, start, start + len(name), name))
    return Draft(Caption(id, text), mentions=tuple(mentions))


def test_ten_thousand_mentions_a_second(pipeline: Pipeline, stage: Grounding) -> None:
    names = [(entry.name, entry.type) for entry in islice(pipeline.lexicon.entries(), 0, None, 50)]
    assert len(set(names)) > 5000
    drafts = [draft_of(str(start), names[start : start + 10]) for start in range(0, len(names), 10)]
    stage.predict(drafts)
    assert len(names) / least_cpu_seconds(lambda: stage.predict(drafts)) > 10_000


def test_prefixes_and_identifiers_are_those_of_bioregistry(pipeline: Pipeline) -> None:
    bioregistry = pytest.importorskip("bioregistry", reason="checks CURIEs where bioregistry is installed")
    patterns: dict[str, re.Pattern[str]] = {}
    for entry in pipeline.lexicon.entries():
        for curie in (entry.curie, *entry.xrefs):
            prefix, _, local = curie.partition(":")
            if prefix not in patterns:
                standard = bioregistry.normalize_prefix(prefix)
                preferred = bioregistry.get_preferred_prefix(standard) or standard
                assert prefix.casefold() == standard, curie
                assert prefix == preferred or preferred.islower(), curie
                patterns[prefix] = re.compile(bioregistry.get_pattern(standard))
            assert patterns[prefix].fullmatch(local) or curie == SLIP, curie
    assert len(patterns) >= 15
