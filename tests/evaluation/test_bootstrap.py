"""Counts and bootstrap intervals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.evaluation import bootstrap as module
from nlp.evaluation.bootstrap import Bootstrap
from nlp.evaluation.counts import Counts


@st.composite
def counts(draw: st.DrawFn) -> Counts:
    predicted, gold = draw(st.integers(0, 9)), draw(st.integers(0, 9))
    return Counts(draw(st.integers(0, predicted)), predicted, draw(st.integers(0, gold)), gold)


def test_counts_give_precision_recall_and_f1() -> None:
    total = Counts(3, 4, 2, 5) + Counts(0, 2, 1, 1)
    assert total == Counts(3, 6, 3, 6)
    assert (total.precision, total.recall, total.f1) == (0.5, 0.5, 0.5)
    assert Counts(1, 4, 1, 1).f1 == pytest.approx(0.4)


def test_nothing_predicted_and_nothing_gold_score_zero() -> None:
    assert (Counts().precision, Counts().recall, Counts().f1) == (0, 0, 0)


def test_sums_are_of_whole_captions_drawn_with_replacement() -> None:
    columns = np.array([[1.0, 10.0], [100.0, 1000.0]])
    sums = Bootstrap(resamples=200).sums(columns)
    assert sums.shape == (200, 2)
    assert np.array_equal(sums[:, 1], 10 * sums[:, 0])
    assert set(sums[:, 0]) == {2.0, 101.0, 200.0}


def test_equal_seeds_draw_equally_and_others_otherwise() -> None:
    columns = np.arange(40.0).reshape(20, 2)
    assert np.array_equal(Bootstrap(50, 7).sums(columns), Bootstrap(50, 7).sums(columns))
    assert not np.array_equal(Bootstrap(50, 7).sums(columns), Bootstrap(50, 8).sums(columns))


def test_draws_do_not_depend_on_how_they_are_cut_into_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    columns = np.arange(33.0).reshape(11, 3)
    whole = Bootstrap(resamples=100).sums(columns)
    monkeypatch.setattr(module, "_DRAWS_AT_A_TIME", 35)
    assert np.array_equal(Bootstrap(resamples=100).sums(columns), whole)


def test_interval_is_close_to_that_of_a_binomial() -> None:
    right = [Counts(int(i % 4 == 0), 1, int(i % 4 == 0), 1) for i in range(400)]
    scores = Bootstrap(resamples=2000).scores({"x": right})["x"]
    half = 1.96 * (0.25 * 0.75 / 400) ** 0.5
    assert scores.precision.value == 0.25
    assert scores.precision.low == pytest.approx(0.25 - half, abs=0.006)
    assert scores.precision.high == pytest.approx(0.25 + half, abs=0.006)


def test_captions_that_are_all_alike_leave_no_doubt() -> None:
    f1 = Bootstrap().scores({"x": [Counts(1, 2, 1, 2)] * 5})["x"].f1
    assert (f1.low, f1.value, f1.high) == (0.5, 0.5, 0.5)


def test_wider_for_fewer_captions() -> None:
    pattern = [Counts(1, 1, 1, 1), Counts(0, 1, 0, 1)]
    few, many = (Bootstrap().scores({"x": pattern * n})["x"].f1 for n in (5, 100))
    assert few.high - few.low > 2 * (many.high - many.low)


def test_mean_over_captions_that_have_a_value() -> None:
    estimate = Bootstrap().ratios({"x": [(0.2, 1), (0.6, 1), (0, 0)]})["x"]
    assert estimate.value == pytest.approx(0.4)
    assert estimate.low == pytest.approx(0.2)  # not 0: a drawing that holds none with a value has no mean
    assert estimate.high == pytest.approx(0.6)


def test_drawings_without_an_item_of_a_rare_kind_do_not_count() -> None:
    # One caption of ten holds the only item: a third of the drawings do without it.
    scores = Bootstrap().scores({"x": [Counts(1, 1, 1, 1), *[Counts()] * 9]})["x"]
    for estimate in (scores.precision, scores.recall, scores.f1):
        assert (estimate.low, estimate.value, estimate.high) == (1, 1, 1)


def test_f1_of_drawings_with_items_on_one_side_alone_is_zero() -> None:
    scores = Bootstrap().scores({"x": [Counts(0, 2, 0, 0), Counts(1, 1, 1, 1), Counts()]})["x"]
    assert scores.recall.low == 1  # no drawing of the first or the last alone has a recall
    assert scores.f1.low == 0  # but the first alone has an F1
    missed = Bootstrap().scores({"x": [Counts(0, 0, 0, 2), Counts()]})["x"]
    assert (missed.f1.low, missed.f1.high, missed.recall.high) == (0, 0, 0)


def test_where_nothing_is_ever_defined_the_interval_is_the_value() -> None:
    scores = Bootstrap().scores({"x": [Counts(0, 3, 0, 0), Counts(0, 1, 0, 0)]})["x"]
    assert (scores.recall.low, scores.recall.value, scores.recall.high) == (0, 0, 0)
    mean = Bootstrap().ratios({"x": [(0, 0), (0, 0)]})["x"]
    assert (mean.low, mean.value, mean.high) == (0, 0, 0)


def test_no_captions_at_all() -> None:
    assert Bootstrap().scores({}) == {}
    empty = Bootstrap().scores({"x": []})["x"]
    assert empty.counts == Counts()
    assert (empty.f1.low, empty.f1.value, empty.f1.high) == (0, 0, 0)


@given(st.lists(counts(), max_size=12))
def test_intervals_are_ordered_shares(units: list[Counts]) -> None:
    scores = Bootstrap(resamples=50).scores({"x": units})["x"]
    assert scores.counts == sum(units, Counts())
    for estimate in (scores.precision, scores.recall, scores.f1):
        assert 0 <= estimate.low <= estimate.high <= 1
        assert 0 <= estimate.value <= 1


@given(st.lists(counts(), min_size=1, max_size=8), st.integers(0, 3))
def test_a_score_does_not_depend_on_what_is_scored_beside_it(units: list[Counts], seed: int) -> None:
    drawing = Bootstrap(resamples=30, seed=seed)
    alone = drawing.scores({"x": units})["x"]
    assert drawing.scores({"y": units[::-1], "x": units})["x"] == alone
