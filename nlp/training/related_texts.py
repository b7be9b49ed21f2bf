"""Texts with labelled relations as arrays, and what the labels of their corpus teach.

A corpus names relations in its own way, so it has a head of its own. What its labels mean for captions is a set of
caption labels, and the loss of the caption head asks only that the set be likely (``nlp.training.losses``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nlp.errors import ConfigError, Location
from nlp.networks.edge_inputs import mention_words, sentence_numbers
from nlp.networks.edge_scores import codes_of
from nlp.networks.inputs import Window, windows
from nlp.networks.names import without_names
from nlp.networks.pieces import Pieces, PieceTokenizer
from nlp.networks.tags import TagSet
from nlp.networks.windows import merge
from nlp.training.relation_examples import CAPTION_LABELS, LabelledRelation, RelatedExample, RelationCorpus

NONE: Final = "none"
"""What a pair without a relation is called in ``RelationCorpus.meanings``; it means itself if it is not there."""
UNKNOWN: Final = -1


@dataclass(frozen=True, slots=True, eq=False)
class EdgeObjective:
    """What a corpus' relations teach.

    Attributes:
        name: of the corpus and of its own head; that of captions has no other.
        source: the part of the corpus that it is of.
        own: (codes, 1 + own labels) bool, labels that each code of a pair leaves possible.
        caption: (codes, 1 + caption labels) bool, likewise.
        caption_weight: of the caption head's loss on it, beside 1 for its own head.
    """

    name: str
    own: Tensor
    caption: Tensor
    caption_weight: float = 1.0
    source: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class RelatedText:
    """A text, its mentions and what is known of pairs of them.

    Attributes:
        task: index of the objective.
        windows: what the encoder reads: more than one where the text is longer than it reads.
        places: (words,) int32, where each word of the text stands among the words of the windows.
        tags: (words,) int16, tags of the mentions.
        marks: (words,) int16, tags as the network is told them.
        sentences: (words,) int16
        mentions: (mentions, 2) int32, first and last word.
        pairs: (pairs, 2) int32, source and target.
        codes: (pairs,) int16, rows of the objective's tables; 0 for no relation.
        modality: (pairs, 2) int8, negated and speculative: 1, 0, or -1 where unknown or no relation.
        triggers: (pairs, 2) int32, first and last word; -1 where unknown.
        weights: (pairs,) float32, how many pairs each stands for.
        cues: (words,) int16, codes of what a list says of words; empty for no list.
        ruled: (ruled, 3) int32, mentions of pairs of which rules say something, in order, and its code.
    """

    task: int
    windows: tuple[Window, ...]
    places: NDArray[np.int32]
    tags: NDArray[np.int16]
    marks: NDArray[np.int16]
    sentences: NDArray[np.int16]
    mentions: NDArray[np.int32]
    pairs: NDArray[np.int32]
    codes: NDArray[np.int16]
    modality: NDArray[np.int8]
    triggers: NDArray[np.int32]
    weights: NDArray[np.float32]
    cues: NDArray[np.int16] = field(default_factory=lambda: np.zeros(0, np.int16))
    ruled: NDArray[np.int32] = field(default_factory=lambda: np.zeros((0, 3), np.int32))

    def pair_cues(self) -> NDArray[np.int64]:
        """(pairs,) codes of what rules say."""
        return codes_of(self.pairs.astype(np.int64), self.ruled.astype(np.int64), len(self.mentions) + 1)

    def __len__(self) -> int:
        """Pieces that the encoder reads."""
        return sum(map(len, self.windows))


Cues = Callable[[RelatedExample, NDArray[np.int32]], tuple[NDArray[np.int64], NDArray[np.int64]]]
"""For an example and the (words, 2) offsets of its words: codes of its words, and (ruled, 3) mentions and a code."""


@dataclass(slots=True)
class _Codes:
    """The sets of labels that stand on one pair, numbered: none first, then each label alone, then what occurs."""

    labels: Sequence[str]
    numbers: dict[tuple[str, ...], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for labels in ((), *((label,) for label in self.labels)):
            self.numbers[labels] = len(self.numbers)

    def __call__(self, labels: Sequence[str]) -> int:
        return self.numbers.setdefault(tuple(sorted(set(labels))), len(self.numbers))


def prepare(
    corpus: RelationCorpus,
    texts: Sequence[Pieces],
    task: int,
    tokenizer: PieceTokenizer,
    tag_set: TagSet,
    *,
    limit: int,
    caption_weight: float = 1.0,
    cues: Cues | None = None,
    source: str = "",
) -> tuple[list[RelatedText], EdgeObjective]:
    """Encode a corpus, or a part of it.

    Args:
        corpus: what to learn from.
        texts: pieces of each of its examples.
        task: index that its objective will have.
        tokenizer: whose marks open and close a window.
        tag_set: tags of the caption types.
        limit: most pieces in a window, marks included.
        caption_weight: of the caption head's loss.
        cues: what a list says of words, and rules of pairs.
        source: what the part is called.

    Returns:
        Its texts, without those of which no pair is known, and its objective.

    Raises:
        ConfigError: if a relation has an unknown label, or a label an unknown meaning.
    """
    codes = _Codes(corpus.labels)
    encoded = [
        _encode(example, pieces, task, codes, tokenizer, tag_set, limit, cues)
        for example, pieces in zip(corpus.examples, texts, strict=True)
        if example.judged or example.relations
    ]
    own, caption = _tables(corpus, codes)
    objective = EdgeObjective(corpus.name, own, caption, caption_weight, source or corpus.name)
    return [text for text in encoded if len(text.pairs)], objective


def _tables(corpus: RelationCorpus, codes: _Codes) -> tuple[Tensor, Tensor]:
    own_columns = {NONE: 0, **{label: 1 + index for index, label in enumerate(corpus.labels)}}
    columns = {NONE: 0, **{label: 1 + index for index, label in enumerate(CAPTION_LABELS)}}
    meant = {meaning for meanings in corpus.meanings.values() for meaning in meanings}
    used = {label for labels in codes.numbers for label in labels}
    if unknown := (used - set(own_columns)) | (meant - set(columns)) | (set(corpus.meanings) - set(own_columns)):
        raise ConfigError(
            "unknown labels of relations",
            expected=f"{sorted(own_columns)}, meaning {sorted(columns)}",
            found=f"{sorted(unknown)}",
            where=Location(corpus.name),
        )
    meanings: dict[str, Sequence[str]] = {NONE: [NONE], **corpus.meanings}
    own = np.zeros((len(codes.numbers), len(own_columns)), np.bool_)
    caption = np.zeros((len(codes.numbers), len(columns)), np.bool_)
    for labels, code in codes.numbers.items():
        for label in labels or (NONE,):
            own[code, own_columns[label]] = True
            caption[code, [columns[meaning] for meaning in meanings.get(label, columns)]] = True
    return torch.from_numpy(own), torch.from_numpy(caption)


def _encode(
    example: RelatedExample,
    pieces: Pieces,
    task: int,
    codes: _Codes,
    tokenizer: PieceTokenizer,
    tag_set: TagSet,
    limit: int,
    cues: Cues | None,
) -> RelatedText:
    words = mention_words(pieces.spans, [(mention.start, mention.end) for mention in example.mentions])
    there = words[:, 0] <= words[:, 1]
    numbers = np.cumsum(there) - 1  # of a mention among those that touch a word
    related: dict[tuple[int, int], list[LabelledRelation]] = {pair: [] for pair in example.judged}
    for relation in example.relations:
        related.setdefault((relation.source, relation.target), []).append(relation)
    known = [(pair, found) for pair, found in sorted(related.items()) if there[list(pair)].all()]
    sentences = sentence_numbers(example.text, pieces.spans)
    ends = (np.flatnonzero(np.diff(sentences)) + 1).tolist()
    parts = windows(pieces, tokenizer, ends=ends, limit=limit)
    counts = [last - first for (first, last), _ in parts]
    starts = np.cumsum([0, *counts])
    places = merge(
        [words for words, _ in parts],
        [
            np.arange(start, start + count, dtype=np.float32)[:, None]
            for start, count in zip(starts, counts, strict=False)
        ],
    )
    tags = tag_set.encode(pieces.spans, example.mentions)
    said = cues(example, pieces.spans) if cues else (np.zeros(0, np.int64), np.zeros((0, 3), np.int64))
    ruled = said[1][there[said[1][:, :2]].all(1)]
    return RelatedText(
        task=task,
        windows=tuple(window for _, window in parts),
        places=places[:, 0].astype(np.int32),
        tags=tags,
        marks=tags,
        sentences=sentences.astype(np.int16),
        mentions=words[there].astype(np.int32),
        pairs=numbers[np.asarray([pair for pair, _ in known], np.int32).reshape(-1, 2)].astype(np.int32),
        codes=np.asarray([codes([relation.label for relation in found]) for _, found in known], np.int16),
        modality=np.asarray([_modality(found) for _, found in known], np.int8).reshape(-1, 2),
        triggers=np.asarray([_trigger(found, pieces.spans) for _, found in known], np.int32).reshape(-1, 2),
        weights=np.ones(len(known), np.float32),
        cues=said[0].astype(np.int16),
        ruled=np.stack([numbers[ruled[:, 0]], numbers[ruled[:, 1]], ruled[:, 2]], axis=1).astype(np.int32),
    )


def _modality(relations: Sequence[LabelledRelation]) -> tuple[int, int]:
    return (
        _agreed({relation.negated for relation in relations}),
        _agreed({relation.speculative for relation in relations}),
    )


def _agreed(said: set[bool | None]) -> int:
    return UNKNOWN if len(said) != 1 or None in said else int(True in said)


def _trigger(relations: Sequence[LabelledRelation], words: NDArray[np.int32]) -> tuple[int, int]:
    for relation in relations:
        if relation.trigger is not None:
            first, last = mention_words(words, [(relation.trigger.start, relation.trigger.end)])[0].tolist()
            if first <= last:
                return first, last
    return UNKNOWN, UNKNOWN


@dataclass(frozen=True, slots=True)
class Noise:
    """How texts differ from the annotation in training.

    Attributes:
        negatives: most pairs without a relation that are kept of a text; those kept weigh for all.
        dropped: share of mentions whose words are marked as no mention.
        retyped: share of mentions whose words are marked with a type drawn at random.
        unnamed: share of texts that are shown without the lexicon's names.
        unruled: share of texts that are shown without what rules say of pairs, so that the network learns what it is
            that they see.
        hidden: share of mentions whose pieces are hidden, so that it learns from the words around them.
        mask: id of the piece that stands for hidden ones.
    """

    negatives: int = 512
    dropped: float = 0.05
    retyped: float = 0.05
    unnamed: float = 0.0
    unruled: float = 0.0
    hidden: float = 0.0
    mask: int = 0

    def __call__(self, text: RelatedText, tag_set: TagSet, random: np.random.Generator) -> RelatedText:
        """``text`` as the network is shown it this time; what is right stays as it was."""
        kept, weights = self._kept(text, random)
        unnamed = random.random() < self.unnamed
        read = tuple(map(without_names, text.windows)) if unnamed else text.windows
        return replace(
            text,
            windows=self._hidden(replace(text, windows=read), random) if self.hidden else read,
            marks=self._marks(text, tag_set, random),
            pairs=text.pairs[kept],
            codes=text.codes[kept],
            modality=text.modality[kept],
            triggers=text.triggers[kept],
            weights=weights,
            ruled=text.ruled[:0] if self.unruled and random.random() < self.unruled else text.ruled,
        )

    def _hidden(self, text: RelatedText, random: np.random.Generator) -> tuple[Window, ...]:
        """The windows of a text, some of whose mentions are hidden, with their shapes."""
        words = np.zeros(len(text.places), np.bool_)
        for first, last in text.mentions[random.random(len(text.mentions)) < self.hidden].tolist():
            words[first : last + 1] = True
        said = np.zeros(sum(len(window.firsts) for window in text.windows), np.bool_)
        said[text.places[words]] = True
        found, start = [], 0
        for window in text.windows:
            own = said[start : start + len(window.firsts)]
            start += len(window.firsts)
            inside = np.zeros(len(window), np.bool_)
            inside[window.firsts[0] : -1] = np.repeat(own, np.diff(np.append(window.firsts, len(window) - 1)))
            ids, shapes = window.ids.copy(), window.shapes.copy()
            ids[inside], shapes[inside] = self.mask, 0
            found.append(Window(ids, shapes, window.firsts))
        return tuple(found)

    def _marks(self, text: RelatedText, tag_set: TagSet, random: np.random.Generator) -> NDArray[np.int16]:
        marks = text.tags.copy()
        drawn = random.random(len(text.mentions))
        labels = random.integers(len(tag_set.labels), size=len(text.mentions))
        for index in np.flatnonzero(drawn < self.dropped + self.retyped).tolist():
            first, last = text.mentions[index].tolist()
            begin = 0 if drawn[index] < self.dropped else tag_set.begin(tag_set.labels[labels[index]])
            marks[first : last + 1] = begin + 1 if begin else 0
            marks[first] = begin
        return marks

    def _kept(self, text: RelatedText, random: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        negative = np.flatnonzero(text.codes == 0)
        if len(negative) <= self.negatives:
            return np.arange(len(text.pairs)), text.weights
        chosen = random.choice(negative, self.negatives, replace=False)
        kept = np.sort(np.concatenate([np.flatnonzero(text.codes), chosen]))
        share = np.where(text.codes[kept] == 0, len(negative) / self.negatives, 1.0)
        return kept, (text.weights[kept] * share).astype(np.float32)
