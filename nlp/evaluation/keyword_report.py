"""Scores against curated keywords as tables to read, as a summary, and as tables to work on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from nlp.evaluation.counts import Counts, ratio
from nlp.evaluation.keywords import KeywordScore
from nlp.evaluation.outcomes import FigureScore
from nlp.evaluation.report_parts import Row, RowFile, range_notes, scores_row, settings
from nlp.evaluation.tables import Table, decimal, interval, number

HEADING: Final = "Score against curated keywords"

_FIGURE_COLUMNS = (
    "figure", "types_known", "curated", "found", "predicted", "right", "reachable", "reachable_found",
    "precision", "recall", "f1", "reachable_recall",
)  # fmt: skip
_MISS_COLUMNS = ("figure", "keyword", "type", "reachable", "surface", "words")
_EXTRA_COLUMNS = ("figure", "keyword", "type", "curie", "mentions")


def keyword_tables(result: KeywordScore) -> list[Table]:
    """The figures of a score, as tables to read."""
    groups = {"all": result.overall}
    # A type of which nothing was curated and nothing predicted has nothing to show.
    groups |= {type: group for type, group in result.by_type.items() if _has_items(group.micro.counts)}
    return [
        Table(
            "Keywords against the whole curated list",
            ("", "figures", "curated", "predicted", "precision", "recall", "F1"),
            [(name, number(group.figures), *scores_row("", group.micro)[1:]) for name, group in groups.items()],
            (
                "Curated: keywords of the curated lists, read from the figures' images.",
                "Predicted: keywords predicted of the types that a figure was curated for.",
                "Precision: share right of the predicted. Recall: share found of the curated.",
            ),
        ),
        Table(
            "Keywords within reach: a surface form stands in the caption",
            ("", "reachable", "found", "share of list", "reachable recall"),
            [
                (
                    name,
                    number(group.reachable),
                    number(group.reachable_found),
                    interval(group.reachable_share),
                    interval(group.reachable_recall),
                )
                for name, group in groups.items()
            ],
            (
                "Reachable: curated keywords named in the caption. Found: those also predicted.",
                "Share of list: reachable / curated. Reachable recall: found / reachable.",
            ),
        ),
        Table(
            "Averages over figures",
            ("", "precision", "recall", "F1", "reachable recall"),
            [
                (
                    name,
                    interval(group.macro_precision),
                    interval(group.macro_recall),
                    interval(group.macro_f1),
                    interval(group.macro_reachable_recall),
                )
                for name, group in groups.items()
            ],
            ("Averages: each figure weighs the same, however long its list.", *_notes(result)),
        ),
    ]


def _notes(result: KeywordScore) -> tuple[str, ...]:
    untyped = result.overall.figures - result.typed_figures
    return range_notes(
        "figures",
        result.bootstrap,
        {
            "figures without a prediction": len(result.missing),
            "figures predicted from another text": len(result.text_changed),
            "captions without a curated list, left out": result.without_list,
            "figures that came again, left out": len(result.repeated),
            "figures that do not tell types, left out of the rows by type": untyped,
            "missed keywords of unknown type": result.unknown_misses,
            "keywords without the figure's words, so sought by the keyword alone": result.wordless,
        },
    )


def _has_items(counts: Counts) -> bool:
    return counts.gold + counts.predicted > 0


def keyword_summary(result: KeywordScore) -> dict[str, Any]:
    """What ``summary.json`` holds."""
    return {
        "figures": result.overall.figures,
        "typed_figures": result.typed_figures,
        "without_list": result.without_list,
        "repeated": [*result.repeated],
        "missing": [*result.missing],
        "text_changed": [*result.text_changed],
        "unknown_misses": result.unknown_misses,
        "wordless": result.wordless,
        "bootstrap": settings(result.bootstrap),
        "operating_point": {"min_scores": {**result.ranking.min_scores}, "chosen": result.ranking.chosen},
        "overall": asdict(result.overall),
        "by_type": {type: asdict(group) for type, group in result.by_type.items()},
    }


class KeywordRows:
    """The tables ``figures.tsv``, ``misses.tsv`` and ``extras.tsv``, written as figures are scored.

    They have no names until ``save``, so that nothing half done is found if it does not come to that.
    """

    def __init__(self) -> None:
        self._tables = {
            "figures.tsv": RowFile(_FIGURE_COLUMNS),
            "misses.tsv": RowFile(_MISS_COLUMNS),
            "extras.tsv": RowFile(_EXTRA_COLUMNS),
        }

    def add(self, figure: FigureScore) -> None:
        """Write the rows of a figure."""
        self._tables["figures.tsv"].write([_figure_row(figure)])
        self._tables["misses.tsv"].write(_miss_rows(figure))
        self._tables["extras.tsv"].write(_extra_rows(figure))

    def save(self, folder: Path) -> None:
        """Put the tables into a folder."""
        for name, table in self._tables.items():
            table.save(folder / name)

    def close(self) -> None:
        """Be done with what is temporary."""
        for table in self._tables.values():
            table.close()


def _figure_row(figure: FigureScore) -> Row:
    counts, (found, within) = figure.counts(), figure.reachable()
    return (
        figure.id,
        _yes(figure.typed),
        counts.gold,
        counts.tp_gold,
        counts.predicted,
        counts.tp_predicted,
        within,
        found,
        decimal(counts.precision),
        decimal(counts.recall),
        decimal(counts.f1),
        decimal(ratio(found, within)),
    )


def _miss_rows(figure: FigureScore) -> Iterator[Row]:
    for miss in figure.misses:
        keyword = miss.keyword
        words = "|".join(keyword.words)
        yield figure.id, keyword.keyword, miss.type, _yes(miss.reachable), miss.surface or "", words


def _extra_rows(figure: FigureScore) -> Iterator[Row]:
    for extra in figure.extras:
        keyword = extra.keyword
        yield figure.id, keyword.keyword, keyword.type, keyword.curie or "", "|".join(extra.surfaces)


def _yes(fact: bool) -> str:
    return "yes" if fact else "no"
