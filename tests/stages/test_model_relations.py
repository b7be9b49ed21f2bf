"""A pipeline whose relations a network finds: its weights are random, so what is tested is all but what it finds."""

from __future__ import annotations

import itertools
import pickle
import shutil
from pathlib import Path

import pytest
import torch

from nlp import Caption, Document, Mention, ModelError, Pipeline
from nlp.config import CONFIG_FILE, default_model
from nlp.formats.records import to_record
from nlp.networks.edge_scores import EDGES_FILE
from nlp.networks.edges import EdgeConfig, EdgeNetwork
from nlp.schema import MENTION_TYPES
from nlp.stages.base import Draft
from nlp.stages.edge_cues import PAIR_CUES, WORD_CUES
from nlp.stages.edge_decoding import LABELS
from nlp.stages.model_relations import ModelRelations
from nlp.stages.sure_mentions import SureMentions
from nlp.training.folder import set_options, write_folder
from tests.taggers import HEADS, random_tagger

TEXTS = [
    "ERK1 binds TNF-α (A).",
    "",
    "The drug raises the level of Ca2+ in the nucleus of the cell.",
    "MEK → ERK2 and p53. " * 30,
    "ERK1",
    "🙂 IL-6\u2009and Ca²⁺ 𝛽 ﬁbrosis",
]


def random_network() -> EdgeNetwork:
    torch.manual_seed(5)
    config = EdgeConfig(
        tags=1 + 2 * len(MENTION_TYPES), width=32, inner=32, layers=1, heads=4, pair=16, context=2,
        inputs=64, reads=(1, 2), word_cues=WORD_CUES, pair_cues=PAIR_CUES,
    )  # fmt: skip
    network = EdgeNetwork(config, {"caption": len(LABELS)}).eval()
    with torch.no_grad():
        for name, value in network.named_parameters():
            if "norm" not in name:
                value.normal_(std=0.3)
    return network


