"""What a model in training says of pairs of mentions, and how much of it is right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from nlp.evaluation.counts import Counts
from nlp.networks.inputs import batches
from nlp.networks.joint import JointModel
from nlp.training.edges import collate, edge_states
from nlp.training.related_texts import EdgeObjective, RelatedText

BUDGET: Final = 16384
"""Pieces in a batch, padding included."""
THRESHOLDS: Final = tuple(step / 20 for step in range(2, 19))


@torch.inference_mode()
def edge_log_probabilities(
    model: JointModel, texts: Sequence[RelatedText], head: str, *, bfloat16: bool = False
) -> list[NDArray[np.float32]]:
    """What a head says of the pairs of texts.

    Args:
        model: with a network for edges, in evaluation mode.
        texts: to read.
        head: which head.
        bfloat16: whether products are computed in it.

    Returns:
        For each text (pairs, 1 + labels) log-probabilities, first that of no relation.

    Raises:
        ValueError: if it has no network for edges.
    """
    if model.edges is None:
        raise ValueError("the model has no network for edges")
    device = next(model.parameters()).device
    rows: dict[int, NDArray[np.float32]] = {}
    for chosen in batches(list(map(len, texts)), BUDGET):
        batch = collate([texts[index] for index in chosen]).to(device)
        with torch.autocast(device.type, torch.bfloat16, enabled=bfloat16):
            words = model.related_words(batch.ids, batch.shapes, batch.mask, batch.firsts)
            states = edge_states(model.edges, words, batch)
            scores = model.edges.labels(head, states.vectors, batch.pair_cues)
        found = scores.float().log_softmax(-1).cpu().numpy()
        owners = batch.rows.cpu().numpy()
        for row, index in enumerate(chosen):
            # The groups of a text stand side by side, the last of them filled up.
            own = found[owners == row].reshape(-1, found.shape[-1])
            rows[index] = own[: len(texts[index].pairs)]
    return [rows[index] for index in range(len(texts))]


def best_f1(
    texts: Sequence[RelatedText], objective: EdgeObjective, said: Sequence[NDArray[np.float32]]
) -> tuple[float, float]:
    """Micro F1 over ordered pairs of mentions and labels, at the threshold at which it is best.

    Args:
        texts: with their pairs.
        objective: of the head that spoke.
        said: as ``edge_log_probabilities`` gives it.

    Returns:
        The threshold (least probability that there is a relation), and the F1.
    """
    gold = np.concatenate([objective.own.numpy()[text.codes][:, 1:] for text in texts])
    related = np.concatenate([text.codes > 0 for text in texts])
    scores = np.exp(np.concatenate(said))
    labels = scores[:, 1:].argmax(1)
    right = gold[np.arange(len(gold)), labels] & related
    total = int(gold[related].sum())
    found = {}
    for threshold in THRESHOLDS:
        chosen = 1.0 - scores[:, 0] >= threshold
        hits = int(right[chosen].sum())
        found[threshold] = Counts(hits, int(chosen.sum()), hits, total).f1
    best = max(found, key=found.__getitem__)
    return best, found[best]
