"""The data types check themselves, and records are their exact image."""

import json
import pickle
from typing import Any

import pytest

from nlp.errors import AnnotationError, InputError, Location, PathcapError
from nlp.formats.records import from_record, to_record
from nlp.types import Abbreviation, Document, Keyword, Mention, Reference, Relation, Span, Trigger

TEXT = "Drug A activates ERK."
A = Mention("T1", "CHEMICAL", 0, 6, "Drug A", 0.98, (Reference("CHEBI:1", "drug A", 0.9),))
ERK = Mention("T2", "GENE", 17, 20, "ERK")
EDGE = Relation("R1", "T1", "T2", "activation", 1, 0.93, Trigger(7, 16, "activates"))


def document(**parts: object) -> Document:
    return Document(id="x", text=TEXT, **{"mentions": (A, ERK), **parts})  # type: ignore[arg-type]


@pytest.mark.parametrize(("start", "end"), [(-1, 3), (3, 3), (4, 3)])
def test_a_span_is_in_order_and_not_empty(start: int, end: int) -> None:
    with pytest.raises(AnnotationError, match="0 <= start < end"):
        Span(start, end)


def test_spans_overlap_and_contain() -> None:
    assert Span(0, 3).overlaps(Span(2, 5))
    assert not Span(0, 3).overlaps(Span(3, 5))
    assert Span(0, 5).contains(Span(1, 5))
    assert not Span(1, 5).contains(Span(0, 5))


def test_the_score_is_no_part_of_equality() -> None:
    assert Mention("T1", "GENE", 0, 3, "ERK", 0.2) == Mention("T1", "GENE", 0, 3, "ERK", 0.9)
    assert Reference("HGNC:1", "A", 0.1) == Reference("HGNC:1", "A", 0.2)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"mentions": (Mention("T1", "GENE", 17, 20, "MEK"),)}, "does not hold its surface"),
        ({"mentions": (Mention("T1", "GENE", 19, 25, "K.xxxx"),)}, "past the end"),
        ({"mentions": (A, Mention("T1", "GENE", 17, 20, "ERK"))}, "used twice"),
        ({"relations": (Relation("R1", "T1", "T9", "activation", 1),)}, "not there"),
        ({"relations": (Relation("R1", "T1", "T2", "activation", 1, 1.0, Trigger(7, 16, "inhibited")),)}, "surface"),
        ({"keywords": (Keyword("MAPK1", "GENE", None, ("T7",)),)}, "not there"),
        ({"abbreviations": (Abbreviation(Span(0, 4), Span(5, 99)),)}, "past the end"),
    ],
)
def test_a_document_that_contradicts_itself_is_refused(parts: dict[str, object], message: str) -> None:
    with pytest.raises(AnnotationError, match=message):
        document(**parts)


def test_other_contradictions() -> None:
    with pytest.raises(AnnotationError, match="not as long as its span"):
        Mention("T1", "GENE", 0, 4, "ERK")
    with pytest.raises(AnnotationError, match="prefix:identifier"):
        Reference("6871", "MAPK1")
    with pytest.raises(AnnotationError, match="sign"):
        Relation("R1", "T1", "T2", "activation", 2)


def test_a_record_comes_back_as_the_document_it_was() -> None:
    whole = document(
        relations=(EDGE,),
        abbreviations=(Abbreviation(Span(17, 20), Span(0, 6)),),
        keywords=(Keyword("MAPK1", "GENE", "HGNC:6871", ("T2",)),),
    )
    record = to_record(whole)
    assert list(record) == ["id", "text", "mentions", "relations", "abbreviations", "keywords"]
    assert from_record(json.loads(json.dumps(record))) == whole
    assert to_record(from_record(record)) == record


@pytest.mark.parametrize("record", [None, [], "text", 5])
def test_a_record_that_is_no_object_is_an_input_error(record: Any) -> None:
    with pytest.raises(InputError, match="a document is no object"):
        Document.from_dict(record)


def test_a_number_may_be_an_id() -> None:
    assert from_record({"id": 7, "text": "A."}).id == "7"


def test_a_bad_record_says_what_and_where() -> None:
    record = to_record(document(relations=(EDGE,)))
    del record["relations"][0]["sign"]
    with pytest.raises(InputError) as caught:
        from_record(record, Location("gold.jsonl", 7))
    assert str(caught.value) == "gold.jsonl:7 [x]: a field is missing; expected a field 'sign'"
    record = to_record(document())
    record["mentions"][0]["type"] = "PROTEIN"
    with pytest.raises(AnnotationError, match=r"unknown type; expected GENE \|.*found 'PROTEIN'"):
        from_record(record)


@pytest.mark.parametrize(
    "change",
    [
        {"text": 5},
        {"id": None},
        {"id": ["a"]},
        {"id": True},
        {"mentions": [{"id": "T1", "type": "GENE", "start": 0, "end": 4, "score": "high"}]},
        {"mentions": [{"id": "T1", "type": "GENE", "start": 0, "end": 4, "score": float("nan")}]},
        {"mentions": [{"id": "T1", "type": "GENE", "start": True, "end": 4}]},
        {"mentions": [{"id": 1, "type": "GENE", "start": 0, "end": 4}]},
        {"mentions": {"T1": "GENE"}},
        {"relations": [{"id": "R1", "source": "T1", "target": "T2", "type": "activation", "sign": True}]},
    ],
)
def test_a_field_of_the_wrong_kind_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(InputError, match="wrong kind"):
        from_record({**to_record(document()), **change})


def test_errors_keep_their_facts_across_processes() -> None:
    error = InputError("unreadable", expected="a", found="b", where=Location("f.md", 3, "x"))
    again = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert isinstance(again, InputError)
    assert isinstance(again, PathcapError)
    assert str(again) == str(error) == "f.md:3 [x]: unreadable; expected a; found b"


def test_a_contradiction_in_a_record_says_where_too() -> None:
    record = to_record(document())
    record["mentions"][1]["end"] = 19
    with pytest.raises(AnnotationError) as caught:
        from_record(record, Location("gold.jsonl", 7))
    assert str(caught.value).startswith("gold.jsonl:7 [x T2]: a mention's text is not as long as its span")