@pytest.fixture(scope="module")
def folder(tokenizer_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("relations") / "model"
    network = random_network()
    write_folder(folder, default_model(), random_tagger(), HEADS, tokenizer_file, version="test", edges=network)
    set_options(folder, ModelRelations.name, threshold=0.15)
    set_options(folder, SureMentions.name, threshold=0.0)  # random weights are sure of nothing
    return folder


@pytest.fixture(scope="module")
def learned(folder: Path) -> Pipeline:
    return Pipeline.load(folder)


def test_documents_do_not_depend_on_their_batch(learned: Pipeline) -> None:
    alone = [to_record(learned(Caption(str(number), text))) for number, text in enumerate(TEXTS, start=1)]
    assert sum(len(record["relations"]) for record in alone) > 20
    for batch_size in (2, 64):
        assert [to_record(document) for document in learned.stream(TEXTS, batch_size=batch_size)] == alone


def test_relations_are_of_the_schema(learned: Pipeline) -> None:
    for document in learned.stream(TEXTS):
        for relation in document.relations:
            assert (relation.type, relation.sign) in LABELS
            assert 0.0 < relation.score <= 1.0
            assert relation.source != relation.target


def test_the_encoder_reads_once(learned: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = next(stage for stage in learned.stages if "reading" in stage.provides)
    reader = stage._reader  # type: ignore[attr-defined]
    calls = []
    monkeypatch.setattr(stage, "_reader", _Counted(reader, calls))
    learned(TEXTS[0])
    assert calls == [[TEXTS[0]]]


class _Counted:
    def __init__(self, reader: object, calls: list[list[str]]) -> None:
        self._reader = reader
        self._calls = calls
        self.tags = reader.tags  # type: ignore[attr-defined]

    def __call__(self, texts: list[str], *rest: object) -> object:
        self._calls.append(list(texts))
        return self._reader(texts, *rest)  # type: ignore[operator]


def test_given_mentions_are_related_as_found_ones(learned: Pipeline) -> None:
    documents = list(learned.stream(TEXTS))
    captions = [Caption(str(index), document.text, gold=document) for index, document in enumerate(documents, start=1)]
    given = learned.given_mentions()
    for own, other in zip(documents, given.stream(captions), strict=True):
        assert own.relations == other.relations


def test_order_and_number_of_mentions_do_not_matter(learned: Pipeline) -> None:
    text = "ERK1 binds TNF and MEK; the drug raises Ca."
    names = {"ERK1": "GENE", "TNF": "GENE", "MEK": "GENE", "drug": "CHEMICAL", "Ca": "CHEMICAL"}
    mentions = [
        Mention(f"T{index}", type, text.index(name), text.index(name) + len(name), name)
        for index, (name, type) in enumerate(names.items())
    ]
    given = learned.given_mentions()

    def found(mentions: list[Mention]) -> set[tuple[str, str, str, int]]:
        document = given(Caption("1", text, gold=Document("1", text, tuple(mentions))))
        return {(item.source, item.target, item.type, item.sign) for item in document.relations}

    assert found(mentions) == found(mentions[::-1])
    assert len(found(mentions)) > 1
    assert found(mentions[:1]) == found([]) == set()


def test_chosen_rules_have_the_last_word(folder: Path, tmp_path: Path) -> None:
    text = "MEK activates ERK1. TNF → Ca."
    spans = [("MEK", "GENE"), ("ERK1", "GENE"), ("TNF", "GENE"), ("Ca", "CHEMICAL")]
    mentions = tuple(Mention(name, type, text.index(name), text.index(name) + len(name), name) for name, type in spans)
    caption = Caption("1", text, gold=Document("1", text, mentions))
    results = []
    for number, (threshold, rules) in enumerate(
        [(1.1, []), (1.1, ["arrow"]), (1.1, ["arrow", "active"]), (0.0, []), (0.0, ["arrow"])]
    ):
        copy = tmp_path / str(number)
        shutil.copytree(folder, copy)
        set_options(copy, ModelRelations.name, threshold=threshold, rules=rules)
        document = Pipeline.load(copy).given_mentions()(caption)
        results.append([(item.id, item.source, item.target, item.type, item.sign) for item in document.relations])
    assert results[0] == []
    assert results[1] == [("R1", "TNF", "Ca", "activation", 1)]
    assert results[2] == [("R1", "MEK", "ERK1", "activation", 1), ("R2", "TNF", "Ca", "activation", 1)]
    between = {("TNF", "Ca"), ("Ca", "TNF")}
    assert {item[1:3] for item in results[3]} >= between  # the network, asked for all it can think of
    assert [item[1:] for item in results[4] if item[1:3] in between] == [("TNF", "Ca", "activation", 1)]
    rest = [item[1:] for item in results[3] if item[1:3] not in between]
    assert [item[1:] for item in results[4] if item[1:3] not in between] == rest


def test_a_model_goes_to_other_processes(learned: Pipeline) -> None:
    stage = next(stage for stage in learned.stages if stage.name == ModelRelations.name)
    drafts = [Draft(Caption("1", TEXTS[0]))]
    for before in itertools.takewhile(lambda other: other is not stage, learned.stages):
        before(drafts)
    again = pickle.loads(pickle.dumps(stage))  # noqa: S301 — our own
    assert again.predict(drafts) == stage.predict(drafts)


@pytest.mark.parametrize("damage", ["missing", "other"])
def test_a_broken_graph_is_refused(folder: Path, tmp_path: Path, damage: str) -> None:
    copy = tmp_path / "model"
    shutil.copytree(folder, copy)
    if damage == "missing":
        (copy / EDGES_FILE).unlink()
    else:
        (copy / EDGES_FILE).write_bytes(b"no graph")
    assert EDGES_FILE in (copy / CONFIG_FILE).read_text(encoding="utf-8")
    with pytest.raises(ModelError):
        Pipeline.load(copy)
