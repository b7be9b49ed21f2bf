"""Documents that are looked up on disk."""

from __future__ import annotations

import sqlite3

import pytest

from nlp import Document, Keyword, Mention, Reference
from nlp.formats import document_store
from nlp.formats.document_store import DocumentStore

DOCUMENT = Document(
    "a \u00e9",
    "AKT acts on \U0001d6fc.",
    (Mention("T1", "GENE", 0, 3, "AKT", 0.79997, (Reference("FPLX:AKT", "AKT", 0.123456),)),),
    keywords=(Keyword("AKT1", "GENE", "HGNC:391", ("T1",)),),
)


def test_a_document_is_found_by_its_id() -> None:
    with DocumentStore([DOCUMENT, Document("b", "ERK")]) as store:
        found = store.get("a \u00e9")
        assert found == DOCUMENT
        # Equality leaves scores out. They are not rounded: a threshold decides as it would of the file's own.
        assert found.mentions[0].score == 0.79997
        assert found.mentions[0].references[0].score == 0.123456
        assert store.get("b") == Document("b", "ERK")
        assert store.get("c") is None


def test_of_the_same_id_the_last_one_counts() -> None:
    with DocumentStore(Document("a", text) for text in ("ERK", "AKT")) as store:
        assert store.get("a") == Document("a", "AKT")


def test_a_full_disk_is_an_error_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    open_scratch = document_store.open_scratch

    def small(table: str) -> sqlite3.Connection:
        database = open_scratch(table)
        database.execute("PRAGMA max_page_count = 4")
        return database

    monkeypatch.setattr(document_store, "open_scratch", small)
    with pytest.raises(OSError, match="the temporary database of documents: database or disk is full"):
        DocumentStore(Document(str(number), f"{number} " * 500) for number in range(1000))
