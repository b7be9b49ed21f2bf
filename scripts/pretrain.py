"""Go on with the pretraining of an encoder on texts of the field: it guesses hidden words.

    pretrain.py CONFIG --pack TEXT... --tokenizer FILE --out FILE
    pretrain.py CONFIG --corpus FILE... --tokenizer FILE --out FILE [--device cpu|cuda] [--seconds N] [--rows N]
                [--length N] [--base FILE]

The first cuts texts (a document a line) into pieces once; the second trains on such files, of which one that is named
twice counts twice, for --seconds, in which the learning rate rises and falls to zero, and writes the encoder in half
precision, as ``train.py --base`` takes it.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from mention_model.encoders import load_encoder, load_pretrained, save_encoder

from nlp.config import read_yaml
from nlp.networks.encoder import Encoder, EncoderConfig
from nlp.networks.pieces import SHAPE_TABLES, PieceTokenizer
from nlp.training.masked import Corpus, MaskedModel, Masking, hide
from nlp.training.schedule import TimedDecay

LOG_STEPS = 50


def pack(paths: Iterable[Path], tokenizer: PieceTokenizer, target: Path) -> None:
    """Cut texts and write them end to end, with a closing mark after each."""
    ids, shapes, starts = [], [], []
    closing, blank = np.asarray([tokenizer.close], np.int32), np.zeros((1, len(SHAPE_TABLES)), np.uint8)
    for path in paths:
        with path.open(encoding="utf-8") as lines:
            while batch := [line.strip() for line in islice(lines, 1000)]:
                for pieces in tokenizer([line for line in batch if line]):
                    first = np.zeros(len(pieces) + 1, np.bool_)
                    first[pieces.firsts] = first[-1] = True
                    ids += [pieces.ids, closing]
                    shapes += [pieces.shapes, blank]
                    starts.append(first)
    whole = np.concatenate(ids)
    np.savez_compressed(
        target, ids=whole.astype(np.uint16), shapes=np.concatenate(shapes), starts=np.concatenate(starts)
    )
    print(f"{len(whole):,} pieces")


def read(paths: Iterable[Path], device: str) -> Corpus:
    """Read packed texts; a file that is named twice counts twice."""
    arrays = []
    for path in paths:
        with np.load(path, allow_pickle=False) as file:
            arrays.append((file["ids"].astype(np.int32), file["shapes"], file["starts"]))
    return Corpus(*(torch.from_numpy(np.concatenate(own)).to(device) for own in zip(*arrays, strict=True)))


def train(options: argparse.Namespace, tokenizer: PieceTokenizer) -> None:
    """Train, and write the encoder."""
    config = read_yaml(options.config)
    torch.manual_seed(config["seed"])
    settings = config["pretraining"]
    sizes = {**config.get("encoder", {}), "dropout": settings["dropout"]}
    encoder = Encoder(EncoderConfig(vocabulary=len(tokenizer), shapes=SHAPE_TABLES, **sizes))
    if options.base:
        load_encoder(encoder, options.base)
    else:
        load_pretrained(encoder, config, tokenizer)
    model = MaskedModel(encoder).to(options.device)
    corpus = read(options.corpus, options.device)
    vocabulary = tokenizer.vocabulary()
    specials = 1 + max(id for piece, id in vocabulary.items() if piece.startswith("[") and piece.endswith("]"))
    masking = Masking(vocabulary["[MASK]"], specials, len(tokenizer), settings["share"])
    plain = [parameter for parameter in model.parameters() if parameter.ndim < 2]
    matrices = [parameter for parameter in model.parameters() if parameter.ndim > 1]
    optimizer = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": 0.01}, {"params": plain, "weight_decay": 0.0}],
        lr=settings["rate"],
        betas=(0.9, 0.98),
        fused=True,
    )
    schedule = TimedDecay(settings["warmup"], options.seconds)
    most = int(options.rows * options.length * settings["share"] * 1.1)
    losses: list[torch.Tensor] = []
    began = time.monotonic()
    step = 0
    model.train()
    while (factor := schedule(step)) > 0:
        for group in optimizer.param_groups:
            group["lr"] = settings["rate"] * factor
        ids, shapes, starts = corpus.draw(options.rows, options.length)
        seen, shown, guess = hide(ids, shapes, starts, masking)
        with torch.autocast(options.device, torch.bfloat16):
            loss = model.loss(seen, shown, ids, guess, most)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        losses.append(loss.detach())
        step += 1
        if step % LOG_STEPS == 0:
            mean = float(torch.stack(losses).mean())
            losses.clear()
            rate = step * options.rows * options.length / (time.monotonic() - began)
            print(json.dumps({"step": step, "factor": round(factor, 3), "loss": round(mean, 4), "rate": round(rate)}))
    save_encoder(encoder, options.out)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=Path)
    task = parser.add_mutually_exclusive_group(required=True)
    task.add_argument("--pack", type=Path, nargs="+", metavar="TEXT")
    task.add_argument("--corpus", type=Path, nargs="+")
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--base", type=Path, help="encoder to start from, as this program wrote it")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--rows", type=int, default=32)
    parser.add_argument("--length", type=int, default=128)
    options = parser.parse_args(arguments)
    tokenizer = PieceTokenizer(options.tokenizer)
    if options.pack:
        pack(options.pack, tokenizer, options.out)
    else:
        train(options, tokenizer)


if __name__ == "__main__":
    main(sys.argv[1:])
