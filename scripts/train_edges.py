"""Train the relation network on the words of a tagger that stays as it is.

    train_edges.py CONFIG CHECKPOINT --prepared DIR --data DIR --run DIR [--start CHECKPOINT] [--steps N | --seconds N]
                   [--model FOLDER] [--device cpu|cuda] [--set KEY=VALUE...]

CHECKPOINT holds the tagger: a folder that ``train.py`` left, or a file of averaged weights. DIR of --prepared is what
``prepare.py`` wrote, DIR of --data the shared data; --start a checkpoint of another tagger with a relation network: the
new one begins with its weights, told what its own tagger's words would be in the other's. Names are looked up by the
lexicon of --model. The rate rises, then falls to zero by the last of N steps, or within N seconds. Every so manieth
training caption is not learned from (``held_out``); with them ``export_edges.py`` sets the threshold. --run gets
``edges.safetensors``, the averaged weights that were best on these captions, beside checkpoints, a log with what was
measured on gold captions, and ``edges.json``.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from mention_model.checkpoints import edge_weights, load_checkpoint, read_run
from mention_model.gold_edges import GoldCaptions
from mention_model.models import build_model, heads
from mention_model.names import Names
from mention_model.prepared import POSITIONS, read
from safetensors.torch import save_file
from train import changed, stopper

from nlp.config import read_yaml
from nlp.networks.edges import EdgeConfig, EdgeNetwork
from nlp.networks.joint import JointModel
from nlp.networks.reader import CAPTION_HEAD
from nlp.stages.edge_cues import PAIR_CUES, WORD_CUES
from nlp.training.edge_export import TorchEdges
from nlp.training.frozen import (
    FrozenEdgeLesson,
    ReadSampler,
    ReadText,
    encoder_vectors,
    match_words,
    read_texts,
    set_priors,
)
from nlp.training.loop import Loop, LoopConfig
from nlp.training.related_texts import EdgeObjective, Noise
from nlp.training.schedule import TimedDecay, WarmupStableDecay

LOG = logging.getLogger("train_edges")


def begin_with(network: EdgeNetwork, weights: Mapping[str, torch.Tensor]) -> list[str]:
    """Take what fits of another network's weights, and say what."""
    own = network.state_dict()
    fitting = {name: value for name, value in weights.items() if name in own and own[name].shape == value.shape}
    network.load_state_dict({**own, **fitting})
    return sorted(fitting)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=Path)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--prepared", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--start", type=Path)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--set", nargs="+", default=[], metavar="KEY=VALUE", dest="settings")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    config = changed(read_yaml(options.config), options.settings)
    settings = config["edges"]
    torch.manual_seed(config["seed"])
    device = torch.device(options.device)
    prepared = read(options.prepared, config)
    run = read_run(options.checkpoint, options.prepared)
    tagger = load_checkpoint(options.checkpoint, run["config"], options.prepared).tagger.requires_grad_(False)
    layers = settings["layers"]
    vectors = encoder_vectors(tagger.encoder, layers, device)
    names = Names(options.prepared / "names.json", options.model)
    devel = GoldCaptions(options.data / config["captions"]["devel"], prepared.tokenizer, names, POSITIONS)
    train = GoldCaptions(options.data / config["captions"]["train"], prepared.tokenizer, names, POSITIONS)
    held_out = train.every(settings["held_out"])
    devel.read(vectors)
    held_out.read(vectors)
    related: list[tuple[list[ReadText], EdgeObjective]] = []
    for texts, objective in prepared.related:
        if objective.name in settings["weights"]:
            kept = [text for text in texts if not any(w.ids.tobytes() in held_out.ids for w in text.windows)]
            LOG.info("%s: %d of %d texts", objective.name, len(kept), len(texts))
            related.append((read_texts(kept, vectors), objective))
    related = [([replace(text, task=task) for text in texts], own) for task, (texts, own) in enumerate(related)]
    width = tagger.encoder.config.width
    sizes = EdgeConfig(
        tags=len(prepared.tag_sets[CAPTION_HEAD]),
        width=width,
        inputs=width * len(layers) if layers != [tagger.encoder.config.layers] else 0,
        word_cues=WORD_CUES,
        pair_cues=PAIR_CUES,
        **settings["network"],
    )
    labels = {objective.name: objective.own.shape[1] - 1 for _, objective in related}
    fresh = build_model(run["config"], heads(run["config"]), len(prepared.tokenizer), labels, sizes).edges
    assert fresh is not None
    for texts, objective in related:
        set_priors(fresh, texts, objective)
    if options.start:
        begun = begin_with(fresh, edge_weights(options.start))
        LOG.info("begins with %s", " ".join(begun))
        other = load_checkpoint(options.start, read_run(options.start, options.prepared)["config"], options.prepared)
        known = encoder_vectors(other.tagger.encoder, [other.tagger.encoder.config.layers], device)
        captions = next(own for own, objective in related if objective.name == CAPTION_HEAD)
        LOG.info("words in common: %.3f", match_words(fresh, captions, read_texts(captions, known)))
    model = JointModel(tagger, fresh).to(device)
    sampler = ReadSampler(
        [texts for texts, _ in related],
        [objective for _, objective in related],
        settings["weights"],
        budget=settings["budget"],
        noise=Noise(**settings["noise"]),
        tag_set=prepared.tag_sets[CAPTION_HEAD],
        seed=config["seed"],
    )

    reached = [0.0]

    def score(model: JointModel) -> dict[str, Any]:
        assert model.edges is not None
        edges = TorchEdges(model.edges, CAPTION_HEAD)
        said = devel.asked(edges)
        threshold, held = held_out.best(held_out.asked(edges))
        best, scores = devel.best(said)
        if held["f1"] > reached[0]:
            reached[0] = held["f1"]
            own = {f"edges.{name}": value.contiguous().cpu() for name, value in model.edges.named_parameters()}
            save_file(own, options.run / "edges.safetensors")
        return {"held_out": {"threshold": threshold, **held}, "devel": {"best threshold": best, **scores}}

    options.run.mkdir(parents=True, exist_ok=True)
    about = {"config": settings, "sizes": asdict(sizes), "tagger": options.checkpoint.name, "labels": labels}
    (options.run / "edges.json").write_text(json.dumps(about, indent=1), encoding="utf-8")
    steps = options.steps or settings["steps"]
    warmup = settings["warmup"]
    schedule = TimedDecay(warmup, options.seconds) if options.seconds else WarmupStableDecay(warmup, 0, steps)
    lesson = FrozenEdgeLesson(fresh, sampler, device, settings["dropout"])
    loop = Loop(options.run, model, [lesson], LoopConfig(**settings["loop"]), schedule, score)
    stop = stopper(None, None if options.seconds else steps)
    loop.run(lambda step: stop(step) or schedule(step) <= 0)
    loop.measure()


if __name__ == "__main__":
    main(sys.argv[1:])
