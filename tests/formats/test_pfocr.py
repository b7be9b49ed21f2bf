"""PFOCR pages of both generations."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from nlp.errors import FormatError, InputError
from nlp.formats import pfocr
from nlp.formats.base import raise_error
from nlp.types import Caption, CuratedKeyword

CLONE = Path(__file__).parent / "golden" / "clone"
ALL_TYPES = {"GENE", "CHEMICAL", "DISEASE"}


def read(path: Path) -> Caption:
    [caption] = pfocr.read(path, raise_error)
    return caption


def error_of(path: Path) -> InputError:
    errors: list[InputError] = []
    assert list(pfocr.read(path, errors.append)) == []
    [error] = errors
    return error


def page(folder: Path, *lines: str, name: str = "page.md") -> Path:
    path = folder / name
    path.write_text("\n".join(("---", *lines, "---", "")), encoding="utf-8")
    return path


def keywords_of(caption: Caption) -> list[str]:
    assert caption.curated is not None
    return [keyword.keyword for keyword in caption.curated.keywords]


def test_older_page_holds_its_annotations() -> None:
    caption = read(CLONE / "_figures" / "PMC1__older.md")
    assert caption.id == "PMC1__older"
    assert caption.text == (
        "Nitric oxide (NO) made by eNOS opens the way for  cGMP&#x02013;PKG signalling in smooth muscle [], 5 μM."
    )
    assert caption.title == "How NO relaxes a vessel"
    assert caption.paper_title == "Relaxed vessels: a short tour"
    assert caption.gold is None
    assert caption.where.line == 5
    assert caption.curated is not None
    assert caption.curated.types == ALL_TYPES
    assert caption.curated.keywords == (
        CuratedKeyword("NOS3", "GENE", ("(eNOS", "ENOS"), ("NCBIGene:4846",)),
        CuratedKeyword("PRKG1", "GENE", ("PKG", "PKG1"), ("NCBIGene:5592",)),
        CuratedKeyword("NO", "CHEMICAL", ("NO",), ("MESH:D009569",)),
        CuratedKeyword("cyclic  GMP ", "CHEMICAL", ("cyclic  GMP ",)),
    )


def test_newer_page_has_its_annotations_in_tables_beside() -> None:
    caption = read(CLONE / "_figures" / "PMC2__newer.md")
    assert caption.title == ""
    assert caption.paper_title == ""
    assert caption.curated is not None
    assert caption.curated.types == ALL_TYPES
    assert caption.curated.keywords == (
        CuratedKeyword("APC", "GENE", ("APC",), ("NCBIGene:324",)),
        CuratedKeyword("Apc", "GENE", ("APC",), ("NCBIGene:11789",)),
        CuratedKeyword("PRKACA", "GENE", ("PKA",), ("NCBIGene:5566",)),
        CuratedKeyword(
            "NA", "CHEMICAL", ("NA", "Norepinephrine", "(R)-noradrenaline"), ("MESH:D009638", "CHEBI:18357")
        ),
        CuratedKeyword("cAMP", "CHEMICAL", ("cAMP",)),
        CuratedKeyword("Tumour", "DISEASE", ("Tumour", "Neoplasms"), ("MESH:D009369", "DOID:14566")),
        CuratedKeyword("leftover"),
    )


TRAPS = [
    "NO", "ON", "Y", "N", "yes", "off", "true", "False", "1E10", "1e3", "0x1F", "0o17", "017", "1_000", "12:30",
    "190:20:30", "2001-12-14", "2001-12-14t21:59:43.10-05:00", "~", "null", "NULL",
    ".inf", "-.INF", ".NaN", "+1", "3.14",
    "=", "<<",
]  # fmt: skip


def test_scalars_that_yaml_reads_as_something_else_stay_strings(tmp_path: Path) -> None:
    path = page(
        tmp_path, "caption: 1E10", "figid: 0x1F", "schema-jsonld:", "  keywords:", *(f"  - {trap}" for trap in TRAPS)
    )
    caption = read(path)
    assert caption.text == "1E10"
    assert caption.id == "0x1F"
    assert keywords_of(caption) == TRAPS


def test_a_merge_key_is_a_string_too(tmp_path: Path) -> None:
    caption = read(page(tmp_path, "caption: c", "<<: x", "=: y", "schema-jsonld: {keywords: [A]}"))
    assert keywords_of(caption) == ["A"]


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1),
        min_size=2,
        unique=True,
    )
)
def test_keywords_come_out_as_they_went_in(tmp_path_factory: pytest.TempPathFactory, keywords: list[str]) -> None:
    path = tmp_path_factory.mktemp("page") / "page.md"
    fields = {"caption": "c", "schema-jsonld": {"keywords": keywords}}
    path.write_text(f"---\n{yaml.safe_dump(fields, allow_unicode=True)}---\n", encoding="utf-8")
    assert keywords_of(read(path)) == keywords


@pytest.mark.parametrize("empty", ["", "''", "NA", "[]", "[NA]", "['']"])
def test_empty_lists(tmp_path: Path, empty: str) -> None:
    caption = read(page(tmp_path, "caption: c", "genes: NA", "schema-jsonld:", f"  keywords: {empty}"))
    assert keywords_of(caption) == []
    assert caption.curated is not None
    assert caption.curated.types == ALL_TYPES


def test_one_keyword_may_stand_without_a_list(tmp_path: Path) -> None:
    assert keywords_of(read(page(tmp_path, "caption: c", "schema-jsonld: {keywords: BDNF}"))) == ["BDNF"]


@pytest.mark.parametrize("lines", [(), ("schema-jsonld: ''",), ("schema-jsonld:",)])
def test_a_page_without_schema_has_no_curated_list(tmp_path: Path, lines: tuple[str, ...]) -> None:
    caption = read(page(tmp_path, "caption: c", "keywords: of | the paper", *lines))
    assert caption.curated is None


def test_the_file_name_is_the_id_where_there_is_none(tmp_path: Path) -> None:
    assert read(page(tmp_path, "figid: NA", "caption: c", name="PMC9__f.1.md")).id == "PMC9__f.1"


def test_the_text_is_kept_unchanged(tmp_path: Path) -> None:
    text = "5\u00a0µM,\u2009Ca²⁺ &amp; 𝛼-actin\u200b () [] –→"
    assert read(page(tmp_path, f"caption: '{text}'")).text == text


def test_windows_line_ends_and_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_bytes("\ufeff---\r\nfigid: f\r\ncaption: one\r\n  two\r\n---\r\n".encode())
    assert read(path).text == "one two"


def test_text_after_the_front_matter_is_not_read(tmp_path: Path) -> None:
    path = page(tmp_path, "caption: c")
    path.write_text(path.read_text() + "# A heading\n---\ncaption: other\n")
    assert read(path).text == "c"


@pytest.mark.parametrize(
    ("lines", "line", "message"),
    [
        (("figid: f",), 1, "no caption"),
        (("figid: f", "caption: ''"), 3, "empty caption"),
        (("figid: f", "caption: NA"), 3, "empty caption"),
        (("figid: f", "caption: []"), 3, "empty caption"),
        (("figid: f", "number: 1", "caption: '\u00a0 '"), 4, "empty caption"),
        (("caption: {a: b}",), 2, "the caption is of the wrong kind"),
        (("figid: [a]", "caption: c"), 2, "the id is of the wrong kind"),
        (("caption: c", "schema-jsonld: text"), 3, "schema-jsonld is of the wrong kind"),
        (("caption: c", "schema-jsonld:", "  keywords: {a: b}"), 3, "the keywords are of the wrong kind"),
        (("caption: c", "genes: [word]", "schema-jsonld: {a: b}"), 3, "genes are of the wrong kind"),
        (("figid: f", "caption: 'not closed"), 3, "the front matter is not YAML"),
        (("figid: f", "caption: a: b"), 3, "the front matter is not YAML"),
        (("figid: f", "caption: !!python/object:os.system c"), 3, "the front matter is not YAML"),
        (("figid: f", "caption: c\x07"), 3, "the front matter is not YAML"),
        (("figid: µ", "caption: *nothing"), 3, "the front matter is not YAML"),
        (("- figid",), 1, "the front matter is of the wrong kind"),
        ((), 1, "the front matter is of the wrong kind"),
        (("caption: " + "[" * 5000,), None, "the front matter is"),
    ],
)  # fmt: skip
def test_errors_tell_file_and_line(tmp_path: Path, lines: tuple[str, ...], line: int | None, message: str) -> None:
    path = page(tmp_path, *lines)
    error = error_of(path)
    assert error.message.startswith(message)
    assert error.where is not None
    assert error.where.source == str(path)
    if line is not None:
        assert error.where.line == line


@pytest.mark.parametrize("text", ["", "caption: c\n", "---\ncaption: c\n", "# Title\n---\ncaption: c\n---\n"])
def test_no_front_matter(tmp_path: Path, text: str) -> None:
    path = tmp_path / "page.md"
    path.write_text(text)
    error = error_of(path)
    assert isinstance(error, FormatError)
    assert str(error).startswith(f"{path}:1: no front matter")


def test_bytes_that_are_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_bytes(b"---\nfigid: f\ncaption: caf\xe9\n---\n")
    error = error_of(path)
    assert isinstance(error, FormatError)
    assert str(error) == f"{path}:3: the file is not UTF-8; expected UTF-8 text; found byte 0xe9"


@pytest.mark.parametrize("table", [b"word\tmesh\nNa\xef\tmesh:D1\n", b'word\tmesh\n"A\tmesh:D1\n'])
def test_a_broken_table_is_reported_and_the_caption_given_without_it(tmp_path: Path, table: bytes) -> None:
    (tmp_path / "_figures").mkdir()
    (tmp_path / "_data").mkdir()
    path = page(tmp_path / "_figures", "figid: f", "caption: c", "schema-jsonld: {keywords: [A]}")
    broken = tmp_path / "_data" / "f-chemicals.tsv"
    broken.write_bytes(table)
    errors: list[InputError] = []
    [caption] = pfocr.read(path, errors.append)
    assert caption.curated is not None
    assert caption.curated.keywords == (CuratedKeyword("A"),)
    [error] = errors
    assert error.where is not None
    assert error.where.source == str(broken)
    assert error.where.line == 2


def test_tables_are_found_from_a_relative_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CLONE / "_figures")
    caption = read(Path("PMC2__newer.md"))
    assert caption.curated is not None
    assert caption.curated.keywords[0].type == "GENE"
