"""From what a network says of pairs of mentions to the relations of a caption.

A caption's annotation states a relation once, at the mentions next to the words that state it, and so does the
decoding: of all pairs of mentions of the same two names the likeliest one counts. The short form that a caption
explains and its long form are one name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nlp.networks.edge_scores import EdgeScores
from nlp.schema import RELATION_TYPES
from nlp.types import SIGNS, Abbreviation, Mention, Relation, Span, Trigger

LABELS: Final = tuple((type, sign) for type in RELATION_TYPES for sign in SIGNS)
"""What each score after the first stands for."""

_UNDIRECTED: Final = np.asarray([not RELATION_TYPES[type].directed for type, _ in LABELS])
_NOT_OF_A_NAME: Final = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Found:
    """A relation that the network finds at one pair of mentions.

    Attributes:
        source, target: indices of the mentions.
        label: index in ``LABELS``.
        score: how probable the label is.
        related: how probable any is.
        pair: row of the scores.
    """

    source: int
    target: int
    label: int
    score: float
    related: float
    pair: int


@dataclass(frozen=True, slots=True)
class Decoding:
    """How relations are read from scores.

    Attributes:
        threshold: least probability that two names are related.
        temperature: that the scores of what is found are divided by to make them probabilities; it changes nothing of
            what is found.
    """

    threshold: float = 0.5
    temperature: float = 1.0

    def __call__(self, said: EdgeScores, names: Sequence[str]) -> list[Found]:
        """The relations of a text, by source and target.

        Args:
            said: of its pairs.
            names: of the mentions, the same for mentions of the same thing.
        """
        labels = _both_ways(np.exp(_normalised(said.scores))[:, 1:], said.pairs)
        sure = labels
        if self.temperature != 1.0:
            sure = _both_ways(np.exp(_normalised(said.scores / self.temperature))[:, 1:], said.pairs)
        related = np.minimum(labels.sum(1), 1.0)
        best: dict[tuple[str, str], Found] = {}
        for pair in np.flatnonzero(related >= self.threshold).tolist():
            source, target = said.pairs[pair].tolist()
            if names[source] == names[target]:
                continue
            label = int(labels[pair].argmax())
            found = Found(source, target, label, float(min(sure[pair, label], 1.0)), float(related[pair]), pair)
            ends = names[source], names[target]
            key = (min(ends), max(ends)) if _UNDIRECTED[label] else ends
            if key not in best or best[key].related < found.related:
                best[key] = found
        return sorted(best.values(), key=lambda item: (item.source, item.target))


def _normalised(scores: NDArray[np.float32]) -> NDArray[np.float64]:
    wide = scores.astype(np.float64)
    wide -= wide.max(1, keepdims=True, initial=-np.inf)
    normal: NDArray[np.float64] = wide - np.log(np.exp(wide).sum(1, keepdims=True))
    return normal


def _both_ways(labels: NDArray[np.float64], pairs: NDArray[np.int64]) -> NDArray[np.float64]:
    """Probabilities of labels with those of undirected ones summed over both directions, in each of them."""
    places = {(source, target): place for place, (source, target) in enumerate(pairs.tolist())}
    turned = [places.get((target, source), -1) for source, target in pairs.tolist()]
    summed = labels.copy()
    there = np.asarray(turned, np.int64) >= 0
    summed[there] += np.where(_UNDIRECTED, labels[np.asarray(turned, np.int64)[there]], 0.0)
    return summed


def name_keys(text: str, mentions: Iterable[Mention], abbreviations: Iterable[Abbreviation]) -> list[str]:
    """For each mention what all of its name share, whatever the case, punctuation, spaces; also with its short form."""
    long_forms: Mapping[str, str] = {_key(item.short.of(text)): _key(item.long.of(text)) for item in abbreviations}
    return [long_forms.get(key, key) for key in (_key(mention.text) for mention in mentions)]


def _key(surface: str) -> str:
    return _NOT_OF_A_NAME.sub("", surface.casefold())


def as_relations(
    text: str, words: NDArray[np.int32], mentions: Sequence[Mention], said: EdgeScores, found: Iterable[Found]
) -> tuple[Relation, ...]:
    """What was found as the relations of a text.

    Args:
        text: as it was given.
        words: (words, 2) offsets.
        mentions: to which what was found points.
        said: from which it was read.
        found: relations.
    """
    relations = []
    for number, item in enumerate(found, start=1):
        type, sign = LABELS[item.label]
        negated, speculative = (said.modality[item.pair] > 0).tolist()
        source, target = mentions[item.source], mentions[item.target]
        relations.append(
            Relation(
                id=f"R{number}",
                source=source.id,
                target=target.id,
                type=type,
                sign=sign,
                score=item.score,
                trigger=_trigger(text, words, (source, target), said, item.pair),
                negated=negated,
                speculative=speculative,
            )
        )
    return tuple(relations)


_LONGEST: Final = 8
"""Words of a trigger."""


def _trigger(
    text: str, words: NDArray[np.int32], ends: tuple[Mention, Mention], said: EdgeScores, pair: int
) -> Trigger | None:
    """The likeliest words from the sentences of both ends."""
    bounds = np.searchsorted(words[:, 1], [end.start for end in ends], side="right").clip(max=len(words) - 1)
    sentences = said.sentences[bounds]
    inside = np.flatnonzero((said.sentences >= sentences.min()) & (said.sentences <= sentences.max()))
    if not len(inside):
        return None
    starts, stops = said.starts[pair, inside], said.ends[pair, inside]
    steps = np.arange(len(inside))
    fits = (steps >= steps[:, None]) & (steps < steps[:, None] + _LONGEST)
    both = np.where(fits, starts[:, None] + stops, -np.inf)
    first, last = divmod(int(both.argmax()), len(inside))
    span = Span(int(words[inside[first], 0]), int(words[inside[last], 1]))
    return Trigger(span.start, span.end, span.of(text))
