"""A small tagger with random weights, made by the way that a trained one takes, so that tests need no weights."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from nlp.networks.encoder import EncoderConfig
from nlp.networks.inputs import Window
from nlp.networks.pieces import SHAPE_TABLES
from nlp.networks.tagger import MentionTagger
from nlp.networks.tags import TagSet
from nlp.schema import MENTION_TYPES

WORDS = "the kinase bind ##s erk ##1 ##2 p tnf alpha raise level of drug cell nucleus α - / ( ) . + ca → mek and by to"
HEADS = {"caption": TagSet(MENTION_TYPES), "other": TagSet(["Protein"])}
LIMIT = 64


def write_tokenizer(path: Path) -> Path:
    """An uncased WordPiece tokenizer with a handful of words; everything else is unknown."""
    vocabulary = {word: index for index, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS.split()])}
    model = {
        "type": "WordPiece",
        "unk_token": "[UNK]",
        "continuing_subword_prefix": "##",
        "max_input_chars_per_word": 100,
        "vocab": vocabulary,
    }
    normalizer = {
        "type": "BertNormalizer",
        "clean_text": True,
        "handle_chinese_chars": True,
        "strip_accents": None,
        "lowercase": True,
    }
    document = {
        "version": "1.0",
        "truncation": {"max_length": 4, "stride": 0, "strategy": "LongestFirst", "direction": "Right"},
        "padding": None,
        "added_tokens": [],
        "normalizer": normalizer,
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": None,
        "decoder": None,
        "model": model,
    }
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def random_tagger() -> MentionTagger:
    """Sure of itself, as trained ones are, but of nothing in particular."""
    torch.manual_seed(7)
    config = EncoderConfig(vocabulary=40, width=32, inner=64, layers=2, heads=4, positions=LIMIT, shapes=SHAPE_TABLES)
    tagger = MentionTagger(config, {name: len(tags) for name, tags in HEADS.items()}).eval()
    with torch.no_grad():
        for name, value in tagger.named_parameters():
            if name.startswith("heads.") or ".shapes." in name:
                value.normal_(std=0.5)
    return tagger


@torch.inference_mode()
def word_vectors(window: Window, layers: Sequence[int]) -> NDArray[np.float32]:
    """What the tagger's chosen layers say of the words of a window, side by side."""
    ids, shapes, firsts = (
        torch.from_numpy(part.astype(np.int64)) for part in (window.ids, window.shapes, window.firsts)
    )
    states = random_tagger().eval().encoder.states(ids[None], shapes[None], None)
    return torch.cat([states[layer][0, firsts] for layer in layers], dim=-1).numpy()
