"""Writing documents and logging errors."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import zstandard

from nlp.errors import ConfigError, FormatError, InputError, Location
from nlp.formats.documents import read_documents
from nlp.formats.records import from_record, to_record
from nlp.formats.writers import WRITERS, ErrorLog, open_writer
from nlp.types import Abbreviation, Document, Keyword, Mention, Reference, Relation, Span, Trigger

GOLDEN = Path(__file__).parent / "golden" / "documents.jsonl"

FULL = Document(
    id="PMC1__f1",
    text="TGF-β (transforming growth factor β) lowers 𝛼-SMA, they say.",
    mentions=(
        Mention(
            "T1",
            "GENE",
            0,
            5,
            "TGF-β",
            0.98765,
            (Reference("HGNC:11766", "TGFB1", 0.9), Reference("FPLX:TGFB", "TGFB")),
        ),
        Mention("T2", "GENE", 44, 49, "𝛼-SMA", 0.5),
    ),
    relations=(
        Relation("R1", "T1", "T2", "expression", -1, 0.75, Trigger(37, 43, "lowers"), negated=False, speculative=True),
        Relation("R2", "T1", "T2", "binding", 0),
    ),
    abbreviations=(Abbreviation(Span(0, 5), Span(7, 35)),),
    keywords=(Keyword("TGFB1", "GENE", "HGNC:11766", ("T1",)), Keyword("SMA", "GENE")),
)
BARE = Document(id="bare", text="Nothing here.\nOr\u2028there.")


def plain_read(path: Path) -> str:
    data = path.read_bytes()
    if path.suffix == ".gz":
        data = gzip.decompress(data)
    if path.suffix == ".zst":
        data = zstandard.ZstdDecompressor().decompressobj().decompress(data)
    return data.decode("utf-8")


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz", "out.jsonl.zst", "any name"])
def test_json_lines(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with open_writer(path) as writer:
        writer.write(FULL)
        writer.write(BARE)
    assert plain_read(path) == GOLDEN.read_text(encoding="utf-8")
    assert list(read_documents(path)) == [FULL, BARE]
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


def test_compressed_output_does_not_depend_on_name_and_time(tmp_path: Path) -> None:
    for name in ("a.jsonl.gz", "b.jsonl.gz"):
        with open_writer(tmp_path / name) as writer:
            writer.write(FULL)
    assert (tmp_path / "a.jsonl.gz").read_bytes() == (tmp_path / "b.jsonl.gz").read_bytes()


def test_standard_output(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    with open_writer("-") as writer:
        writer.write(FULL)
        writer.write(BARE)
    assert capfdbinary.readouterr().out == GOLDEN.read_bytes()


def test_parquet_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "out.parquet"
    many = [Document(id=f"d{number}", text=f"caption {number}") for number in range(2500)]
    with open_writer(path, "parquet") as writer:
        for document in (FULL, BARE, *many):
            writer.write(document)
    records = pq.read_table(path).to_pylist()
    assert records == [to_record(document) for document in (FULL, BARE, *many)]
    assert [from_record(record) for record in records[:2]] == [FULL, BARE]
    with pq.ParquetFile(path) as file:
        assert [file.metadata.row_group(group).num_rows for group in range(file.metadata.num_row_groups)] == [
            1024,
            1024,
            454,
        ]


def test_parquet_of_no_documents_has_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "out.parquet"
    with open_writer(path, "parquet"):
        pass
    table = pq.read_table(path)
    assert table.num_rows == 0
    assert table.column_names == [*to_record(BARE)]


@pytest.mark.parametrize("format", [name for name, row in WRITERS.items() if row.open_folder is None])
@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_failed_run_leaves_the_old_file(tmp_path: Path, format: str, error: type[BaseException]) -> None:
    path = tmp_path / "out"
    path.write_text("old")

    def fail() -> None:
        with open_writer(path, format) as writer:
            writer.write(FULL)
            raise error

    with pytest.raises(error):
        fail()
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]


def test_nothing_stands_under_the_name_until_the_end(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    with open_writer(path) as writer:
        writer.write(FULL)
        assert not path.exists()
    assert path.exists()


def test_the_new_file_has_ordinary_permissions(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    with open_writer(tmp_path / "out.jsonl"):
        pass
    assert (tmp_path / "out.jsonl").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with open_writer(tmp_path / "link") as writer:
        writer.write(BARE)
    assert (tmp_path / "link").is_symlink()
    assert list(read_documents(tmp_path / "target")) == [BARE]


def test_a_device_is_written_to(tmp_path: Path) -> None:
    with open_writer(os.devnull) as writer:
        writer.write(BARE)
    assert not Path(os.devnull).is_file()


@pytest.mark.parametrize(
    ("path", "format", "message"),
    [
        ("out", "xlsx", "unknown output format"),
        ("-", "parquet", "parquet cannot be written to standard output"),
        ("z.parquet.zst", "parquet", "parquet is not compressed as a whole; .* end in .zst; found z.parquet.zst"),
        ("Z.Parquet.GZ", "parquet", "parquet is not compressed as a whole; .* end in .GZ"),
        ("z.zip.gz", "brat", "brat is not compressed as a whole"),
        ("missing/out", "jsonl", "the output folder is not there"),
        (".", "jsonl", "the output is a folder"),
    ],
)
def test_outputs_that_cannot_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, format: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=message), open_writer(path, format):
        pass
    assert list(tmp_path.iterdir()) == []


def test_error_log(tmp_path: Path) -> None:
    path = tmp_path / "errors.jsonl"
    with ErrorLog(path) as log:
        log(FormatError("no front matter", expected="YAML", where=Location("a.md", 1)))
        log(InputError("empty caption", found="' '", where=Location("β.jsonl", 7, "x")))
        log(InputError("bad name", where=Location("caf\udce9.txt")))
        assert log.count == 3
        assert len(path.read_bytes().splitlines()) == 3
    records = [json.loads(line.replace(b"\\udce9", b"?")) for line in path.read_bytes().splitlines()]
    assert records[:2] == [
        {
            "source": "a.md",
            "line": 1,
            "id": None,
            "error": "FormatError",
            "message": "a.md:1: no front matter; expected YAML",
        },
        {
            "source": "β.jsonl",
            "line": 7,
            "id": "x",
            "error": "InputError",
            "message": "β.jsonl:7 [x]: empty caption; found ' '",
        },
    ]


def test_without_errors_there_is_no_log(tmp_path: Path) -> None:
    path = tmp_path / "errors.jsonl"
    path.write_text("from an earlier run")
    with ErrorLog(path) as log:
        pass
    assert log.count == 0
    assert not path.exists()


def test_a_log_fails_before_the_run_and_not_in_its_midst(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="the output folder is not there"):
        ErrorLog(tmp_path / "missing" / "errors.jsonl")
    with pytest.raises(ConfigError, match="the output is a folder"):
        ErrorLog(tmp_path)


def test_a_log_may_go_to_a_link(tmp_path: Path) -> None:
    (tmp_path / "target").touch()
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with ErrorLog(tmp_path / "link") as log:
        log(InputError("empty caption"))
    assert (tmp_path / "link").is_symlink()
    assert "empty caption" in (tmp_path / "target").read_text()


def test_a_log_without_a_file_counts() -> None:
    log = ErrorLog()
    log(InputError("empty caption"))
    assert log.count == 1
