"""Spans that a tagger predicts, while it is being trained and when it is measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from nlp.networks.inputs import Window, batches, join, pad, windows
from nlp.networks.pieces import Pieces, PieceTokenizer
from nlp.networks.tagger import MentionTagger
from nlp.networks.tags import LabelledSpan, TagSet
from nlp.networks.windows import merge

WordScores = Callable[[Sequence[Window]], list[NDArray[np.float32]]]
"""Log-probabilities (words, tags) for each window."""


def predict(
    texts: Sequence[Pieces],
    tokenizer: PieceTokenizer,
    tag_set: TagSet,
    scores: WordScores,
    *,
    joined: bool,
    limit: int = 512,
    room: int = 256,
    budget: int = 8192,
) -> list[list[LabelledSpan]]:
    """Predict the spans of each text.

    Args:
        texts: what to read.
        tokenizer: whose marks open and close a window.
        tag_set: of the head that gives the scores.
        scores: the model.
        joined: whether texts that follow each other are read together, as in training.
        limit: most pieces that the encoder reads.
        room: most pieces of texts that are read together.
        budget: pieces in a batch.
    """
    groups = _groups(texts, room if joined else 0)
    parts = [windows(join([texts[index] for index in group]), tokenizer, limit=limit) for group in groups]
    flat = [window for part in parts for _, window in part]
    rows: dict[int, NDArray[np.float32]] = {}
    for batch in batches(list(map(len, flat)), budget):
        rows.update(zip(batch, scores([flat[index] for index in batch]), strict=True))
    spans: list[list[LabelledSpan]] = [[] for _ in texts]
    done = 0
    for group, part in zip(groups, parts, strict=True):
        merged = merge([bounds for bounds, _ in part], [rows[done + index] for index in range(len(part))])
        done += len(part)
        ends = np.cumsum([len(texts[index].spans) for index in group])[:-1]
        for index, own in zip(group, np.split(merged, ends), strict=True):
            spans[index] = tag_set.decode(texts[index].spans, own.reshape(-1, len(tag_set)))
    return spans


def _groups(pieces: Sequence[Pieces], room: int) -> list[list[int]]:
    groups: list[list[int]] = []
    filled = 0
    for index, item in enumerate(pieces):
        if groups and filled + len(item) <= room:
            groups[-1].append(index)
            filled += len(item)
        else:
            groups.append([index])
            filled = len(item)
    return groups


def torch_scores(model: MentionTagger, head: str, *, bfloat16: bool) -> WordScores:
    """Word scores by a tagger, with one of its heads."""
    device = next(model.parameters()).device

    @torch.inference_mode()
    def scores(windows: Sequence[Window]) -> list[NDArray[np.float32]]:
        padded = pad(windows)
        inputs = (padded.ids, padded.shapes, padded.mask, padded.firsts)
        with torch.autocast(device.type, torch.bfloat16, enabled=bfloat16):
            words = model.words(*(torch.from_numpy(value).to(device) for value in inputs))
        rows = torch.log_softmax(model.head(head, words.float()), -1).cpu().numpy()
        return np.split(rows, np.cumsum([len(window.firsts) for window in windows])[:-1])

    return scores
