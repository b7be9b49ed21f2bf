"""Scoring against gold on small captions counted by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markup import parse

from nlp.errors import InputError
from nlp.evaluation.bootstrap import Bootstrap
from nlp.evaluation.counts import Counts
from nlp.evaluation.gold import CaptionScore, evaluate, score_caption
from nlp.types import Document, Mention, Relation

GOLD = parse(
    """
    ⟦T1:CHEMICAL|Drug A⟧ activates ⟦T2:GENE|ERK⟧ and raises ⟦T3:GENE|BDNF⟧; ⟦T4:CHEMICAL|drug a⟧ blocks ⟦T5:GENE|BAX⟧.
    R T1 T2 activation + "activates"
    R T1 T3 expression + "raises"
    R T4 T5 activation - "blocks"
    """
)


def score(gold: str, predicted: str) -> CaptionScore:
    return score_caption(parse(gold), parse(predicted))


def test_gold_itself_is_perfect() -> None:
    result = evaluate([GOLD], {GOLD.id: GOLD})
    assert result.mentions_strict.counts == result.mentions_overlap.counts == Counts(5, 5, 5, 5)
    assert result.edges.counts == result.edges_untyped.counts == Counts(3, 3, 3, 3)
    assert result.sign_accuracy.value == result.type_accuracy.value == 1
    assert result.activation_expression.value == 0
    assert dict(result.confusion) == {("activation", "activation"): 2, ("expression", "expression"): 1}


def test_mentions_strict_and_overlapping() -> None:
    caption = score(
        "⟦T1:PROCESS|programmed cell death⟧ and ⟦T2:GENE|ERK⟧ and ⟦T3:GENE|AKT⟧",
        "⟦T1:PROCESS|programmed⟧ ⟦T2:PROCESS|cell death⟧ and ⟦T3:GENE|ERK⟧ and ⟦T4:CHEMICAL|AKT⟧",
    )
    assert caption.strict() == Counts(1, 4, 1, 3)
    assert caption.overlap() == Counts(3, 4, 2, 3)
    assert caption.strict("GENE") == Counts(1, 1, 1, 2)
    assert caption.overlap("PROCESS") == Counts(2, 2, 1, 1)
    assert [mention.text for mention in caption.missed] == ["programmed cell death", "AKT"]
    assert [mention.text for mention in caption.spurious] == ["programmed", "cell death", "AKT"]


def test_an_edge_is_found_at_other_mentions_of_its_names() -> None:
    text = "⟦T1:GENE|ERK⟧ ⟦T2:GENE|Bad⟧ ⟦T3:GENE|erk⟧ ⟦T4:GENE|BAD⟧\n"
    caption = score(f"{text}R T1 T2 activation +", f"{text}R T3 T4 activation +")
    assert caption.edges.counts() == Counts(1, 1, 1, 1)


def test_an_edge_is_found_at_mentions_that_overlap() -> None:
    caption = score(
        "⟦T1:GENE|IL-6 receptor⟧ acts on ⟦T2:GENE|STAT3⟧\nR T1 T2 activation +",
        "⟦T1:GENE|IL-6⟧ receptor acts on ⟦T2:GENE|STAT3⟧\nR T1 T2 activation +",
    )
    assert caption.edges.counts() == Counts(1, 1, 1, 1)


def test_an_edge_stated_twice_counts_once() -> None:
    caption = score(
        "⟦T1:GENE|ERK⟧ ⟦T2:GENE|BAD⟧ ⟦T3:GENE|ERK⟧\nR T1 T2 activation +\nR T3 T2 activation +",
        "⟦T1:GENE|ERK⟧ ⟦T2:GENE|BAD⟧ ⟦T3:GENE|ERK⟧",
    )
    assert caption.edges.counts() == Counts(0, 0, 0, 1)


@pytest.mark.parametrize(
    ("predicted", "typed", "untyped"),
    [
        ("R T1 T2 activation +", 1, 1),
        ("R T1 T2 activation -", 0, 1),  # the sign
        ("R T1 T2 expression +", 0, 1),  # the type
        ("R T2 T1 activation +", 0, 0),  # the direction
        ('R T1 T2 activation + "acts on" neg', 0, 0),  # denied, so no edge
    ],
)
def test_type_sign_and_direction(predicted: str, typed: int, untyped: int) -> None:
    text = "⟦T1:GENE|ERK⟧ acts on ⟦T2:GENE|BAD⟧\n"
    caption = score(f"{text}R T1 T2 activation +", text + predicted)
    assert caption.edges.counts().tp_gold == typed
    assert caption.pairs.counts().tp_gold == untyped


def test_binding_has_no_direction() -> None:
    text = "⟦T1:GENE|ERK⟧ binds ⟦T2:GENE|BAD⟧\n"
    assert score(f"{text}R T1 T2 binding 0", f"{text}R T2 T1 binding 0").edges.counts() == Counts(1, 1, 1, 1)


def test_a_denied_gold_relation_is_not_sought() -> None:
    text = "⟦T1:GENE|ERK⟧ never hits ⟦T2:GENE|BAD⟧\n"
    caption = score(f'{text}R T1 T2 activation + "hits" neg', f"{text}R T1 T2 activation +")
    assert caption.edges.counts() == Counts(0, 1, 0, 0)


def test_sign_and_type_of_the_pairs_found() -> None:
    text = "⟦T1:GENE|A1⟧ ⟦T2:GENE|B1⟧ ⟦T3:GENE|C1⟧ ⟦T4:GENE|D1⟧ ⟦T5:GENE|E1⟧\n"
    gold = "R T1 T2 activation +\nR T1 T3 expression -\nR T1 T4 activation +\nR T1 T5 transport +"
    predicted = "R T1 T2 expression +\nR T1 T3 expression +\nR T1 T5 transport +"
    result = evaluate([parse(text + gold)], {"caption": parse(text + predicted)})
    assert result.sign_accuracy.value == pytest.approx(2 / 3)
    assert result.type_accuracy.value == pytest.approx(2 / 3)
    assert result.activation_expression.value == pytest.approx(1 / 2)
    assert dict(result.confusion) == {
        ("activation", "expression"): 1,
        ("expression", "expression"): 1,
        ("transport", "transport"): 1,
    }


def test_of_several_predictions_for_a_pair_the_best_is_compared() -> None:
    text = "⟦T1:GENE|ERK⟧ acts on ⟦T2:GENE|BAD⟧\n"
    caption = score(f"{text}R T1 T2 activation +", f"{text}R T1 T2 expression -\nR T1 T2 activation +")
    ((pair,),) = (caption.labels,)
    assert pair.predicted == pair.gold


def test_missing_and_changed_captions_are_told() -> None:
    changed = Document("changed", "another text")
    gold = [replace(GOLD, id="missing"), replace(GOLD, id="changed"), replace(GOLD, id="same")]
    result = evaluate(gold, {"changed": changed, "same": replace(GOLD, id="same"), "more": replace(GOLD, id="more")})
    assert result.missing == ("missing",)
    assert result.text_changed == ("changed",)
    assert result.mentions_strict.counts == Counts(5, 5, 5, 15)


def test_gold_with_one_id_twice_is_refused() -> None:
    with pytest.raises(InputError, match="caption"):
        evaluate([GOLD, GOLD], {})


def test_no_gold_at_all() -> None:
    assert evaluate([], {}).edges.counts == Counts()


def test_intervals_are_over_captions_and_repeatable() -> None:
    gold = [replace(GOLD, id=str(number)) for number in range(12)]
    predicted = {document.id: document for document in gold[::2]}
    first, second = (evaluate(gold, predicted, bootstrap=Bootstrap(300, 5)) for _ in range(2))
    assert first == second
    assert first.edges.recall.low < first.edges.recall.value == 0.5 < first.edges.recall.high
    assert first.edges.precision.low == first.edges.precision.high == 1


@st.composite
def documents(draw: st.DrawFn) -> Document:
    text = "erk BAD erk akt-1 BAD AKT1"
    words = [(0, 3), (4, 7), (8, 11), (12, 17), (18, 21), (22, 26)]
    types = st.sampled_from(["GENE", "CHEMICAL"])
    mentions = tuple(
        Mention(f"T{i}", draw(types), start, end, text[start:end])
        for i, (start, end) in enumerate(words)
        if draw(st.booleans())
    )
    ids = st.sampled_from([mention.id for mention in mentions]) if mentions else st.nothing()
    labels = st.sampled_from([("activation", 1), ("activation", -1), ("expression", 1), ("binding", 0)])
    rows = draw(st.lists(st.tuples(ids, ids, labels, st.booleans()), max_size=5 if mentions else 0))
    relations = tuple(
        Relation(f"R{i}", source, target, type, sign, negated=negated)
        for i, (source, target, (type, sign), negated) in enumerate(rows)
    )
    return Document("d", text, mentions, relations)


@given(documents(), documents())
def test_precision_of_one_side_is_recall_of_the_other(first: Document, second: Document) -> None:
    def swapped(counts: Counts) -> Counts:
        return Counts(counts.tp_gold, counts.gold, counts.tp_predicted, counts.predicted)

    there, back = score_caption(first, second), score_caption(second, first)
    for one, other in (
        (there.strict(), back.strict()),
        (there.overlap(), back.overlap()),
        (there.edges.counts(), back.edges.counts()),
        (there.pairs.counts(), back.pairs.counts()),
    ):
        assert one == swapped(other)


@given(documents())
def test_a_document_agrees_with_itself(document: Document) -> None:
    caption = score_caption(document, document)
    assert caption.missed == caption.spurious == ()
    assert caption.edges.missed == caption.edges.spurious == ()
    assert all(pair.gold == pair.predicted for pair in caption.labels)
