"""Files, folders and standard input, one after another."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nlp.errors import FormatError, InputError
from nlp.formats.base import raise_error
from nlp.formats.sources import FORMATS, find_format, read_sources, source_files

CLONE = Path(__file__).parent / "golden" / "clone"
PAGE = "---\nfigid: page\ncaption: A page.\n---\n"


def test_formats_are_pinned() -> None:
    assert {suffix: format.name for format in FORMATS for suffix in format.suffixes} == {
        ".md": "PFOCR page",
        ".jsonl": "JSON Lines",
        ".jsonl.gz": "JSON Lines",
        ".jsonl.zst": "JSON Lines",
        ".csv": "CSV",
        ".tsv": "TSV",
        ".parquet": "Parquet",
        **{f"{suffix}{end}": "BioC or JATS XML" for suffix in (".xml", ".nxml") for end in ("", ".gz", ".zst")},
        **{f".json{end}": "BioC JSON" for end in ("", ".gz", ".zst")},
        **{f".pubtator{end}": "PubTator" for end in ("", ".gz", ".zst", ".txt", ".txt.gz", ".txt.zst")},
        ".txt": "plain text",
    }


@pytest.mark.parametrize(
    ("name", "format"),
    [("A.MD", "PFOCR page"), ("a.b.jsonl.gz", "JSON Lines"), ("a.gz", None), ("jsonl", None), ("a.xls", None)],
)
def test_a_format_is_told_by_the_name(name: str, format: str | None) -> None:
    found = find_format(Path(name))
    assert (found.name if found else None) == format


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "captions"
    (root / "deep" / "er").mkdir(parents=True)
    (root / ".hidden").mkdir()
    (root / "deep" / "er" / "page.md").write_text(PAGE)
    (root / "deep" / "plain.txt").write_text("A plain text.\r\n", newline="")
    (root / "b.csv").write_text("caption\nA CSV.\n")
    (root / "c.tsv").write_text("caption\nA TSV.\n")
    (root / "a.jsonl").write_text('{"id": "jsonl", "text": "JSON Lines."}\n')
    pq.write_table(pa.table({"text": ["A Parquet file."]}), root / "d.parquet")
    for name in ("README.md", "readme.txt", "CHANGELOG.md", "LICENSE.txt", ".page.md", "image.png", "Makefile"):
        (root / name).write_text("not a caption")
    (root / ".hidden" / "page.md").write_text(PAGE)
    return root


def test_folders_are_walked_in_order(folder: Path) -> None:
    captions = list(read_sources([folder], raise_error))
    assert [(caption.id, caption.text) for caption in captions] == [
        ("jsonl", "JSON Lines."),
        ("b:1", "A CSV."),
        ("c:1", "A TSV."),
        ("d:1", "A Parquet file."),
        ("page", "A page."),
        ("plain", "A plain text.\r\n"),
    ]


def test_a_clone_is_read_from_its_root() -> None:
    captions = list(read_sources([CLONE], raise_error))
    assert [caption.id for caption in captions] == ["PMC1__older", "PMC2__newer"]


def test_a_file_named_outright_is_read_whatever_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(PAGE)
    assert [caption.id for caption in read_sources([str(tmp_path / "README.md")], raise_error)] == ["page"]


def test_standard_input() -> None:
    stdin = io.BytesIO(b'{"id": "a", "text": "one"}\nnot JSON\n{"text": "two"}\n')
    errors: list[InputError] = []
    captions = list(read_sources(["-"], errors.append, stdin=stdin))
    assert [(caption.id, caption.text) for caption in captions] == [("a", "one"), ("stdin:3", "two")]
    [error] = errors
    assert str(error).startswith("<stdin>:2: the line is not JSON")


def test_the_rest_goes_on_after_errors(folder: Path) -> None:
    (folder / "broken.md").write_text("no front matter")
    (folder / "latin.txt").write_bytes(b"caf\xe9")
    (folder / "empty.txt").write_text(" \n")
    (folder / "a.xls").write_text("x")
    empty = folder / "none"
    empty.mkdir()
    errors: list[InputError] = []
    sources = [folder / "missing.md", folder / "a.xls", empty, folder]
    assert len(list(read_sources(sources, errors.append))) == 6
    assert [(error.where.source, error.message) for error in errors if error.where] == [
        (str(folder / "missing.md"), "no such file or folder"),
        (str(folder / "a.xls"), "unknown format"),
        (str(empty), "no captions in the folder"),
        (str(folder / "broken.md"), "no front matter"),
        (str(folder / "empty.txt"), "empty caption"),
        (str(folder / "latin.txt"), "the file is not UTF-8"),
    ]
    assert [isinstance(error, FormatError) for error in errors] == [True, True, True, True, False, True]


def test_files_of_another_kind_are_passed_over_in_folders_only(folder: Path) -> None:
    others = folder / "others"
    others.mkdir()
    (others / "feed.xml").write_text("<rss/>")
    (others / "package.json").write_text('{"name": "x"}')
    assert len(list(read_sources([folder], pytest.fail))) == 6
    errors: list[InputError] = []
    assert list(read_sources([others, others / "feed.xml", others / "package.json"], errors.append)) == []
    assert [error.message for error in errors] == [
        "no captions in the folder",
        "XML of another kind",
        "JSON of another kind",
    ]
    (others / "feed.xml").write_text("rss")
    with pytest.raises(FormatError, match="the XML is broken"):
        list(read_sources([folder], raise_error))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(tmp_path: Path) -> None:
    for name in ("a.md", "a.jsonl", "a.csv", "a.parquet", "a.txt"):
        (tmp_path / name).write_text("x")
        (tmp_path / name).chmod(0)
    errors: list[InputError] = []
    assert list(read_sources([tmp_path], errors.append)) == []
    assert len(errors) == 5


def test_file_names_that_are_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.txt")
    path.write_text("A caption.")
    errors: list[InputError] = []
    assert list(read_sources([tmp_path], errors.append)) == []
    assert [error.message for error in errors] == ["text that is not valid Unicode"]


def test_ids_that_come_again(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(PAGE)
    again = tmp_path / "z.jsonl"
    records = [{"id": "page", "text": "A page."}, {"id": "page", "text": "Another."}, {"id": "new", "text": "A page."}]
    again.write_text("".join(json.dumps(record) + "\n" for record in records))
    errors: list[InputError] = []
    captions = list(read_sources([tmp_path / "page.md", again, tmp_path / "page.md"], errors.append))
    assert [caption.where.source for caption in captions] == [str(tmp_path / "page.md"), str(again)]
    [error] = errors
    assert error.message == "an id is used for two captions"
    assert error.where is not None
    assert (error.where.source, error.where.line, error.where.id) == (str(again), 2, "page")


def test_captions_come_one_by_one() -> None:
    stdin = io.BytesIO(b'{"id": "a", "text": "one"}\nnot JSON\n')
    captions = read_sources(["-"], raise_error, stdin=stdin)
    assert next(captions).id == "a"
    with pytest.raises(InputError, match="not JSON"):
        next(captions)


def test_links_to_folders_above_lead_nowhere_new(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (inner / "c.txt").write_text("ERK acts.")
    for name in ("one", "two"):
        (inner / name).symlink_to(tmp_path)
    (tmp_path / "other").symlink_to(inner)
    assert [caption.text for caption in read_sources([tmp_path], raise_error)] == ["ERK acts."]
    assert len([*source_files([tmp_path])]) == 2  # by the link to another folder, once more


def test_an_output_can_be_left_out(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.txt").write_text(f"{name} acts.")
    left = tmp_path / "b" / "b.txt"
    assert [caption.text for caption in read_sources([tmp_path], raise_error, leave_out=left)] == ["a acts."]
    assert [*source_files([tmp_path], leave_out=tmp_path / "a")] == [left]
