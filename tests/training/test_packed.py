from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from nlp.errors import ModelError
from nlp.networks.pieces import Pieces, PieceTokenizer
from nlp.networks.tags import LabelledSpan
from nlp.training.examples import Tagged
from nlp.training.packed import load_gold, load_tagged, save_gold, save_tagged
from nlp.training.related_files import load_related
from tests.toys import EXAMPLES, tagged


def same(first: Sequence[Pieces], second: Sequence[Pieces]) -> bool:
    return len(first) == len(second) and all(
        np.array_equal(getattr(one, field.name), getattr(other, field.name))
        and getattr(one, field.name).dtype == getattr(other, field.name).dtype
        for one, other in zip(first, second, strict=True)
        for field in fields(Pieces)
    )


def test_tagged_texts_come_back(tokenizer: PieceTokenizer, tmp_path: Path) -> None:
    texts = tagged(tokenizer, names=True)
    save_tagged(tmp_path / "texts.npz", texts)
    found = load_tagged(tmp_path / "texts.npz")
    assert same([text.pieces for text in found], [text.pieces for text in texts])
    assert [text.tags.tolist() for text in found] == [text.tags.tolist() for text in texts]
    assert found[0].tags.dtype == np.int16
    assert any(text.pieces.shapes[:, -1].any() for text in found)


def test_texts_with_spans_come_back(tokenizer: PieceTokenizer, tmp_path: Path) -> None:
    texts = tokenizer(["", *(item.text for item in EXAMPLES), "the"])
    spans = [[], *(item.spans for item in EXAMPLES), [LabelledSpan(0, 3, "a label")]]
    save_gold(tmp_path / "texts.npz", texts, spans)
    found, gold = load_gold(tmp_path / "texts.npz")
    assert same(found, texts)
    assert gold == [list(own) for own in spans]


@pytest.mark.parametrize("count", [0, 2])
def test_nothing_comes_back_as_nothing(tokenizer: PieceTokenizer, tmp_path: Path, count: int) -> None:
    texts = [Tagged(pieces, np.zeros(0, np.int16)) for pieces in tokenizer([""] * count)]
    save_tagged(tmp_path / "tagged.npz", texts)
    save_gold(tmp_path / "gold.npz", [text.pieces for text in texts], [[] for _ in texts])
    found, gold = load_tagged(tmp_path / "tagged.npz"), load_gold(tmp_path / "gold.npz")
    assert [len(text.tags) for text in found] == [0] * len(texts)
    assert len(gold[0]) == len(gold[1]) == len(texts)
    assert all(text.pieces.shapes.shape == (0, 3) and text.pieces.spans.shape == (0, 2) for text in found)


def test_one_kind_is_not_taken_for_the_other(tokenizer: PieceTokenizer, tmp_path: Path) -> None:
    texts = tagged(tokenizer)
    save_tagged(tmp_path / "tagged.npz", texts)
    save_gold(tmp_path / "gold.npz", [text.pieces for text in texts], [item.spans for item in EXAMPLES])
    with pytest.raises(ModelError, match=r"gold\.npz"):
        load_tagged(tmp_path / "gold.npz")
    with pytest.raises(ModelError, match=r"tagged\.npz"):
        load_gold(tmp_path / "tagged.npz")


@pytest.mark.parametrize("content", [b"", b"no arrays", b"PK\x03\x04 of a zip file", None])
def test_broken_and_missing_files_are_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "broken.npz"
    if content is not None:
        path.write_bytes(content)
    for load in (load_tagged, load_gold, lambda path: load_related(path, 0)):
        with pytest.raises(ModelError, match=r"broken\.npz"):
            load(path)  # type: ignore[no-untyped-call]


def test_a_file_that_was_cut_short_is_named(tokenizer: PieceTokenizer, tmp_path: Path) -> None:
    path = tmp_path / "short.npz"
    save_tagged(path, tagged(tokenizer))
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(ModelError, match=r"short\.npz"):
        load_tagged(path)
