"""Results as tables to read, and as files to work on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from nlp.evaluation.bootstrap import CONFIDENCE, Bootstrap
from nlp.evaluation.counts import Counts, Scores, ratio
from nlp.evaluation.edges import Edge
from nlp.evaluation.gold import CaptionScore, Evaluation
from nlp.evaluation.keywords import FigureScore, KeywordScore, KeywordScores
from nlp.evaluation.tables import Table, decimal, interval, number, print_tables, to_markdown
from nlp.types import Mention

Row = Sequence[str | int]


def tables(result: Evaluation | KeywordScore, *, edges_only: bool = False) -> list[Table]:
    """The figures of a result, as tables to read.

    Args:
        result: of ``evaluate`` or ``score_keywords``.
        edges_only: leave out the tables of mentions, which say nothing where the mentions were given. Makes no
            difference to a score of keywords.
    """
    if isinstance(result, KeywordScore):
        return _keyword_tables(result)
    return [*(() if edges_only else _mention_tables(result)), *_edge_tables(result)]


def print_report(result: Evaluation | KeywordScore, file: TextIO | None = None, *, edges_only: bool = False) -> None:
    """Print the figures of a result; to standard output if ``file`` is None. For ``edges_only`` see ``tables``."""
    print_tables(tables(result, edges_only=edges_only), file)


def write_report(folder: Path, result: Evaluation | KeywordScore, *, edges_only: bool = False) -> None:
    """Write a result into a folder, which is made if it is not there.

    ``summary.json`` and ``summary.md`` hold the figures with their intervals. For curated keywords there are also
    ``figures.tsv``, ``misses.tsv`` and ``extras.tsv``; for gold captions ``mentions.tsv`` and ``edges.tsv`` with
    everything missed and everything spurious. Tables have one header line, no quoting, and lists joined by ``|``.

    Args:
        folder: where to.
        result: of ``evaluate`` or ``score_keywords``.
        edges_only: leave the tables of mentions out of ``summary.md``; the other files are the same.

    Raises:
        OSError: if the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if isinstance(result, Evaluation):
        heading, summary = "Evaluation against gold captions", _evaluation_summary(result)
        _write_rows(folder / "mentions.tsv", _MENTION_COLUMNS, _mention_rows(result.captions))
        _write_rows(folder / "edges.tsv", _EDGE_COLUMNS, _edge_rows(result.captions))
    else:
        heading, summary = "Score against curated keywords", _keyword_summary(result)
        _write_rows(folder / "figures.tsv", _FIGURE_COLUMNS, _figure_rows(result))
        _write_rows(folder / "misses.tsv", _MISS_COLUMNS, _miss_rows(result.figures))
        _write_rows(folder / "extras.tsv", _EXTRA_COLUMNS, _extra_rows(result.figures))
    text = json.dumps(summary, indent=1, ensure_ascii=False)
    (folder / "summary.json").write_text(text + "\n", encoding="utf-8")
    (folder / "summary.md").write_text(
        f"# {heading}\n\n{to_markdown(tables(result, edges_only=edges_only))}", encoding="utf-8"
    )


# --- tables to read


_SCORE_COLUMNS = ("", "gold", "predicted", "precision", "recall", "F1")


def _mention_tables(result: Evaluation) -> list[Table]:
    of_all = f"Mentions of {number(len(result.captions))} captions"
    return [
        Table(
            f"{of_all}, {how}",
            _SCORE_COLUMNS,
            [_scores_row(name, scores) for name, scores in {"all types": overall, **by_type}.items()],
            ("Gold: annotated mentions. Predicted: mentions that the prediction has.",),
        )
        for how, overall, by_type in (
            ("strict: same span and type", result.mentions_strict, result.strict_by_type),
            ("overlap: overlapping span, same type", result.mentions_overlap, result.overlap_by_type),
        )
    ]


def _edge_tables(result: Evaluation) -> list[Table]:
    edges = {"type and sign right": result.edges, "pair right": result.edges_untyped, **result.edges_by_type}
    found = [
        ("right sign", interval(result.sign_accuracy)),
        ("right type", interval(result.type_accuracy)),
        ("activation and expression mixed up", interval(result.activation_expression)),
    ]
    return [
        Table(
            f"Asserted edges of {number(len(result.captions))} captions",
            _SCORE_COLUMNS,
            [_scores_row(name, scores) for name, scores in edges.items()],
            (
                "Gold, predicted: distinct edges between names of a caption, none of them denied.",
                "Pair right: the same names joined, whatever the type and sign.",
                "Rows by type: type and sign right.",
            ),
        ),
        Table(
            "Gold edges whose pair was found",
            ("", "share"),
            found,
            ("Mixed up: share of the activation and expression edges taken for the other.", *_notes(result)),
        ),
    ]


