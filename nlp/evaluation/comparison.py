"""Two predictions of the same gold captions: is one better, or is the difference chance?

There is a test for each measure. Of many tests some come out by chance, so beside each p-value is the one that Holm's
procedure makes of all of them (Holm 1979, "A simple sequentially rejective multiple test procedure"): if those below
.05 are taken for differences, the chance that any of them is none is below .05, however the measures depend on each
other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from nlp.evaluation.bootstrap import Bootstrap
from nlp.evaluation.counts import Counts, Difference
from nlp.evaluation.gold import CaptionScore, Evaluation, score_captions
from nlp.evaluation.grounding import grounded_types, reference_counts
from nlp.evaluation.predictions import Predictions
from nlp.types import Document

BY_TYPE: Final = "mentions_strict_by_type."
ACCURACY: Final = "grounding.overall.accuracy"
END_TO_END: Final = "grounding.overall.end_to_end"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The result of ``compare``.

    Attributes:
        measures: F1 of either prediction, or accuracy@1 of references, and their difference. Names are those of
            ``summary.json``, with a dot between the names of what holds what: ``mentions_strict``,
            ``mentions_strict_by_type.GENE``, ``grounding.overall.accuracy``. Those of which gold has nothing are
            left out.
        corrected: for each measure p after Holm's procedure, over all measures.
        missing: ids of gold captions without a prediction among the others.
        text_changed: ids of captions whose other prediction was made from another text.
        bootstrap: how captions were drawn.
    """

    measures: Mapping[str, Difference]
    corrected: Mapping[str, float]
    missing: tuple[str, ...]
    text_changed: tuple[str, ...]
    bootstrap: Bootstrap


def compare(
    result: Evaluation, gold: Sequence[Document], other: Mapping[str, Document], *, edges_only: bool = False
) -> Comparison:
    """Compare predictions that were evaluated with other ones, by the paired bootstrap test over captions.

    Args:
        result: of ``evaluate``, whose way of drawing and judge of references are used.
        gold: the gold documents that it was made with.
        other: the other predictions, by id.
        edges_only: leave out the measures of mentions, which say nothing where these were given.

    Raises:
        InputError: if two gold documents have one id.
    """
    predictions = Predictions(other)
    others = score_captions(gold, predictions, result.judge)
    mention_types = [] if edges_only else sorted({mention.type for document in gold for mention in document.mentions})
    reference_types = grounded_types(caption.references for caption in result.captions)

    def measures(captions: Sequence[CaptionScore]) -> dict[str, list[Counts]]:
        made = {} if edges_only else _mention_measures(captions, mention_types)
        made |= _edge_measures(captions)
        return made | _reference_measures(captions, reference_types) if reference_types else made

    first, second = measures(result.captions), measures(others)
    # Where gold has nothing there is nothing to be better at, and a test more would weaken the others.
    asked = [name for name in first if any(one.gold for one in (*first[name], *second[name]))]
    differences = result.bootstrap.differences(
        {name: first[name] for name in asked}, {name: second[name] for name in asked}
    )
    return Comparison(
        measures=MappingProxyType(differences),
        corrected=MappingProxyType(holm({name: one.p for name, one in differences.items()})),
        missing=tuple(predictions.missing),
        text_changed=tuple(predictions.text_changed),
        bootstrap=result.bootstrap,
    )


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """p-values of several tests, corrected for there being several: never smaller, and in the same order."""
    corrected = dict.fromkeys(p_values, 0.0)
    least = 0.0
    for place, name in enumerate(sorted(p_values, key=lambda name: p_values[name])):
        least = max(least, min(1.0, (len(p_values) - place) * p_values[name]))
        corrected[name] = least
    return corrected


def _mention_measures(captions: Sequence[CaptionScore], types: Sequence[str]) -> dict[str, list[Counts]]:
    return {
        "mentions_strict": [caption.strict() for caption in captions],
        "mentions_overlap": [caption.overlap() for caption in captions],
        **{f"{BY_TYPE}{type}": [caption.strict(type) for caption in captions] for type in types},
    }


def _edge_measures(captions: Sequence[CaptionScore]) -> dict[str, list[Counts]]:
    return {
        "edges": [caption.edges.counts() for caption in captions],
        "edges_typed": [caption.typed.counts() for caption in captions],
        "edges_untyped": [caption.pairs.counts() for caption in captions],
        "mention_edges": [caption.mention_edges for caption in captions],
        "mention_edges_typed": [caption.mention_typed for caption in captions],
        "mention_edges_untyped": [caption.mention_pairs for caption in captions],
    }


def _reference_measures(captions: Sequence[CaptionScore], types: Sequence[str]) -> dict[str, list[Counts]]:
    counts = [reference_counts((caption.references,), types) for caption in captions]
    return {ACCURACY: [one.accuracy for one in counts], END_TO_END: [one.end_to_end for one in counts]}
