"""Texts of a few words, and what is learned from them, so that training can be tested in seconds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from nlp.networks.edges import EdgeConfig, EdgeNetwork
from nlp.networks.encoder import EncoderConfig
from nlp.networks.inputs import join, mark
from nlp.networks.joint import JointModel
from nlp.networks.names import with_names
from nlp.networks.pieces import SHAPE_TABLES, PieceTokenizer
from nlp.networks.reader import CAPTION_HEAD
from nlp.networks.tagger import MentionTagger
from nlp.networks.tags import LabelledSpan, TagSet
from nlp.training.edge_sampling import EdgeSampler
from nlp.training.examples import Example, LabelledWindow, Tagged, tag
from nlp.training.lessons import EdgeLesson, Lesson, TagLesson
from nlp.training.objectives import Objective
from nlp.training.related_texts import Noise, prepare
from nlp.training.relation_examples import (
    CAPTION_LABELS,
    CAPTION_MEANINGS,
    LabelledRelation,
    RelatedExample,
    RelationCorpus,
)
from nlp.training.sampling import Sampler, Task
from nlp.types import Mention

TAGS = TagSet(["GENE", "CHEMICAL"])
TEXTS = [
    "ERK1 binds TNF.",
    "The drug binds the kinase ERK.",
    "Ca of the nucleus.",
    "MEK and ERK2 raise the level of the drug.",
]
NAMES = {
    "ERK1": "GENE",
    "ERK2": "GENE",
    "ERK": "GENE",
    "TNF": "GENE",
    "MEK": "GENE",
    "drug": "CHEMICAL",
    "Ca": "CHEMICAL",
}
BUDGET = 64
LIMIT = 60


def example(text: str) -> Example:
    """A text in which every word of ``NAMES`` is marked."""
    spans = []
    for word in text.replace(".", "").split():
        if word in NAMES:
            start = text.index(word)
            spans.append(LabelledSpan(start, start + len(word), NAMES[word]))
    return Example(text, text, tuple(spans))


EXAMPLES = [example(text) for text in TEXTS]
OBJECTIVES = [
    Objective(CAPTION_HEAD, torch.eye(len(TAGS), dtype=torch.bool), 1.0),
    Objective("other", torch.ones(len(TAGS), len(TAGS), dtype=torch.bool), 0.5),
]
RELATED = RelationCorpus(
    CAPTION_HEAD,
    CAPTION_LABELS,
    CAPTION_MEANINGS,
    [
        RelatedExample(item.id, item.text, item.spans, [LabelledRelation(0, 1, "activation+")], [(0, 1), (1, 0)])
        for item in EXAMPLES
        if len(item.spans) > 1
    ],
)


def names_in(item: Example) -> list[Mention]:
    """The marked spans of a text as the lexicon would give them, all of them sure."""
    return [
        Mention("T", span.label, span.start, span.end, item.text[span.start : span.end], 0.9) for span in item.spans
    ]


def tagged(tokenizer: PieceTokenizer, *, names: bool = False) -> list[Tagged]:
    """The texts with their tags; with ``names`` as if the lexicon knew them all."""
    pieces = tokenizer(TEXTS)
    if names:
        pieces = [with_names(own, names_in(item)) for own, item in zip(pieces, EXAMPLES, strict=True)]
    return tag(EXAMPLES, pieces, TAGS, LIMIT)


def sampler(tokenizer: PieceTokenizer, *, names: bool = False, **changes: Any) -> Sampler:
    """Captions, and the same texts as a corpus whose sentences may be joined."""
    texts = tagged(tokenizer, names=names)
    tasks = [Task(CAPTION_HEAD, texts, joined=False, weight=2.0), Task("other", texts, joined=True)]
    settings = {"power": 0.5, "budget": BUDGET, "lengths": (8, 32), "alone": 0.3, "pool": 12, "seed": 5}
    return Sampler(tasks, tokenizer, **{**settings, **changes})


def edge_sampler(tokenizer: PieceTokenizer, *, seed: int = 5) -> EdgeSampler:
    """Relations in the same texts."""
    pieces = tokenizer([item.text for item in RELATED.examples])
    texts, objective = prepare(RELATED, pieces, 0, tokenizer, TAGS, limit=LIMIT)
    return EdgeSampler([texts], [objective], {}, budget=BUDGET, noise=Noise(), tag_set=TAGS, seed=seed)


def joint_model(seed: int = 0, *, edges: bool = False, dropout: float = 0.1) -> JointModel:
    """A model of random weights."""
    torch.manual_seed(seed)
    sizes: dict[str, Any] = {"vocabulary": 40, "width": 16, "inner": 32, "layers": 2, "heads": 2, "positions": 64}
    encoder = EncoderConfig(**sizes, shapes=SHAPE_TABLES, dropout=dropout)
    tagger = MentionTagger(encoder, {CAPTION_HEAD: len(TAGS), "other": len(TAGS)})
    if not edges:
        return JointModel(tagger)
    network = EdgeConfig(len(TAGS), 16, 32, layers=1, heads=2, pair=16, context=2, dropout=dropout)
    return JointModel(tagger, EdgeNetwork(network, {CAPTION_HEAD: len(CAPTION_LABELS)}))


CPU = torch.device("cpu")


def lessons(model: JointModel, tokenizer: PieceTokenizer) -> list[Lesson]:
    """Tags and, if the model has a network for them, edges."""
    found: list[Lesson] = [TagLesson(sampler(tokenizer), OBJECTIVES, CPU)]
    if model.edges is not None:
        found.append(EdgeLesson(model.edges, edge_sampler(tokenizer), CPU, weight=0.5))
    return found


def window(task: int, texts: Sequence[Tagged], tokenizer: PieceTokenizer) -> LabelledWindow:
    """One window of texts that follow each other."""
    inputs = mark(join([text.pieces for text in texts]), tokenizer)
    return LabelledWindow(task, inputs, np.concatenate([text.tags for text in texts]))