def _keyword_tables(result: KeywordScore) -> list[Table]:
    groups = {"all": result.overall}
    # A type of which nothing was curated and nothing predicted has nothing to show.
    groups |= {type: group for type, group in result.by_type.items() if _has_items(group.micro.counts)}
    return [
        Table(
            "Keywords against the whole curated list",
            ("", "figures", "curated", "predicted", "precision", "recall", "F1"),
            [(name, number(group.figures), *_scores_row("", group.micro)[1:]) for name, group in groups.items()],
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


def _has_items(counts: Counts) -> bool:
    return counts.gold + counts.predicted > 0


def _scores_row(name: str, scores: Scores) -> tuple[str, ...]:
    return (
        name,
        number(scores.counts.gold),
        number(scores.counts.predicted),
        interval(scores.precision),
        interval(scores.recall),
        interval(scores.f1),
    )


def _notes(result: Evaluation | KeywordScore) -> list[str]:
    """What holds for all tables of a report, in lines of at most 80 characters."""
    unit = "captions" if isinstance(result, Evaluation) else "figures"
    resamples = number(result.bootstrap.resamples)
    asides = {f"{unit} without a prediction": len(result.missing)}
    asides[f"{unit} predicted from another text"] = len(result.text_changed)
    if isinstance(result, KeywordScore):
        asides |= {
            "captions without a curated list, left out": result.without_list,
            "figures that came again, left out": len(result.repeated),
            "figures that do not tell types, left out of the rows by type": len(result.figures) - result.typed_figures,
            "missed keywords of unknown type": result.unknown_misses,
            "keywords without the figure's words, so sought by the keyword alone": result.wordless,
        }
    return [
        f"Ranges: {CONFIDENCE:.0%} bootstrap intervals over {unit}, {resamples} resamples.",
        "With few items ranges are too narrow: where captions are alike, without width.",
        *(f"{what[0].upper()}{what[1:]}: {number(count)}." for what, count in asides.items() if count),
    ]


# --- summary.json


def _evaluation_summary(result: Evaluation) -> dict[str, Any]:
    return {
        "captions": len(result.captions),
        "missing": [*result.missing],
        "text_changed": [*result.text_changed],
        "bootstrap": _settings(result.bootstrap),
        "mentions_strict": asdict(result.mentions_strict),
        "mentions_overlap": asdict(result.mentions_overlap),
        "mentions_strict_by_type": _each(result.strict_by_type),
        "mentions_overlap_by_type": _each(result.overlap_by_type),
        "edges": asdict(result.edges),
        "edges_untyped": asdict(result.edges_untyped),
        "edges_by_type": _each(result.edges_by_type),
        "sign_accuracy": asdict(result.sign_accuracy),
        "type_accuracy": asdict(result.type_accuracy),
        "activation_expression": asdict(result.activation_expression),
        "confusion": [
            {"gold": gold, "predicted": predicted, "edges": edges}
            for (gold, predicted), edges in sorted(result.confusion.items())
        ],
    }


def _keyword_summary(result: KeywordScore) -> dict[str, Any]:
    return {
        "figures": len(result.figures),
        "typed_figures": result.typed_figures,
        "without_list": result.without_list,
        "repeated": [*result.repeated],
        "missing": [*result.missing],
        "text_changed": [*result.text_changed],
        "unknown_misses": result.unknown_misses,
        "wordless": result.wordless,
        "bootstrap": _settings(result.bootstrap),
        "overall": asdict(result.overall),
        "by_type": _each(result.by_type),
    }


def _settings(bootstrap: Bootstrap) -> dict[str, Any]:
    return {**asdict(bootstrap), "confidence": CONFIDENCE}


def _each(scores: Mapping[str, Scores] | Mapping[str, KeywordScores]) -> dict[str, Any]:
    return {name: asdict(value) for name, value in scores.items()}


# --- tables to work on

_SIGN_MARKS = {1: "+", -1: "-", 0: "0"}
_MENTION_COLUMNS = ("caption", "outcome", "type", "start", "end", "text", "overlapping")
_EDGE_COLUMNS = ("caption", "outcome", "source", "edge", "target", "same_pair_elsewhere")
_FIGURE_COLUMNS = (
    "figure", "types_known", "curated", "found", "predicted", "right", "reachable", "reachable_found",
    "precision", "recall", "f1", "reachable_recall",
)  # fmt: skip
_MISS_COLUMNS = ("figure", "keyword", "type", "reachable", "surface", "words")
_EXTRA_COLUMNS = ("figure", "keyword", "type", "curie", "mentions")


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


def _figure_rows(result: KeywordScore) -> Iterator[Row]:
    for figure in result.figures:
        counts, (found, within) = figure.counts(), figure.reachable()
        yield (
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


def _miss_rows(figures: Iterable[FigureScore]) -> Iterator[Row]:
    for figure in figures:
        for miss in figure.misses:
            keyword = miss.keyword
            words = "|".join(keyword.words)
            yield figure.id, keyword.keyword, miss.type, _yes(miss.reachable), miss.surface or "", words


def _extra_rows(figures: Iterable[FigureScore]) -> Iterator[Row]:
    for figure in figures:
        for extra in figure.extras:
            keyword = extra.keyword
            yield figure.id, keyword.keyword, keyword.type, keyword.curie or "", "|".join(extra.surfaces)


def _yes(fact: bool) -> str:
    return "yes" if fact else "no"


def _write_rows(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in (columns, *rows):
            # A tab or line break inside a cell would break the table.
            file.write("\t".join(" ".join(str(cell).split()) for cell in row) + "\n")
