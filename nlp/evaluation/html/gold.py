"""The report of ``pathcap evaluate``: mentions and edges against gold captions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from nlp.evaluation.bootstrap import CONFIDENCE
from nlp.evaluation.counts import Counts, Scores
from nlp.evaluation.edges import Edge
from nlp.evaluation.gold import CaptionScore, Evaluation
from nlp.evaluation.grounding import wrong_references
from nlp.evaluation.grounding_report import short_curies
from nlp.evaluation.html.charts import Drawing, curve_drawing, reliability_drawing
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
from nlp.evaluation.references import Outcome
from nlp.evaluation.surfaces import fold
from nlp.evaluation.tables import Table, decimal, number
from nlp.types import Mention, Span
from nlp.views.marks import Mark, marked

_SIGNS: Final = {1: "+", -1: "−", 0: "0", None: ""}
_CONTEXT: Final = 45
"""Characters on either side of a trigger."""

_WRONG: Final = "≠"

_TERMS: Final = {
    "gold": "annotated by hand",
    "missed": "gold, but not predicted with this very span and type; of edges, with these names, type and sign",
    "spurious": "predicted, but not gold",
    "strict": "span and type are the same",
    "overlap": "spans overlap, and the type is the same",
    "wrong reference": "grounded to an entry that none of gold's identifiers leads to, not even as a cross reference",
    "edges": "distinct edges between the names of a caption, none of them denied: names, type and sign are the same",
    "pair": "the names joined are the same, whatever the type and sign",
    "between the very mentions": "both ends are marked where gold marks them",
    "trigger": "the words that state an edge",
}

_LEGEND: Final = (
    ("missed", "–", "gold, but not predicted so"),
    ("spurious", "+", "predicted, but not gold"),
)
_WRONG_LEGEND: Final = ("", _WRONG, "wrong reference")
_EDGE_COLUMNS: Final = ("edges", "missed edges", "spurious edges", "F1 of edges")
_MENTION_COLUMNS: Final = ("mentions", "missed", "spurious", "F1")
_REFERENCE_COLUMNS: Final = ("references", "wrong references")


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
        drawings=[*drawings, *_reference_drawings(result), *_drawings("edges", result)],
        no_drawings="The predictions have no scores to choose by, so there are no curves.",
        frequent=[
            *(() if edges_only else _frequent_mentions(result.captions)),
            *(() if result.grounding is None else (_frequent_references(result.captions),)),
            *_frequent_triggers(result.captions),
        ],
        list=_captions(result.captions, edges_only=edges_only, grounded=result.grounding is not None),
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


def _reference_drawings(result: Evaluation) -> list[Drawing]:
    if result.grounding is None:
        return []
    drawing = reliability_drawing("scores of references", result.grounding.overall.reliability)
    return [] if drawing is None else [drawing]


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


def _frequent_references(captions: Iterable[CaptionScore]) -> Frequent:
    errors: list[tuple[str, str, Sequence[str]]] = []
    for caption in captions:
        told: dict[tuple[str, str], tuple[Mention, list[str]]] = {}
        for gold, predicted, _ in wrong_references(caption.references):
            _, said = told.setdefault((fold(gold.text), gold.type), (gold, []))
            said.append(_instead(gold, predicted))
        errors += [(gold.text, gold.type, said) for gold, said in told.values()]
    return counted("Mentions with a wrong reference", errors)


def _instead(gold: Mention, predicted: Mention) -> str:
    """The identifier that was given, and the one that gold has."""
    return f"{predicted.references[0].curie} for {short_curies([one.curie for one in gold.references])}"


def _frequent_triggers(captions: Iterable[CaptionScore]) -> list[Frequent]:
    triggers: dict[str, list[tuple[str, str, Sequence[str]]]] = {"missed": [], "spurious": []}
    for caption in captions:
        for outcome, edges in (("missed", caption.edges.missed), ("spurious", caption.edges.spurious)):
            labels: dict[str, list[str]] = {}
            for edge in edges:
                for span in _triggers(edge, caption, outcome):
                    labels.setdefault(span.of(caption.text).casefold(), []).append(_label(edge))
            triggers[outcome] += [(word, "", said) for word, said in labels.items()]
    return [counted(f"Triggers of {outcome} edges", found) for outcome, found in triggers.items() if found]


def _captions(captions: Sequence[CaptionScore], *, edges_only: bool, grounded: bool) -> ItemList:
    listed = [*captions]
    if len(listed) > MAX_ITEMS:
        worst = sorted(range(len(captions)), key=lambda place: (-_errors(captions[place]), place))[:MAX_ITEMS]
        listed = [captions[place] for place in sorted(worst)]
    return ItemList(
        unit="captions",
        columns=(
            *(() if edges_only else _MENTION_COLUMNS),
            *(_REFERENCE_COLUMNS if grounded else ()),
            *_EDGE_COLUMNS,
        ),
        items=[_caption(caption, edges_only=edges_only, grounded=grounded) for caption in listed],
        total=len(captions),
        choice="those with most errors",
        legend=(*_LEGEND, _WRONG_LEGEND) if grounded else _LEGEND,
        elsewhere="mentions.tsv, references.tsv and edges.tsv" if grounded else "mentions.tsv and edges.tsv",
    )


def _errors(caption: CaptionScore) -> int:
    mentions, edges = caption.strict(), caption.edges.counts()
    others = sum(counts.gold - counts.tp_gold + counts.predicted - counts.tp_predicted for counts in (mentions, edges))
    return others + len(wrong_references(caption.references))


def _caption(caption: CaptionScore, *, edges_only: bool, grounded: bool) -> Item:
    mentions = () if edges_only else _cells(caption.strict())
    wrong = _wrong_words(caption)
    references = (number(len(caption.references.gold)), number(wrong.total)) if grounded else ()
    changed = "[predicted from another text] " if caption.text_changed else ""
    return Item(
        id=caption.id,
        cells=(*mentions, *references, *_cells(caption.edges.counts())),
        teaser=f"{changed}{teaser(caption.text)}",
        caption=marked(caption.text, _marks(caption)),
        words=[*(() if edges_only else _words(caption)), *((wrong,) if wrong.total else ())],
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
    wrong = {_place(gold): _instead(gold, predicted) for gold, predicted, _ in wrong_references(caption.references)}
    missed, spurious = {*map(_place, caption.missed)}, {*map(_place, caption.spurious)}
    marks = []
    for mention in caption.gold:
        place = _place(mention)
        if place in missed:
            marks.append(Mark(*place, "missed", "–", f"{mention.type}, missed"))
        elif place in wrong:
            marks.append(Mark(*place, "", _WRONG, f"{mention.type}, wrong reference: {wrong[place]}"))
        else:
            marks.append(Mark(*place, title=mention.type))
    # Predicted from another text, they stand elsewhere.
    for mention in () if caption.text_changed else caption.predicted:
        if _place(mention) in spurious:
            title = f"{mention.type} {decimal(mention.score)}, spurious"
            marks.append(Mark(*_place(mention), "spurious", "+", title))
    return marks


def _place(mention: Mention) -> tuple[int, int, str]:
    return mention.start, mention.end, mention.type


def _words(caption: CaptionScore) -> list[Words]:
    sides = ((), ()) if caption.text_changed else (caption.predicted, caption.gold)
    return [
        first([_word(mention, sides[0]) for mention in caption.missed], "Missed mentions", "missed"),
        first([_word(mention, sides[1]) for mention in caption.spurious], "Spurious mentions", "spurious"),
    ]


def _word(mention: Mention, others: Iterable[Mention]) -> Word:
    """A mention, and what the other side has in its place."""
    overlapping = [f"{other.text} ({other.type})" for other in others if other.span.overlaps(mention.span)]
    return Word(mention.text, mention.type, f"other side: {', '.join(overlapping)}" if overlapping else "")


def _wrong_words(caption: CaptionScore) -> Words:
    words = []
    for gold, predicted, outcome in wrong_references(caption.references):
        reference = predicted.references[0]
        name = f" {reference.name}" if reference.name else ""
        family = ", its family" if outcome is Outcome.FAMILY else ""
        wanted = " or ".join(f"{one.curie} {one.name}".strip() for one in gold.references)
        words.append(
            Word(gold.text, gold.type, f"{reference.curie}{name} ({decimal(reference.score)}){family}, gold {wanted}")
        )
    return first(words, "Wrong references", "spurious")


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
    triggers = _triggers(edge, caption, outcome)
    context = _in_context(caption.text, triggers[0]) if triggers else ("", "", "")
    note = ", ".join(_label(other) for other in others if edge.joins_same(other))
    return EdgeLine(outcome, source.text, _label(edge), target.text, *context, note)


def _label(edge: Edge) -> str:
    return f"{edge.label.type} {_SIGNS[edge.label.sign]}".strip() if edge.label else ""


def _triggers(edge: Edge, caption: CaptionScore, outcome: str) -> Sequence[Span]:
    """Where the edge is stated; nowhere for a predicted edge that was read in another text than the one shown."""
    return () if outcome == "spurious" and caption.text_changed else edge.triggers


def _in_context(text: str, span: Span) -> tuple[str, str, str]:
    """A piece of text with some of what stands around it, cut between words."""
    before, after = text[max(0, span.start - _CONTEXT) : span.start], text[span.end : span.end + _CONTEXT]
    if span.start > _CONTEXT:
        before = f"…{before[before.find(' ') + 1 :]}"
    if span.end + _CONTEXT < len(text):
        after = f"{after[: after.rfind(' ') + 1]}…"
    return before, span.of(text), after
