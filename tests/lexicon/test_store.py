"""The compiled file: its form, its errors, and the tables beside it."""

from __future__ import annotations

import pickle
import shutil
from pathlib import Path

import pytest

from nlp.config import fingerprint
from nlp.errors import LexiconError
from nlp.lexicon import Lexicon, NameKind
from nlp.lexicon.overlay import read_overlay
from nlp.lexicon.store import TYPE_OF_KIND, Posting, Store, curie_order, pack, unpack
from nlp.schema import MENTION_TYPES
from tests.timing import least_cpu_seconds

MODEL = Path(__file__).resolve().parents[2] / "models" / "caption"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the lexicon that a test may damage."""
    shutil.copy(MODEL / "lexicon.bin", tmp_path)
    shutil.copytree(MODEL / "names", tmp_path / "names")
    return tmp_path


def test_it_stays_small_and_opens_at_once() -> None:
    assert (MODEL / "lexicon.bin").stat().st_size < 10_000_000
    assert least_cpu_seconds(lambda: Lexicon.open(MODEL / "lexicon.bin").lookup("TP53")) < 0.3


@pytest.mark.parametrize(
    "posting",
    [Posting(0, NameKind.SYMBOL, False, 0), Posting((1 << 19) - 1, NameKind.NCBI_ALIAS, True, 255)],
)
def test_a_posting_is_31_bits(posting: Posting) -> None:
    assert pack(posting) < 1 << 31
    assert unpack(pack(posting)) == posting


def test_every_entry_is_found_by_its_identifier() -> None:
    store = Store(MODEL / "lexicon.bin")
    step = store.count // 400
    entries = [store.entry(index) for index in range(0, store.count, step)]
    assert [store.index(entry.curie) for entry in entries] == [*range(0, store.count, step)]
    curies = [curie_order(entry.curie) for entry in entries]
    assert curies == sorted(curies)


def test_the_kinds_have_the_types_of_the_schema() -> None:
    assert set(TYPE_OF_KIND.values()) == set(MENTION_TYPES)


def test_a_fingerprint_is_the_hash_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert fingerprint(tmp_path / "empty") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "cannot be read"), (b"short", "cut short"), (b"x" * 4096, "not a compiled lexicon")],
)
def test_another_file_is_refused(folder: Path, content: bytes, message: str) -> None:
    (folder / "lexicon.bin").write_bytes(content)
    with pytest.raises(LexiconError, match=message):
        Lexicon.open(folder / "lexicon.bin")


def test_a_truncated_file_is_refused(folder: Path) -> None:
    path = folder / "lexicon.bin"
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(LexiconError):
        Lexicon.open(path)


def test_a_damaged_directory_is_refused(folder: Path) -> None:
    path = folder / "lexicon.bin"
    data = bytearray(path.read_bytes())
    data[-40] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(LexiconError, match="damaged"):
        Lexicon.open(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LexiconError, match=r"none\.bin"):
        Lexicon.open(tmp_path / "none.bin")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("CHEBI:1\tname\tchemical\n", "number of columns"),
        ("CHEBI:1\tname\tpotion\t\t\n", "unknown kind"),
    ],
)
def test_a_bad_row_is_named_with_its_line(folder: Path, row: str, message: str) -> None:
    table = folder / "names" / "chemicals.tsv"
    lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
    table.write_text("".join([*lines[:5], row, *lines[5:]]), encoding="utf-8")
    with pytest.raises(LexiconError, match=message) as error:
        read_overlay(folder / "names")
    assert (error.value.where.source, error.value.where.line) == (str(table), 6)


def test_a_table_may_add_names_entries_and_kinds(folder: Path) -> None:
    (folder / "names" / "extra.tsv").write_text(
        "curie\tname\tkind\tsynonyms\tlookup_only\n"
        "HGNC:6871\tMAPK1\tgene\tzorkin\t\n"
        "CHEBI:999999\tflubber\tchemical\tflub-2\tflubbery\n"
        "GO:0006915\tapoptotic process\tdisease\t\t\n",
        encoding="utf-8",
    )
    lexicon = Lexicon.open(folder / "lexicon.bin")
    assert lexicon.lookup("zorkin")[0].entry.curie == "HGNC:6871"
    assert [match.candidates[0].entry.name for match in lexicon.find_all("flubbery Flub 2")] == ["flubber"]
    assert lexicon.lookup("flubbery")[0].entry.curie == "CHEBI:999999"
    assert lexicon.lookup("apoptosis")[0].entry.type == "DISEASE"


def test_a_pickled_lexicon_opens_its_file_again(folder: Path) -> None:
    lexicon = Lexicon.open(folder / "lexicon.bin")
    data = pickle.dumps(lexicon)
    assert len(data) < 1000
    assert pickle.loads(data).lookup("TP53") == lexicon.lookup("TP53")  # noqa: S301  (made here)


def test_the_project_tables_name_each_entry_once() -> None:
    for table in (MODEL / "names").glob("*.tsv"):
        rows = [line.split("\t") for line in table.read_text(encoding="utf-8").splitlines() if line[0] != "#"]
        ids = [row[0] for row in rows]
        assert len(ids) == len(set(ids)), table.name
