"""Make a model folder of a checkpoint.

    export.py CHECKPOINT --data DIR --out FOLDER [--base DIR] [--model FOLDER] [--version VERSION] [--float32]

The averaged weights become a graph in int8 beside the files of --model (by default the model that comes with pathcap),
and the stage that marks names by the lexicon becomes one that merges them with the tagger's. What the lexicon weighs,
and the temperature of the scores, follow from the devel captions, which the tagger has not learned from; the
calibration error is measured on each half of them with the temperature of the other. ``training.json`` records scores
and, from the run's ``data.json``, what was learned from.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from mention_model.data import build_model, heads, pretrained
from safetensors.torch import load_file

from corpora import captions
from nlp import Caption, Pipeline
from nlp.config import default_model
from nlp.networks.tags import LabelledSpan
from nlp.stages.base import Draft
from nlp.stages.merging import AGREEMENT, SILENCE, MergedMentions
from nlp.stages.model_mentions import ModelMentions
from nlp.training.calibration import Outcomes, expected_calibration_error, fit_temperature
from nlp.training.examples import Example
from nlp.training.folder import set_options, write_folder
from nlp.training.scores import strict

_EVEN, _ODD = slice(0, None, 2), slice(1, None, 2)


class Judged:
    """Captions as a pipeline's mention stage reads them, and how its mentions compare with gold."""

    def __init__(self, pipeline: Pipeline, examples: Sequence[Example]) -> None:
        at = next(index for index, stage in enumerate(pipeline.stages) if stage.name == MergedMentions.name)
        stage = pipeline.stages[at]
        assert isinstance(stage, MergedMentions)
        self._stage = stage
        self._examples = examples
        self._drafts = [Draft(Caption(example.id, example.text)) for example in examples]
        for before in pipeline.stages[:at]:
            before(self._drafts)
        self._readings = stage.read(self._drafts)

    @property
    def weights(self) -> tuple[float, float]:
        """What the lexicon's mentions, and its silence, weigh beside the tagger's scores."""
        return self._stage.agreement, self._stage.silence

    @weights.setter
    def weights(self, weights: tuple[float, float]) -> None:
        self._stage.agreement, self._stage.silence = weights

    def outcomes(self, temperature: float, chosen: slice = slice(None), *, merged: bool = True) -> Outcomes:
        """Scores of mentions, with or without the lexicon's, and whether they are right."""
        self._stage.temperature = temperature
        mark = self._stage.mark if merged else partial(ModelMentions.mark, self._stage)
        return [
            (mention.score, LabelledSpan(mention.start, mention.end, mention.type) in example.spans)
            for draft, reading, example in list(zip(self._drafts, self._readings, self._examples, strict=True))[chosen]
            for mention in mark(draft, reading)
        ]

    def scores(self, temperature: float) -> dict[str, Any]:
        """Strict scores, by type and of all; the temperature counts since scores are votes on a name's type."""
        self._stage.temperature = temperature
        found = [
            [LabelledSpan(mention.start, mention.end, mention.type) for mention in self._stage.mark(draft, reading)]
            for draft, reading in zip(self._drafts, self._readings, strict=True)
        ]
        return {
            label or "all": {"precision": round(s.precision, 4), "recall": round(s.recall, 4), "f1": round(s.f1, 4)}
            for label, s in strict([example.spans for example in self._examples], found).items()
        }


def calibrate(judged: Judged) -> tuple[dict[str, float], dict[str, float]]:
    """Weigh the lexicon by how sure the tagger is of itself, and make scores probabilities.

    Returns:
        The options of the stage, fitted on all captions, and calibration errors without a temperature and with one from
        other captions.
    """
    alone = fit_temperature(partial(judged.outcomes, merged=False))
    judged.weights = round(AGREEMENT * alone, 2), round(SILENCE * alone, 2)
    crossed: list[tuple[float, bool]] = []
    for own, other in ((_EVEN, _ODD), (_ODD, _EVEN)):
        temperature = fit_temperature(partial(judged.outcomes, chosen=other))
        crossed += judged.outcomes(temperature, own)
    agreement, silence = judged.weights
    temperature = round(fit_temperature(judged.outcomes), 3)
    return {"agreement": agreement, "silence": silence, "temperature": temperature}, {
        "calibration_error": round(expected_calibration_error(crossed), 4),
        "calibration_error_without": round(expected_calibration_error(judged.outcomes(1.0)), 4),
    }


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--base", type=Path)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--version", default="2")
    parser.add_argument("--float32", action="store_true", help="do not quantise")
    options = parser.parse_args(arguments)
    run: Mapping[str, Any] = json.loads((options.checkpoint.parent / "data.json").read_text(encoding="utf-8"))
    config = run["config"]
    tag_sets = heads(config)
    model = build_model(config, tag_sets)
    model.load_state_dict(load_file(options.checkpoint / "average.safetensors"))
    write_folder(
        options.out,
        options.model or default_model(),
        model,
        tag_sets,
        (options.base or pretrained()) / config["tokenizer"],
        version=options.version,
        int8=not options.float32,
    )
    judged = Judged(Pipeline.load(options.out), list(captions.read(options.data / config["captions"]["devel"])))
    fitted, calibration = calibrate(judged)
    set_options(options.out, MergedMentions.name, **fitted)
    progress = json.loads((options.checkpoint / "progress.json").read_text(encoding="utf-8"))
    card = {
        "checkpoint": {"step": progress["step"], "pieces": progress["pieces"]},
        "captions_devel": judged.scores(fitted["temperature"]),
        **fitted,
        **calibration,
        **run,
    }
    (options.out / "training.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    print(json.dumps({"captions_devel": card["captions_devel"], **fitted, **calibration}, indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
