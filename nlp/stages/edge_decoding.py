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

from nlp.networks.edge_scores import EdgeScores, codes_of
from nlp.schema import RELATION_TYPES
from nlp.stages.denials import is_denied
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
        score: how probable the label is, as told.
        sure: how probable it is, as decided by.
        pair: row of the scores.
    """

    source: int
    target: int
    label: int
    score: float
    sure: float
    pair: int


@dataclass(frozen=True, slots=True)
class Decoding:
    """How relations are read from scores.

    Attributes:
        threshold: least probability that two names are related with this type and sign, in the network's own opinion.
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
        turned = _turned(said.pairs)
        labels = _both_ways(np.exp(said.scores.astype(np.float64))[:, 1:], turned)
        cool = labels
        if self.temperature != 1.0:
            cooled = np.exp(said.scores.astype(np.float64) / self.temperature)
            cool = _both_ways((cooled / cooled.sum(1, keepdims=True))[:, 1:], turned)
        likeliest = labels.argmax(1)
        sure = labels.max(1, initial=0.0)
        best: dict[tuple[str, str, bool], Found] = {}
        for pair in np.flatnonzero(sure >= self.threshold).tolist():
            source, target = said.pairs[pair].tolist()
            if names[source] == names[target]:
                continue
            label = int(likeliest[pair])
            found = Found(source, target, label, float(min(cool[pair, label], 1.0)), float(sure[pair]), pair)
            ends = names[source], names[target]
            undirected = bool(_UNDIRECTED[label])
            key = (*(sorted(ends) if undirected else ends), undirected)
            if key not in best or best[key].sure < found.sure:
                best[key] = found
        return sorted(best.values(), key=lambda item: (item.source, item.target))


def _turned(pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """(pairs,) the row of each pair turned round, -1 where it is not asked about."""
    numbers = np.arange(1, len(pairs) + 1)[:, None]
    return codes_of(pairs[:, ::-1], np.concatenate([pairs, numbers], axis=1), int(pairs.max(initial=-1)) + 1) - 1


def _both_ways(labels: NDArray[np.float64], turned: NDArray[np.int64]) -> NDArray[np.float64]:
    """Probabilities of labels with those of undirected ones summed over both directions, in each of them."""
    summed = labels.copy()
    there = turned >= 0
    summed[there] += np.where(_UNDIRECTED, labels[turned[there]], 0.0)
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
        trigger = _trigger(text, words, said.triggers[item.pair])
        source, target = mentions[item.source], mentions[item.target]
        relations.append(
            Relation(
                id=f"R{number}",
                source=source.id,
                target=target.id,
                type=type,
                sign=sign,
                score=item.score,
                trigger=trigger,
                # The network has seen few denials, but those in so many words need none.
                negated=negated or is_denied(text, trigger),
                speculative=speculative,
            )
        )
    return tuple(relations)


def _trigger(text: str, words: NDArray[np.int32], bounds: NDArray[np.int64]) -> Trigger:
    first, last = bounds.tolist()
    span = Span(int(words[first, 0]), int(words[last, 1]))
    return Trigger(span.start, span.end, span.of(text))
