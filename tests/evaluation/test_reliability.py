"""Reliability diagrams and curves over the threshold."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_curve

from nlp.evaluation.bootstrap import Bootstrap
from nlp.evaluation.calibration import BINS, Judged, Reliability, calibration_error, reliability, shares_of_bins
from nlp.evaluation.curves import MAX_POINTS, precision_recall

judged = st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=12)


def diagram(units: list[list[Judged]], bootstrap: Bootstrap = Bootstrap(50)) -> Reliability:  # noqa: B008
    shares = bootstrap.ratios(dict(enumerate(shares_of_bins(units))))
    return reliability(units, [shares[place] for place in range(BINS)])


def test_a_bin_holds_its_lower_end_and_the_last_one_both() -> None:
    made = diagram([[(0.0, True), (0.1, True), (0.7, False)], [(0.99, True), (1.0, False)]])
    assert [one.count for one in made.bins] == [1, 1, 0, 0, 0, 0, 0, 1, 0, 2]
    assert [(one.low, one.high) for one in made.bins][::9] == [(0, 0.1), (0.9, 1)]
    assert made.bins[9].mean_score == pytest.approx(0.995)
    assert made.bins[9].share_right.value == 0.5
    assert (made.bins[2].mean_score, made.bins[2].share_right.value) == (0, 0)


def test_shares_are_counted_by_caption() -> None:
    shares = shares_of_bins([[(0.95, True), (0.92, False)], [], [(0.5, True), (0.91, True)]])
    assert shares[9] == [(1, 2), (0, 0), (1, 1)]
    assert shares[5] == [(0, 0), (0, 0), (1, 1)]


def test_the_error_is_the_mean_gap_over_items() -> None:
    made = diagram([[(0.8, True), (0.8, False), (0.8, False), (0.3, False)]])
    assert made.error == pytest.approx((3 * abs(0.8 - 1 / 3) + 0.3) / 4)


def test_the_error_is_that_of_the_diagram() -> None:
    honest = [(0.75, True)] * 3 + [(0.75, False)] + [(0.25, True)] + [(0.25, False)] * 3
    assert calibration_error(honest) == diagram([honest[:3], honest[3:]]).error == pytest.approx(0)
    assert calibration_error([(0.95, False)] * 2 + [(0.15, True)] * 2) == pytest.approx((0.95 + 0.85) / 2)
    assert calibration_error([(1.0, True), (0.0, False)]) == calibration_error([]) == 0


def test_scores_that_are_what_they_claim_have_next_to_no_error() -> None:
    chance = random.Random(1)  # noqa: S311
    scores = [chance.random() for _ in range(20_000)]
    honest = diagram([[(score, chance.random() < score) for score in scores]])
    boastful = diagram([[(score, chance.random() < score * score) for score in scores]])
    assert honest.error < 0.02
    assert boastful.error == pytest.approx(1 / 2 - 1 / 3, abs=0.01)


def test_the_share_right_has_an_interval_over_captions() -> None:
    one = diagram([[(0.95, place % 4 != 0)] * 2 for place in range(200)], Bootstrap(1000)).bins[9]
    half = 1.96 * (0.75 * 0.25 / 200) ** 0.5
    assert (one.share_right.low, one.share_right.high) == pytest.approx((0.75 - half, 0.75 + half), abs=0.01)


def test_items_without_scores_are_told() -> None:
    assert not diagram([[(1.0, True), (1.0, False)]]).scored
    assert not diagram([]).scored
    assert diagram([[(1.0, True), (0.4, False)]]).scored
    assert (diagram([]).items, diagram([[]]).error) == (0, 0)


@given(st.lists(judged, max_size=4))
def test_every_item_is_in_one_bin(units: list[list[Judged]]) -> None:
    made = diagram(units)
    items = [one for unit in units for one in unit]
    assert sum(one.count for one in made.bins) == made.items == len(items)
    assert sum(one.count * one.share_right.value for one in made.bins) == pytest.approx(
        sum(right for _, right in items)
    )
    assert sum(one.count * one.mean_score for one in made.bins) == pytest.approx(sum(score for score, _ in items))
    assert all(one.low - 1e-9 <= one.mean_score <= one.high + 1e-9 for one in made.bins if one.count)
    assert 0 <= made.error <= 1


def test_a_curve_by_hand() -> None:
    points = precision_recall([(0.9, True), (0.5, False), (0.5, True), (0.2, False)], [0.9, 0.5, 0.5], 5)
    assert [(point.threshold, point.predicted, point.precision, point.recall) for point in points] == [
        (0.2, 4, 0.5, 0.6),
        (0.5, 3, pytest.approx(2 / 3), 0.6),
        (0.9, 1, 1, 0.2),
    ]
    assert points[0].f1 == pytest.approx(2 * 0.5 * 0.6 / 1.1)


def test_nothing_predicted_has_no_curve_and_nothing_gold_no_recall() -> None:
    assert precision_recall([], [], 3) == ()
    assert precision_recall([(0.5, False)], [], 0)[0].recall == 0


@given(judged.filter(lambda items: any(right for _, right in items)))
def test_a_curve_is_that_of_scikit_learn(items: list[Judged]) -> None:
    scores, right = [score for score, _ in items], [right for _, right in items]
    found = [score for score, is_right in items if is_right]
    points = precision_recall(items, found, len(found))
    precision, recall, thresholds = precision_recall_curve(right, scores)
    assert [point.threshold for point in points] == thresholds.tolist()
    assert [point.precision for point in points] == pytest.approx(precision[:-1].tolist())
    assert [point.recall for point in points] == pytest.approx(recall[:-1].tolist())


def test_a_long_curve_is_thinned_but_keeps_both_ends() -> None:
    scores = np.random.default_rng(0).random(5000).tolist()
    items = [(score, place % 3 == 0) for place, score in enumerate(scores)]
    points = precision_recall(items, [score for score, right in items if right], 4000)
    assert MAX_POINTS / 2 < len(points) <= MAX_POINTS
    assert (points[0].predicted, points[-1].predicted) == (5000, 1)
    assert [point.threshold for point in points] == sorted(point.threshold for point in points)
    assert max(one.predicted - other.predicted for one, other in pairwise(points)) < 60
