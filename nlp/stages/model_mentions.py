"""Mentions by a trained tagger."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nlp.networks.reader import Reader, Reading, ScoredSpan, scored_spans
from nlp.stages.base import Draft, Stage
from nlp.types import Mention


class ModelMentions(Stage[tuple[Mention, ...]]):
    """Marks what a tagger finds, with the probability that span and type are right.

    Args:
        reader: the tagger, with its caption head.
        temperature: that its scores are divided by to make them probabilities.
    """

    name = "model-mentions"
    requires = frozenset({"sentences"})
    provides = frozenset({"mentions"})

    def __init__(self, reader: Reader, temperature: float = 1.0) -> None:
        self.temperature = temperature
        self._reader = reader

    def predict(self, drafts: Sequence[Draft]) -> list[tuple[Mention, ...]]:
        return [self.mark(draft, reading) for draft, reading in zip(drafts, self.read(drafts), strict=True)]

    def write(self, draft: Draft, prediction: tuple[Mention, ...]) -> None:
        draft.mentions = prediction

    def read(self, drafts: Sequence[Draft]) -> list[Reading]:
        """What the tagger says of each draft, at every word."""
        return self._reader([draft.text for draft in drafts], [draft.sentences for draft in drafts])

    def mark(self, draft: Draft, reading: Reading) -> tuple[Mention, ...]:
        """The mentions of a draft as it was read."""
        return as_mentions(draft.text, self._spans(reading))

    def _spans(self, reading: Reading) -> list[ScoredSpan]:
        return scored_spans(reading, self._reader.tags, temperature=self.temperature)


def as_mentions(text: str, found: Iterable[ScoredSpan]) -> tuple[Mention, ...]:
    """Scored spans of a text as its mentions."""
    return tuple(
        Mention(f"T{number}", item.label, item.span.start, item.span.end, item.span.of(text), item.score)
        for number, item in enumerate(found, start=1)
    )
