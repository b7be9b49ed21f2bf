"""Make a model folder of a checkpoint.

    export.py CHECKPOINT --prepared DIR --data DIR --out FOLDER [--model FOLDER] [--version VERSION]

CHECKPOINT is a folder that a run left, or a file of its averaged weights; DIR of --prepared is what the run read. The
weights go in int8 beside the files of --model (by default the model that comes with pathcap), the stage that marks
names by the lexicon becomes one that lets the tagger read them, and relations are found by the network for them, if the
checkpoint has one.

What the lexicon weighs beside that, and the temperature of the scores, follow from the devel captions: the tagger has
learned the training captions, and is surer of itself there than anywhere else. Each is chosen on one half of the devel
captions and measured on the other, and weights are kept only if they help there; the folder gets what fits all
captions. So it is with the threshold of relations, with mentions given, and the temperature of their scores.
``training.json`` records both scores and, from the run's ``data.json``, what was learned from.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from mention_model.checkpoints import load_checkpoint, read_run
from mention_model.gold_edges import GoldCaptions
from mention_model.models import heads
from mention_model.names import Names
from mention_model.prepared import POSITIONS
from numpy.typing import NDArray

from corpora import captions
from nlp import Caption, Pipeline
from nlp.config import default_model, read_model_config
from nlp.evaluation.calibration import calibration_error
from nlp.networks.edge_scores import EDGES_FILE, EdgeScores, OnnxEdges
from nlp.networks.pieces import PieceTokenizer
from nlp.networks.reader import CAPTION_HEAD, DESCRIPTION_FILE, open_graph, read_description
from nlp.networks.tags import LabelledSpan
from nlp.stages.base import Draft
from nlp.stages.edge_decoding import LABELS, Decoding
from nlp.stages.merging import MergedMentions
from nlp.stages.model_relations import ModelRelations
from nlp.training.calibration import Outcomes, fit_temperature
from nlp.training.examples import Example
from nlp.training.folder import set_options, write_folder
from nlp.training.scores import strict

_EVEN, _ODD, _ALL = slice(0, None, 2), slice(1, None, 2), slice(None)
AGREEMENTS: Final = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0)
SILENCES: Final = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5)

Weights = tuple[float, float]


class Judged:
    """Captions as a pipeline's mention stage reads them, and how its mentions compare with gold."""

    def __init__(self, pipeline: Pipeline, examples: Sequence[Example]) -> None:
        at = next(index for index, stage in enumerate(pipeline.stages) if stage.name == MergedMentions.name)
        stage = pipeline.stages[at]
        assert isinstance(stage, MergedMentions)
        self._stage = stage
        self.gold = [example.spans for example in examples]
        drafts = [Draft(Caption(example.id, example.text)) for example in examples]
        for before in pipeline.stages[:at]:
            before(drafts)
        names = stage.lexicon.predict(drafts)
        self._read = list(zip(drafts, stage.read(drafts, names), names, strict=True))

    def spans(self, weights: Weights, temperature: float) -> list[list[tuple[LabelledSpan, float]]]:
        """Mentions of each caption, and their scores; these are votes on a name's type, so the temperature counts."""
        self._stage.agreement, self._stage.silence = weights
        self._stage.temperature = temperature
        return [
            [(LabelledSpan(item.start, item.end, item.type), item.score) for item in self._stage.mark(*read)]
            for read in self._read
        ]

    def outcomes(self, weights: Weights, temperature: float, chosen: slice = _ALL) -> Outcomes:
        """Scores of mentions, and whether they are right."""
        pairs = list(zip(self.spans(weights, temperature), self.gold, strict=True))[chosen]
        return [(score, span in gold) for found, gold in pairs for span, score in found]

    def counts(self, weights: Weights) -> NDArray[np.int64]:
        """(captions, 2) twice the right mentions, and all of both sides."""
        pairs = zip(self.spans(weights, 1.0), self.gold, strict=True)
        return np.asarray(
            [(2 * sum(span in gold for span, _ in found), len(found) + len(gold)) for found, gold in pairs], np.int64
        )

    def scores(self, weights: Weights, temperature: float) -> dict[str, Any]:
        """Strict scores, by type and of all."""
        found = [[span for span, _ in own] for own in self.spans(weights, temperature)]
        return {
            label or "all": {"precision": round(s.precision, 4), "recall": round(s.recall, 4), "f1": round(s.f1, 4)}
            for label, s in strict(self.gold, found).items()
        }


