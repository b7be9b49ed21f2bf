"""Evaluations against gold captions as tables to read, as a summary, and as tables to work on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

from nlp.evaluation.comparison import ACCURACY, BY_TYPE, END_TO_END, Comparison
from nlp.evaluation.counts import Scores
from nlp.evaluation.edges import Edge
from nlp.evaluation.gold import CaptionScore, Evaluation
from nlp.evaluation.grounding_report import (
    REFERENCE_COLUMNS,
    grounding_reliability,
    grounding_summary,
    grounding_tables,
    reference_rows,
)
from nlp.evaluation.report_parts import (
    SCORE_COLUMNS,
    Row,
    range_notes,
    reliability_tables,
    scores_row,
    settings,
    write_rows,
)
from nlp.evaluation.tables import Table, decimal, interval, number, signed_interval
from nlp.types import Mention

HEADING: Final = "Evaluation against gold captions"

_MEASURES: Final = {
    "mentions_strict": "mentions, strict",
    "mentions_overlap": "mentions, overlap",
    "edges": "edges, type and sign right",
    "edges_typed": "edges, type right",
    "edges_untyped": "edges, pair right",
    "mention_edges": "very mentions, type and sign right",
    "mention_edges_typed": "very mentions, type right",
    "mention_edges_untyped": "very mentions, pair right",
    ACCURACY: "references, accuracy@1",
    END_TO_END: "references, end to end",
}
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
        *grounding_tables(result.grounding),
        *_edge_tables(result),
        *(() if edges_only else reliability_tables("mentions", "span and type", result.mention_reliability)),
        *grounding_reliability(result.grounding),
        *reliability_tables("edges", "names, type and sign", result.edge_reliability),
    ]
    asides = {
        "captions without a prediction": len(result.missing),
        "captions predicted from another text": len(result.text_changed),
    }
    if comparison is not None:
        tables.append(_comparison_table(comparison))
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


def _comparison_table(comparison: Comparison) -> Table:
    notes = [
        "Difference: these less the others. p: paired bootstrap test, two-sided.",
        f"{number(len(comparison.measures))} tests: one in twenty has p below .05 by chance alone.",
        "Holm: p corrected for all of them (Holm 1979), the one to hold against .05.",
    ]
    if ACCURACY in comparison.measures:
        notes.append("Accuracy@1 is a share, no F1: of either side over the mentions that it found.")
    return Table(
        "F1, against the other predictions",
        ("", "these", "others", "difference", "p", "Holm"),
        [
            (
                _measure(name),
                decimal(one.first),
                decimal(one.second),
                signed_interval(one.difference),
                decimal(one.p),
                decimal(comparison.corrected[name]),
            )
            for name, one in comparison.measures.items()
        ],
        notes,
    )


def _measure(name: str) -> str:
    """A measure as a person reads it."""
    return f"mentions, {name.removeprefix(BY_TYPE)}" if name.startswith(BY_TYPE) else _MEASURES[name]


def evaluation_summary(result: Evaluation, comparison: Comparison | None = None) -> dict[str, Any]:
    """What ``summary.json`` holds; ``grounding`` and ``comparison`` are null where there is none."""
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
        "grounding": grounding_summary(result.grounding),
        "mention_reliability": asdict(result.mention_reliability),
        "edge_reliability": asdict(result.edge_reliability),
        "mention_curve": [asdict(point) for point in result.mention_curve],
        "edge_curve": [asdict(point) for point in result.edge_curve],
        "comparison": comparison
        and {
            "measures": {
                name: {**asdict(one), "p_holm": comparison.corrected[name]} for name, one in comparison.measures.items()
            },
            "missing": [*comparison.missing],
            "text_changed": [*comparison.text_changed],
        },
    }


def _each(scores: Mapping[str, Scores]) -> dict[str, Any]:
    return {name: asdict(value) for name, value in scores.items()}


def write_evaluation_rows(folder: Path, result: Evaluation) -> None:
    """Write ``mentions.tsv`` and ``edges.tsv``, and ``references.tsv`` where gold has references."""
    write_rows(folder / "mentions.tsv", _MENTION_COLUMNS, _mention_rows(result.captions))
    write_rows(folder / "edges.tsv", _EDGE_COLUMNS, _edge_rows(result.captions))
    if result.grounding is not None:
        write_rows(folder / "references.tsv", REFERENCE_COLUMNS, reference_rows(result.captions))


def _mention_rows(captions: Iterable[CaptionScore]) -> Iterator[Row]:
    for caption in captions:
        for outcome, mentions, others in (
            ("missed", caption.missed, caption.predicted),
            ("spurious", caption.spurious, caption.gold),
        ):
            for mention in mentions:
                near = [] if caption.text_changed else [o for o in others if o.span.overlaps(mention.span)]
                overlapping = [f"{o.type}:{o.text}" for o in near]
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
