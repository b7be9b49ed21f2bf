"""Evaluations against gold captions as tables to read, as a summary, and as tables to work on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

from nlp.evaluation.calibration import Reliability
from nlp.evaluation.comparison import Comparison
from nlp.evaluation.counts import Scores
from nlp.evaluation.edges import Edge
from nlp.evaluation.gold import CaptionScore, Evaluation
from nlp.evaluation.references import Grounding
from nlp.evaluation.report_parts import SCORE_COLUMNS, Row, range_notes, scores_row, settings, write_rows
from nlp.evaluation.tables import Table, decimal, interval, number, signed_interval
from nlp.types import Mention

HEADING: Final = "Evaluation against gold captions"

_MEASURES: Final = {
    "mentions_strict": "mentions, strict",
    "edges": "edges, type and sign right",
    "edges_untyped": "edges, pair right",
}
_OF_MENTIONS: Final = "mentions_strict"
_SIGN_MARKS: Final = {1: "+", -1: "-", 0: "0", None: ""}
_MENTION_COLUMNS: Final = ("caption", "outcome", "type", "start", "end", "text", "overlapping")
_EDGE_COLUMNS: Final = ("caption", "outcome", "source", "edge", "target", "same_pair_elsewhere")


def evaluation_tables(
    result: Evaluation, *, edges_only: bool = False, comparison: Comparison | None = None
) -> list[Table]:
    """The figures of an evaluation, as tables to read; those of which there is nothing to tell are left out.

    Args:
        result: of ``evaluate``.
        edges_only: leave out what says nothing where the mentions were given.
        comparison: with other predictions.
    """
    tables = [
        *(() if edges_only else _mention_tables(result)),
        *_grounding_tables(result.grounding),
        *_edge_tables(result),
        *(() if edges_only else _reliability_tables("mentions", "span and type", result.mention_reliability)),
        *_reliability_tables("edges", "names, type and sign", result.edge_reliability),
    ]
    asides = {
        "captions without a prediction": len(result.missing),
        "captions predicted from another text": len(result.text_changed),
    }
    if comparison is not None:
        tables.append(_comparison_table(comparison, edges_only=edges_only))
        asides["captions without another prediction"] = len(comparison.missing)
        asides["captions predicted otherwise from another text"] = len(comparison.text_changed)
    last = tables.pop()
    return [*tables, replace(last, notes=(*last.notes, *range_notes("captions", result.bootstrap, asides)))]


def _mention_tables(result: Evaluation) -> list[Table]:
    of_all = f"Mentions of {number(len(result.captions))} captions"
    return [
        Table(
            f"{of_all}, {how}",
            SCORE_COLUMNS,
            [scores_row(name, scores) for name, scores in {"all types": overall, **by_type}.items()],
            ("Gold: annotated mentions. Predicted: mentions that the prediction has.",),
        )
        for how, overall, by_type in (
            ("strict: same span and type", result.mentions_strict, result.strict_by_type),
            ("overlap: overlapping span, same type", result.mentions_overlap, result.overlap_by_type),
        )
    ]


def _grounding_tables(grounding: Grounding | None) -> list[Table]:
    if grounding is None:
        return []
    groups = {"all types": grounding.overall, **grounding.by_type}
    return [
        Table(
            "References of the gold mentions that were found",
            ("", "found", "coverage", "accuracy@1"),
            [(name, number(one.found), interval(one.coverage), interval(one.accuracy)) for name, one in groups.items()],
            (
                "Found: gold mentions with a reference, predicted with this span and type.",
                "Coverage: share of them with any. Accuracy@1: share whose first is right.",
            ),
        ),
        Table(
            "References end to end: span, type and first reference right",
            SCORE_COLUMNS,
            [scores_row(name, one.end_to_end) for name, one in groups.items()],
            (
                "Gold, predicted: mentions with a reference.",
                "What gold leaves without a reference is not judged.",
            ),
        ),
    ]


def _edge_tables(result: Evaluation) -> list[Table]:
    edges = {
        "type and sign right": result.edges,
        "type right": result.edges_typed,
        "pair right": result.edges_untyped,
        **result.edges_by_type,
    }
    of_mentions = {
        "type and sign right": result.mention_edges,
        "type right": result.mention_edges_typed,
        "pair right": result.mention_edges_untyped,
    }
    found = [
        ("right sign", interval(result.sign_accuracy)),
        ("right type", interval(result.type_accuracy)),
        ("activation and expression mixed up", interval(result.activation_expression)),
    ]
    return [
        Table(
            f"Asserted edges of {number(len(result.captions))} captions",
            SCORE_COLUMNS,
            [scores_row(name, scores) for name, scores in edges.items()],
            (
                "Gold, predicted: distinct edges between names of a caption, none of them denied.",
                "Type right: whatever the sign. Pair right: whatever the type and sign.",
                "Rows by type: type and sign right.",
            ),
        ),
        Table(
            "Asserted edges between the very mentions",
            SCORE_COLUMNS,
            [scores_row(name, scores) for name, scores in of_mentions.items()],
            (
                "Both ends marked where gold marks them, with the same spans and types.",
                "Gold marks an edge at one mention of each name, however often these come.",
            ),
        ),
        Table(
            "Gold edges whose pair was found",
            ("", "share"),
            found,
            ("Mixed up: share of the activation and expression edges taken for the other.",),
        ),
    ]


def _reliability_tables(what: str, right: str, diagram: Reliability) -> list[Table]:
    if not diagram.scored:
        return []
    return [
        Table(
            f"Scores of predicted {what}",
            ("score", "predicted", "mean score", "share right"),
            [
                (f"{one.low:.1f}–{one.high:.1f}", number(one.count), decimal(one.mean_score), interval(one.share_right))
                for one in diagram.bins
                if one.count
            ],
            (
                f"Expected calibration error {decimal(diagram.error)}: mean gap of score and share right.",
                f"Right: {right}.",
            ),
        )
    ]


def _comparison_table(comparison: Comparison, *, edges_only: bool) -> Table:
    return Table(
        "F1, against the other predictions",
        ("", "these", "others", "difference", "p"),
        [
            (
                _MEASURES[name],
                decimal(one.first),
                decimal(one.second),
                signed_interval(one.difference),
                decimal(one.p),
            )
            for name, one in comparison.measures.items()
            if not (edges_only and name == _OF_MENTIONS)
        ],
        ("Difference: these less the others. p: paired bootstrap test, two-sided.",),
    )


def evaluation_summary(result: Evaluation, comparison: Comparison | None = None) -> dict[str, Any]:
    """What ``summary.json`` holds; ``grounding`` and ``comparison`` are null where there is none."""
    grounding = result.grounding
    return {
        "captions": len(result.captions),
        "missing": [*result.missing],
        "text_changed": [*result.text_changed],
        "bootstrap": settings(result.bootstrap),
        "mentions_strict": asdict(result.mentions_strict),
        "mentions_overlap": asdict(result.mentions_overlap),
        "mentions_strict_by_type": _each(result.strict_by_type),
        "mentions_overlap_by_type": _each(result.overlap_by_type),
        "edges": asdict(result.edges),
        "edges_typed": asdict(result.edges_typed),
        "edges_untyped": asdict(result.edges_untyped),
        "edges_by_type": _each(result.edges_by_type),
        "mention_edges": asdict(result.mention_edges),
        "mention_edges_typed": asdict(result.mention_edges_typed),
        "mention_edges_untyped": asdict(result.mention_edges_untyped),
        "sign_accuracy": asdict(result.sign_accuracy),
        "type_accuracy": asdict(result.type_accuracy),
        "activation_expression": asdict(result.activation_expression),
        "confusion": [
            {"gold": gold, "predicted": predicted, "edges": edges}
            for (gold, predicted), edges in sorted(result.confusion.items())
        ],
        "grounding": grounding
        and {
            "overall": asdict(grounding.overall),
            "by_type": {type: asdict(one) for type, one in grounding.by_type.items()},
        },
        "mention_reliability": asdict(result.mention_reliability),
        "edge_reliability": asdict(result.edge_reliability),
        "mention_curve": [asdict(point) for point in result.mention_curve],
        "edge_curve": [asdict(point) for point in result.edge_curve],
        "comparison": comparison
        and {
            "measures": {name: asdict(one) for name, one in comparison.measures.items()},
            "missing": [*comparison.missing],
            "text_changed": [*comparison.text_changed],
        },
    }


def _each(scores: Mapping[str, Scores]) -> dict[str, Any]:
    return {name: asdict(value) for name, value in scores.items()}


def write_evaluation_rows(folder: Path, result: Evaluation) -> None:
    """Write ``mentions.tsv`` and ``edges.tsv``."""
    write_rows(folder / "mentions.tsv", _MENTION_COLUMNS, _mention_rows(result.captions))
    write_rows(folder / "edges.tsv", _EDGE_COLUMNS, _edge_rows(result.captions))


def _mention_rows(captions: Iterable[CaptionScore]) -> Iterator[Row]:
    for caption in captions:
        for outcome, mentions, others in (
            ("missed", caption.missed, caption.predicted),
            ("spurious", caption.spurious, caption.gold),
        ):
            for mention in mentions:
                overlapping = [f"{o.type}:{o.text}" for o in others if o.span.overlaps(mention.span)]
                yield (caption.id, outcome, *_mention_cells(mention), "|".join(overlapping))


def _mention_cells(mention: Mention) -> Row:
    return mention.type, mention.start, mention.end, mention.text


def _edge_rows(captions: Iterable[CaptionScore]) -> Iterator[Row]:
    for caption in captions:
        match = caption.edges
        for outcome, edges, others in (
            ("missed", match.missed, (*match.right, *match.spurious)),
            ("spurious", match.spurious, (*match.found, *match.missed)),
        ):
            for edge in edges:
                same_pair = [_label(other) for other in others if edge.joins_same(other)]
                source, target = edge.places[0]
                yield caption.id, outcome, source.text, _label(edge), target.text, "|".join(same_pair)


def _label(edge: Edge) -> str:
    """Type and sign as in ``activation+``, ``expression-``, ``binding0``."""
    return f"{edge.label.type}{_SIGN_MARKS[edge.label.sign]}" if edge.label else ""
