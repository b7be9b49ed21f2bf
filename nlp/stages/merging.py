"""Mentions by a trained tagger and the lexicon together.

The tagger reads what the lexicon marks beside the text. It may speak once more, for a tag at every word before the
tagger's best sequence is looked for; so it decides where the tagger wavers, on a name's bounds and type as well as on
whether there is one. Then all mentions of a name in a caption get one type, those of its explained short form too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from nlp.networks.edge_inputs import mention_words
from nlp.networks.reader import Reader, Reading, ScoredSpan
from nlp.networks.tags import LabelledSpan, TagSet
from nlp.stages.base import Draft
from nlp.stages.mentions import LexiconMentions
from nlp.stages.model_mentions import Marked, ModelMentions, as_mentions
from nlp.types import Abbreviation, Mention


class MergedMentions(ModelMentions):
    """Marks what a tagger and the lexicon find together.

    Args:
        reader: the tagger, with its caption head.
        lexicon: the stage that marks the names of the lexicon.
        agreement: what a lexicon mention of score 1 adds to the log-probability of its tags.
        silence: what is added to that of O where the lexicon marks nothing.
        temperature: that scores are divided by to make them probabilities.
    """

    name = "merged-mentions"
    requires = ModelMentions.requires | LexiconMentions.requires

    def __init__(
        self,
        reader: Reader,
        lexicon: LexiconMentions,
        agreement: float = 0.0,
        silence: float = 0.0,
        temperature: float = 1.0,
    ) -> None:
        super().__init__(reader, temperature)
        self.lexicon = lexicon
        self.agreement = agreement
        self.silence = silence

    def predict(self, drafts: Sequence[Draft]) -> list[Marked]:
        names = self.lexicon.predict(drafts)
        readings = self.read(drafts, names)
        return [(self.mark(*item), item[1]) for item in zip(drafts, readings, names, strict=True)]

    def readings(self, drafts: Sequence[Draft]) -> list[Reading]:
        return self.read(drafts, self.lexicon.predict(drafts))

    def mark(self, draft: Draft, reading: Reading, names: Sequence[Mention]) -> tuple[Mention, ...]:
        """The mentions of a draft as it was read, given the lexicon's."""
        weighed = reading
        if self.agreement or self.silence:
            weighed = weigh(reading, self._reader.tags, names, self.agreement, self.silence)
        spans = [
            item
            for item in self._spans(draft.text, weighed)
            if item.span.of(draft.text).casefold() not in self.lexicon.never
        ]
        return as_mentions(draft.text, one_type_a_name(draft.text, spans, draft.abbreviations))


def weigh(reading: Reading, tags: TagSet, names: Sequence[Mention], agreement: float, silence: float) -> Reading:
    """The reading of a text with ``agreement`` and ``silence`` added for the ``names`` that the lexicon marks in it.

    Scores are no longer normalised.
    """
    given = tags.encode(reading.words, [LabelledSpan(name.start, name.end, name.type) for name in names])
    sure = np.zeros(len(given), np.float32)
    bounds = mention_words(reading.words, [(name.start, name.end) for name in names])
    for (first, last), name in zip(bounds, names, strict=True):
        sure[first : last + 1] = name.score
    scores = reading.scores.copy()
    scores[np.arange(len(given)), given] += np.where(given > 0, agreement * sure, np.float32(silence))
    return replace(reading, scores=scores)


def one_type_a_name(text: str, found: Sequence[ScoredSpan], abbreviations: Iterable[Abbreviation]) -> list[ScoredSpan]:
    """``found`` with the type that the scores of all mentions of a name, and of its explained short form, speak for.

    A mention keeps its score, also where the others give it another type.
    """
    long_forms = {item.short.of(text): item.long.of(text) for item in abbreviations}
    names = [long_forms.get(surface, surface) for surface in (item.span.of(text) for item in found)]
    votes: defaultdict[str, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    for name, item in zip(names, found, strict=True):
        votes[name][item.label] += item.score
    chosen = {name: max(types, key=types.__getitem__) for name, types in votes.items()}
    return [replace(item, label=chosen[name]) for name, item in zip(names, found, strict=True)]
