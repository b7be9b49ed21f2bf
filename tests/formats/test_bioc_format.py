"""BioC, out and in."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import bioc
import pytest
from any_document import documents
from bioc import biocjson, biocxml
from hypothesis import given, settings
from test_writers import BARE, FULL

from nlp.cli import main
from nlp.errors import FormatError, InputError
from nlp.formats import bioc_reading
from nlp.formats.bioc import open_bioc, to_bioc
from nlp.formats.documents import read_documents
from nlp.formats.records import to_record
from nlp.formats.sources import read_sources
from nlp.formats.writers import open_writer
from nlp.types import Document, Mention

GOLDEN = Path(__file__).parent / "golden"
NAMES = ["out.json", "out.xml", "out.json.gz", "out.xml.zst"]


def write(path: Path, *written: Document) -> Path:
    with open_writer(path, "bioc") as writer:
        for document in written:
            writer.write(document)
    return path


def without_the_lost(document: Document) -> dict[str, Any]:
    return to_record(replace(document, abbreviations=(), keywords=()))


@pytest.mark.parametrize("name", NAMES)
def test_documents_come_back(tmp_path: Path, name: str) -> None:
    read = list(read_documents(write(tmp_path / name, FULL, BARE)))
    assert [to_record(document) for document in read] == [without_the_lost(FULL), without_the_lost(BARE)]


@pytest.mark.parametrize("name", ["bioc.json", "bioc.xml"])
def test_golden_files(tmp_path: Path, name: str) -> None:
    assert write(tmp_path / name, FULL, BARE).read_bytes() == (GOLDEN / name).read_bytes()


@pytest.mark.parametrize("name", NAMES[:2])
def test_nothing_but_a_collection_of_nothing(tmp_path: Path, name: str) -> None:
    assert list(read_documents(write(tmp_path / name))) == []


def test_the_library_reads_what_is_written(tmp_path: Path) -> None:
    with write(tmp_path / "out.json", FULL, BARE).open(encoding="utf-8") as stream:
        of_json = biocjson.load(stream)
    with write(tmp_path / "out.xml", FULL, BARE).open("rb") as stream:
        of_xml = biocxml.load(stream)
    for collection in (of_json, of_xml):
        bioc.validate(collection)
        assert (collection.source, collection.date or "") == ("pathcap", "")
        first, second = collection.documents
        (passage,) = first.passages
        assert passage.text == FULL.text
        assert passage.annotations[1].infons["type"] == "GENE"
        assert passage.annotations[0].infons["identifier"] == "HGNC:11766"
        (location,) = passage.annotations[1].locations
        assert (location.offset, location.length) == (44, 5)
        relation = first.relations[0]
        assert relation.infons["type"] == "expression"
        assert relation.infons["sign"] == "-1"
        assert relation.get_node(role="source").refid == "T1"
        assert relation.get_node(role="target").refid == "T2"
        assert second.passages[0].text == BARE.text


def round_trip(document: Document, suffix: str, folder: Path) -> Document:
    stream = io.BytesIO()
    with open_bioc(stream, suffix) as writer:
        writer.write(document)
    path = folder / f"out{suffix}"
    path.write_bytes(stream.getvalue())
    (read,) = read_documents(path)
    return read


@settings(max_examples=60, deadline=None)
@given(documents())
def test_json_round_trip_of_any_document(tmp_path_factory: pytest.TempPathFactory, document: Document) -> None:
    assert to_record(round_trip(document, ".json", tmp_path_factory.getbasetemp())) == to_record(document)


@settings(max_examples=60, deadline=None)
@given(documents(control=False))
def test_xml_round_trip_of_any_document(tmp_path_factory: pytest.TempPathFactory, document: Document) -> None:
    assert to_record(round_trip(document, ".xml", tmp_path_factory.getbasetemp())) == to_record(document)


@settings(max_examples=60, deadline=None)
@given(documents())
def test_what_xml_cannot_hold_moves_no_offset(tmp_path_factory: pytest.TempPathFactory, document: Document) -> None:
    read = round_trip(document, ".xml", tmp_path_factory.getbasetemp())
    assert len(read.text) == len(document.text)
    assert [mention.span for mention in read.mentions] == [mention.span for mention in document.mentions]
    bioc.validate(biocjson.loads(json.dumps({**EMPTY, "documents": [biocjson.toJSON(to_bioc(read))]})))


EMPTY: dict[str, Any] = {"source": "", "date": "", "key": "", "infons": {}, "documents": []}


def passage(text: str, offset: int = 0, **infons: str) -> dict[str, Any]:
    return {"offset": offset, "text": text, "infons": infons, "sentences": [], "annotations": [], "relations": []}


def item(*passages: dict[str, Any], id: str = "d1") -> dict[str, Any]:
    return {"id": id, "infons": {}, "passages": [*passages], "relations": []}


def captions(tmp_path: Path, content: object) -> tuple[list[tuple[str, str]], list[str]]:
    path = tmp_path / "in.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    errors: list[InputError] = []
    found = [(caption.id, caption.text) for caption in read_sources([path], errors.append)]
    return found, [str(error).replace(str(path), "in.json") for error in errors]


ARTICLE = item(
    passage("A study of A", section_type="TITLE", type="front"),
    passage("A was seen.", 20, section_type="RESULTS", type="paragraph"),
    passage("How A acts.", 40, type="fig_title_caption", id="F1", file="f1.jpg"),
    passage("A activates B.", 60, type="fig_caption", id="F1", file="f1.jpg"),
    passage("B binds C.", 80, type="fig_caption", id="F2", file="f2.jpg"),
    passage("  ", 100, type="fig_caption", id="F3", file="f3.jpg"),
)


def test_figures_of_an_article_are_its_captions(tmp_path: Path) -> None:
    assert captions(tmp_path, {**EMPTY, "documents": [ARTICLE]}) == (
        [("d1:3", "How A acts. A activates B."), ("d1:5", "B binds C.")],
        [],
    )
    first, second = bioc_reading.read_captions(tmp_path / "in.json", pytest.fail)
    assert (first.title, first.paper_title) == ("How A acts.", "A study of A")
    assert (second.title, second.paper_title) == ("", "A study of A")


def test_of_other_documents_each_passage_is_a_caption(tmp_path: Path) -> None:
    one = item(passage("A activates B."), id="one")
    two = item(passage("A binds B."), passage("", 11), passage("B binds C.", 12), id="two")
    assert captions(tmp_path, {**EMPTY, "documents": [one, two]})[0] == [
        ("one", "A activates B."),
        ("two:1", "A binds B."),
        ("two:3", "B binds C."),
    ]


@pytest.mark.parametrize(
    "content",
    [
        [{**EMPTY, "documents": [item(passage("A binds B."))]}],
        {"PubTator3": [item(passage("A binds B."))]},
        item(passage("A binds B.")),
        [item(passage("A binds B."))],
        "\ufeff" + json.dumps({"documents": [item(passage("A binds B."))]}, indent=2),
    ],
    ids=["list of collections", "PubTator", "document", "list of documents", "indented, with a mark"],
)
def test_forms_of_json(tmp_path: Path, content: object) -> None:
    assert captions(tmp_path, content) == ([("d1", "A binds B.")], [])


def test_documents_one_a_line(tmp_path: Path) -> None:
    lines = "".join(json.dumps(item(passage(f"A binds B{n}."), id=f"d{n}")) + "\n" for n in range(3))
    assert captions(tmp_path, lines)[0] == [(f"d{n}", f"A binds B{n}.") for n in range(3)]


def test_sentences_make_a_passage(tmp_path: Path) -> None:
    sentences = [{"offset": 10, "text": "A binds B."}, {"offset": 22, "text": "B binds C."}]
    with_sentences = {**passage("", 10), "text": None, "sentences": sentences}
    assert captions(tmp_path, item(with_sentences))[0] == [("d1", "A binds B.  B binds C.")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "in.json:1: the file is empty; expected a BioC collection"),
        ("\n\n", "in.json:3: the file is empty; expected a BioC collection"),
        ("5", "in.json:1: JSON of another kind; expected a BioC collection; found 5"),
        ('{"a": 1}', "in.json:1: JSON of another kind; expected a BioC collection, with documents; found ['a']"),
        ('{\n"documents": [\n{"id": }]}', "in.json:3: not JSON from here on; found Expecting value"),
        ('{\n"documents": [] ', "in.json:2: not JSON from here on; expected , or }; found the end of the file"),
        ('{"documents": [3]}', "in.json:1: not a document of BioC"),
        ('{"documents": [{"id": "x"}]}', "in.json:1: not a document of BioC"),
        ('{"documents": [{"id": "x", "passages": [{"text": " "}]}]}', "in.json:1 [x]: no caption"),
        ('{"documents": [{"id": "x", "passages": [{"text": "A \\ud800"}]}]}', "not valid Unicode"),
        ("[[[[[[", "in.json:1: JSON of another kind"),
        ("[" * 100_000, "in.json:1: JSON of another kind"),
        ('{"x": ' + "[" * 100_000, "in.json:1: JSON that is nested too deeply"),
        ('{"x": ' + "9" * 10_000 + "}", "in.json:1: not JSON from here on"),
    ],
)
def test_json_that_cannot_be_read(tmp_path: Path, content: str, message: str) -> None:
    found, errors = captions(tmp_path, content)
    assert found == []
    (error,) = errors
    assert message in error


def test_the_rest_of_a_file_with_a_broken_document_is_read(tmp_path: Path) -> None:
    content = '{"documents": [\n7,\n' + json.dumps(item(passage("A binds B."))) + ",\n{]}"
    found, errors = captions(tmp_path, content)
    assert found == [("d1", "A binds B.")]
    assert [error.split(";")[0] for error in errors] == [
        "in.json:2: not a document of BioC",
        "in.json:4: not JSON from here on",
    ]


def test_bytes_that_are_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "in.json"
    path.write_bytes(b'{"documents": [\n' + json.dumps(item(passage("A binds B."))).encode() + b',\n"\xff"]}')
    errors: list[InputError] = []
    list(read_sources([path], errors.append))
    assert [str(error).split("in.json")[1] for error in errors] == [
        ":3: the file is not UTF-8 from here on; expected UTF-8 text; found byte 0xff"
    ]


def gold(annotations: list[dict[str, Any]], relations: list[dict[str, Any]]) -> dict[str, Any]:
    title, abstract = passage("A rises.", 100), passage("A activates B.", 110)
    title["annotations"], abstract["annotations"] = annotations[:1], annotations[1:]
    return {**item(title, abstract), "relations": relations}


def annotation(id: str, offset: int, text: str, **infons: str) -> dict[str, Any]:
    return {
        "id": id,
        "infons": {"type": "GENE", **infons},
        "text": text,
        "locations": [{"offset": offset, "length": len(text)}],
    }


def read_gold(tmp_path: Path, content: dict[str, Any]) -> Document:
    (tmp_path / "gold.json").write_text(json.dumps(content), encoding="utf-8")
    (document,) = read_documents(tmp_path / "gold.json")
    return document


def test_passages_become_one_document(tmp_path: Path) -> None:
    relation = {
        "id": "R1",
        "infons": {"type": "activation"},
        "nodes": [{"refid": "2", "role": "x"}, {"refid": "3", "role": "y"}],
    }
    content = gold(
        [annotation("1", 100, "A"), annotation("2", 110, "A", identifier="HGNC:1"), annotation("3", 122, "B")],
        [relation],
    )
    document = read_gold(tmp_path, content)
    assert document.text == "A rises.  A activates B."
    assert [(mention.id, mention.start, mention.text) for mention in document.mentions] == [
        ("1", 0, "A"),
        ("2", 10, "A"),
        ("3", 22, "B"),
    ]
    assert document.mentions[1].references[0].curie == "HGNC:1"
    (only,) = document.relations
    assert (only.source, only.target, only.sign, only.score, only.negated) == ("2", "3", 0, 1.0, False)


def test_pieces_of_a_mention_span_what_is_between(tmp_path: Path) -> None:
    split = annotation("1", 0, "A B")
    split["locations"] = [{"offset": 12, "length": 1}, {"offset": 0, "length": 1}]
    content = item({**passage("A activates B."), "annotations": [split]})
    assert read_gold(tmp_path, content).mentions == (Mention("1", "GENE", 0, 13, "A activates B"),)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"text": "B"}, "a span does not hold its surface"),
        ({"infons": {"type": "Gene"}}, "unknown type"),
        ({"infons": {}}, "no 'type'"),
        ({"locations": [{"offset": "x", "length": 1}]}, "not a document of BioC"),
        ({"locations": [{"offset": 0, "length": 10**9}]}, "a mention's text is not as long"),
        ({"locations": []}, "a span is out of order"),
        ({"infons": {"type": "GENE", "score": "2"}}, "score is 2.0"),
        ({"infons": {"type": "GENE", "identifier": "123"}}, "not a CURIE"),
        ({"id": "a\ud800"}, "not valid Unicode"),
    ],
)
def test_gold_that_contradicts_itself_is_set_aside(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    bad = item({**passage("A binds B."), "annotations": [{**annotation("1", 0, "A"), **change}]})
    path = tmp_path / "gold.json"
    path.write_text(json.dumps({"documents": [bad, item(passage("A binds B."), id="d2")]}), encoding="utf-8")
    errors: list[InputError] = []
    assert [document.id for document in read_documents(path, errors.append)] == ["d2"]
    (error,) = errors
    assert message in str(error)
    assert error.where is not None
    assert error.where.source == str(path)


def test_a_gap_is_no_place_to_fill_memory(tmp_path: Path) -> None:
    path = tmp_path / "gold.json"
    path.write_text(json.dumps(item(passage("A binds B."), passage("B binds C.", 10**15))), encoding="utf-8")
    with pytest.raises(InputError, match="offsets do not fit"):
        list(read_documents(path))


@pytest.mark.parametrize("name", ["x.pubtator", "x.brat"])
def test_documents_are_read_back_from_some_formats_only(tmp_path: Path, name: str) -> None:
    with pytest.raises(FormatError, match="cannot be read back from this format"):
        list(read_documents(tmp_path / name))


def test_predictions_in_bioc_are_evaluated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plain = replace(FULL, mentions=tuple(replace(mention, references=()) for mention in FULL.mentions))
    with open_writer(tmp_path / "gold.jsonl") as writer:
        writer.write(plain)
    predictions = write(tmp_path / "predicted.xml", plain)
    assert main(["evaluate", str(tmp_path / "gold.jsonl"), "--predictions", str(predictions)]) == 0
    assert "all types     2          2  1.000" in capsys.readouterr().out
