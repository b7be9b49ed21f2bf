from __future__ import annotations

import pytest

from corpora.pairs import cut, in_order, judged_pairs, near_pairs, sentence_numbers, unlabelled_twins
from nlp.networks.tags import LabelledSpan
from nlp.training.relation_examples import LabelledRelation, RelatedExample
from nlp.types import Span
from tests.standoff import negative, stated

TEXT = "Ada raises Bob. Cyd lowers Dan. Eve is here."
SENTENCES = (Span(0, 15), Span(16, 31), Span(32, 44))
MENTIONS = tuple(LabelledSpan(TEXT.index(name), TEXT.index(name) + 3, "GENE") for name in "Ada Bob Cyd Dan Eve".split())


def example(*relations: LabelledRelation, judged: tuple[tuple[int, int], ...] = ()) -> RelatedExample:
    return RelatedExample("text", TEXT, MENTIONS, relations, judged)


def test_spans_come_by_start_the_longer_first() -> None:
    spans = [
        LabelledSpan(4, 6, "GENE"),
        LabelledSpan(0, 2, "GENE"),
        LabelledSpan(0, 5, "GENE"),
        LabelledSpan(0, 2, "GENE"),
    ]
    assert [span[:2] for span in in_order(spans)] == [(0, 5), (0, 2), (4, 6)]


def test_near_pairs() -> None:
    numbers = sentence_numbers(MENTIONS, SENTENCES)
    assert numbers == [0, 0, 1, 1, 2]
    assert near_pairs(numbers, 0) == {(0, 1), (1, 0), (2, 3), (3, 2)}
    assert (1, 2) in near_pairs(numbers, 1)
    assert (0, 4) not in near_pairs(numbers, 1)


def test_twins_of_a_related_pair_are_unknown() -> None:
    relation = LabelledRelation(0, 1, "activation+")
    assert unlabelled_twins(["erk", "fos", "erk", "fos"], [relation]) == {(0, 3), (2, 1), (2, 3)}


def test_binding_has_twins_in_both_directions_but_its_own() -> None:
    relation = LabelledRelation(0, 1, "binding0")
    assert unlabelled_twins(["erk", "fos", "erk"], [relation]) == {(2, 1), (1, 2)}


def test_related_pairs_are_judged_however_far() -> None:
    relations = [LabelledRelation(0, 4, "activation+"), LabelledRelation(0, 1, "activation+")]
    assert judged_pairs({(0, 1), (1, 0), (2, 3)}, {(2, 3), (0, 1)}, relations) == ((0, 1), (0, 4), (1, 0))


def test_a_text_is_cut_between_sentences() -> None:
    relations = (
        LabelledRelation(0, 1, "activation+", trigger=Span(4, 10)),
        LabelledRelation(2, 3, "activation-", trigger=Span(20, 26)),
        LabelledRelation(0, 3, "activation-"),
    )
    first, second = cut(example(*relations, judged=((0, 1), (0, 3), (2, 3), (3, 2))), SENTENCES, 32)
    assert (first.id, second.id) == ("text#0", "text#1")
    assert first.text + second.text == TEXT
    assert len(first.text) <= 32
    assert stated(first) == {
        "Ada > Bob activation+ [raises]",
        "Cyd > Dan activation- [lowers]",
        "Ada > Dan activation-",
    }
    assert not second.relations


def test_what_reaches_across_a_cut_is_lost() -> None:
    relations = (LabelledRelation(2, 3, "activation-", trigger=Span(20, 26)), LabelledRelation(0, 3, "activation-"))
    pieces = tuple(cut(example(*relations, judged=((0, 3), (2, 3), (3, 2))), SENTENCES, 20))
    assert [stated(piece) for piece in pieces] == [set(), {"Cyd > Dan activation- [lowers]"}, set()]
    assert [negative(piece) for piece in pieces] == [set(), {"Dan > Cyd"}, set()]


def test_no_mention_is_cut() -> None:
    mention = LabelledSpan(11, 19, "GENE")
    pieces = tuple(cut(RelatedExample("text", TEXT, (mention,), (), ()), SENTENCES, 10))
    assert [piece.text for piece in pieces] == [TEXT[:32]]


@pytest.mark.parametrize("limit", [None, 44])
def test_a_text_that_fits_stays_whole(limit: int | None) -> None:
    assert tuple(cut(example(), SENTENCES, limit)) == (example(),)
