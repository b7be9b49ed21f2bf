from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from nlp.networks.encoder import Encoder, EncoderConfig
from nlp.training.masked import Corpus, MaskedModel, Masking, hide

SIZES = {"vocabulary": 60, "width": 16, "inner": 32, "layers": 1, "heads": 2, "positions": 32}
MASKING = Masking(mask=4, specials=5, vocabulary=60, share=0.2)
CLOSE = 3


def texts(rows: int, length: int = 30) -> tuple[Tensor, Tensor, Tensor]:
    """Words of two or three pieces, with a closing mark after every seven pieces."""
    generator = torch.Generator().manual_seed(1)
    ids = torch.randint(MASKING.specials, 60, (rows, length), generator=generator)
    starts = torch.zeros(rows, length, dtype=torch.bool)
    for place in (0, 2, 4, 6):
        starts[:, place::7] = True
    ids[:, 6::7] = CLOSE
    return ids, torch.randint(1, 9, (rows, length, 3), generator=generator), starts


def encoder(**changes: float) -> Encoder:
    torch.manual_seed(0)
    return Encoder(EncoderConfig(**{**SIZES, "shapes": (16, 16, 34), **changes}))  # type: ignore[arg-type]


def test_words_are_hidden_whole_and_marks_never() -> None:
    torch.manual_seed(0)
    ids, shapes, starts = texts(400)
    seen, shown, guess = hide(ids, shapes, starts, MASKING)
    marks = ids < MASKING.specials
    assert marks.any()
    assert not guess[marks].any()
    assert torch.equal(seen[marks], ids[marks])
    for column in range(ids.shape[1]):
        inside = ~starts[:, column]
        hidden = seen == MASKING.mask
        assert torch.equal(guess[inside, column], guess[inside, column - 1])
        assert torch.equal(hidden[inside, column], hidden[inside, column - 1])
    assert torch.equal(seen[~guess], ids[~guess])
    assert torch.equal(shown[seen != MASKING.mask], shapes[seen != MASKING.mask])
    assert not shown[seen == MASKING.mask].any()


def test_shares_are_those_asked_for() -> None:
    torch.manual_seed(0)
    ids, shapes, starts = texts(2000)
    seen, _, guess = hide(ids, shapes, starts, MASKING)
    assert float(guess[ids >= MASKING.specials].float().mean()) == pytest.approx(0.2, abs=0.01)
    hidden, same = (seen == MASKING.mask)[guess], (seen == ids)[guess]
    assert float(hidden.float().mean()) == pytest.approx(0.8, abs=0.02)
    assert float(same.float().mean()) == pytest.approx(0.1 + 0.1 / 55, abs=0.02)
    swapped = seen[guess][~hidden & ~same]
    assert int(swapped.min()) == MASKING.specials
    assert int(swapped.max()) == 59


def test_stretches_are_drawn_as_they_stand() -> None:
    ids = torch.arange(100, dtype=torch.int32)
    corpus = Corpus(ids, torch.stack([ids, ids + 1, ids + 2], 1).to(torch.uint8), ids % 3 == 0)
    drawn, shapes, starts = corpus.draw(50, 20, torch.Generator().manual_seed(0))
    assert torch.equal(drawn, drawn[:, :1] + torch.arange(20))
    assert torch.equal(shapes, torch.stack([drawn, drawn + 1, drawn + 2], -1))
    assert torch.equal(starts, drawn % 3 == 0)
    assert len(set(drawn[:, 0].tolist())) > 20


def test_the_loss_is_the_mean_over_what_is_to_be_guessed() -> None:
    model = MaskedModel(encoder(dropout=0.0))
    ids, shapes, _ = texts(3)
    guess = torch.zeros_like(ids, dtype=torch.bool)
    guess[0, 3] = guess[2, 7:9] = True
    hidden = model.encoder(ids, shapes, torch.ones_like(guess))[guess]
    vectors = model.norm(functional.gelu(model.transform(hidden)))
    expected = functional.cross_entropy(vectors @ model.encoder.embeddings.pieces.weight.T + model.bias, ids[guess])
    for most in (3, 40):
        torch.testing.assert_close(model.loss(ids, shapes, ids, guess, most), expected)
    assert torch.isfinite(model.loss(ids, shapes, ids, guess, 2))
    assert model.loss(ids, shapes, ids, torch.zeros_like(guess), 5).item() == 0


def test_a_toy_is_learned() -> None:
    """Pieces repeat, so what is hidden can be told from what stands around it."""
    torch.manual_seed(0)
    ids = (torch.arange(500) // 25 + MASKING.specials).to(torch.int32)
    corpus = Corpus(ids, torch.ones(500, 3, dtype=torch.uint8), torch.ones(500, dtype=torch.bool))
    model = MaskedModel(encoder(dropout=0.0))
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-2)
    losses = []
    for _ in range(150):
        drawn, shapes, starts = corpus.draw(16, 16)
        seen, shown, guess = hide(drawn, shapes, starts, MASKING)
        loss = model.loss(seen, shown, drawn, guess, 64)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(loss.item())
    assert losses[0] > 3  # more than by chance, which is the logarithm of 20 pieces
    assert sum(losses[-10:]) / 10 < 1
