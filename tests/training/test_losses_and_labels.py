from __future__ import annotations

import numpy as np
import pytest
import torch

from nlp.errors import ConfigError
from nlp.networks.tags import TagSet
from nlp.training.labels import LabelMap, allowed_tags
from nlp.training.losses import partial_label_loss

CAPTION = TagSet(["GENE", "CHEMICAL", "DISEASE"])
CORPUS = TagSet(["Protein", "Assay"])
LABELS = LabelMap({"Protein": ["GENE"], "Assay": ["O", "DISEASE"]}, frozenset({"GENE", "CHEMICAL"}))


def names(row: np.ndarray) -> set[str]:
    return {CAPTION.tags[index] for index in row.nonzero()[0]}


def test_each_tag_allows_what_the_table_says() -> None:
    allowed = allowed_tags(CORPUS, CAPTION, LABELS, where="test")
    assert {tag: names(row) for tag, row in zip(CORPUS.tags, allowed, strict=True)} == {
        "O": {"O", "B-DISEASE", "I-DISEASE"},  # diseases were never looked for
        "B-Protein": {"B-GENE"},
        "I-Protein": {"I-GENE"},
        "B-Assay": {"O", "B-DISEASE"},
        "I-Assay": {"O", "I-DISEASE"},
    }


def test_the_captions_own_labels_allow_themselves_alone() -> None:
    own = LabelMap({label: [label] for label in CAPTION.labels}, frozenset(CAPTION.labels))
    assert (allowed_tags(CAPTION, CAPTION, own, where="test") == np.eye(len(CAPTION), dtype=bool)).all()


@pytest.mark.parametrize(
    "labels",
    [
        LabelMap({"Protein": ["GENE"]}, frozenset()),
        LabelMap({"Protein": ["GENE"], "Assay": ["TEST"]}, frozenset()),
        LabelMap({"Protein": ["GENE"], "Assay": ["O"]}, frozenset({"TEST"})),
    ],
    ids=["label not mapped", "unknown type", "unknown cover"],
)
def test_a_map_that_does_not_fit_is_an_error(labels: LabelMap) -> None:
    with pytest.raises(ConfigError, match="differs in"):
        allowed_tags(CORPUS, CAPTION, labels, where="test")


def test_one_allowed_tag_is_cross_entropy() -> None:
    scores = torch.randn(6, 7, generator=torch.Generator().manual_seed(0))
    tags = torch.tensor([0, 1, 2, 3, 4, 6])
    expected = torch.nn.functional.cross_entropy(scores, tags, reduction="none")
    torch.testing.assert_close(partial_label_loss(scores, torch.eye(7, dtype=torch.bool)[tags]), expected)


def test_all_allowed_costs_nothing_and_teaches_nothing() -> None:
    scores = torch.randn(3, 5, generator=torch.Generator().manual_seed(0)).requires_grad_()
    loss = partial_label_loss(scores, torch.ones(3, 5, dtype=torch.bool))
    loss.sum().backward()
    torch.testing.assert_close(loss, torch.zeros(3))
    torch.testing.assert_close(scores.grad, torch.zeros(3, 5))


def test_allowed_tags_share_the_blame() -> None:
    scores = torch.zeros(1, 4, requires_grad=True)
    loss = partial_label_loss(scores, torch.tensor([[True, True, False, False]]))
    loss.sum().backward()
    assert loss.item() == pytest.approx(np.log(2))
    assert scores.grad is not None
    assert scores.grad[0].tolist() == pytest.approx([-0.25, -0.25, 0.25, 0.25])
