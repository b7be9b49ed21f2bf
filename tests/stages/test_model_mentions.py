"""Pipelines with a tagger: its weights are random, so what is tested is all but what it finds."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

import pytest
import yaml

from nlp import Caption, Document, ModelError, Pipeline
from nlp.config import CONFIG_FILE, read_yaml
from nlp.formats.records import to_record
from nlp.stages.merging import MergedMentions
from nlp.stages.model_mentions import ModelMentions
from nlp.training.folder import set_options

TEXTS = [
    "ERK1 binds TNF-α (A).",
    "",
    "The drug raises the level of Ca2+ in the nucleus of the cell.",
    "  ",
    "MEK → ERK2 and p53. " * 30,
    "🙂 IL-6\u2009and Ca²⁺ 𝛽 ﬁbrosis",
]


@pytest.fixture(scope="module", params=[ModelMentions.name, MergedMentions.name])
def learned(request: pytest.FixtureRequest, model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    if request.param == MergedMentions.name:
        return Pipeline.load(model_folder)
    folder = tmp_path_factory.mktemp("alone") / "model"
    shutil.copytree(model_folder, folder)
    config = read_yaml(folder / CONFIG_FILE)
    stages = [next(iter(stage)) if isinstance(stage, dict) else stage for stage in config["stages"]]
    config["stages"][stages.index(MergedMentions.name)] = ModelMentions.name
    (folder / CONFIG_FILE).write_text(yaml.dump(config, Dumper=yaml.CSafeDumper), encoding="utf-8")
    return Pipeline.load(folder)


def test_documents_do_not_depend_on_their_batch(learned: Pipeline) -> None:
    alone = [to_record(learned(Caption(str(number), text))) for number, text in enumerate(TEXTS, start=1)]
    assert sum(len(record["mentions"]) for record in alone) > 20
    for batch_size in (2, 64):
        assert [to_record(document) for document in learned.stream(TEXTS, batch_size=batch_size)] == alone


def test_documents_do_not_depend_on_what_is_done_at_the_same_time(learned: Pipeline) -> None:
    texts = [f"{text} {number}" for number in range(8) for text in TEXTS]
    several = Pipeline(learned.stages, learned.lexicon, threads=3)
    alone = Pipeline(learned.stages, learned.lexicon, threads=1)
    assert list(map(to_record, several.stream(texts, batch_size=2))) == list(map(to_record, alone.stream(texts)))


def test_mentions_have_probabilities(learned: Pipeline) -> None:
    scores = [mention.score for document in learned.stream(TEXTS) for mention in document.mentions]
    assert scores
    assert all(0 < score <= 1 for score in scores)


def test_mentions_do_not_overlap(learned: Pipeline) -> None:
    for document in learned.stream(TEXTS):
        mentions = document.mentions
        assert all(left.end <= right.start for left, right in itertools.pairwise(mentions))


def test_gold_mentions_take_the_taggers_place(learned: Pipeline, pipeline: Pipeline) -> None:
    gold = Document("1", TEXTS[0], mentions=pipeline(TEXTS[0]).mentions)
    (document,) = learned.given_mentions().stream([Caption("1", TEXTS[0], gold=gold)])
    assert [(mention.start, mention.end) for mention in document.mentions] == [(0, 4), (11, 16)]


def test_a_temperature_changes_scores_and_no_span(model_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(model_folder, folder)
    set_options(folder, MergedMentions.name, temperature=3.0)
    sure, unsure = Pipeline.load(model_folder)(TEXTS[2]), Pipeline.load(folder)(TEXTS[2])
    assert [mention.span for mention in sure.mentions] == [mention.span for mention in unsure.mentions]
    assert all(a.score > b.score for a, b in zip(sure.mentions, unsure.mentions, strict=True))


@pytest.mark.parametrize("file", ["tagger.onnx", "tagger.safetensors", "tagger.yaml", "tokenizer.json"])
def test_an_altered_file_is_refused(model_folder: Path, tmp_path: Path, file: str) -> None:
    folder = tmp_path / "model"
    shutil.copytree(model_folder, folder)
    with (folder / file).open("ab") as stream:
        stream.write(b" ")
    with pytest.raises(ModelError, match=rf"{file}: a file of the model is not the one"):
        Pipeline.load(folder)
