"""Which captions came before."""

from __future__ import annotations

import pytest

from nlp import Caption
from nlp.formats import scratch
from nlp.formats.doubles import Double, SeenCaptions


def test_ids_and_texts_are_remembered() -> None:
    with SeenCaptions() as seen:
        assert [
            seen.add(Caption(id, text)) for id, text in (("a", "x"), ("b", "x"), ("a", "x"), ("a", "y"), ("a", "x"))
        ] == [Double.NEW, Double.NEW, Double.SAME, Double.OTHER, Double.SAME]


def test_they_are_remembered_beyond_what_memory_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scratch, "_CACHE_KIB", 64)
    count = 20_000
    with SeenCaptions() as seen:
        assert all(seen.add(Caption(f"id {number}", f"β {number}")) is Double.NEW for number in range(count))
        assert all(seen.add(Caption(f"id {number}", f"β {number}")) is Double.SAME for number in range(0, count, 7))
        assert all(seen.add(Caption(f"id {number}", "γ")) is Double.OTHER for number in range(0, count, 7))


def test_a_full_disk_is_an_error_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    with SeenCaptions() as seen:
        seen._database.execute("PRAGMA max_page_count = 8")
        with pytest.raises(OSError, match=r"temporary database of caption ids.*full"):
            [seen.add(Caption(str(number), "x")) for number in range(10_000)]
