"""How sure a document is of a keyword, and the curves over that."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.evaluation.bootstrap import Bootstrap
from nlp.evaluation.html.keywords import keyword_curves
from nlp.evaluation.keywords import FigureScore, keyword_score, score_keywords
from nlp.types import Caption, CuratedKeyword, CuratedList, Document, Keyword, Mention

GENE = "GENE"
TEXT = "ERK2 and AKT act on BAD."
MENTIONS = (
    Mention("T1", GENE, 0, 4, "ERK2", 0.9),
    Mention("T2", GENE, 9, 12, "AKT", 0.4),
    Mention("T3", GENE, 20, 23, "BAD", 0.7),
)


def scored(curated: list[str], keywords: list[Keyword], text: str = TEXT) -> FigureScore:
    caption = Caption(
        "F1", TEXT, curated=CuratedList(tuple(CuratedKeyword(k, GENE) for k in curated), frozenset({GENE}))
    )
    document = Document("F1", text, MENTIONS, keywords=tuple(keywords))
    return score_keywords([caption], {"F1": document}, bootstrap=Bootstrap(5)).figures[0]


def test_a_keyword_is_as_sure_as_its_surest_mention() -> None:
    mentions = {mention.id: mention for mention in MENTIONS}
    assert keyword_score(Keyword("X", GENE, mentions=("T2", "T1")), mentions) == 0.9
    assert keyword_score(Keyword("X", GENE), mentions) == 0


def test_a_curated_keyword_is_found_as_surely_as_its_surest_prediction() -> None:
    figure = scored(
        ["AKT", "TP53", "ERK2"],
        [Keyword("AKT", GENE, mentions=("T2",)), Keyword("akt", GENE, mentions=("T3",)), Keyword("ERK2", GENE)],
    )
    assert [outcome.score for outcome in figure.curated] == [0.7, None, 0.0]
    assert [outcome.found for outcome in figure.curated] == [True, False, True]
    assert [outcome.score for outcome in figure.predicted] == [0.7, 0.0]


def test_a_curated_keyword_tells_where_it_stands() -> None:
    figure = scored(["akt", "TP53"], [])
    assert [outcome.span and outcome.span.of(TEXT) for outcome in figure.curated] == ["AKT", None]
    assert [outcome.surface for outcome in figure.curated] == ["AKT", None]


def test_mentions_of_another_text_are_not_the_figure_s() -> None:
    assert scored([], []).mentions == MENTIONS
    assert scored([], [], text=f"{TEXT} More.").mentions == ()


def test_curves_by_hand() -> None:
    figure = scored(
        ["AKT", "BAD", "TP53"],
        [
            Keyword("ERK2", GENE, mentions=("T1",)),  # .9, extra
            Keyword("BAD", GENE, mentions=("T3",)),  # .7, right
            Keyword("AKT", GENE, mentions=("T2",)),  # .4, right
        ],
    )
    curves = keyword_curves([figure])
    assert [*curves] == ["recall", "reachable recall"]
    assert [(point.threshold, point.predicted) for point in curves["recall"]] == [(0.4, 3), (0.7, 2), (0.9, 1)]
    assert [point.precision for point in curves["recall"]] == pytest.approx([2 / 3, 1 / 2, 0])
    assert [point.recall for point in curves["recall"]] == pytest.approx([2 / 3, 1 / 3, 0])
    assert [point.recall for point in curves["reachable recall"]] == pytest.approx([1, 1 / 2, 0])


def test_nothing_predicted_has_no_curve() -> None:
    assert keyword_curves([scored(["AKT"], [])]) == {}


NAMES = st.lists(st.sampled_from(["ERK2", "AKT", "BAD", "TP53"]), unique=True)
KEYWORDS = st.lists(
    st.builds(
        Keyword,
        st.sampled_from(["ERK2", "AKT", "BAD", "EGFR"]),
        st.just(GENE),
        mentions=st.lists(st.sampled_from(["T1", "T2", "T3"]), unique=True).map(tuple),
    ),
    min_size=1,
)


@given(NAMES, KEYWORDS)
def test_a_curve_begins_with_what_is_reported_and_recall_only_falls(
    curated: list[str], keywords: list[Keyword]
) -> None:
    figure = scored(curated, keywords)
    whole, within = keyword_curves([figure]).values()
    counts, (found, reachable) = figure.counts(), figure.reachable()
    assert (whole[0].predicted, whole[0].precision, whole[0].recall) == (
        counts.predicted, counts.precision, counts.recall
    )  # fmt: skip
    assert within[0].recall == (found / reachable if reachable else 0)
    for points in (whole, within):
        recalls = [point.recall for point in points]
        assert recalls == sorted(recalls, reverse=True)
