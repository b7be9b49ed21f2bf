"""Mentions by the lexicon, on marked-up captions."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp import Pipeline
from nlp.config import default_model, read_yaml
from nlp.errors import ConfigError
from nlp.evaluation.gold import evaluate
from nlp.formats.documents import read_documents
from nlp.stages.mentions import LexiconMentions, occurrences
from nlp.stages.merging import MergedMentions
from nlp.types import Caption, Span
from tests.markup import parse

MARKED = [
    "⟦T1:CHEMICAL|(R)-ketamine⟧ activates ⟦T2:GENE|ERK⟧ and raises ⟦T3:GENE|p-CREB⟧ in ⟦T4:ANATOMY|hippocampus⟧.",
    # Genes of a pathway's name are marked one by one, its head is not.
    "The ⟦T1:GENE|PI3K⟧/⟦T2:GENE|AKT⟧/⟦T3:GENE|mTOR⟧ signaling pathway and ⟦T4:GENE|TGF-β⟧ signalling.",
    "⟦T1:GENE|MEK⟧-⟦T2:GENE|ERK⟧-⟦T3:GENE|CREB⟧ cascade",
    "⟦T1:GENE|IL-6⟧-induced ⟦T2:GENE|STAT3⟧ activation",
    "⟦T1:GENE|ERK1/2⟧ and ⟦T2:GENE|SMAD2/3⟧ are phosphorylated.",
    # Case matters where a name is a word.
    "⟦T1:GENE|MET⟧ and ⟦T2:GENE|CAT⟧, how we met a cat and its impact.",
    # Terms of an ontology that captions state of the gene inside.
    "activation of ⟦T1:GENE|NF-κB⟧ by ⟦T2:GENE|TNF-α⟧",
    # What belongs to a name that the lexicon lacks.
    "⟦T1:DISEASE|Breast cancer⟧ and ⟦T2:CELL|breast cancer cells⟧; ⟦T3:CELL|CD8+ T cells⟧",
    "⟦T1:GENE|pyruvate dehydrogenase⟧ makes acetyl-CoA.".replace("acetyl-CoA", "⟦T2:CHEMICAL|acetyl-CoA⟧"),
    "⟦T1:ORGANISM|M. smegmatis⟧ and ⟦T2:GENE|miR-9991-5p⟧",
    # Bare heads, triggers and figure words are nothing.
    "Genes, proteins and signaling pathways; arrows indicate phosphorylation of kinases.",
    "⟦T1:CHEMICAL|Ca2+⟧ enters, ⟦T2:CHEMICAL|ROS⟧ rise, ⟦T3:PROCESS|apoptosis⟧ follows in ⟦T4:COMPONENT|mitochondria⟧.",
]


@pytest.fixture(scope="module")
def pipeline(pipeline: Pipeline) -> Pipeline:
    """The pipeline that comes with pathcap, with the lexicon's mentions in place of those that are merged with them."""
    stages = [stage.lexicon if isinstance(stage, MergedMentions) else stage for stage in pipeline.stages]
    return Pipeline([stage for stage in stages if stage.name != "model-relations"], pipeline.lexicon)


@pytest.mark.parametrize("block", MARKED)
def test_marked_up_captions(pipeline: Pipeline, block: str) -> None:
    expected = parse(block)
    found = pipeline(expected.text)
    assert [(mention.text, mention.type, mention.span) for mention in found.mentions] == [
        (mention.text, mention.type, mention.span) for mention in expected.mentions
    ]


def test_a_short_form_has_the_type_of_its_long_form_wherever_it_stands(pipeline: Pipeline) -> None:
    found = pipeline("The ER swells. Abbreviations: ER: estrogen receptor.")
    assert {mention.type for mention in found.mentions if mention.text == "ER"} == {"GENE"}
    found = pipeline("The ER swells. Abbreviations: ER: endoplasmic reticulum.")
    assert {mention.type for mention in found.mentions if mention.text == "ER"} == {"COMPONENT"}
    found = pipeline("XQZ falls. XQZ, xanthoquinazoline dehydrogenase.")
    assert [mention.type for mention in found.mentions if mention.text == "XQZ"] == ["GENE", "GENE"]


def test_occurrences_are_whole_words() -> None:
    text = "ERK, pERK, ERK1, ERKs and ERK-2"
    assert [span.of(text) for span in occurrences("ERK", text)] == ["ERK", "ERK", "ERK"]
    assert list(occurrences("ERK", text))[1] == Span(17, 20)


def test_a_table_with_an_unknown_type_is_refused(pipeline: Pipeline) -> None:
    with pytest.raises(ConfigError, match="unknown mention type"):
        LexiconMentions(pipeline.lexicon, types={"PROTEIN": "ERK"})


def test_each_name_of_the_table_has_one_type() -> None:
    table = read_yaml(default_model() / "mentions.yaml")
    names = [name.strip() for names in table["types"].values() for name in names.split(",")]
    assert len(names) == len(set(names))


@settings(deadline=None, max_examples=150)
@given(st.text(st.sampled_from("ERKerkTNF-αβIL6 26+²/→(),.;: Ca2s\u00a0"), max_size=60) | st.text(max_size=40))
def test_spans_hold_their_text_and_never_overlap(pipeline: Pipeline, text: str) -> None:
    mentions = pipeline(Caption("x", text)).mentions
    for mention in mentions:
        assert text[mention.start : mention.end] == mention.text
    ends = [0, *(mention.end for mention in mentions)]
    assert all(mention.start >= end for mention, end in zip(mentions, ends, strict=False))


def test_on_gold_captions(pipeline: Pipeline, shared: Path) -> None:
    gold = list(read_documents(shared / "annotation" / "gold_dev.jsonl"))
    captions = [Caption(document.id, document.text) for document in gold]
    score = evaluate(gold, {document.id: document for document in pipeline.stream(captions)})
    assert score.mentions_strict.f1.value > 0.70
    assert score.strict_by_type["GENE"].f1.value > 0.78
