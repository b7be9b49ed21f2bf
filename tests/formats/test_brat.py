"""brat standoff out."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from urllib.parse import unquote

import pytest
from any_document import documents
from bioc import brat as library
from hypothesis import given, settings
from test_writers import BARE, FULL

from nlp.errors import ConfigError, InputError
from nlp.formats.brat import open_brat
from nlp.formats.writers import check_output, open_writer, output_format
from nlp.types import Document, Mention

GOLDEN = Path(__file__).parent / "golden" / "brat"


def archive(*given: Document) -> zipfile.ZipFile:
    stream = io.BytesIO()
    with open_brat(stream, ".zip") as writer:
        for document in given:
            writer.write(document)
    return zipfile.ZipFile(stream)


def test_golden_files(tmp_path: Path) -> None:
    with open_writer(tmp_path / "out", "brat") as writer:
        writer.write(FULL)
        writer.write(BARE)
        assert not (tmp_path / "out").exists()
    found = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert found == {path.name: path.read_bytes() for path in GOLDEN.iterdir()}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    with open_writer(tmp_path / "out.zip", "brat") as writer:
        writer.write(FULL)
        writer.write(BARE)
    with zipfile.ZipFile(tmp_path / "out.zip") as packed:
        assert {name: packed.read(name) for name in packed.namelist()} == found


def test_archives_do_not_depend_on_the_time(tmp_path: Path) -> None:
    for name in ("a.zip", "b.zip"):
        with open_writer(tmp_path / name, "brat") as writer:
            writer.write(FULL)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as packed:
        assert {entry.date_time[0] for entry in packed.infolist()} == {1980}


def test_the_library_reads_what_is_written() -> None:
    with archive(FULL) as packed:
        text = packed.read("PMC1__f1.txt").decode("utf-8")
        lines = packed.read("PMC1__f1.ann").decode("utf-8")
    read = library.loads(text, lines)
    assert read.text == FULL.text
    first, second = read.entities
    assert (first.type, first.text, second.text) == ("GENE", "TGF-β", "𝛼-SMA")
    assert [(relation.type, *relation.arguments.values()) for relation in read.relations] == [
        ("negative_expression", "T1", "T2"),
        ("binding", "T1", "T2"),
    ]


def test_a_mention_over_lines_is_in_pieces() -> None:
    document = Document("a", "growth\r\nfactor\nβ", (Mention("x", "GENE", 0, 16, "growth\r\nfactor\nβ"),))
    with archive(document) as packed:
        assert packed.read("a.txt").decode("utf-8") == document.text
        assert packed.read("a.ann").decode("utf-8") == "T1\tGENE 0 6;8 14;15 16\tgrowth factor β\n"


@settings(max_examples=60, deadline=None)
@given(documents())
def test_any_document_keeps_text_and_offsets(document: Document) -> None:
    with archive(document) as packed:
        _, text_name, notes_name = packed.namelist()
        text = packed.read(text_name).decode("utf-8")
        lines = packed.read(notes_name).decode("utf-8").splitlines()
    assert unquote(text_name.removesuffix(".txt")) == document.id
    assert text == document.text
    mentions = [line.split("\t") for line in lines if line.startswith("T")]
    assert len(mentions) == len(document.mentions)
    for (_, where, surface), mention in zip(mentions, document.mentions, strict=True):
        type, _, bounds = where.partition(" ")
        pieces = [tuple(map(int, piece.split(" "))) for piece in bounds.split(";")]
        assert type == mention.type
        assert mention.start <= pieces[0][0]
        assert pieces[-1][1] <= mention.end
        assert len(surface) == len(" ".join(text[start:end] for start, end in pieces))
        if not set("\r\n") & set(mention.text):
            assert pieces == [(mention.start, mention.end)]
    assert all(line.count("\t") in (1, 2) for line in lines)


@pytest.mark.parametrize("id", ["a/b", "../a", ".a", "a b", "A:1", "β", "annotation.conf", "100%", "a\x00\n", "con?"])
def test_ids_name_files_and_come_back(tmp_path: Path, id: str) -> None:
    with open_writer(tmp_path / "out", "brat") as writer:
        writer.write(Document(id, "A binds B."))
    (name,) = (path.name for path in (tmp_path / "out").glob("*.txt"))
    assert not set(name) & set("/\\:?*\n\x00 ")
    assert not name.startswith(".")
    assert unquote(name.removesuffix(".txt")) == id


@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_an_id_that_comes_again_is_an_error(tmp_path: Path, name: str) -> None:
    with open_writer(tmp_path / name, "brat") as writer:
        writer.write(BARE)
        with pytest.raises(InputError, match=r"\[bare\]: an id is used for two documents"):
            writer.write(BARE)


def test_ids_too_long_for_a_file_are_in_a_table(tmp_path: Path) -> None:
    ids = ["x" * 251, "x" * 252, "x" * 252 + "y", "β" * 100]
    with open_writer(tmp_path / "out", "brat") as writer:
        for id in ids:
            writer.write(Document(id, "A binds B."))
    texts = {path.stem for path in (tmp_path / "out").glob("*.txt")}
    assert len(texts) == 4
    assert "x" * 251 in texts
    table = (tmp_path / "out" / "long_ids.tsv").read_text(encoding="utf-8").splitlines()
    names = dict(line.split("\t") for line in table)
    assert [unquote(id) for id in names.values()] == ids[1:]
    assert set(names) == texts - {ids[0]}


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with open_writer(tmp_path / "empty", "brat") as writer:
        writer.write(BARE)
    with pytest.raises(ConfigError, match="the output folder is not empty"), open_writer(tmp_path / "empty", "brat"):
        pass
    (tmp_path / "file").write_text("old")
    with pytest.raises(ConfigError, match="the output is a file"), open_writer(tmp_path / "file", "brat"):
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "file"]


def test_a_failed_run_leaves_no_folder(tmp_path: Path) -> None:
    def fail() -> None:
        with open_writer(tmp_path / "out", "brat") as writer:
            writer.write(BARE)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert [*tmp_path.iterdir()] == []


def test_where_brat_may_go(tmp_path: Path) -> None:
    assert [output_format(name) for name in ("a.brat", "a.zip", "a.brat/", "a")] == ["brat", "brat", "brat", "jsonl"]
    with pytest.raises(ConfigError, match="brat cannot be written to standard output"):
        check_output("-", "brat")
    with pytest.raises(ConfigError, match="the output folder is not there"):
        check_output(tmp_path / "missing" / "out", "brat")
