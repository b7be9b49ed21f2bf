"""What the tagger that comes with pathcap is worth, on gold captions that it has not learned from."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpora import captions
from nlp import Caption, Pipeline
from nlp.config import default_model, read_model_config
from nlp.networks.pieces import PieceTokenizer
from nlp.networks.reader import TOKENIZER_FILE, WEIGHTS_FILE, Reader, read_description
from nlp.networks.tags import LabelledSpan
from nlp.networks.torch_graph import TorchGraph
from nlp.stages.base import Draft
from nlp.stages.merging import MergedMentions
from nlp.training.examples import Example
from nlp.training.scores import strict


@pytest.fixture(scope="module")
def gold(shared: Path) -> list[Example]:
    return list(captions.read(shared / "annotation" / "gold_dev.jsonl"))


@pytest.fixture(scope="module")
def drafts(pipeline: Pipeline, gold: list[Example]) -> list[Draft]:
    """The captions, as the stage for mentions gets them."""
    found = [Draft(Caption(example.id, example.text)) for example in gold]
    for stage in pipeline.stages:
        if "mentions" in stage.provides:
            break
        stage(found)
    return found


def merged(pipeline: Pipeline) -> MergedMentions:
    (stage,) = (stage for stage in pipeline.stages if isinstance(stage, MergedMentions))
    return stage


def f1(stage: MergedMentions, drafts: list[Draft], gold: list[Example]) -> dict[str, float]:
    """Strict F1, in percent, by type and of all."""
    stage(drafts)
    found = [[LabelledSpan(item.start, item.end, item.type) for item in draft.mentions] for draft in drafts]
    return {label: 100 * score.f1 for label, score in strict([example.spans for example in gold], found).items()}


@pytest.fixture(scope="module")
def scores(pipeline: Pipeline, drafts: list[Draft], gold: list[Example]) -> dict[str, float]:
    return f1(merged(pipeline), drafts, gold)


def test_it_reaches_what_was_asked_of_it(scores: dict[str, float]) -> None:
    # Other processors round products in int8 otherwise; the lexicon alone has 76, 84 and 72.
    assert scores[""] > 86
    assert scores["GENE"] > 92
    assert scores["CHEMICAL"] > 81


def test_in_float32_it_gives_nearly_the_same(
    pipeline: Pipeline, drafts: list[Draft], gold: list[Example], scores: dict[str, float]
) -> None:
    config = read_model_config(default_model())
    description = read_description(config.file("tagger.yaml"))
    graph = TorchGraph(config.file(WEIGHTS_FILE), description.encoder, description.heads, device="cpu")
    reader = Reader(graph, PieceTokenizer(config.file(TOKENIZER_FILE)), description)
    stage = merged(pipeline)
    twin = MergedMentions(reader, stage.lexicon, stage.agreement, stage.silence, stage.temperature)
    # Rounding of activations to int8 costs .4 here.
    assert f1(twin, drafts, gold)[""] == pytest.approx(scores[""], abs=0.5)
