"""Loading a model, checking its stages, and running captions through."""

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from nlp import AnnotationError, Caption, ConfigError, InputError, ModelError, PathcapError, Pipeline, PipelineError
from nlp.config import default_model, read_model_config
from nlp.formats.base import raise_error
from nlp.formats.documents import read_documents
from nlp.formats.records import to_record
from nlp.formats.sources import read_sources
from nlp.stages.base import Draft, Stage
from nlp.types import Mention

TEXTS = [
    "Drug A activates ERK.",
    "",
    "  \n ",
    "TNF-α → NF-κB ⊣ apoptosis (A–C).",
    "Abbreviations: BDNF: brain-derived neurotrophic factor.",
    "🙂 IL-6\u2009and Ca²⁺ 𝛽 ﬁbrosis",
    "x" * 20_000,
    "AKT/" * 2_000,
]


def test_one_caption_and_many_give_the_same(pipeline: Pipeline) -> None:
    alone = [to_record(pipeline(Caption(str(number), text))) for number, text in enumerate(TEXTS, start=1)]
    for batch_size in (1, 3, 64):
        assert [to_record(document) for document in pipeline.stream(TEXTS, batch_size=batch_size)] == alone
    assert [record["id"] for record in alone] == ["1", "2", "3", "4", "5", "6", "7", "8"]
    assert [record["text"] for record in alone] == TEXTS


@pytest.mark.parametrize("threads", [1, 3])
def test_a_stream_takes_no_more_than_a_batch_ahead(pipeline: Pipeline, threads: int) -> None:
    taken = []

    def captions() -> object:
        for number in range(100):
            taken.append(number)
            yield "ERK"

    side_by_side = Pipeline(pipeline.stages, pipeline.lexicon, threads=threads)
    stream = side_by_side.stream(captions(), batch_size=4)  # type: ignore[arg-type]
    next(stream)
    assert len(taken) == (4 if threads == 1 else 4 * (threads + 1))


class Breaking(Stage[None]):
    """Fails on captions that hold an exclamation mark."""

    name = "breaking"
    requires = frozenset({"mentions"})
    provides = frozenset({"relations"})

    def predict(self, drafts: Sequence[Draft]) -> list[None]:
        if any("!" in draft.text for draft in drafts):
            raise AnnotationError("broken")
        return [None] * len(drafts)

    def write(self, draft: Draft, prediction: None) -> None:
        pass


def test_a_caption_that_fails_takes_no_other_with_it(pipeline: Pipeline) -> None:
    breaking = Pipeline([*pipeline.stages[:3], Breaking()], pipeline.lexicon)
    failed: list[tuple[str, PathcapError]] = []
    texts = ["ERK", "ERK!", "AKT", "mTOR"]
    documents = list(breaking.stream(texts, on_error=lambda caption, error: failed.append((caption.text, error))))
    assert [document.text for document in documents] == ["ERK", "AKT", "mTOR"]
    assert [text for text, _ in failed] == ["ERK!"]
    with pytest.raises(AnnotationError):
        list(breaking.stream(texts))


class Faulty(Breaking):
    """Has a bug that captions with an exclamation mark bring out. After ``works`` of them it does nothing any more."""

    def __init__(self, works: int) -> None:
        self.works = works

    def predict(self, drafts: Sequence[Draft]) -> list[None]:
        if self.works < 1 or any("!" in draft.text for draft in drafts):
            self.works -= len(drafts) == 1
            raise IndexError("nothing there", "a" * 1000)
        return [None] * len(drafts)


@pytest.mark.parametrize("batch_size", [1, 2, 8])
def test_a_fault_that_nobody_foresaw_is_one_captions_too(pipeline: Pipeline, batch_size: int) -> None:
    faulty = Pipeline([*pipeline.stages[:3], Faulty(works=2)], pipeline.lexicon)
    failed: list[tuple[str, PathcapError]] = []
    texts = ["ERK", "ERK!", "AKT", "mTOR"]
    stream = faulty.stream(
        texts, batch_size=batch_size, on_error=lambda caption, error: failed.append((caption.text, error))
    )
    assert [document.text for document in stream] == ["ERK", "AKT", "mTOR"]
    ((text, error),) = failed
    assert text == "ERK!"
    assert re.match(
        r"a stage fails over it; found IndexError at (\w+\.)*test_pipeline:\d+: .*nothing there", str(error)
    )
    assert len(str(error)) < 600
    assert isinstance(error.__cause__, IndexError)
    with pytest.raises(IndexError):
        list(faulty.stream(texts))


def test_captions_are_not_set_aside_when_nothing_works_any_more(pipeline: Pipeline) -> None:
    faulty = Pipeline([*pipeline.stages[:3], Faulty(works=1)], pipeline.lexicon)
    failed: list[Caption] = []
    with pytest.raises(
        PipelineError, match=r"fails, whatever the caption; found IndexError at .*nothing there"
    ) as raised:
        list(faulty.stream(["ERK", "ERK!", "AKT"], batch_size=1, on_error=lambda caption, _: failed.append(caption)))
    assert isinstance(raised.value.__cause__, IndexError)
    assert not failed


