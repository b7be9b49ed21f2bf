"""Let the relations of a model folder be found by a trained network.

    export_edges.py RUN --tagger CHECKPOINT --prepared DIR --data DIR --out FOLDER [--model FOLDER]

RUN is what ``train_edges.py`` left, CHECKPOINT the tagger that it was trained on, which --model (by default the model
that comes with pathcap) must hold. The folder gets the network in int8, and the tagger's graph anew with the vectors of
words as a second output; the tagger's weights stay the same bytes. Threshold and temperature follow from the training
captions that the network has not learned from; ``relations.json`` records them, and what they give on them and on the
devel captions.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mention_model.checkpoints import edge_weights, load_checkpoint, read_run
from mention_model.gold_edges import GoldCaptions
from mention_model.models import heads
from mention_model.names import Names
from numpy.typing import NDArray

from nlp.config import default_model, read_model_config
from nlp.networks.edge_scores import EDGES_FILE, OnnxEdges
from nlp.networks.edges import EdgeConfig, EdgeNetwork
from nlp.networks.inputs import Window
from nlp.networks.pieces import PieceTokenizer
from nlp.networks.reader import (
    CAPTION_HEAD,
    DESCRIPTION_FILE,
    TOKENIZER_FILE,
    Description,
    open_graph,
    read_description,
)
from nlp.stages.edge_decoding import LABELS, Decoding
from nlp.stages.model_relations import ModelRelations
from nlp.training.calibration import expected_calibration_error, fit_temperature
from nlp.training.folder import add_relations, set_options


def read_network(run: Path) -> tuple[EdgeNetwork, dict[str, Any]]:
    """The averaged network of a run, and what the run says of itself."""
    about: dict[str, Any] = json.loads((run / "edges.json").read_text(encoding="utf-8"))
    network = EdgeNetwork(EdgeConfig(**about["sizes"]), about["labels"])
    network.load_state_dict(edge_weights(run / "edges.safetensors"))
    return network.eval(), about


def fit(folder: Path, description: Description, data: Path, config: Any, names: Names, held_out: int) -> dict[str, Any]:
    """Threshold and temperature of a folder's relations, and what they give."""
    files = read_model_config(folder)
    graph = open_graph(files, description)
    tokenizer = PieceTokenizer(files.file(TOKENIZER_FILE))
    edges = OnnxEdges(files.file(EDGES_FILE), len(LABELS))

    def vectors(windows: Sequence[Window]) -> list[NDArray[np.float32]]:
        return [reading.vectors for reading in graph.read(windows, CAPTION_HEAD)]

    def opened(split: str) -> GoldCaptions:
        return GoldCaptions(data / config["captions"][split], tokenizer, names, description.limit)

    held, devel = opened("train").every(held_out), opened("devel")
    held.read(vectors)
    devel.read(vectors)
    said = held.asked(edges)
    threshold, scores = held.best(said)
    temperature = round(fit_temperature(lambda value: held.outcomes(said, Decoding(threshold, value))), 3)
    chosen, found = Decoding(threshold, temperature), devel.asked(edges)
    return {
        "threshold": threshold,
        "temperature": temperature,
        "captions_held_out": scores,
        "captions_devel": devel.score(found, chosen),
        "calibration_error": round(expected_calibration_error(devel.outcomes(found, chosen)), 4),
    }


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--tagger", type=Path, required=True)
    parser.add_argument("--prepared", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--model", type=Path)
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    network, about = read_network(options.run)
    config = read_run(options.tagger, options.prepared)["config"]
    tagger = load_checkpoint(options.tagger, config, options.prepared).tagger
    shutil.copytree(options.model or default_model(), options.out)
    add_relations(options.out, tagger, heads(config), network, about["config"]["layers"])
    description = read_description(options.out / DESCRIPTION_FILE)
    names = Names(options.prepared / "names.json", options.model)
    fitted = fit(options.out, description, options.data, config, names, about["config"]["held_out"])
    set_options(options.out, ModelRelations.name, threshold=fitted["threshold"], temperature=fitted["temperature"])
    card = json.dumps({**fitted, **about}, indent=1)
    (options.out / "relations.json").write_text(card + "\n", encoding="utf-8")
    print(json.dumps(fitted, indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
