"""JSON Lines of captions and of documents."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from nlp.errors import FormatError, InputError
from nlp.formats import jsonlines
from nlp.formats.base import raise_error
from nlp.formats.documents import read_documents
from nlp.formats.records import to_record
from nlp.types import Caption, CuratedKeyword, Document, Mention


def read(*records: dict[str, Any]) -> list[Caption]:
    data = "".join(json.dumps(record) + "\n" for record in records).encode()
    return list(jsonlines.read_stream(io.BytesIO(data), "memory", "memory", raise_error))


def test_both_spellings_of_the_fields() -> None:
    contract, pfocr = read(
        {"id": "a", "text": "A binds B.", "title": "T", "paper_title": "P"},
        {"figid": "b", "caption": "C.", "figtitle": "F", "papertitle": None},
    )
    assert (contract.id, contract.text, contract.title, contract.paper_title) == ("a", "A binds B.", "T", "P")
    assert (pfocr.id, pfocr.text, pfocr.title, pfocr.paper_title) == ("b", "C.", "F", "")
    assert contract.curated is None


def test_ids_are_made_where_there_are_none() -> None:
    assert [
        caption.id for caption in read({"text": "a"}, {"id": "", "figid": "f", "text": "b"}, {"id": 7, "text": "c"})
    ] == [
        "memory:1",
        "f",
        "7",
    ]


@pytest.mark.parametrize("name", ["set.v2.jsonl", "set.v2.jsonl.gz", "set.v2.json"])
def test_made_ids_hold_the_name_of_the_file(tmp_path: Path, name: str) -> None:
    data = b'\n{"text": "t"}'
    (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    [caption] = jsonlines.read(tmp_path / name, raise_error)
    assert caption.id == "set.v2:2"


def test_annotations_become_a_curated_list() -> None:
    [caption] = read(
        {
            "figid": "f",
            "caption": "c",
            "genes": [
                {"word": "TYR", "symbol": "TYR", "source": "hgnc_symbol", "hgnc_symbol": "TYR", "entrez": "7299"},
                {
                    "word": "ERK",
                    "symbol": "ERK",
                    "source": "bioentities_symbol",
                    "hgnc_symbol": "MAPK1",
                    "entrez": "5594",
                },
                {
                    "word": "p-ERK",
                    "symbol": "ERK",
                    "source": "bioentities_symbol",
                    "hgnc_symbol": "MAPK1",
                    "entrez": "5594",
                },
            ],
            "chemicals": [
                {"word": "Tyr", "symbol": "Tyr", "source": "pubtator", "mesh_symbol": "Tyrosine", "mesh_id": "D014443"},
                {"word": "TYR", "symbol": "TYR", "source": "pubtator", "mesh_symbol": "Tyrosine", "mesh_id": "D014443"},
            ],
            "keywords": ["MAPK1", "TYR", "TYR", "TYR", "Tyr"],
        }
    )
    assert caption.curated is not None
    assert caption.curated.types == {"GENE", "CHEMICAL"}
    assert caption.curated.keywords == (
        CuratedKeyword("MAPK1", "GENE", ("ERK", "p-ERK"), ("NCBIGene:5594",)),
        CuratedKeyword("TYR", "GENE", ("TYR",), ("NCBIGene:7299",)),
        CuratedKeyword("TYR", "CHEMICAL", ("TYR", "Tyrosine"), ("MESH:D014443",)),
        CuratedKeyword("Tyr", "CHEMICAL", ("Tyr", "Tyrosine"), ("MESH:D014443",)),
    )


@pytest.mark.parametrize(
    ("fields", "types", "keywords"),
    [
        ({"genes": None, "chemicals": None, "keywords": None}, None, None),
        ({"genes": None, "chemicals": [], "keywords": []}, {"CHEMICAL"}, []),
        ({"genes": [], "chemicals": None, "keywords": []}, {"GENE"}, []),
        ({"keywords": ["A", "B"]}, {"GENE", "CHEMICAL", "DISEASE"}, ["A", "B"]),
        ({"keywords": "of | the paper"}, None, None),
        ({"diseases": [{"word": "flu"}, {"word": "flu"}]}, {"DISEASE"}, ["flu"]),
        ({"mentions": [], "keywords": [{"keyword": "MAPK1", "type": "GENE"}]}, None, None),
    ],
)
def test_null_means_that_a_type_was_not_looked_for(
    fields: dict[str, Any], types: set[str] | None, keywords: list[str] | None
) -> None:
    [caption] = read({"id": "a", "text": "t", **fields})
    if types is None:
        assert caption.curated is None
    else:
        assert caption.curated is not None
        assert caption.curated.types == types
        assert [keyword.keyword for keyword in caption.curated.keywords] == keywords


BROKEN = b"""\xef\xbb\xbf{"id": "a", "text": "first"}

