"""Mentions by a trained tagger."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from nlp.networks.reader import Reader, Reading, ScoredSpan, scored_spans
from nlp.stages.base import Draft, Stage
from nlp.types import Mention, Span

_EDGE: Final = re.compile(r"^[\s,;:/]+|[\s,;:/]+$")
_NO_NAME: Final = re.compile(r"[\W_]*\d*[\W_]*")
_BRACKETS: Final = {")": "(", "]": "["}

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
            (as_mentions(draft.text, self._spans(draft.text, reading)), reading)
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

    def _spans(self, text: str, reading: Reading) -> list[ScoredSpan]:
        return [*tidied(text, scored_spans(reading, self._reader.tags, temperature=self.temperature))]


def as_mentions(text: str, found: Iterable[ScoredSpan]) -> tuple[Mention, ...]:
    """Scored spans of a text as its mentions."""
    return tuple(
        Mention(f"T{number}", item.label, item.span.start, item.span.end, item.span.of(text), item.score)
        for number, item in enumerate(found, start=1)
    )


def tidied(text: str, found: Iterable[ScoredSpan]) -> Iterator[ScoredSpan]:
    """Spans without commas and the like at their ends, and cut at a bracket that has no partner in them.

    Of the two sides of such a bracket the longer one is kept. A number is no name but the tail of a list ("SOCS1 and
    3"), or a label of the figure.
    """
    for item in found:
        start, end = item.span.start, item.span.end
        while (place := _unmatched(text[start:end])) is not None:
            ahead, behind = (start, start + place), (start + place + 1, end)
            start, end = max(ahead, behind, key=lambda side: len(text[side[0] : side[1]].strip()))
        for edge in _EDGE.finditer(text[start:end]):
            start, end = (start + len(edge.group()), end) if edge.start() == 0 else (start, end - len(edge.group()))
        if not _NO_NAME.fullmatch(text, start, end):
            yield item if (start, end) == (item.span.start, item.span.end) else replace(item, span=Span(start, end))


def _unmatched(surface: str) -> int | None:
    """The place of a bracket without a partner."""
    open: list[int] = []
    for place, character in enumerate(surface):
        if character in _BRACKETS.values():
            open.append(place)
        elif character in _BRACKETS and (not open or surface[open.pop()] != _BRACKETS[character]):
            return place
    return open[-1] if open else None
