"""Charts of two shares, each from 0 to 1, laid out for SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Final

from nlp.evaluation.calibration import Reliability
from nlp.evaluation.curves import CurvePoint, OperatingPoint
from nlp.evaluation.tables import decimal, interval, number

WIDTH: Final = 360
HEIGHT: Final = 280
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 12, 42

STRETCHED: Final = (0.01, 0.1, 0.5, 0.9, 0.99, 0.999)
"""Scores that are told on an axis of log odds."""
THRESHOLDS: Final = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
"""About where the table of a curve has rows."""


def stretched(score: float) -> float:
    """A score by its log odds, as a share of the range from .01 to .999: most scores are close to 1."""
    low, high = (log(end / (1 - end)) for end in (STRETCHED[0], STRETCHED[-1]))
    kept = min(STRETCHED[-1], max(STRETCHED[0], score))
    return (log(kept / (1 - kept)) - low) / (high - low)


def x_of(value: float) -> float:
    """Where a share stands from the left, in the units of the drawing."""
    return round(LEFT + min(1.0, max(0.0, value)) * (WIDTH - LEFT - RIGHT), 1)


def y_of(value: float) -> float:
    """Where a share stands from the top."""
    return round(HEIGHT - BOTTOM - min(1.0, max(0.0, value)) * (HEIGHT - TOP - BOTTOM), 1)


TICKS: Final = tuple((step / 5, f"{step / 5:.1f}") for step in range(6))


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart: its name and its points, in shares."""

    name: str
    points: Sequence[tuple[float, float]]

    @property
    def drawn(self) -> str:
        """The points as SVG wants them."""
        return " ".join(f"{x_of(x):g},{y_of(y):g}" for x, y in self.points)