{"id": "b", "text": "cut
["id", "c"]
{"id": "d"}
{"id": "e", "text": " "}
{"id": "f", "text": 5}
{"id": [1], "text": "x"}
{"id": "g", "text": "caf\xe9"}
{"id": "h", "text": "half \\ud83d pair"}
{"id": "i", "text": "t", "keywords": ["A", 1]}
{"id": "j", "text": "t", "genes": ["MAPK1"]}
{"id": "k", "text": "last", "n": NaN}"""


def test_a_broken_line_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "broken.jsonl"
    path.write_bytes(BROKEN)
    errors: list[InputError] = []
    captions = list(jsonlines.read(path, errors.append))
    assert [(caption.id, caption.text, caption.where.line) for caption in captions] == [
        ("a", "first", 1),
        ("k", "last", 13),
    ]
    assert [(error.where.line, error.message) for error in errors if error.where] == [
        (3, "the line is not JSON"),
        (4, "the line is not a record"),
        (5, "no caption"),
        (6, "empty caption"),
        (7, "the caption is of the wrong kind"),
        (8, "the id is of the wrong kind"),
        (9, "the line is not UTF-8"),
        (10, "text that is not valid Unicode"),
        (11, "the keywords are of the wrong kind"),
        (12, "genes are of the wrong kind"),
    ]
    assert all(error.where is not None and error.where.source == str(path) for error in errors)


def test_nesting_and_numbers_beyond_limits_are_errors() -> None:
    data = b"[" * 100_000 + b"\n" + b"1" * 10_000 + b"\n"
    errors: list[InputError] = []
    assert list(jsonlines.read_stream(io.BytesIO(data), "s", "s", errors.append)) == []
    assert [error.message for error in errors] == ["the line is not JSON"] * 2


COMPRESS = {".gz": gzip.compress, ".zst": zstandard.ZstdCompressor().compress}


@pytest.mark.parametrize("suffix", COMPRESS)
def test_compressed_files(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"captions.jsonl{suffix}"
    lines = [f'{{"id": "{number}", "text": "α{number}"}}\n'.encode() for number in range(3000)]
    path.write_bytes(COMPRESS[suffix](b"".join(lines[:1000])) + COMPRESS[suffix](b"".join(lines[1000:])))
    captions = list(jsonlines.read(path, raise_error))
    assert [caption.text for caption in captions] == [f"α{number}" for number in range(3000)]


@pytest.mark.parametrize("suffix", COMPRESS)
@pytest.mark.parametrize("damage", ["cut", "not compressed"])
def test_damaged_compressed_files_are_reported(tmp_path: Path, suffix: str, damage: str) -> None:
    path = tmp_path / f"captions.jsonl{suffix}"
    data = b'{"id": "a", "text": "t"}\n' * 5
    path.write_bytes(COMPRESS[suffix](data)[:-3] if damage == "cut" else data)
    errors: list[InputError] = []
    list(jsonlines.read(path, errors.append))
    [error] = errors
    assert isinstance(error, FormatError)
    assert error.where is not None
    assert error.where.source == str(path)


@given(
    st.binary()
    | st.text().map(str.encode)
    | st.from_regex(rb'\{("(id|text|genes|keywords)":("a"|\[\]|null|1|\{\}),?)*\}?\n?')
)
def test_no_bytes_stop_the_reader(data: bytes) -> None:
    errors: list[InputError] = []
    for caption in jsonlines.read_stream(io.BytesIO(data), "s", "s", errors.append):
        assert caption.text.strip()


DOCUMENT = Document("d", "ERK acts", mentions=(Mention("T1", "GENE", 0, 3, "ERK"),))


def test_documents(tmp_path: Path) -> None:
    path = tmp_path / "predictions.jsonl"
    gold = {"id": "g", "text": "ERK", "mentions": [{"id": "T1", "type": "GENE", "start": 0, "end": 3}], "relations": []}
    path.write_text(f"{json.dumps(to_record(DOCUMENT))}\n{json.dumps(gold)}\n")
    first, second = read_documents(path)
    assert first == DOCUMENT
    assert second.mentions[0].text == "ERK"


@pytest.mark.parametrize(
    "change",
    [
        {"mentions": None},
        {"mentions": [{"id": "T1", "type": "GENE", "start": 0, "end": 30, "text": "ERK"}]},
        {"mentions": [{"id": "T1", "type": "THING", "start": 0, "end": 3, "text": "ERK"}]},
        {"mentions": [{"id": "T1", "type": ["GENE"], "start": 0, "end": 3, "text": "ERK"}]},
        {"mentions": [{"id": "T1", "type": "GENE", "start": "0", "end": 3, "text": "ERK"}]},
        {"text": 3},
    ],
)
def test_documents_that_contradict_themselves(tmp_path: Path, change: dict[str, Any]) -> None:
    path = tmp_path / "predictions.jsonl"
    good = to_record(DOCUMENT)
    path.write_text("".join(json.dumps(record) + "\n" for record in (good, good | change, good)))
    errors: list[InputError] = []
    assert list(read_documents(path, errors.append)) == [DOCUMENT, DOCUMENT]
    [error] = errors
    assert error.where is not None
    assert (error.where.source, error.where.line) == (str(path), 2)
    with pytest.raises(InputError):
        list(read_documents(path))


def test_mentions_of_a_record_do_not_reach_the_caption(tmp_path: Path) -> None:
    [caption] = read(to_record(DOCUMENT))
    assert caption.gold is None
    assert caption.curated is None


@pytest.mark.parametrize(
    "change",
    [
        {"id": "a\ud800"},
        {"text": "A\udc80 binds B."},
        {"mentions": [{"id": "\ud800", "type": "GENE", "start": 0, "end": 1}]},
        {
            "mentions": [
                {
                    "id": "T1",
                    "type": "GENE",
                    "start": 0,
                    "end": 1,
                    "references": [{"curie": "X:1", "name": "\ud835"}],
                }
            ]
        },
        {"keywords": [{"keyword": "\ud835", "type": "GENE"}]},
        {"keywords": [{"keyword": "A", "type": "GENE", "curie": "X:\ud835"}]},
    ],
    ids=["id", "text", "mention", "name", "keyword", "curie"],
)
def test_documents_with_half_of_a_surrogate_pair_are_set_aside(tmp_path: Path, change: dict[str, Any]) -> None:
    path = tmp_path / "gold.jsonl"
    records = [{"id": "a", "text": "A binds B.", **change}, {"id": "whole", "text": "\U0001d6fc binds B."}]
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="ascii")
    errors: list[InputError] = []
    assert [document.id for document in read_documents(path, errors.append)] == ["whole"]
    (error,) = errors
    assert error.message == "text that is not valid Unicode"
    assert error.where is not None
    assert (error.where.source, error.where.line) == (str(path), 1)
