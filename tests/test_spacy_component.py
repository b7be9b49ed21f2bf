"""pathcap in a pipeline of spaCy."""

import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
import spacy
from scispacy.abbreviation import AbbreviationDetector
from spacy import displacy
from spacy.lang.en import English
from spacy.language import Language
from spacy.tokens import Doc, DocBin
from spacy.tokens import Span as SpacySpan

from nlp import ConfigError, Document, ModelError, Pipeline
from nlp.config import default_model
from nlp.pipeline import BATCH_SIZE
from nlp.views.marks import TYPE_MARKS
from tests.conftest import REPOSITORY

TEXTS = [
    "Esketamine activates ERK and AKT, thereby increasing the expression of BDNF.",
    "Rapamycin blocks mTOR (mechanistic target of rapamycin); thus mTOR does not inhibit autophagy.",
    "",
    "No name is here.",
    "TNF-α → NF-κB ⊣ apoptosis in T cells.",
]


@pytest.fixture
def loaded(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Components share a pipeline; here is what they asked ``Pipeline.load`` for."""
    asked: list[dict[str, Any]] = []

    def load(model: object = None, **options: Any) -> Pipeline:
        asked.append({"model": model, **options})
        return pipeline

    monkeypatch.setattr(Pipeline, "load", load)
    return asked


@pytest.fixture
def language(loaded: object) -> Language:
    language = spacy.blank("en")
    language.add_pipe("pathcap")
    return language


def said(doc: Doc) -> list[object]:
    """All that the component says of a ``Doc``."""
    return [
        doc._.pathcap,
        [(ent.text, ent.label_, ent.kb_id_, ent._.references) for ent in doc.ents],
        [(one.source.text, one.type, one.sign, one.target.text, str(one.trigger)) for one in doc._.relations],
    ]


def test_spacy_finds_it_by_its_entry_points() -> None:
    (factory,) = entry_points(group="spacy_factories", name="pathcap")
    assert factory.value == "nlp.spacy_component:make_component"
    (colours,) = entry_points(group="spacy_displacy_colors", name="pathcap")
    assert set(colours.load()) == set(TYPE_MARKS)


def test_a_doc_has_what_the_pipeline_says(language: Language, pipeline: Pipeline) -> None:
    doc = language(TEXTS[0])
    document = pipeline(TEXTS[0])
    assert isinstance(doc._.pathcap, Document)
    assert doc._.pathcap == document
    assert [(ent.text, ent.label_) for ent in doc.ents] == [(one.text, one.type) for one in document.mentions]
    assert [ent._.references for ent in doc.ents] == [one.references for one in document.mentions]
    assert ("Esketamine", "activation", 1, "ERK", "activates") in said(doc)[2]  # type: ignore[operator]
    assert len(doc._.relations) == len(document.relations)
    assert [ent.kb_id_ for ent in doc.ents][:2] == ["CHEBI:60799", "FPLX:ERK"]


@pytest.mark.parametrize("batch_size", [1, 2, 1000])
def test_many_docs_are_annotated_as_one(language: Language, batch_size: int) -> None:
    alone = [said(language(text)) for text in TEXTS]
    assert [said(doc) for doc in language.pipe(TEXTS, batch_size=batch_size)] == alone
    pairs = language.pipe(((text, number) for number, text in enumerate(TEXTS)), as_tuples=True)
    assert [(doc.text, number) for doc, number in pairs] == [(text, number) for number, text in enumerate(TEXTS)]


def test_docs_are_not_taken_far_ahead(language: Language, pipeline: Pipeline) -> None:
    taken: list[int] = []

    def texts() -> Iterator[str]:
        for number in range(1000):
            taken.append(number)
            yield "ERK"

    stream = language.pipe(texts())
    next(stream)
    assert len(taken) <= BATCH_SIZE * (pipeline.threads + 2)
    stream.close()  # type: ignore[attr-defined]


def test_a_doc_that_fails_takes_no_other_with_it(language: Language, monkeypatch: pytest.MonkeyPatch) -> None:
    component: Any = language.get_pipe("pathcap")
    pipeline = component.pipeline
    broken = pipeline._run

    def run(captions: Any) -> Any:
        if any("BREAK" in caption.text for caption in captions):
            raise ConfigError("broken")
        return broken(captions)

    monkeypatch.setattr(pipeline, "_run", run)
    failed: list[str] = []
    language.set_error_handler(lambda name, _, docs, error: failed.append(f"{name}: {docs[0].text}: {error}"))
    texts = ["ERK", "BREAK one", "AKT", "mTOR", "BREAK two"]
    assert [doc.text for doc in language.pipe(texts)] == ["ERK", "AKT", "mTOR"]
    assert failed == ["pathcap: BREAK one: broken", "pathcap: BREAK two: broken"]


def test_by_default_an_error_is_raised(language: Language, monkeypatch: pytest.MonkeyPatch) -> None:
    component: Any = language.get_pipe("pathcap")

    def run(captions: object) -> None:
        raise ConfigError("broken")

    monkeypatch.setattr(component.pipeline, "_run", run)
    with pytest.raises(ConfigError, match="broken"):
        list(language.pipe(["ERK"]))
    with pytest.raises(ConfigError, match="broken"):
        language("ERK")


def test_options_reach_the_pipeline(loaded: list[dict[str, Any]], pipeline: Pipeline) -> None:
    language = spacy.blank("en")
    options = {"types": ["GENE"], "relation_types": [], "min_mention_score": 0.5, "min_reference_score": 0.2}
    language.add_pipe(
        "pathcap", config={"model": "caption", "profile": "pfocr", "device": "cpu", "threads": 1, **options}
    )
    assert loaded == [{"model": "caption", "device": "cpu", "threads": 1}]
    assert language(TEXTS[0])._.pathcap == pipeline.with_options(profile="pfocr", **options)(TEXTS[0])
    for config, error in (
        ({"types": ["PROTEIN"]}, ConfigError),
        ({"profile": "best"}, ConfigError),
        ({"min_mention_score": 3.0}, ConfigError),
        ({"treshold": 1}, ValueError),
    ):
        with pytest.raises(error):
            spacy.blank("en").add_pipe("pathcap", config=config)


def test_a_model_that_is_not_there() -> None:
    with pytest.raises(ModelError, match="not a model folder"):
        spacy.blank("en").add_pipe("pathcap", config={"model": "no/such/model"})


def test_it_declares_what_it_sets(language: Language) -> None:
    language.add_pipe("entity_linker")
    analysis = language.analyze_pipes(keys=["assigns", "requires"])
    assert analysis["summary"]["pathcap"] == {
        "assigns": ["doc.ents", "doc.spans", "doc._.pathcap", "doc._.relations", "span._.references"],
        "requires": [],
    }
    # What needs entities finds them.
    assert "doc.ents" in analysis["summary"]["entity_linker"]["requires"]
    assert "doc.ents" not in analysis["problems"]["entity_linker"]


def test_entities_of_others_are_kept_if_wanted(loaded: object) -> None:
    for keep, expected in ((True, {("Esketamine", "DRUG"), ("expression", "WORD")}), (False, set())):
        language = spacy.blank("en")
        ruler: Any = language.add_pipe("entity_ruler")
        ruler.add_patterns([{"label": "DRUG", "pattern": "Esketamine"}, {"label": "WORD", "pattern": "expression"}])
        language.add_pipe("pathcap", config={"keep_ents": keep})
        doc = language(TEXTS[0])
        found = {(ent.text, ent.label_) for ent in doc.ents}
        assert found & {("Esketamine", "DRUG"), ("expression", "WORD")} == expected
        assert (("Esketamine", "CHEMICAL") in found) is not keep
        assert {("ERK", "GENE"), ("AKT", "GENE"), ("BDNF", "GENE")} <= found
        assert [span.text for span in doc.spans["pathcap"]] == ["Esketamine", "ERK", "AKT", "BDNF"]


def test_docs_are_stored(language: Language) -> None:
    docs = list(language.pipe(TEXTS))
    vocab = spacy.blank("en").vocab
    stored = DocBin(store_user_data=True, docs=docs).to_bytes()
    assert [said(doc) for doc in DocBin().from_bytes(stored).get_docs(vocab)] == [said(doc) for doc in docs]
    assert [said(Doc(vocab).from_bytes(doc.to_bytes())) for doc in docs] == [said(doc) for doc in docs]
    assert [said(doc) for doc in pickle.loads(pickle.dumps(docs))] == [said(doc) for doc in docs]  # noqa: S301 — ours


@pytest.mark.parametrize("order", ["before", "after"])
@pytest.mark.parametrize("serializable", [True, False])
def test_scispacys_abbreviation_detector_beside_it(language: Language, order: str, serializable: bool) -> None:
    assert AbbreviationDetector  # its import registers the component
    alone = said(language(TEXTS[1]))
    language.add_pipe(
        "abbreviation_detector",
        config={"make_serializable": serializable},
        **{order: "pathcap"},  # type: ignore[arg-type]
    )
    doc = language(TEXTS[1])
    assert said(doc) == alone
    assert {str(one["short_text"] if serializable else one) for one in doc._.abbreviations} == {"mTOR"}
    if serializable:
        again = Doc(language.vocab).from_bytes(doc.to_bytes())
        assert said(again) == alone
        assert len(again._.abbreviations) == len(doc._.abbreviations)


def test_displacy_shows_its_entities_in_their_colours(language: Language) -> None:
    html = displacy.render(language(TEXTS[0]), style="ent", jupyter=False)
    assert f"background: hsl({TYPE_MARKS['GENE'].hue}, 80%, 88%)" in html
    assert "CHEMICAL" in html
    spans = displacy.render(language(TEXTS[0]), style="span", options={"spans_key": "pathcap"}, jupyter=False)
    assert "CHEBI:60799" in spans
    linked = displacy.render(
        language(TEXTS[0]), style="ent", options={"kb_url_template": "https://bioregistry.io/{}"}, jupyter=False
    )
    assert "https://bioregistry.io/FPLX:ERK" in linked


def test_a_language_is_saved_and_loaded_with_it(tmp_path: Path) -> None:
    language = spacy.blank("en")
    config = {"types": ["GENE"], "profile": "pfocr", "device": "cpu", "threads": 1, "min_mention_score": 0.3}
    language.add_pipe("pathcap", name="genes", config=config)
    expected = said(language(TEXTS[0]))
    language.to_disk(tmp_path / "language")
    again = spacy.load(tmp_path / "language")
    assert again.pipe_names == ["genes"]
    assert said(again(TEXTS[0])) == expected
    other = English.from_config(language.config).from_bytes(language.to_bytes())
    assert said(other(TEXTS[0])) == expected
    assert other.get_pipe_config("genes")["types"] == ["GENE"]


def test_the_component_is_pickled_with_its_pipelines_path() -> None:
    language = spacy.blank("en")
    component = language.add_pipe(
        "pathcap", config={"model": str(default_model()), "types": ["GENE"], "threads": 1, "keep_ents": True}
    )
    data = pickle.dumps(component)
    assert len(data) < 2000
    again: Any = pickle.loads(data)  # noqa: S301 — our own
    assert again.keep_ents
    assert said(again(language.make_doc(TEXTS[0]))) == said(language(TEXTS[0]))


PROCESSES = """
import spacy

def main():
    language = spacy.blank("en")
    language.add_pipe("pathcap", config={"threads": 1, "device": "cpu"})
    texts = ["Esketamine activates ERK.", "Rapamycin blocks mTOR.", "", "AKT"] * 3
    docs = list(language.pipe(texts, n_process=2, batch_size=2))
    assert [doc.text for doc in docs] == texts
    for doc in docs[:4]:
        alone = language(doc.text)
        assert doc._.pathcap == alone._.pathcap
        assert [ent._.references for ent in doc.ents] == [ent._.references for ent in alone.ents]
        assert [one.target.text for one in doc._.relations] == [one.target.text for one in alone._.relations]
    assert len(docs[0].ents) == 2 and len(docs[0]._.relations) == 1
    print("same")

if __name__ == "__main__":
    main()
"""


def test_docs_are_annotated_in_several_processes(tmp_path: Path) -> None:
    """Apart from this one, which has threads that a fork would not take along."""
    script = tmp_path / "processes.py"
    script.write_text(PROCESSES)
    done = subprocess.run(  # noqa: S603 — our own
        [sys.executable, script],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        timeout=120,
    )
    assert done.stdout == "same\n", done.stderr


def test_a_span_that_is_no_mention_has_no_references(language: Language) -> None:
    doc = language(TEXTS[0])
    assert doc[0:3]._.references == ()
    assert SpacySpan(doc, 0, 1)._.references == doc.ents[0]._.references
