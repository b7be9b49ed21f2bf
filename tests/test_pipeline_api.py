"""How a pipeline is loaded, called, shared by threads, and moved to other processes."""

import multiprocessing
import pickle
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nlp import Caption, ConfigError, Document, InputError, ModelError, Options, Pipeline
from nlp.config import default_model
from nlp.formats.records import to_record
from nlp.networks.devices import gpu_may_be_there

TEXTS = [
    "Esketamine activates ERK and AKT, thereby increasing the expression of BDNF.",
    "Rapamycin blocks mTOR (mechanistic target of rapamycin) and thus autophagy.",
    "TNF-α → NF-κB ⊣ apoptosis (A–C). (B) IL-6 binds its receptor in T cells.",
    "",
    "Abbreviations: BDNF: brain-derived neurotrophic factor; ROS, reactive oxygen species.",
    "p53 does not affect Bcl-2/Bax, and may induce SMAD2/3 phosphorylation in HeLa cells.",
]


def test_many_captions_give_a_list(pipeline: Pipeline) -> None:
    captions = [TEXTS[0], Caption("mine", TEXTS[1]), TEXTS[2]]
    documents = pipeline(captions)
    assert isinstance(documents, list)
    assert [document.id for document in documents] == ["1", "mine", "3"]
    assert documents == list(pipeline.stream(captions)) == pipeline(tuple(captions)) == pipeline(iter(captions))
    assert [document.mentions for document in documents] == [pipeline(text).mentions for text in TEXTS[:3]]
    assert pipeline([]) == []
    assert pipeline(TEXTS[0]).id == "caption"
    assert isinstance(pipeline(Caption("mine", TEXTS[1])), Document)


def test_what_is_no_caption_is_refused(pipeline: Pipeline) -> None:
    with pytest.raises(InputError, match=r"\[caption\]: not a caption; expected text or Caption; found 7"):
        pipeline(7)  # type: ignore[call-overload]
    with pytest.raises(InputError, match=r"\[2\]: not a caption; .* found b'ERK'"):
        pipeline(["ERK", b"ERK"])  # type: ignore[list-item]
    with pytest.raises(InputError, match=r"\[1\]: not a caption; .* found None"):
        list(pipeline.stream([None]))  # type: ignore[list-item]


def test_a_generator_is_streamed_as_it_comes(pipeline: Pipeline) -> None:
    taken: list[int] = []

    def captions() -> object:
        for number in range(1000):
            taken.append(number)
            yield "ERK"

    stream = pipeline.stream(captions(), batch_size=2)  # type: ignore[arg-type]
    assert next(stream).text == "ERK"
    assert len(taken) <= 2 * (pipeline.threads + 1)
    stream.close()  # type: ignore[attr-defined]


def test_many_threads_call_one_pipeline(pipeline: Pipeline) -> None:
    """Each thread gets what one thread alone gets, narrowed or not, whatever the others do."""
    genes = pipeline.with_options(types={"GENE"}, profile="pfocr")
    alone = [to_record(pipeline(text)) for text in TEXTS]
    narrow = [to_record(genes(text)) for text in TEXTS]
    assert alone != narrow
    # Loaded anew, so that threads meet in what is remembered of earlier captions while that is filled.
    fresh = pickle.loads(pickle.dumps(pipeline))  # noqa: S301 — our own
    fresh_genes = fresh.with_options(genes.options)

    def work(turn: int) -> None:
        for step in range(len(TEXTS)):
            place = (turn + step) % len(TEXTS)
            assert to_record(fresh(TEXTS[place])) == alone[place]
            assert to_record(fresh_genes(TEXTS[place])) == narrow[place]
        assert [one["text"] for one in map(to_record, fresh.stream(TEXTS, batch_size=2))] == TEXTS

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(12) as pool:
            list(pool.map(work, range(12)))
    finally:
        sys.setswitchinterval(before)


def test_a_pipeline_is_pickled_as_its_path_and_options(pipeline: Pipeline) -> None:
    narrowed = pipeline.with_options(types={"GENE"}, min_relation_score=0.25, profile="pfocr")
    data = pickle.dumps(narrowed)
    assert len(data) < 1000
    again = pickle.loads(data)  # noqa: S301 — our own
    assert again.options == narrowed.options
    assert again.threads == narrowed.threads
    assert again.stages[0] is not narrowed.stages[0]
    assert [to_record(document) for document in again(TEXTS)] == [to_record(document) for document in narrowed(TEXTS)]


def test_the_path_that_is_pickled_does_not_depend_on_where_one_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(default_model().parent)
    loaded = Pipeline.load(Path(default_model().name), device="cpu", threads=3)
    monkeypatch.chdir("/")
    again = pickle.loads(pickle.dumps(loaded))  # noqa: S301 — our own
    assert again.threads == 3
    assert again("ERK").mentions


def test_a_pipeline_made_of_stages_is_pickled_with_them(pipeline: Pipeline) -> None:
    sentences = Pipeline(pipeline.stages[:1], pipeline.lexicon, threads=2, options=Options(types={"GENE"}))
    again = pickle.loads(pickle.dumps(sentences))  # noqa: S301 — our own
    assert [stage.name for stage in again.stages] == ["sentences"]
    assert again.options == sentences.options
    assert again.threads == 2


def _annotate(pipeline: Pipeline, text: str) -> Document:
    return pipeline(text)


def test_a_pipeline_goes_to_another_process(pipeline: Pipeline) -> None:
    genes = pipeline.with_options(types={"GENE"})
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        document = pool.apply(_annotate, (genes, TEXTS[0]))
    assert document == genes(TEXTS[0])
    assert {mention.type for mention in document.mentions} == {"GENE"}


def test_a_model_by_its_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "caption").mkdir()
    monkeypatch.chdir(tmp_path)
    assert Pipeline.load("caption").lexicon.entry("HGNC:6871") is not None
    with pytest.raises(ModelError, match="not a model folder; expected captions/config"):
        Pipeline.load("captions")
    with pytest.raises(ModelError, match="not a model folder"):
        Pipeline.load(Path("caption"))


def test_what_cannot_be_loaded() -> None:
    with pytest.raises(ConfigError, match=r"unknown device; expected cpu .* found 'gpu'"):
        Pipeline.load(device="gpu")
    with pytest.raises(ConfigError, match="expected threads from 1; found 0"):
        Pipeline.load(threads=0)
    with pytest.raises(ConfigError, match="unknown profile"):
        Pipeline.load(profile="best")


def test_auto_does_not_import_torch_where_there_is_no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nlp.pipeline.gpu_may_be_there", lambda: False)
    monkeypatch.setitem(sys.modules, "torch", None)
    assert Pipeline.load()("ERK").mentions
    monkeypatch.setattr("nlp.pipeline.gpu_may_be_there", lambda: True)
    with pytest.raises(ModuleNotFoundError, match="torch"):
        Pipeline.load()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no device files")
def test_a_gpu_is_told_by_its_device_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "null").touch()
    assert not gpu_may_be_there(tmp_path)
    assert not gpu_may_be_there(tmp_path / "none")
    for name in ("nvidia0", "nvidia12", "nvidiactl", "dxg", "nvhost-gpu", "kfd"):
        (tmp_path / name).touch()
        assert gpu_may_be_there(tmp_path)
        for hiding in ("", "-1"):
            monkeypatch.setenv("CUDA_VISIBLE_DEVICES", hiding)
            assert not gpu_may_be_there(tmp_path)
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
        assert gpu_may_be_there(tmp_path)
        (tmp_path / name).unlink()
