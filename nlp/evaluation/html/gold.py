"""The report of ``pathcap evaluate``: mentions and edges against gold captions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from nlp.evaluation.bootstrap import CONFIDENCE
from nlp.evaluation.counts import Counts, Scores
from nlp.evaluation.edges import Edge
from nlp.evaluation.gold import CaptionScore, Evaluation
from nlp.evaluation.html.charts import Drawing, curve_drawing, reliability_drawing
from nlp.evaluation.html.marks import Mark, marked
from nlp.evaluation.html.page import (
    MAX_ITEMS,
    MAX_WORDS,
    EdgeLine,
    Frequent,
    Item,
    ItemList,
    Measured,
    Page,
    Section,
    Word,
    Words,
    counted,
    first,
    render,
    teaser,
)
from nlp.evaluation.surfaces import fold
from nlp.evaluation.tables import Table, decimal, number
from nlp.types import Mention, Span

_SIGNS: Final = {1: "+", -1: "−", 0: "0", None: ""}
_CONTEXT: Final = 45
"""Characters on either side of a trigger."""

_TERMS: Final = {
    "gold": "annotated by hand",
    "missed": "gold, but not predicted with this very span and type; of edges, with these names, type and sign",
    "spurious": "predicted, but not gold",
    "strict": "span and type are the same",
    "overlap": "spans overlap, and the type is the same",
    "edges": "distinct edges between the names of a caption, none of them denied: names, type and sign are the same",
    "pair": "the names joined are the same, whatever the type and sign",
    "between the very mentions": "both ends are marked where gold marks them",
    "trigger": "the words that state an edge",
}

_LEGEND: Final = (
    ("missed", "–", "gold, but not predicted so"),
    ("spurious", "+", "predicted, but not gold"),
)
_EDGE_COLUMNS: Final = ("edges", "missed edges", "spurious edges", "F1 of edges")
_COLUMNS: Final = ("mentions", "missed", "spurious", "F1", *_EDGE_COLUMNS)


def evaluation_page(result: Evaluation, tables: Sequence[Table], *, edges_only: bool = False) -> str:
    """The report as HTML.

    Args:
        result: of ``evaluate``.
        tables: what ``summary.md`` has.
        edges_only: leave out what says nothing where the mentions were given.
    """
    drawings = [] if edges_only else _drawings("mentions", result)
    section = Section(
        name="evaluation",
        title="Mentions and edges" if not edges_only else "Edges between given mentions",
        about="",
        tables=tables,
        drawings=[*drawings, *_drawings("edges", result)],
        no_drawings="The predictions have no scores to choose by, so there are no curves.",
        frequent=[*(() if edges_only else _frequent_mentions(result.captions)), *_frequent_triggers(result.captions)],
        list=_captions(result.captions, edges_only=edges_only),
    )
    return render(
        Page(
            heading="Evaluation against gold captions",
            about=f"{number(len(result.captions))} gold captions. Ranges are {CONFIDENCE:.0%} bootstrap intervals over "
            f"captions, of {number(result.bootstrap.resamples)} resamples.",
            counts=("gold", "predicted"),
            measures=("precision", "recall", "F1"),
            overview=[
                Measured(
                    "",
                    name,
                    (scores.counts.gold, scores.counts.predicted),
                    (scores.precision, scores.recall, scores.f1),
                )
                for name, scores in _overview(result, edges_only=edges_only).items()
            ],
            terms=_TERMS,
            sections=[section],
        )
    )


def _overview(result: Evaluation, *, edges_only: bool) -> dict[str, Scores]:
    rows = (
        {} if edges_only else {"mentions, strict": result.mentions_strict, "mentions, overlap": result.mentions_overlap}
    )
    if result.grounding is not None and not edges_only:
        rows["mentions with their reference"] = result.grounding.overall.end_to_end
    return rows | {
        "edges: pair, type and sign": result.edges,
        "edges: pair and type": result.edges_typed,
        "edges: pair": result.edges_untyped,
        "edges between the very mentions": result.mention_edges,
    }


def _drawings(what: str, result: Evaluation) -> list[Drawing]:
    curve, diagram = {
        "mentions": (result.mention_curve, result.mention_reliability),
        "edges": (result.edge_curve, result.edge_reliability),
    }[what]
    drawings = [curve_drawing(what, {"recall": curve}), reliability_drawing(f"scores of {what}", diagram)]
    return [drawing for drawing in drawings if drawing is not None]


def _frequent_mentions(captions: Iterable[CaptionScore]) -> list[Frequent]:
    captions = tuple(captions)
    return [
        counted(title, [(one.text, one.type, ()) for mentions in sides for one in _once(mentions)])
        for title, sides in (
            ("Missed mentions", [caption.missed for caption in captions]),
            ("Spurious mentions", [caption.spurious for caption in captions]),
        )
    ]


def _once(mentions: Iterable[Mention]) -> list[Mention]:
    """One mention of each name and type: what is counted is captions."""
    return [*{(fold(mention.text), mention.type): mention for mention in mentions}.values()]


def _frequent_triggers(captions: Iterable[CaptionScore]) -> list[Frequent]:
    triggers: dict[str, list[tuple[str, str, Sequence[str]]]] = {"missed": [], "spurious": []}
    for caption in captions:
        for outcome, edges in (("missed", caption.edges.missed), ("spurious", caption.edges.spurious)):
            labels: dict[str, list[str]] = {}
            for edge in edges:
                for span in _triggers(edge, caption):
                    labels.setdefault(span.of(caption.text).casefold(), []).append(_label(edge))
            triggers[outcome] += [(word, "", said) for word, said in labels.items()]
    return [counted(f"Triggers of {outcome} edges", found) for outcome, found in triggers.items() if found]


def _captions(captions: Sequence[CaptionScore], *, edges_only: bool) -> ItemList:
    listed = [*captions]
    if len(listed) > MAX_ITEMS:
        worst = sorted(range(len(captions)), key=lambda place: (-_errors(captions[place]), place))[:MAX_ITEMS]
        listed = [captions[place] for place in sorted(worst)]
    return ItemList(
        unit="captions",
        columns=_EDGE_COLUMNS if edges_only else _COLUMNS,
        items=[_caption(caption, edges_only=edges_only) for caption in listed],
        total=len(captions),
        choice="those with most errors",
        legend=_LEGEND,
        elsewhere="mentions.tsv and edges.tsv",
    )


def _errors(caption: CaptionScore) -> int:
    mentions, edges = caption.strict(), caption.edges.counts()
    return sum(counts.gold - counts.tp_gold + counts.predicted - counts.tp_predicted for counts in (mentions, edges))


def _caption(caption: CaptionScore, *, edges_only: bool) -> Item:
    mentions = () if edges_only else _cells(caption.strict())
    return Item(
        id=caption.id,
        cells=(*mentions, *_cells(caption.edges.counts())),
        teaser=teaser(caption.text),
        caption=marked(caption.text, _marks(caption)),
        words=[] if edges_only else _words(caption),
        edges=_edges(caption)[:MAX_WORDS],
    )


def _cells(counts: Counts) -> tuple[str, ...]:
    return (
        number(counts.gold),
        number(counts.gold - counts.tp_gold),
        number(counts.predicted - counts.tp_predicted),
        decimal(counts.f1) if counts.gold + counts.predicted else "–",
    )


def _marks(caption: CaptionScore) -> list[Mark]:
    missed, spurious = {*map(_place, caption.missed)}, {*map(_place, caption.spurious)}
    marks = []
    for mention in caption.gold:
        is_missed = _place(mention) in missed
        marks.append(
            Mark(
                mention.start,
                mention.end,
                mention.type,
                "missed" if is_missed else "",
                "–" if is_missed else "",
                f"{mention.type}, missed" if is_missed else mention.type,
            )
        )
    for mention in caption.predicted:
        # Predicted from another text, it stands elsewhere.
        if _place(mention) in spurious and mention.span.of(caption.text) == mention.text:
            title = f"{mention.type} {decimal(mention.score)}, spurious"
            marks.append(Mark(mention.start, mention.end, mention.type, "spurious", "+", title))
    return marks


def _place(mention: Mention) -> tuple[int, int, str]:
    return mention.start, mention.end, mention.type


def _words(caption: CaptionScore) -> list[Words]:
    return [
        first([_word(mention, caption.predicted) for mention in caption.missed], "Missed mentions", "missed"),
        first([_word(mention, caption.gold) for mention in caption.spurious], "Spurious mentions", "spurious"),
    ]


def _word(mention: Mention, others: Iterable[Mention]) -> Word:
    """A mention, and what the other side has in its place."""
    overlapping = [f"{other.text} ({other.type})" for other in others if other.span.overlaps(mention.span)]
    return Word(mention.text, mention.type, f"other side: {', '.join(overlapping)}" if overlapping else "")


def _edges(caption: CaptionScore) -> list[EdgeLine]:
    match = caption.edges
    gold, predicted = (*match.found, *match.missed), (*match.right, *match.spurious)
    return [
        *(_edge(caption, edge, "missed", predicted) for edge in match.missed),
        *(_edge(caption, edge, "spurious", gold) for edge in match.spurious),
        *(_edge(caption, edge, "found", ()) for edge in match.found),
    ]


def _edge(caption: CaptionScore, edge: Edge, outcome: str, others: Iterable[Edge]) -> EdgeLine:
    source, target = edge.places[0]
    triggers = _triggers(edge, caption)
    context = _in_context(caption.text, triggers[0]) if triggers else ("", "", "")
    note = ", ".join(_label(other) for other in others if edge.joins_same(other))
    return EdgeLine(outcome, source.text, _label(edge), target.text, *context, note)


def _label(edge: Edge) -> str:
    return f"{edge.label.type} {_SIGNS[edge.label.sign]}".strip() if edge.label else ""


def _triggers(edge: Edge, caption: CaptionScore) -> list[Span]:
    """Where the edge is stated, as far as that is in the gold caption's text."""
    return [span for span in edge.triggers if span.end <= len(caption.text)]


def _in_context(text: str, span: Span) -> tuple[str, str, str]:
    """A piece of text with some of what stands around it, cut between words."""
    before, after = text[max(0, span.start - _CONTEXT) : span.start], text[span.end : span.end + _CONTEXT]
    if span.start > _CONTEXT:
        before = f"…{before[before.find(' ') + 1 :]}"
    if span.end + _CONTEXT < len(text):
        after = f"{after[: after.rfind(' ') + 1]}…"
    return before, span.of(text), after