def test_half_of_a_surrogate_pair_is_an_input_error(pipeline: Pipeline) -> None:
    with pytest.raises(InputError, match=r"\[caption\]: text that is not valid Unicode; .* at character 2"):
        pipeline("A \ud835 activates ERK.")
    bad_elsewhere = (Caption("\udc80", "A"), Caption("a", "A", title="\udc80"), Caption("a", "A", paper_title="\udc80"))
    for bad in bad_elsewhere:
        with pytest.raises(InputError, match="text that is not valid Unicode"):
            pipeline(bad)
    failed: list[str] = []
    texts = ["ERK", "A \ud835", "\U0001d6fc-SMA"]
    documents = list(pipeline.stream(texts, on_error=lambda caption, error: failed.append(f"{caption.id} {error}")))
    assert [document.text for document in documents] == ["ERK", "\U0001d6fc-SMA"]
    assert [line.split(":")[0] for line in failed] == ["2 [2]"]


def test_stages_that_lack_something_do_not_load(pipeline: Pipeline) -> None:
    with pytest.raises(PipelineError, match="'abbreviations' lacks what it works on"):
        Pipeline(pipeline.stages[1:], pipeline.lexicon)


def test_given_mentions_take_the_place_of_the_pipelines_own(pipeline: Pipeline) -> None:
    text = "Foo activates bar."
    gold = pipeline(text)
    given = (Mention("a", "GENE", 0, 3, "Foo"), Mention("b", "PROCESS", 14, 17, "bar"))
    caption = Caption("x", text, gold=type(gold)("x", text, given))
    document = pipeline.given_mentions()(caption)
    assert [mention.id for mention in document.mentions] == ["a", "b"]
    assert [(relation.source, relation.target, relation.type, relation.sign) for relation in document.relations] == [
        ("a", "b", "activation", 1)
    ]


def model(tmp_path: Path, config: str | None = None) -> Path:
    folder = tmp_path / "model"
    shutil.copytree(default_model(), folder)
    if config is not None:
        (folder / "config.yaml").write_text(config)
    return folder


def test_a_copied_model_loads(tmp_path: Path) -> None:
    assert Pipeline.load(model(tmp_path))("ERK").mentions


def test_an_altered_file_is_refused(tmp_path: Path) -> None:
    folder = model(tmp_path)
    lexicon = folder / "lexicon.bin"
    lexicon.chmod(0o644)
    content = bytearray(lexicon.read_bytes())
    content[len(content) // 2] ^= 1
    lexicon.write_bytes(content)
    with pytest.raises(ModelError, match="not the one its configuration names; expected sha256"):
        Pipeline.load(folder)
    lexicon.unlink()
    with pytest.raises(ModelError, match="missing"):
        Pipeline.load(folder)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("name: [", "not YAML"),
        ("- a", "expected a mapping"),
        ("name: x", "incomplete; expected version, files, stages"),
        ("name: x\nversion: 1\nfiles: {}\nstages: [{a: 1, b: 2}]", "a stage is not understood"),
        ("name: x\nversion: 1\nfiles: {}\nstages: []", "not listed"),
        ("name: x\nversion: 1\nfiles: [a]\nstages: []", "wrong form"),
    ],
)
def test_a_configuration_that_is_wrong_says_how(tmp_path: Path, config: str, message: str) -> None:
    with pytest.raises((ConfigError, ModelError), match=message):
        Pipeline.load(model(tmp_path, config))


@pytest.mark.parametrize(
    ("stage", "message"),
    [("parser", "unknown stage; expected sentences"), ("grounding: {depth: 3}", "does not take these options")],
)
def test_a_stage_that_is_wrong_says_how(tmp_path: Path, stage: str, message: str) -> None:
    text = (default_model() / "config.yaml").read_text()
    text = re.sub("- grounding.*", f"- {stage}", text)
    with pytest.raises(ConfigError, match=message):
        Pipeline.load(model(tmp_path, text))


def test_no_model_folder(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not a model folder"):
        read_model_config(tmp_path)


def test_captions_come_out_as_recorded(pipeline: Pipeline) -> None:
    """A golden file: whatever changes in the output of the whole pipeline shows here.

    Recorded by ``pathcap annotate tests/golden/captions.jsonl -o tests/golden/documents.jsonl``.
    """
    golden = Path(__file__).parent / "golden"
    captions = list(read_sources([golden / "captions.jsonl"], raise_error))
    expected = list(read_documents(golden / "documents.jsonl"))
    assert [to_record(document) for document in pipeline.stream(captions)] == [to_record(one) for one in expected]
