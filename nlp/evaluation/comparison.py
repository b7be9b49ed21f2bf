"""Two predictions of the same gold captions: is one better, or is the difference chance?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from nlp.evaluation.bootstrap import Bootstrap
from nlp.evaluation.counts import Counts, Difference
from nlp.evaluation.gold import CaptionScore, Evaluation, score_captions
from nlp.evaluation.predictions import Predictions
from nlp.types import Document


@dataclass(frozen=True, slots=True)
class Comparison:
    """The result of ``compare``.

    Attributes:
        measures: F1 of either prediction and their difference, under the names that ``Evaluation`` has for them:
            ``mentions_strict``, ``edges`` and ``edges_untyped``.
        missing: ids of gold captions without a prediction among the others.
        text_changed: ids of captions whose other prediction was made from another text.
        bootstrap: how captions were drawn.
    """

    measures: Mapping[str, Difference]
    missing: tuple[str, ...]
    text_changed: tuple[str, ...]
    bootstrap: Bootstrap


def compare(result: Evaluation, gold: Sequence[Document], other: Mapping[str, Document]) -> Comparison:
    """Compare predictions that were evaluated with other ones, by the paired bootstrap test over captions.

    Args:
        result: of ``evaluate``, whose way of drawing is used.
        gold: the gold documents that it was made with.
        other: the other predictions, by id.

    Raises:
        InputError: if two gold documents have one id.
    """
    predictions = Predictions(other)
    others = score_captions(gold, predictions)
    return Comparison(
        measures=MappingProxyType(result.bootstrap.differences(_measures(result.captions), _measures(others))),
        missing=tuple(predictions.missing),
        text_changed=tuple(predictions.text_changed),
        bootstrap=result.bootstrap,
    )


def _measures(captions: Sequence[CaptionScore]) -> dict[str, list[Counts]]:
    return {
        "mentions_strict": [caption.strict() for caption in captions],
        "edges": [caption.edges.counts() for caption in captions],
        "edges_untyped": [caption.pairs.counts() for caption in captions],
    }
