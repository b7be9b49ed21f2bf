"""Keyword scoring on small figures counted by hand."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.evaluation.bootstrap import Bootstrap
from nlp.evaluation.counts import Counts
from nlp.evaluation.keywords import score_keywords
from nlp.evaluation.outcomes import UNKNOWN
from nlp.types import Caption, CuratedKeyword, CuratedList, Document, Keyword, Mention

GENE, CHEMICAL = "GENE", "CHEMICAL"
BOTH = frozenset({GENE, CHEMICAL})
TEXT = "Aspirin blocks the kinase ERK2 and lowers IL-6."


def figure(curated: Iterable[CuratedKeyword] | None, types: frozenset[str] = BOTH, id: str = "F1") -> Caption:
    return Caption(id, TEXT, curated=None if curated is None else CuratedList(tuple(curated), types))


def prediction(*keywords: Keyword, id: str = "F1") -> dict[str, Document]:
    return {id: Document(id, TEXT, keywords=keywords)}


def test_against_the_whole_list_and_within_reach() -> None:
    caption = figure(
        [
            CuratedKeyword("MAPK1", GENE, words=("ERK2",)),  # reachable, found
            CuratedKeyword("IL6", GENE),  # reachable, missed
            CuratedKeyword("TP53", GENE, words=("p53",)),  # out of reach, missed
            CuratedKeyword("aspirin", CHEMICAL),  # reachable, found
        ]
    )
    score = score_keywords(
        [caption], prediction(Keyword("MAPK1", GENE), Keyword("Aspirin", CHEMICAL), Keyword("EPHB2", GENE))
    )
    assert score.overall.micro.counts == Counts(2, 3, 2, 4)
    assert (score.overall.reachable_found, score.overall.reachable) == (2, 3)
    assert score.overall.reachable_share.value == 0.75
    assert score.overall.reachable_recall.value == pytest.approx(2 / 3)
    assert score.by_type[GENE].micro.counts == Counts(1, 2, 1, 3)
    assert score.by_type[CHEMICAL].micro.counts == Counts(1, 1, 1, 1)
    (result,) = score.figures
    assert [(miss.keyword.keyword, miss.surface) for miss in result.misses] == [("IL6", "IL-6"), ("TP53", None)]
    assert [extra.keyword.keyword for extra in result.extras] == ["EPHB2"]


def test_other_surface_forms_move_what_is_within_reach() -> None:
    caption = figure([CuratedKeyword("MAPK1", GENE)])
    assert score_keywords([caption], {}).overall.reachable == 0
    assert score_keywords([caption], {}, forms=lambda keyword: (keyword.keyword, "ERK2")).overall.reachable == 1


def test_keywords_without_words_are_counted() -> None:
    assert score_keywords([figure([CuratedKeyword("IL6", GENE), CuratedKeyword("X", GENE, ("Y",))])], {}).wordless == 1


def test_an_extra_shows_the_mentions_behind_it() -> None:
    document = Document(
        "F1",
        TEXT,
        mentions=(Mention("T1", GENE, 26, 30, "ERK2"), Mention("T2", GENE, 42, 46, "IL-6")),
        keywords=(Keyword("EPHB2", GENE, mentions=("T1",)), Keyword("ephb2", GENE, mentions=("T2",))),
    )
    ((extra,),) = (result.extras for result in score_keywords([figure([])], {"F1": document}).figures)
    assert extra.surfaces == ("ERK2", "IL-6")


def test_strings_agree_without_regard_to_case_hyphens_and_spaces() -> None:
    caption = figure([CuratedKeyword("TNF-alpha", GENE), CuratedKeyword("Citric acid", CHEMICAL)])
    score = score_keywords([caption], prediction(Keyword("tnf alpha", GENE), Keyword("citric-ACID", CHEMICAL)))
    assert score.overall.micro.counts == Counts(2, 2, 2, 2)


def test_spellings_of_one_keyword_count_once_on_both_sides() -> None:
    caption = figure([CuratedKeyword("Farnesol", CHEMICAL), CuratedKeyword("farnesol", CHEMICAL, words=("FOH",))])
    score = score_keywords([caption], prediction(Keyword("FARNESOL", CHEMICAL), Keyword("farnesol", CHEMICAL)))
    assert score.overall.micro.counts == Counts(1, 1, 1, 1)
    assert score.figures[0].curated[0].keyword.words == ("FOH",)


def test_identifiers_agree_through_cross_references_and_in_either_case_of_the_prefix() -> None:
    caption = figure(
        [
            CuratedKeyword("ERK2", GENE, identifiers=("ncbigene:5594",)),
            CuratedKeyword("X", GENE, identifiers=("hgnc:7",)),
        ]
    )
    keywords = prediction(Keyword("MAPK1", GENE, "HGNC:6871"), Keyword("Y", GENE, "HGNC:7"))
    assert score_keywords([caption], keywords).overall.micro.counts == Counts(1, 2, 1, 2)
    cross = {"HGNC:6871": {"NCBIGene:5594"}}
    resolved = score_keywords([caption], keywords, identifiers=lambda keyword: cross.get(keyword.curie or "", set()))
    assert resolved.overall.micro.counts == Counts(2, 2, 2, 2)


def test_one_prediction_may_find_two_keywords_of_one_identifier() -> None:
    caption = figure(
        [
            CuratedKeyword("mevalonate", CHEMICAL, identifiers=("mesh:D008798",)),
            CuratedKeyword("MVA", CHEMICAL, identifiers=("mesh:D008798",)),
        ]
    )
    score = score_keywords([caption], prediction(Keyword("mevalonate", CHEMICAL, "mesh:D008798")))
    assert score.overall.micro.counts == Counts(1, 1, 2, 2)


def test_a_prediction_of_another_type_is_not_the_keyword() -> None:
    caption = figure([CuratedKeyword("GLA", GENE)])
    assert score_keywords([caption], prediction(Keyword("GLA", CHEMICAL))).overall.micro.counts == Counts(0, 1, 0, 1)


def test_types_that_were_not_annotated_are_neither_right_nor_wrong() -> None:
    caption = figure([CuratedKeyword("MAPK1", GENE)], types=frozenset({GENE}))
    score = score_keywords([caption], prediction(Keyword("MAPK1", GENE), Keyword("Aspirin", CHEMICAL)))
    assert score.overall.micro.counts == Counts(1, 1, 1, 1)
    assert set(score.by_type) == {GENE}


def test_by_type_leaves_out_figures_that_do_not_tell_types() -> None:
    typed = figure([CuratedKeyword("MAPK1", GENE)], id="typed")
    untyped = figure([CuratedKeyword("IL6"), CuratedKeyword("aspirin"), CuratedKeyword("TP53")], id="untyped")
    predicted = {
        **prediction(Keyword("MAPK1", GENE), id="typed"),
        **prediction(Keyword("IL6", GENE), Keyword("Aspirin", CHEMICAL), Keyword("EPHB2", GENE), id="untyped"),
    }
    score = score_keywords([typed, untyped], predicted)
    assert score.overall.micro.counts == Counts(3, 4, 3, 4)
    assert score.by_type[GENE].micro.counts == Counts(1, 1, 1, 1)
    assert score.by_type[GENE].figures == 1
    assert score.by_type[CHEMICAL].micro.counts == Counts()
    assert (score.typed_figures, score.unknown_misses) == (1, 1)
    assert [outcome.type for outcome in score.figures[1].curated] == [GENE, CHEMICAL, UNKNOWN]


def test_averages_over_figures_leave_out_those_without_a_value() -> None:
    captions = [
        figure([CuratedKeyword("MAPK1", GENE), CuratedKeyword("IL6", GENE)], id="half"),
        figure([CuratedKeyword("TP53", GENE)], id="silent"),  # nothing predicted, nothing reachable
        figure([], id="empty"),  # nothing curated
    ]
    predicted = {
        **prediction(Keyword("IL6", GENE), id="half"),
        **prediction(id="silent"),
        **prediction(Keyword("EPHB2", GENE), id="empty"),
    }
    overall = score_keywords(captions, predicted).overall
    assert overall.figures == 3
    assert overall.macro_precision.value == pytest.approx((1 + 0) / 2)
    assert overall.macro_recall.value == pytest.approx((0.5 + 0) / 2)
    assert overall.macro_f1.value == pytest.approx((2 / 3 + 0 + 0) / 3)
    assert overall.macro_reachable_recall.value == 1.0


def test_captions_without_a_list_repeated_and_missing_ones_are_told() -> None:
    captions = [
        figure(None, id="none"),
        figure([CuratedKeyword("IL6", GENE)], id="twice"),
        figure([], id="twice"),
        figure([CuratedKeyword("IL6", GENE)], id="missing"),
        figure([], id="changed"),
    ]
    predicted = {**prediction(id="twice"), "changed": Document("changed", "other text")}
    score = score_keywords(captions, predicted)
    assert score.without_list == 1
    assert score.repeated == ("twice",)
    assert score.missing == ("missing",)
    assert score.text_changed == ("changed",)
    assert score.overall.micro.counts.gold == 2


def test_the_captions_may_come_from_a_stream() -> None:
    assert len(score_keywords((figure([], id=str(i)) for i in range(3)), {}).figures) == 3


def test_equal_settings_give_equal_intervals() -> None:
    captions = [figure([CuratedKeyword("IL6", GENE)], id=str(i)) for i in range(20)]
    predicted = {str(i): Document(str(i), TEXT, keywords=(Keyword("IL6", GENE),)) for i in range(0, 20, 3)}
    first, second, other = (score_keywords(captions, predicted, bootstrap=Bootstrap(200, seed)) for seed in (1, 1, 2))
    assert first == second
    assert first.overall.micro.recall != other.overall.micro.recall
    recall = first.overall.micro.recall
    assert recall.low < recall.value < recall.high


NAMES = st.lists(st.sampled_from(["IL6", "il-6", "MAPK1", "TP53", "aspirin", "-"]), max_size=5)


@given(NAMES, NAMES)
def test_counts_hold_together(curated: list[str], predicted: list[str]) -> None:
    caption = figure([CuratedKeyword(name, GENE) for name in curated])
    score = score_keywords(
        [caption], prediction(*(Keyword(name, GENE) for name in predicted)), bootstrap=Bootstrap(resamples=5)
    )
    counts = score.overall.micro.counts
    assert counts.tp_gold == counts.tp_predicted <= min(counts.gold, counts.predicted)
    assert len(score.figures[0].misses) == counts.gold - counts.tp_gold
    assert len(score.figures[0].extras) == counts.predicted - counts.tp_predicted
    assert score.overall.reachable_found <= score.overall.reachable <= counts.gold
    assert score.by_type[GENE].micro.counts == counts


@given(NAMES)
def test_predicting_the_list_itself_is_perfect(curated: list[str]) -> None:
    caption = figure([CuratedKeyword(name, GENE) for name in curated])
    predicted = prediction(*(Keyword(name, GENE) for name in curated))
    counts = score_keywords([caption], predicted, bootstrap=Bootstrap(resamples=5)).overall.micro.counts
    assert counts.tp_gold == counts.gold
    assert counts.tp_predicted == counts.predicted
