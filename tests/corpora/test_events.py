"""Each rule of the event converter on a sentence of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpora import events
from nlp.errors import FormatError
from nlp.tokens import Tokenizer
from nlp.training.relation_examples import RelatedExample
from tests.standoff import negative, parse, stated, surface, write


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer()


def read(tmp_path: Path, tokenizer: Tokenizer, block: str, corpus: str = "BioNLP13-PC") -> RelatedExample:
    (example,) = events.read(write(tmp_path / corpus / "train.jsonl.gz", [parse(block)]), tokenizer)
    return example


RULES = {
    "an entity as theme": (
        """
        ⟦T1:Simple_chemical|Aspirin⟧ ⟦T3:Negative_regulation|blocks⟧ ⟦T2:Protein|COX2⟧ at once.
        E1 Negative_regulation:T3 Theme:T2 Cause:T1
        """,
        {"Aspirin > COX2 activation- [blocks]"},
    ),
    "an entity as theme, in amount": (
        """
        ⟦T1:Protein|EGF⟧ ⟦T3:Positive_regulation|upregulates⟧ ⟦T2:Protein|FOS⟧ at once.
        E1 Positive_regulation:T3 Theme:T2 Cause:T1
        """,
        {"EGF > FOS expression+ [upregulates]"},
    ),
    "a cell has no amount": (
        """
        ⟦T1:Protein|EGF⟧ ⟦T3:Positive_regulation|increases⟧ ⟦T2:Cell|monocytes⟧ at once.
        E1 Positive_regulation:T3 Theme:T2 Cause:T1
        """,
        {"EGF > monocytes activation+ [increases]"},
    ),
    "expression": (
        """
        ⟦T1:Protein|EGF⟧ ⟦T3:Regulation|affects⟧ the ⟦T4:Gene_expression|expression⟧ of ⟦T2:Protein|FOS⟧.
        E1 Regulation:T3 Theme:E2 Cause:T1
        E2 Gene_expression:T4 Theme:T2
        """,
        {"EGF > FOS expression0 [affects]"},
    ),
    "degradation turns the sign": (
        """
        ⟦T1:Protein|MDM2⟧ ⟦T3:Positive_regulation|promotes⟧ the ⟦T4:Degradation|decay⟧ of ⟦T2:Protein|p53⟧.
        E1 Positive_regulation:T3 Theme:E2 Cause:T1
        E2 Degradation:T4 Theme:T2
        """,
        {"MDM2 > p53 expression- [promotes]"},
    ),
    "inactivation turns the sign": (
        """
        ⟦T1:Protein|AKT⟧ ⟦T3:Negative_regulation|prevents⟧ the ⟦T4:Inactivation|shutdown⟧ of ⟦T2:Protein|MTOR⟧.
        E1 Negative_regulation:T3 Theme:E2 Cause:T1
        E2 Inactivation:T4 Theme:T2
        """,
        {"AKT > MTOR activation+ [prevents]"},
    ),
    "a modification with its own cause": (
        """
        ⟦T1:Protein|MEK⟧ ⟦T3:Phosphorylation|phosphorylates⟧ ⟦T2:Protein|ERK⟧.
        E1 Phosphorylation:T3 Theme:T2 Cause:T1
        """,
        {"MEK > ERK modification+ [phosphorylates]"},
    ),
    "a mark taken off": (
        """
        ⟦T1:Protein|DUSP6⟧ ⟦T3:Positive_regulation|favours⟧ ⟦T4:Dephosphorylation|phosphate loss⟧ by ⟦T2:Protein|ERK⟧.
        E1 Positive_regulation:T3 Theme:E2 Cause:T1
        E2 Dephosphorylation:T4 Theme:T2
        """,
        {"DUSP6 > ERK modification- [favours]"},
    ),
    "transport": (
        """
        ⟦T1:Protein|Insulin⟧ ⟦T3:Positive_regulation|drives⟧ ⟦T2:Protein|GLUT4⟧ ⟦T4:Transport|to the surface⟧.
        E1 Positive_regulation:T3 Theme:E2 Cause:T1
        E2 Transport:T4 Theme:T2
        """,
        {"Insulin > GLUT4 transport+ [drives]"},
    ),
    "a double negative": (
        """
        ⟦T1:Protein|TNF⟧ ⟦T3:Negative_regulation|lifts⟧ the ⟦T4:Negative_regulation|block⟧ of ⟦T2:Protein|CASP8⟧.
        E1 Negative_regulation:T3 Theme:E2 Cause:T1
        E2 Negative_regulation:T4 Theme:T2
        """,
        {"TNF > CASP8 activation+ [lifts]"},
    ),
    "both causes of a nesting act on the theme": (
        """
        ⟦T1:Protein|IL10⟧ ⟦T4:Negative_regulation|dampens⟧ ⟦T2:Simple_chemical|LPS⟧-⟦T5:Positive_regulation|induced⟧
        ⟦T6:Transcription|transcription⟧ of ⟦T3:Protein|TNF⟧.
        E1 Negative_regulation:T4 Theme:E2 Cause:T1
        E2 Positive_regulation:T5 Theme:E3 Cause:T2
        E3 Transcription:T6 Theme:T3
        """,
        {"IL10 > TNF expression- [dampens]", "LPS > TNF expression+ [induced]"},
    ),
    "mediates": (
        """
        ⟦T1:Protein|STAT3⟧ ⟦T4:Regulation|mediates⟧ ⟦T5:Negative_regulation|inhibition⟧ of ⟦T2:Protein|TNF⟧.
        E1 Regulation:T4 Theme:E2 Cause:T1
        E2 Negative_regulation:T5 Theme:T2
        """,
        {"STAT3 > TNF activation- [mediates]"},
    ),
    "independent of": (
        """
        ⟦T2:Protein|TNF⟧ is ⟦T4:Regulation|independent⟧ of ⟦T1:Protein|STAT3⟧.
        E1 Regulation:T4 Theme:T2 Cause:T1
        M Negation E1
        """,
        {"STAT3 > TNF activation0 neg [independent]"},
    ),
    "a cause that is expression": (
        """
        ⟦T4:Gene_expression|Expression⟧ of ⟦T1:Protein|MYC⟧ ⟦T3:Positive_regulation|switches on⟧ ⟦T2:Protein|CDK4⟧.
        E1 Positive_regulation:T3 Theme:T2 Cause:E2
        E2 Gene_expression:T4 Theme:T1
        """,
        {"MYC > CDK4 activation+ [switches on]"},
    ),
    "loss of function": (
        """
        ⟦T4:Negative_regulation|Knock-down⟧ of ⟦T1:Protein|MYC⟧ ⟦T3:Negative_regulation|weakens⟧ ⟦T2:Protein|CDK4⟧.
        E1 Negative_regulation:T3 Theme:T2 Cause:E2
        E2 Negative_regulation:T4 Theme:T1
        """,
        {"MYC > CDK4 activation+ [weakens]"},
    ),
    "a cause with a cause": (
        """
        ⟦T4:Negative_regulation|Inhibition⟧ of ⟦T1:Protein|MEK⟧ by ⟦T5:Simple_chemical|U0126⟧
        ⟦T3:Positive_regulation|frees⟧ ⟦T2:Protein|AKT⟧.
        E1 Positive_regulation:T3 Theme:T2 Cause:E2
        E2 Negative_regulation:T4 Theme:T1 Cause:T5
        """,
        {"U0126 > MEK activation- [Inhibition]", "U0126 > AKT activation+ [frees]", "MEK > AKT activation- [frees]"},
    ),
    "knock-down by hand": (
        """
        ⟦T4:Planned_process|Silencing⟧ of ⟦T1:Protein|MYC⟧ ⟦T3:Negative_regulation|weakens⟧ ⟦T2:Protein|CDK4⟧.
        E1 Negative_regulation:T3 Theme:T2 Cause:E2
        E2 Planned_process:T4 Theme:T1
        """,
        {"MYC > CDK4 activation+ [weakens]"},
    ),
    "a treatment": (
        """
        ⟦T4:Planned_process|Treatment⟧ of ⟦T5:Cell|platelets⟧ with ⟦T1:Simple_chemical|aspirin⟧
        ⟦T3:Negative_regulation|stops⟧ ⟦T2:Protein|COX1⟧.
        E1 Negative_regulation:T3 Theme:T2 Cause:E2
        E2 Planned_process:T4 Theme:T5 Instrument:T1
        """,
        {"aspirin > COX1 activation- [stops]"},
    ),
    "a process is a mention": (
        """
        ⟦T1:Protein|TNF⟧ ⟦T3:Positive_regulation|promotes⟧ ⟦T4:Cell_death|apoptosis⟧ of ⟦T2:Cell|hepatocytes⟧.
        E1 Positive_regulation:T3 Theme:E2 Cause:T1
        E2 Cell_death:T4 Theme:T2
        """,
        {"TNF > apoptosis activation+ [promotes]"},
    ),
    "a process acts": (
        """
        ⟦T4:Glycolysis|Glycolysis⟧ ⟦T3:Positive_regulation|feeds⟧ ⟦T5:Growth|growth⟧ of ⟦T2:Cancer|tumors⟧.
        E1 Positive_regulation:T3 Theme:E3 Cause:E2
        E2 Glycolysis:T4
        E3 Growth:T5 Theme:T2
        """,
        {"Glycolysis > growth activation+ [feeds]"},
    ),
    "cells move": (
        """
        ⟦T1:Protein|CXCL12⟧ ⟦T3:Positive_regulation|guides⟧ the ⟦T4:Localization|migration⟧ of ⟦T2:Cell|neutrophils⟧.
        E1 Positive_regulation:T3 Theme:E2 Cause:T1
        E2 Localization:T4 Theme:T2
        """,
        {"CXCL12 > migration activation+ [guides]"},
    ),
    "a pathway is its participants": (
        """
        ⟦T1:Protein|SFRP1⟧ ⟦T3:Negative_regulation|quenches⟧ ⟦T2:Protein|Wnt⟧ ⟦T4:Pathway|signaling⟧.
        E1 Negative_regulation:T3 Theme:E2 Cause:T1
        E2 Pathway:T4 Participant:T2
        """,
        {"SFRP1 > Wnt activation- [quenches]"},
    ),
    "a pathway without participants": (
        """
        ⟦T1:Protein|CDK1⟧ ⟦T3:Positive_regulation|drives⟧ the ⟦T4:Pathway|cell cycle⟧.
        E1 Positive_regulation:T3 Theme:E2 Cause:T1
        E2 Pathway:T4
        """,
        {"CDK1 > cell cycle activation+ [drives]"},
    ),
    "a pathway without a name": (
        """
        ⟦T1:Protein|CDK1⟧ ⟦T3:Positive_regulation|drives⟧ ⟦T4:Pathway|signaling pathways⟧.
        E1 Positive_regulation:T3 Theme:E2 Cause:T1
        E2 Pathway:T4
        """,
        set(),
    ),
    "conversion makes its product": (
        """
        ⟦T1:Protein|COX2⟧ ⟦T4:Positive_regulation|drives⟧ ⟦T5:Conversion|turnover⟧ of ⟦T2:Simple_chemical|AA⟧ to
        ⟦T3:Simple_chemical|PGE2⟧.
        E1 Positive_regulation:T4 Theme:E2 Cause:T1
        E2 Conversion:T5 Theme:T2 Product:T3
        """,
        {"COX2 > PGE2 expression+ [drives]"},
    ),
    "binding goes by the order in the text": (
        """
        ⟦T1:Protein|RAS⟧ ⟦T4:Binding|binds⟧ ⟦T2:Protein|RAF⟧ and ⟦T3:Protein|PI3K⟧.
        E1 Binding:T4 Theme:T2 Theme2:T1
        E2 Binding:T4 Theme:T3 Theme2:T1
        """,
        {"RAS > RAF binding0 [binds]", "RAS > PI3K binding0 [binds]"},
    ),
    "binding that is regulated": (
        """
        ⟦T3:Simple_chemical|GTP⟧ ⟦T5:Positive_regulation|lets⟧ ⟦T1:Protein|RAS⟧ ⟦T4:Binding|bind⟧ ⟦T2:Protein|RAF⟧.
        E1 Binding:T4 Theme:T1 Theme2:T2
        E2 Positive_regulation:T5 Theme:E1 Cause:T3
        """,
        {"RAS > RAF binding0 [bind]"},
    ),
    "an anaphor": (
        """
        Here is ⟦T1:Protein|STAT3⟧. ⟦T4:Anaphora|It⟧ ⟦T3:Positive_regulation|triggers⟧ ⟦T2:Protein|MYC⟧.
        E1 Positive_regulation:T3 Theme:T2 Cause:T4
        R Coreference Subject:T4 Object:T1
        """,
        {"STAT3 > MYC activation+ [triggers]"},
    ),
    "denied and hedged": (
        """
        ⟦T1:Protein|ERK⟧ ⟦T4:Positive_regulation|stirs⟧ ⟦T2:Protein|FOS⟧, perhaps, and not ⟦T3:Protein|JUN⟧.
        E1 Positive_regulation:T4 Theme:T2 Cause:T1
        E2 Positive_regulation:T4 Theme:T3 Cause:T1
        M Speculation E1
        M Negation E2
        """,
        {"ERK > FOS activation+ spec [stirs]", "ERK > JUN activation+ neg [stirs]"},
    ),
    "events in a circle": (
        """
        ⟦T1:Protein|ERK⟧ ⟦T3:Positive_regulation|raises⟧ and ⟦T4:Negative_regulation|lowers⟧ it.
        E1 Positive_regulation:T3 Theme:E2 Cause:T1
        E2 Negative_regulation:T4 Theme:E1 Cause:E1
        """,
        set(),
    ),
    "in GRO's words": (
        """
        ⟦T1:TranscriptionFactor|PAX6⟧ is a ⟦T3:NegativeRegulationOfTranscription|silencer⟧ of ⟦T2:Gene|SOX2⟧ and
        ⟦T4:BindingOfProteinToDNA|sits on⟧ it.
        E1 NegativeRegulationOfTranscription:T3 hasAgent:T1 hasPatient:T2
        E2 BindingOfProteinToDNA:T4 hasAgent:T1 hasPatient:T2
        """,
        {"PAX6 > SOX2 expression- [silencer]", "PAX6 > SOX2 binding0 [sits on]"},
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_rule(tmp_path: Path, tokenizer: Tokenizer, rule: str) -> None:
    block, expected = RULES[rule]
    assert stated(read(tmp_path, tokenizer, block)) == expected


def test_what_a_rule_does_not_resolve_is_unknown(tmp_path: Path, tokenizer: Tokenizer) -> None:
    example = read(tmp_path, tokenizer, RULES["binding that is regulated"][0])
    assert negative(example) == {"RAS > GTP", "RAF > GTP", "RAF > RAS"}


def test_pairs_of_one_sentence_are_judged(tmp_path: Path, tokenizer: Tokenizer) -> None:
    example = read(
        tmp_path,
        tokenizer,
        """
        ⟦T1:Protein|ERK⟧ ⟦T4:Positive_regulation|stirs⟧ ⟦T2:Protein|FOS⟧. Later ⟦T3:Protein|JUN⟧ is seen.
        E1 Positive_regulation:T4 Theme:T2 Cause:T1
        """,
    )
    assert negative(example) == {"FOS > ERK"}


def test_equivalents_of_a_related_pair_are_unknown(tmp_path: Path, tokenizer: Tokenizer) -> None:
    example = read(
        tmp_path,
        tokenizer,
        """
        ⟦T1:Protein|MAPK1⟧ (⟦T5:Protein|ERK2⟧) ⟦T4:Positive_regulation|stirs⟧ ⟦T2:Protein|FOS⟧, not ⟦T3:Protein|JUN⟧.
        E1 Positive_regulation:T4 Theme:T2 Cause:T1
        * T1 T5
        """,
    )
    assert "ERK2 > JUN" in negative(example)
    assert "ERK2 > FOS" not in negative(example)


def test_a_corpus_of_one_relation_says_little_of_other_pairs(tmp_path: Path, tokenizer: Tokenizer) -> None:
    block = """
        ⟦T1:Protein|P300⟧ ⟦T4:Catalysis|catalyses⟧ ⟦T5:Acetylation|acetylation⟧ of ⟦T2:Protein|H3⟧, not ⟦T3:Protein|H1⟧.
        E1 Catalysis:T4 Theme:E2 Cause:T1
        E2 Acetylation:T5 Theme:T2
    """
    example = read(tmp_path, tokenizer, block, "BioNLP11-EPI")
    assert stated(example) == {"P300 > H3 modification+ [catalyses]"}
    assert negative(example) == {"H3 > P300"}


def test_mentions_have_caption_types_and_do_not_nest(tmp_path: Path, tokenizer: Tokenizer) -> None:
    example = read(
        tmp_path,
        tokenizer,
        "⟦T1:Complex|AP-1⟧ in ⟦T2:Organism|rat⟧, ⟦T3:Tissue|skin⟧, ⟦T4:Cancer|glioma⟧, ⟦T5:Cellular_component|nuclei⟧.",
    )
    assert [mention.label for mention in example.mentions] == ["GENE", "ORGANISM", "ANATOMY", "DISEASE", "COMPONENT"]
    record = parse("The ⟦T1:Gene_or_gene_product|mouse Sonic hedgehog⟧ gene")
    record["entities"].append({"id": "T2", "type": "Organism", "start": 4, "end": 9, "text": "mouse"})
    (nested,) = events.read(write(tmp_path / "nested" / "train.jsonl.gz", [record]), tokenizer)
    assert [surface(nested, index) for index in range(len(nested.mentions))] == ["mouse Sonic hedgehog"]


def test_a_group_gives_way_to_its_members(tmp_path: Path, tokenizer: Tokenizer) -> None:
    record = parse(
        """
        ⟦T1:Protein|PhoP⟧-⟦T2:Protein|PhoQ⟧ ⟦T4:Positive_regulation|drives⟧ ⟦T3:Protein|pagC⟧.
        E1 Positive_regulation:T4 Theme:T3 Cause:T5
        """
    )
    record["entities"].append({"id": "T5", "type": "Two-component-system", "start": 0, "end": 9, "text": "PhoP-PhoQ"})
    (example,) = events.read(write(tmp_path / "BioNLP11-ID" / "train.jsonl.gz", [record]), tokenizer)
    assert stated(example) == {"PhoP > pagC activation+ [drives]", "PhoQ > pagC activation+ [drives]"}


def test_long_documents_are_cut(tmp_path: Path, tokenizer: Tokenizer) -> None:
    path = write(
        tmp_path / "train.jsonl.gz",
        [parse("We saw ⟦T1:Protein|ERK⟧ in all of the cells. There was no ⟦T2:Protein|FOS⟧ in any of them.")],
    )
    assert [example.id for example in events.read(path, tokenizer, limit=50)] == ["text#0", "text#1"]
    assert [example.id for example in events.read(path, tokenizer, limit=None)] == ["text"]


def test_a_split_without_gold_events_holds_nothing(tmp_path: Path, tokenizer: Tokenizer) -> None:
    record = parse("⟦T1:Protein|ERK⟧") | {"gold_events": False}
    assert not list(events.read(write(tmp_path / "test.jsonl.gz", [record]), tokenizer))


@pytest.mark.parametrize(
    "change",
    [
        {"entities": [{"id": "T1", "type": "Protein", "start": 1, "end": 3, "text": "ERK"}]},
        {"events": [{"id": "E1", "type": "Regulation", "trigger": "T9", "args": []}]},
        {"events": None},
        {"text": 7},
    ],
)
def test_a_wrong_record_is_named(tmp_path: Path, tokenizer: Tokenizer, change: dict[str, object]) -> None:
    path = write(tmp_path / "train.jsonl.gz", [parse("⟦T1:Protein|ERK⟧"), parse("⟦T1:Protein|ERK⟧") | change])
    with pytest.raises(FormatError, match=r"train\.jsonl\.gz:2"):
        list(events.read(path, tokenizer))
