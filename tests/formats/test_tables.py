"""Tables with a caption column."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nlp.errors import FormatError, InputError
from nlp.formats import tables
from nlp.formats.base import raise_error
from nlp.types import Caption


def read_csv(path: Path, text: str) -> list[Caption]:
    path.write_text(text, encoding="utf-8", newline="")
    return list(tables.read_csv(path, raise_error))


@pytest.mark.parametrize(
    ("header", "row", "id"),
    [
        ("id,caption", "a,A binds B.", "a"),
        ("ID,Text", "a,A binds B.", "a"),
        ("caption,FigID", "A binds B.,PMC1__f", "PMC1__f"),
        ("pmcid,filename,caption", "PMC1,f.g001.jpg,A binds B.", "PMC1__f.g001"),
        ("pmcid,filename,caption", "PMC1,PMC1__f.jpg,A binds B.", "PMC1__f"),
        ("pmcid,caption", "PMC1,A binds B.", "table:1"),
        ("year,caption", "2024,A binds B.", "table:1"),
        ("id,text,caption", "a,the whole paper,A binds B.", "a"),
    ],
)
def test_columns(tmp_path: Path, header: str, row: str, id: str) -> None:
    [caption] = read_csv(tmp_path / "table.csv", f"{header}\n{row}\n")
    assert (caption.id, caption.text) == (id, "A binds B.")


def test_fields_may_hold_separators_quotes_and_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    first, second = read_csv(path, '\ufeffcaption,figtitle\r\n"A, ""B""\r\nand C",T\r\n\r\n"(D)\u2028E",\r\n')
    assert first.text == 'A, "B"\r\nand C'
    assert first.title == "T"
    assert first.where.line == 2
    assert second.text == "(D)\u2028E"
    assert second.id == "table:2"
    assert second.where.line == 5


def test_a_caption_may_be_huge(tmp_path: Path) -> None:
    text = "ERK " * 100_000
    [caption] = read_csv(tmp_path / "table.csv", f"caption\n{text}\n")
    assert caption.text == text


def test_tabs(tmp_path: Path) -> None:
    path = tmp_path / "table.tsv"
    path.write_text("id\tcaption\npapertitle\tA, B\n")
    [caption] = tables.read_tsv(path, raise_error)
    assert (caption.id, caption.text) == ("papertitle", "A, B")


def test_a_broken_row_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(
        b"id,caption\n"
        b"a,first\n"
        b"b,cut, in two\n"
        b"c, \n"
        b"d\n"
        b"e,caf\xe9\n"
        b'f,"quoted" and not\n'
        b"g,last,,\n"
        b'h,"not closed\n'
        b"i,swallowed\n"
    )
    errors: list[InputError] = []
    captions = list(tables.read_csv(path, errors.append))
    assert [(caption.id, caption.text) for caption in captions] == [("a", "first"), ("g", "last")]
    assert [(error.where.line, error.message) for error in errors if error.where] == [
        (3, "the row has too many cells"),
        (4, "empty caption"),
        (5, "empty caption"),
        (6, "text that is not valid Unicode"),
        (7, "the row cannot be read"),
        (9, "the row cannot be read"),
    ]
    assert all(error.where is not None and error.where.source == str(path) for error in errors)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the table is empty"),
        ("id,title\na,b\n", "no caption column"),
        ('"id,caption\na,b\n', "the header cannot be read"),
    ],
)
def test_tables_without_captions(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text(text)
    errors: list[InputError] = []
    assert list(tables.read_csv(path, errors.append)) == []
    [error] = errors
    assert isinstance(error, FormatError)
    assert error.message == message
    assert error.where is not None
    assert (error.where.source, error.where.line) == (str(path), 1)


def test_parquet_in_batches(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    count = 3000
    columns = {
        "Caption": [f"caption {number}" for number in range(count)],
        "figid": pa.array([None if number == 5 else f"f{number}" for number in range(count)]).dictionary_encode(),
        "embedding": [[0.5]] * count,
    }
    pq.write_table(pa.table(columns), path)
    captions = list(tables.read_parquet(path, raise_error))
    assert [caption.text for caption in captions] == columns["Caption"]
    assert captions[2999].id == "f2999"
    assert captions[5].id == "table:6"
    assert captions[5].where.line == 6


def test_parquet_rows_without_a_caption(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    pq.write_table(pa.table({"id": [1, 2, 3], "text": ["a", None, "c"]}), path)
    errors: list[InputError] = []
    assert [caption.id for caption in tables.read_parquet(path, errors.append)] == ["1", "3"]
    [error] = errors
    assert error.message == "empty caption"
    assert error.where is not None
    assert (error.where.line, error.where.id) == (2, "2")


def test_parquet_of_another_kind(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    pq.write_table(pa.table({"id": ["a"], "text": [b"bytes"]}), path)
    errors: list[InputError] = []
    assert list(tables.read_parquet(path, errors.append)) == []
    pq.write_table(pa.table({"id": ["a"]}), path)
    assert list(tables.read_parquet(path, errors.append)) == []
    path.write_bytes(path.read_bytes()[:-5])
    assert list(tables.read_parquet(path, errors.append)) == []
    assert [error.message for error in errors] == [
        "the caption is of the wrong kind",
        "no caption column",
        "the file is not Parquet, or damaged",
    ]


def test_a_parquet_file_damaged_in_the_middle(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    texts = [f"caption {number * 7919}" for number in range(4000)]
    pq.write_table(
        pa.table({"text": texts}), path, row_group_size=1000, use_dictionary=False, write_page_checksum=False
    )
    data = bytearray(path.read_bytes())
    middle = data.index(b"PAR1", 4) // 2
    data[middle : middle + 2000] = bytes(2000)
    path.write_bytes(data)
    errors: list[InputError] = []
    captions = list(tables.read_parquet(path, errors.append))
    assert 0 < len(captions) < 4000
    [error] = errors
    assert error.message == "the file is not Parquet, or damaged"
