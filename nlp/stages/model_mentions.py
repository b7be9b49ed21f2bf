"""Mentions by a trained tagger."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nlp.networks.reader import Reader, Reading, ScoredSpan, scored_spans
from nlp.stages.base import Draft, Stage
from nlp.types import Mention

Marked = tuple[tuple[Mention, ...], Reading]
"""The mentions of a text, and the reading that they come from."""


class ModelMentions(Stage[Marked]):
    """Marks what a tagger finds, with the probability that span and type are right.

    Args:
        reader: the tagger, with its caption head.
        temperature: that its scores are divided by to make them probabilities.
    """

    name = "model-mentions"
    requires = frozenset({"sentences"})
    provides = frozenset({"mentions", "reading"})

    def __init__(self, reader: Reader, temperature: float = 1.0) -> None:
        self.temperature = temperature
        self._reader = reader

    def predict(self, drafts: Sequence[Draft]) -> list[Marked]:
        readings = self.readings(drafts)
        return [
            (as_mentions(draft.text, self._spans(reading)), reading)
            for draft, reading in zip(drafts, readings, strict=True)
        ]

    def write(self, draft: Draft, prediction: Marked) -> None:
        draft.mentions, draft.reading = prediction

    def readings(self, drafts: Sequence[Draft]) -> list[Reading]:
        """What the tagger says of each draft, told all that this stage tells it."""
        return self.read(drafts, [None] * len(drafts))

    def read(self, drafts: Sequence[Draft], names: Sequence[Sequence[Mention] | None]) -> list[Reading]:
        """What the tagger says of each draft at every word, told the ``names`` in it, or None for not looked up."""
        return self._reader([draft.text for draft in drafts], [draft.sentences for draft in drafts], names)

    def _spans(self, reading: Reading) -> list[ScoredSpan]:
        return scored_spans(reading, self._reader.tags, temperature=self.temperature)


def as_mentions(text: str, found: Iterable[ScoredSpan]) -> tuple[Mention, ...]:
    """Scored spans of a text as its mentions."""
    return tuple(
        Mention(f"T{number}", item.label, item.span.start, item.span.end, item.span.of(text), item.score)
        for number, item in enumerate(found, start=1)
    )
