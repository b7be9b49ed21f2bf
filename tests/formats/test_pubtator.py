"""PubTator, out and in."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from any_document import documents
from bioc import pubtator as library
from hypothesis import given, settings
from test_writers import BARE, FULL

from nlp.errors import InputError
from nlp.formats import pubtator
from nlp.formats.sources import read_sources
from nlp.formats.writers import open_writer
from nlp.types import Document, Relation

GOLDEN = Path(__file__).parent / "golden" / "documents.pubtator"


def written(*given: Document) -> str:
    stream = io.BytesIO()
    with pubtator.open_pubtator(stream, ".pubtator") as writer:
        for document in given:
            writer.write(document)
    return stream.getvalue().decode("utf-8")


def read(tmp_path: Path, content: str | bytes) -> tuple[list[tuple[str, str]], list[str]]:
    path = tmp_path / "in.pubtator"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    errors: list[InputError] = []
    captions = [(caption.id, caption.text) for caption in read_sources([path], errors.append)]
    return captions, [str(error).replace(str(path), "in.pubtator") for error in errors]


def test_golden_file(tmp_path: Path) -> None:
    with open_writer(tmp_path / "out.pubtator", "pubtator") as writer:
        writer.write(FULL)
        writer.write(BARE)
    assert (tmp_path / "out.pubtator").read_bytes() == GOLDEN.read_bytes()


def test_the_library_reads_what_is_written() -> None:
    first, second = library.loads(written(FULL, BARE))
    library.validate(first)
    assert (first.pmid, first.text) == (FULL.id, FULL.text)
    assert [(ann.start, ann.end, ann.text, ann.type, ann.id) for ann in first.annotations] == [
        (0, 5, "TGF-β", "GENE", "HGNC:11766"),
        (44, 49, "𝛼-SMA", "GENE", "T2"),
    ]
    assert [(relation.type, relation.id1, relation.id2, relation.neg) for relation in first.relations] == [
        ("negative_expression", "HGNC:11766", "T2", "speculative"),
        ("binding", "HGNC:11766", "T2", None),
    ]
    assert second.text == "Nothing here. Or there."


def test_mentions_without_relation_and_reference() -> None:
    document = Document("a", "TGF-β", (replace(FULL.mentions[0], references=()),))
    assert written(document) == "a|t|TGF-β\na|a|\na\t0\t5\tTGF-β\tGENE\t-\n\n"


def test_a_relation_is_written_once_for_the_same_two() -> None:
    again = replace(FULL, relations=(*FULL.relations, Relation("R3", "T1", "T2", "binding", 0)))
    assert written(again) == written(FULL)
    denied = replace(FULL, relations=(Relation("R1", "T1", "T2", "activation", 1, negated=True, speculative=True),))
    assert "\tpositive_activation\tHGNC:11766\tT2\tnegated,speculative\n" in written(denied)


@pytest.mark.parametrize("id", ["a|t|b", "a\tb", "10% of|it\n", " a ", "a%7Cb", "β\u2028", "%"])
def test_ids_come_back(tmp_path: Path, id: str) -> None:
    content = written(Document(id, "A binds B."), Document("next", "C."))
    assert read(tmp_path, content) == ([(id, "A binds B."), ("next", "C.")], [])
    assert len(library.loads(content)) == 2


@settings(max_examples=60, deadline=None)
@given(documents())
def test_any_document_keeps_its_offsets(tmp_path_factory: pytest.TempPathFactory, document: Document) -> None:
    content = written(document)
    ((id, text),), errors = read(tmp_path_factory.getbasetemp(), content)
    assert not errors
    assert id == document.id
    assert len(text) == len(document.text)
    lines = [line.split("\t") for line in content.splitlines()[2 : 2 + len(document.mentions)]]
    assert len(lines) == len(document.mentions)
    for columns, mention in zip(lines, document.mentions, strict=True):
        assert len(columns) == 6
        assert (int(columns[1]), int(columns[2]), columns[4]) == (mention.start, mention.end, mention.type)
        assert columns[3] == text[mention.start : mention.end]


def test_title_and_abstract_are_one_text(tmp_path: Path) -> None:
    content = "7|t|A rises.\n7|a|B falls.\n7\t0\t1\tA\tGene\t1\n7\t9\t10\tB\tGene\t2\n\n8|t|C.\n8|a|\n"
    assert read(tmp_path, content) == ([("7", "A rises.\nB falls."), ("8", "C.")], [])
    (first, _) = read_sources([tmp_path / "in.pubtator"], pytest.fail)
    assert first.text[9:10] == "B"
    assert first.paper_title == "A rises."


@pytest.mark.parametrize(
    "content",
    ["7|t|A.\n8|t|B.\n", "\ufeff7|t|A.\r\n7|a|\r\n\r\n8|t|B.", "\n\n7|t|A.\n\n\n\n8|t|B.\n\n"],
    ids=["no empty line", "other line ends", "more empty lines"],
)
def test_layouts(tmp_path: Path, content: str) -> None:
    assert read(tmp_path, content) == ([("7", "A."), ("8", "B.")], [])


def test_what_is_broken_is_set_aside(tmp_path: Path) -> None:
    content = b"7|t|A.\nwhat?\n\n8|t|B \xff\n8|a|C.\n\n9|t|\n9|a|\n\n|t|D.\n\n10|t|E."
    captions, errors = read(tmp_path, content)
    assert captions == [("7", "A."), ("in:10", "D."), ("10", "E.")]
    assert [error.split(";")[0] for error in errors] == [
        "in.pubtator:2: a line that PubTator does not have",
        "in.pubtator:4: the line is not UTF-8",
        "in.pubtator:5 [8]: an abstract without a title",
        "in.pubtator:7 [9]: empty caption",
    ]
