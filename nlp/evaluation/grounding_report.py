"""How references were judged, as tables to read, as a summary, and as rows to work on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any, Final

from nlp.evaluation.gold import CaptionScore
from nlp.evaluation.grounding import Grounding, ReferenceScores, WrongReference, wrong_references
from nlp.evaluation.references import first_curie
from nlp.evaluation.report_parts import SCORE_COLUMNS, Row, reliability_tables, scores_row
from nlp.evaluation.tables import Table, decimal, interval, number

REFERENCE_COLUMNS: Final = (
    "caption", "outcome", "type", "start", "end", "text", "gold", "predicted", "name", "score"
)  # fmt: skip
_LISTED: Final = 15
"""Wrong references in the table; the summary has all of them."""


def grounding_tables(grounding: Grounding | None) -> list[Table]:
    """Accuracy, end-to-end scores, kinds of errors, and the most frequent wrong references; nothing of nothing."""
    if grounding is None:
        return []
    groups = {"all types": grounding.overall, **grounding.by_type}
    return [
        Table(
            "References of the gold mentions that were found",
            ("", "found", "coverage", "accuracy@1", "with families"),
            [
                (
                    name,
                    number(one.found),
                    interval(one.coverage),
                    interval(one.accuracy),
                    interval(one.accuracy_with_families),
                )
                for name, one in groups.items()
            ],
            (
                "Found: gold mentions with a reference, predicted with this span and type.",
                "Coverage: share of them with any. Accuracy@1: share whose first is right.",
                "With families: a family or complex is right for its members.",
            ),
        ),
        Table(
            "References end to end: span, type and first reference right",
            SCORE_COLUMNS,
            [scores_row(name, one.end_to_end) for name, one in groups.items()],
            (
                "Gold, predicted: mentions with a reference.",
                "What gold leaves without a reference is not judged.",
                f"F1 of all types with families: {interval(grounding.overall.end_to_end_with_families.f1)}.",
            ),
        ),
        Table(
            "References end to end: what goes wrong",
            ("", "mentions"),
            [(kind.value, number(count)) for kind, count in grounding.overall.errors.items()],
            ("All but the last row: gold mentions. The last: predicted ones with a reference.",),
        ),
        *_wrong_table(grounding.wrong),
    ]


def grounding_reliability(grounding: Grounding | None) -> list[Table]:
    """The reliability diagram of references as a table; none where there are no scores."""
    if grounding is None:
        return []
    scores = grounding.overall
    strict, lenient = scores.reliability.error, scores.reliability_with_families.error
    note = f"Expected calibration error {decimal(lenient)} where a family is right for its members."
    return reliability_tables(
        "references", "first reference of a mention found", scores.reliability, () if strict == lenient else (note,)
    )


def _wrong_table(wrong: tuple[WrongReference, ...]) -> list[Table]:
    if not wrong:
        return []
    shown = wrong[:_LISTED]
    return [
        Table(
            "Wrong references, the most frequent",
            ("mentions read", "gold", "predicted", "mentions"),
            [
                (_cut(" ".join(one.texts[0].split())), short_curies(one.gold), _predicted(one), number(one.count))
                for one in shown
            ],
            (
                f"Shown: {number(len(shown))} of {number(len(wrong))} pairs of gold and predicted identifiers.",
                "Asterisk: the family of what was meant. +1: gold has one identifier more.",
            ),
        )
    ]


def _predicted(one: WrongReference) -> str:
    return f"{_cut(one.predicted)}{'*' if one.is_family else ''}"


def short_curies(curies: Sequence[str]) -> str:
    """The first of several identifiers, and how many more there are."""
    return _cut(curies[0]) + (f" +{len(curies) - 1}" if len(curies) > 1 else "")


def _cut(text: str, most: int = 24) -> str:
    # No ellipsis character: the tables of a terminal are told to be complete.
    return text if len(text) <= most else f"{text[: most - 2]}.."


def grounding_summary(grounding: Grounding | None) -> dict[str, Any] | None:
    """What ``summary.json`` holds of references; None where there are none."""
    if grounding is None:
        return None
    return {
        "overall": _record(grounding.overall),
        "by_type": {type: _record(one) for type, one in grounding.by_type.items()},
        "wrong": [
            {
                "gold": [*one.gold],
                "predicted": one.predicted,
                "family": one.is_family,
                "type": one.type,
                "texts": [*one.texts],
                "mentions": one.count,
            }
            for one in grounding.wrong
        ],
    }


def _record(scores: ReferenceScores) -> dict[str, Any]:
    return {
        "found": scores.found,
        "coverage": asdict(scores.coverage),
        "accuracy": asdict(scores.accuracy),
        "accuracy_with_families": asdict(scores.accuracy_with_families),
        "end_to_end": asdict(scores.end_to_end),
        "end_to_end_with_families": asdict(scores.end_to_end_with_families),
        "errors": {kind.name.lower(): count for kind, count in scores.errors.items()},
        "reliability": asdict(scores.reliability),
        "reliability_with_families": asdict(scores.reliability_with_families),
    }


def reference_rows(captions: Iterable[CaptionScore]) -> Iterator[Row]:
    """Every wrong reference, under ``REFERENCE_COLUMNS``."""
    for caption in captions:
        for gold, predicted, outcome in wrong_references(caption.references):
            reference = predicted.references[0]
            yield (
                caption.id,
                outcome.value,
                gold.type,
                gold.start,
                gold.end,
                gold.text,
                "|".join(one.curie for one in gold.references),
                first_curie(predicted) or "",
                reference.name,
                decimal(reference.score),
            )