def fit_weights(judged: Judged) -> tuple[Weights, dict[str, float]]:
    """What the lexicon weighs beside the tagger's scores.

    Returns:
        The weights with the best F1 on all captions, or none at all if the weights with the best F1 on one half of the
        captions don't help on the other; and F1 on all captions without weights, and by weights from other captions.
    """
    table = {weights: judged.counts(weights) for weights in itertools.product(AGREEMENTS, SILENCES)}
    crossed = np.concatenate([table[_best(table, other)][own] for own, other in ((_EVEN, _ODD), (_ODD, _EVEN))])
    plain, found = _f1(table[0.0, 0.0]), _f1(crossed)
    return _best(table, _ALL) if found > plain else (0.0, 0.0), {"plain": round(plain, 4), "crossed": round(found, 4)}


def _best(table: Mapping[Weights, NDArray[np.int64]], chosen: slice) -> Weights:
    """The weights with the best F1, the least of those that share it."""
    return max(table, key=lambda weights: (round(_f1(table[weights][chosen]), 6), -sum(weights)))


def _f1(counts: NDArray[np.int64]) -> float:
    twice_right, all_items = counts.sum(0)
    return float(twice_right / all_items) if all_items else 0.0


def calibrate(judged: Judged, weights: Weights) -> tuple[float, dict[str, float]]:
    """The temperature that makes scores probabilities.

    Returns:
        The one that fits all captions, and calibration errors without one and with one from other captions.
    """
    outcomes = partial(judged.outcomes, weights)
    crossed: list[tuple[float, bool]] = []
    for own, other in ((_EVEN, _ODD), (_ODD, _EVEN)):
        crossed += outcomes(fit_temperature(partial(outcomes, chosen=other)), own)
    return round(fit_temperature(outcomes), 3), {
        "calibration_error": round(calibration_error(crossed), 4),
        "calibration_error_without": round(calibration_error(outcomes(1.0)), 4),
    }


def fit(folder: Path, examples: Sequence[Example]) -> dict[str, Any]:
    """Set the options of a folder's mention stage, and say how they were found and what they give."""
    judged = Judged(Pipeline.load(folder, device="cpu"), examples)
    weights, compared = fit_weights(judged)
    temperature, errors = calibrate(judged, weights)
    options = {"agreement": weights[0], "silence": weights[1], "temperature": temperature}
    set_options(folder, MergedMentions.name, **options)
    scores = judged.scores(weights, temperature)
    return {"captions_devel": scores, "captions_devel_f1": compared, **options, **errors}


def fit_relations(folder: Path, gold: GoldCaptions) -> dict[str, Any]:
    """Set the options of a folder's relation stage, and say how they were found and what they give."""
    files = read_model_config(folder)
    graph = open_graph(files, read_description(files.file(DESCRIPTION_FILE)))
    gold.read(lambda windows: [reading.vectors for reading in graph.read(windows, CAPTION_HEAD)])
    said = gold.asked(OnnxEdges(files.file(EDGES_FILE), len(LABELS)))
    crossed: list[dict[str, Any]] = []
    outcomes: Outcomes = []
    for own, other in ((_EVEN, _ODD), (_ODD, _EVEN)):
        threshold, temperature, _ = _fitted(gold.part(other), said[other])
        decoding = Decoding(threshold, temperature)
        crossed.append(gold.part(own).score(said[own], Decoding(threshold)))
        outcomes += gold.part(own).outcomes(said[own], decoding)
    threshold, temperature, scores = _fitted(gold, said)
    set_options(folder, ModelRelations.name, threshold=threshold, temperature=temperature)
    return {
        "relations": {
            "threshold": threshold,
            "temperature": temperature,
            "captions_devel": scores,
            "captions_devel_crossed": crossed,
            "calibration_error": round(calibration_error(outcomes), 4),
        }
    }


def _fitted(gold: GoldCaptions, said: Sequence[EdgeScores | None]) -> tuple[float, float, dict[str, float]]:
    """Threshold and temperature that fit captions, and what they give."""
    threshold, scores = gold.best(said)
    return (
        threshold,
        round(fit_temperature(lambda value: gold.outcomes(said, Decoding(threshold, value))), 3),
        scores,
    )


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--prepared", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--version", default="2")
    options = parser.parse_args(arguments)
    run = read_run(options.checkpoint, options.prepared)
    config = run["config"]
    model = load_checkpoint(options.checkpoint, config, options.prepared)
    write_folder(
        options.out,
        options.model or default_model(),
        model.tagger,
        heads(config),
        options.prepared / "tokenizer.json",
        version=options.version,
        edges=model.edges,
    )
    devel = options.data / config["captions"]["devel"]
    fitted = fit(options.out, list(captions.read(devel)))
    if model.edges is not None:
        tokenizer = PieceTokenizer(options.prepared / "tokenizer.json")
        names = Names(options.prepared / "names.json", options.model)
        fitted |= fit_relations(options.out, GoldCaptions(devel, tokenizer, names, POSITIONS))
    card = json.dumps({**fitted, **run}, indent=1)
    (options.out / "training.json").write_text(card + "\n", encoding="utf-8")
    print(json.dumps(fitted, indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
