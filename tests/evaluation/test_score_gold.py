"""Scoring against gold on small captions counted by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markup import parse

from nlp.errors import InputError
from nlp.evaluation.bootstrap import Bootstrap
from nlp.evaluation.counts import Counts
from nlp.evaluation.gold import CaptionScore, evaluate, of_same_text, score_caption
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


@pytest.mark.parametrize(
    ("predicted", "pairs", "typed", "signed"),
    [
        ("R T1 T2 activation +", 1, 1, 1),
        ("R T1 T2 activation -", 1, 1, 0),
        ("R T1 T2 expression +", 1, 0, 0),
        ("R T2 T1 activation +", 0, 0, 0),
        ("R T1 T2 activation -\nR T1 T2 activation +", 1, 1, 1),
    ],
)
def test_three_levels_of_detail_by_names_and_by_mentions(predicted: str, pairs: int, typed: int, signed: int) -> None:
    text = "⟦T1:GENE|ERK⟧ acts on ⟦T2:GENE|BAD⟧\n"
    caption = score(f"{text}R T1 T2 activation +", text + predicted)
    by_names = (caption.pairs.counts(), caption.typed.counts(), caption.edges.counts())
    by_mentions = (caption.mention_pairs, caption.mention_typed, caption.mention_edges)
    for levels in (by_names, by_mentions):
        assert tuple(counts.tp_gold for counts in levels) == (pairs, typed, signed)
    assert by_mentions == by_names


def test_by_mentions_an_edge_must_be_where_gold_has_it() -> None:
    text = "⟦T1:GENE|ERK⟧ ⟦T2:GENE|Bad⟧ ⟦T3:GENE|erk⟧ ⟦T4:GENE|BAD⟧\n"
    caption = score(f"{text}R T1 T2 activation +", f"{text}R T3 T2 activation +")
    assert caption.edges.counts().tp_gold == 1
    assert caption.mention_edges == caption.mention_pairs == Counts(0, 1, 0, 1)
    both = score(f"{text}R T1 T2 activation +\nR T3 T4 activation +", f"{text}R T3 T4 activation +")
    assert both.edges.counts() == Counts(1, 1, 1, 1)
    assert both.mention_edges == Counts(1, 1, 1, 2)


@pytest.mark.parametrize("other", ["⟦T1:GENE|IL-6⟧ receptor", "⟦T1:CHEMICAL|IL-6 receptor⟧"])
def test_by_mentions_spans_and_types_must_be_those_of_gold(other: str) -> None:
    rest = " acts on ⟦T2:GENE|STAT3⟧\nR T1 T2 activation +"
    caption = score(f"⟦T1:GENE|IL-6 receptor⟧{rest}", other + rest)
    assert caption.edges.counts().tp_gold == 1
    assert caption.mention_pairs == Counts(0, 1, 0, 1)


def test_by_mentions_binding_has_no_direction_either() -> None:
    text = "⟦T1:GENE|ERK⟧ binds ⟦T2:GENE|BAD⟧ and ⟦T3:GENE|erk⟧\n"
    for ends in ("T1 T2", "T1 T3"):
        back = " ".join(reversed(ends.split()))
        caption = score(f"{text}R {ends} binding 0", f"{text}R {back} binding 0")
        assert caption.mention_edges == caption.mention_typed == Counts(1, 1, 1, 1)


def test_a_denied_relation_is_no_edge_of_mentions() -> None:
    text = "⟦T1:GENE|ERK⟧ never hits ⟦T2:GENE|BAD⟧\n"
    caption = score(f'{text}R T1 T2 activation + "hits" neg', f"{text}R T1 T2 activation +")
    assert caption.mention_edges == Counts(0, 1, 0, 0)


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


def rescored(document: Document, mentions: Sequence[float], relations: Sequence[float]) -> Document:
    return replace(
        document,
        mentions=tuple(replace(one, score=score) for one, score in zip(document.mentions, mentions, strict=True)),
        relations=tuple(replace(one, score=score) for one, score in zip(document.relations, relations, strict=True)),
    )


def test_scores_are_held_against_what_is_right() -> None:
    predicted = parse(
        """
        ⟦T1:CHEMICAL|Drug A⟧ activates ⟦T2:GENE|ERK⟧ and ⟦T3:PROCESS|raises⟧ BDNF; drug a blocks ⟦T5:GENE|BAX⟧.
        R T1 T2 activation +
        R T1 T5 activation +
        """
    )
    result = evaluate([GOLD], {GOLD.id: rescored(predicted, (0.93, 0.97, 0.35, 0.55), (0.72, 0.78))})
    bins = {one.low: (one.count, one.mean_score, one.share_right.value) for one in result.mention_reliability.bins}
    assert (result.mention_reliability.items, result.edge_reliability.items) == (4, 2)
    assert bins[0.9] == (2, pytest.approx(0.95), 1)
    assert bins[0.3] == (1, pytest.approx(0.35), 0)
    assert bins[0.5] == (1, pytest.approx(0.55), 1)
    assert bins[0.0] == (0, 0, 0)
    assert result.mention_reliability.error == pytest.approx((2 * 0.05 + 0.35 + 0.45) / 4)
    assert result.edge_reliability.error == pytest.approx(0.25)


def test_of_mentions_with_one_span_and_type_the_surest_is_judged() -> None:
    gold = parse("⟦T1:GENE|ERK⟧ acts")
    twice = (replace(gold.mentions[0], score=0.2), replace(gold.mentions[0], id="T2", score=0.8))
    assert score_caption(gold, replace(gold, mentions=twice)).judged_mentions() == [(0.8, True)]


def test_an_edge_is_as_sure_as_the_surest_relation_that_states_it() -> None:
    text = "⟦T1:GENE|ERK⟧ ⟦T2:GENE|BAD⟧ ⟦T3:GENE|ERK⟧\n"
    predicted = parse(f"{text}R T1 T2 activation +\nR T3 T2 activation +\nR T1 T2 expression +")
    caption = score_caption(parse(f"{text}R T1 T2 activation +"), rescored(predicted, (1.0, 1.0, 1.0), (0.3, 0.6, 0.5)))
    assert caption.judged_edges() == [(0.6, True), (0.5, False)]
    assert caption.edges.found_scores == (0.6,)
    assert caption.pairs.right[0].score == 0.6


def test_an_edge_has_the_triggers_of_all_relations_that_state_it() -> None:
    document = parse(
        """
        ⟦T1:GENE|ERK⟧ activates and raises ⟦T2:GENE|BAD⟧, as ⟦T3:GENE|ERK⟧ does
        R T1 T2 activation + "activates"
        R T3 T2 activation + "raises"
        R T1 T3 binding 0
        """
    )
    caption = score_caption(document, document)
    assert [[span.of(document.text) for span in edge.triggers] for edge in caption.edges.found] == [
        ["activates", "raises"],
        [],
    ]
    assert [len(edge.triggers) for edge in caption.pairs.right] == [2, 0]


def test_predictions_from_another_text_are_set_aside_with_the_place_where_they_part() -> None:
    gold = [parse("⟦T1:GENE|ERK⟧ acts", id=id) for id in ("same", "other", "longer")]
    predicted = {
        "same": gold[0],
        "other": parse("⟦T1:GENE|ERK⟧ works", id="other"),
        "longer": parse("⟦T1:GENE|ERK⟧ acts here", id="longer"),
        "not gold": parse("⟦T1:GENE|ERK⟧", id="not gold"),
    }
    told: list[InputError] = []
    assert [*of_same_text(gold, predicted, told.append)] == ["same", "not gold"]
    assert [(error.where.id, error.expected, error.found) for error in told if error.where] == [
        ("other", "'acts' at character 4", "'works'"), ("longer", "'' at character 8", "' here'")
    ]  # fmt: skip
    assert all("another text" in error.message for error in told)


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


@given(documents(), documents(), st.data())
def test_the_curves_are_what_is_measured_above_each_threshold(
    gold: Document, predicted: Document, data: st.DataObject
) -> None:
    tenths = st.sampled_from([number / 10 for number in range(11)])
    predicted = rescored(
        predicted, [data.draw(tenths) for _ in predicted.mentions], [data.draw(tenths) for _ in predicted.relations]
    )
    result = evaluate([gold], {gold.id: predicted}, bootstrap=Bootstrap(resamples=1))
    for point in result.mention_curve:
        kept = tuple(mention for mention in predicted.mentions if mention.score >= point.threshold)
        counts = score_caption(gold, Document(gold.id, gold.text, kept)).strict()
        assert (point.predicted, point.precision) == (counts.predicted, counts.precision)
        assert (point.recall, point.f1) == (counts.recall, counts.f1)
    for point in result.edge_curve:
        relations = tuple(relation for relation in predicted.relations if relation.score >= point.threshold)
        counts = score_caption(gold, replace(predicted, relations=relations)).edges.counts()
        assert (point.predicted, point.precision, point.recall) == (counts.predicted, counts.precision, counts.recall)


@given(documents(), documents())
def test_what_is_found_in_detail_is_found_without(gold: Document, predicted: Document) -> None:
    caption = score_caption(gold, predicted)
    for levels in (
        (caption.edges.counts(), caption.typed.counts(), caption.pairs.counts()),
        (caption.mention_edges, caption.mention_typed, caption.mention_pairs),
    ):
        for fine, coarse in pairwise(levels):
            assert fine.gold >= coarse.gold
            assert fine.gold - fine.tp_gold >= coarse.gold - coarse.tp_gold
    assert caption.mention_pairs.tp_gold == 0 or caption.pairs.counts().tp_gold > 0