@dataclass(frozen=True, slots=True)
class Dot:
    """A point that is marked: where everything predicted is kept, or a bin of a reliability diagram.

    Attributes:
        low, high: bounds of the interval of ``y``; None if there is none.
    """

    x: float
    y: float
    title: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart, with the words for those who do not see it.

    Attributes:
        title: what it shows.
        x, y: what the axes are.
        lines: at most four, told apart by colour and by dashes.
        dots: points that are marked.
        dot: what a marked point is.
        description: what is to be seen, in a sentence or two.
        diagonal: whether to draw where both shares are equal.
        ticks: where the axis from left to right has numbers, and which.
    """

    title: str
    x: str
    y: str
    lines: Sequence[Line]
    dots: Sequence[Dot]
    dot: str
    description: str
    diagonal: bool = False
    ticks: Sequence[tuple[float, str]] = TICKS


@dataclass(frozen=True, slots=True)
class Drawing:
    """Charts that belong together, over one table of their numbers; no rows where these stand elsewhere."""

    title: str
    charts: Sequence[Chart]
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


def curve_drawing(
    title: str, recalls: Mapping[str, Sequence[CurvePoint]], operating: OperatingPoint | None = None
) -> Drawing | None:
    """Precision over recall, and all of them over the threshold of the score.

    Args:
        title: what the curves are of.
        recalls: one curve for each way to count recall, by its name, all of the same predicted items: the first with
            the F1 to show.
        operating: what was predicted; by default everything that the curves are of.

    Returns:
        The drawing; None where all scores are the same, so that there is nothing to choose.
    """
    (first, main), *_ = recalls.items()
    if len(main) < 2:
        return None
    point = operating or _all_kept(recalls)
    at_point = ", ".join(f"{name} {decimal(recall)}" for name, recall in point.recalls.items())
    note = f" {point.note}" if point.note else ""
    kept = ", ".join(f"{name} {decimal(points[0].recall)}" for name, points in recalls.items())
    half = min(main, key=lambda point: abs(2 * point.predicted - main[0].predicted))
    at_half = ", ".join(f"{name} {decimal(points[main.index(half)].recall)}" for name, points in recalls.items())
    best = max(main, key=lambda point: point.f1)
    over_recall = Chart(
        title=f"{title}: precision over recall",
        x="recall",
        y="precision",
        lines=[Line(name, _rising(points)) for name, points in recalls.items()],
        dots=[
            Dot(
                recall,
                point.precision,
                f"{name}: {point.choice}, precision {decimal(point.precision)}, recall {decimal(recall)}",
            )
            for name, recall in point.recalls.items()
        ],
        dot=f"operating point: {point.choice}",
        description=f"Operating point: precision {decimal(point.precision)}, {at_point}.{note} "
        f"The best F1, {decimal(best.f1)}, is at threshold {decimal(best.threshold)}, with precision "
        f"{decimal(best.precision)} and {first} {decimal(best.recall)}.",
    )
    least, dots = point.threshold, []
    if least is not None:
        shares = {"precision": point.precision, **point.recalls, "F1": point.f1}
        dots = [
            Dot(stretched(least), share, f"{name} {decimal(share)}, {point.choice}") for name, share in shares.items()
        ]
    over_threshold = Chart(
        title=f"{title}: over the threshold",
        x="threshold: least score kept (log odds)",
        y="share",
        lines=[
            Line("precision", _over_threshold(main, [point.precision for point in main])),
            *(Line(name, _over_threshold(points, [one.recall for one in points])) for name, points in recalls.items()),
            Line("F1", _over_threshold(main, [point.f1 for point in main])),
        ],
        dots=dots,
        dot=f"operating point: {point.choice}" if dots else "",
        description=f"With the surer half, scored at least {decimal(half.threshold)}: precision "
        f"{decimal(half.precision)}, {at_half}. With all {number(main[0].predicted)}: precision "
        f"{decimal(main[0].precision)}, {kept}.",
        ticks=[(stretched(score), f"{score:g}") for score in STRETCHED],
    )
    thresholds = sorted({*THRESHOLDS, least} if least is not None else THRESHOLDS)
    return Drawing(
        title,
        (over_recall, over_threshold),
        ("score at least", "kept", "precision", *recalls, "F1"),
        [*dict.fromkeys(row for start in thresholds if (row := _curve_row(start, [*recalls.values()], least)))],
    )


def _all_kept(recalls: Mapping[str, Sequence[CurvePoint]]) -> OperatingPoint:
    points = {name: curve[0] for name, curve in recalls.items()}
    first = next(iter(points.values()))
    shares = {name: point.recall for name, point in points.items()}
    return OperatingPoint("everything predicted is kept", None, first.precision, shares, first.f1)


def _over_threshold(points: Sequence[CurvePoint], values: Sequence[float]) -> list[tuple[float, float]]:
    """Values over stretched thresholds, from the lowest threshold there is."""
    return [
        (0.0, values[0]),
        *((stretched(point.threshold), value) for point, value in zip(points, values, strict=True)),
    ]


def _rising(points: Sequence[CurvePoint]) -> list[tuple[float, float]]:
    return [(point.recall, point.precision) for point in reversed(points)]


def _curve_row(least: float, curves: Sequence[Sequence[CurvePoint]], marked: float | None) -> tuple[str, ...]:
    """The point of each curve with the lowest threshold from ``least`` on; empty if there is none."""
    points = [point for curve in curves if (point := next((one for one in curve if one.threshold >= least), None))]
    if not points:
        return ()
    main, recalls = points[0], [decimal(point.recall) for point in points]
    threshold = f"{decimal(main.threshold)} (in use)" if main.threshold == marked else decimal(main.threshold)
    return (threshold, number(main.predicted), decimal(main.precision), *recalls, decimal(main.f1))


def reliability_drawing(title: str, diagram: Reliability) -> Drawing | None:
    """The share right over the mean score, by bins of the score; None where there are no scores."""
    filled = [one for one in diagram.bins if one.count]
    if not diagram.scored or not filled:
        return None
    mean = sum(one.count * one.mean_score for one in filled) / diagram.items
    right = sum(one.count * one.share_right.value for one in filled) / diagram.items
    chart = Chart(
        title=f"{title}: reliability",
        x="mean score",
        y="share right",
        lines=[Line("share right", [(one.mean_score, one.share_right.value) for one in filled])],
        dots=[
            Dot(
                one.mean_score,
                one.share_right.value,
                f"{number(one.count)} items, mean score {decimal(one.mean_score)}, right {interval(one.share_right)}",
                one.share_right.low,
                one.share_right.high,
            )
            for one in filled
        ],
        dot="bin of scores, with its interval",
        description=f"Mean score {decimal(mean)}, share right {decimal(right)}, over {number(diagram.items)} items. "
        f"Expected calibration error {decimal(diagram.error)}: the mean gap between the two, bin by bin.",
        diagonal=True,
    )
    return Drawing(title, (chart,), (), ())
