"""Pipelines with a tagger: its weights are random, so what is tested is all but what it finds."""

from __future__ import annotations

import copy
import itertools
import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml

from nlp import Caption, Document, ModelError, Pipeline
from nlp.config import CONFIG_FILE, read_yaml
from nlp.formats.records import to_record
from nlp.networks.reader import Reading, ScoredSpan
from nlp.stages.base import Draft
from nlp.stages.merging import MergedMentions
from nlp.stages.model_mentions import ModelMentions, tidied
from nlp.training.folder import set_options
from nlp.types import Span

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


@pytest.mark.parametrize(
    ("text", "marked", "expected"),
    [
        ("AKT acts.", "AKT", "AKT"),
        ("ADH-1,-4 act.", "ADH-1,", "ADH-1"),
        ("Gαs/i acts.", "Gαs/", "Gαs"),
        ("A ; B/ acts.", "; B/", "B"),
        ("It is (A)-anziac acid.", "A)-anziac acid", "-anziac acid"),
        ("The receptor kinase (GRK)1 acts.", "GRK)1", "GRK"),
        ("A transferase (TGF) acts.", "transferase (TGF", "transferase"),
        ("NAD(P)H and [3H]UTP, I(1,4,5)P3", "NAD(P)H", "NAD(P)H"),
        ("NAD(P)H and [3H]UTP, I(1,4,5)P3", "[3H]UTP", "[3H]UTP"),
        ("NAD(P)H and [3H]UTP, I(1,4,5)P3", "I(1,4,5)P3", "I(1,4,5)P3"),
        ("Crossed: a[b)c] here.", "a[b)c]", "a"),
        ("It is (S)-malate.", "(", None),
        ("SOCS1 and 3 act.", "3", None),
        ("PEMT1 and -2 act.", "-2", None),
        ("14-3-3 acts.", "14-3-3", "14-3-3"),
    ],
)
def test_spans_are_tidied(text: str, marked: str, expected: str | None) -> None:
    start = text.index(marked)
    found = [*tidied(text, [ScoredSpan(Span(start, start + len(marked)), "GENE", 0.9)])]
    assert [item.span.of(text) for item in found] == ([] if expected is None else [expected])
    assert all((item.label, item.score) == ("GENE", 0.9) for item in found)


def test_some_words_are_no_mention_whoever_finds_them(pipeline: Pipeline) -> None:
    (stage,) = (stage for stage in pipeline.stages if isinstance(stage, MergedMentions))
    text = "Patients and AKT"
    spans = [ScoredSpan(Span(0, 8), "ORGANISM", 0.9), ScoredSpan(Span(13, 16), "GENE", 0.9)]
    silenced = copy.copy(stage)
    silenced._spans = lambda *_: spans  # type: ignore[method-assign]
    draft = Draft(Caption("1", text))
    marked = silenced.mark(draft, Reading(np.zeros((0, 2), np.int32), np.zeros((0, 1), np.float32)), ())
    assert [mention.text for mention in marked] == ["AKT"]
