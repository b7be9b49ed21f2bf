"""The shared collection of real pages and captions."""

from __future__ import annotations

from pathlib import Path

from nlp.formats.base import raise_error
from nlp.formats.sources import read_sources
from nlp.types import Caption


def read(*sources: Path) -> dict[str, Caption]:
    captions = list(read_sources(sources, raise_error))
    by_id = {caption.id: caption for caption in captions}
    assert len(by_id) == len(captions)
    return by_id


def keywords_of(caption: Caption) -> list[str]:
    assert caption.curated is not None
    return [keyword.keyword for keyword in caption.curated.keywords]


def test_pages_and_collection_say_the_same(shared: Path) -> None:
    pages = read(shared / "captions" / "pages")
    collection = read(shared / "captions" / "captions.jsonl.gz")
    assert len(pages) == 151
    assert len(collection) == 1654
    assert pages.keys() - collection.keys() == {"PMC11043571__fphar-15-1337749-g001"}
    for id in pages.keys() & collection.keys():
        assert pages[id].text == collection[id].text
        assert pages[id].title == collection[id].title
        assert pages[id].paper_title == collection[id].paper_title
        assert sorted(keywords_of(pages[id])) == sorted(set(keywords_of(collection[id])))


def test_pages_and_collection_can_be_given_together(shared: Path) -> None:
    captions = read(shared / "captions" / "pages", shared / "captions" / "captions.jsonl.gz")
    assert len(captions) == 1655


def test_the_original_page(shared: Path) -> None:
    caption = read(shared / "captions" / "pages")["PMC11043571__fphar-15-1337749-g001"]
    assert len(keywords_of(caption)) == 29
    assert keywords_of(caption)[0] == "BDNF"
    assert keywords_of(caption)[-3:] == ["TNF-a", "MEK", "Nucleus"]


def test_annotated_figures_of_the_collection(shared: Path) -> None:
    annotated = [
        caption for caption in read(shared / "captions" / "captions.jsonl.gz").values() if caption.curated is not None
    ]
    types = [caption.curated.types for caption in annotated if caption.curated]
    assert len(annotated) == 556
    assert sum(bool(keywords_of(caption)) for caption in annotated) == 545
    assert types.count(frozenset({"GENE"})) == 160
    assert types.count(frozenset({"GENE", "CHEMICAL"})) == 396
    untyped = [
        keyword for caption in annotated if caption.curated for keyword in caption.curated.keywords if not keyword.type
    ]
    assert untyped == []


def test_the_clone_with_its_older_page(shared: Path) -> None:
    [caption] = read(shared / "captions" / "clone").values()
    assert caption.curated is not None
    assert [(keyword.keyword, keyword.type) for keyword in caption.curated.keywords] == [
        ("GNAQ", "GENE"),
        ("BMX", "GENE"),
        ("PTK2", "GENE"),
        ("AR", "GENE"),
        ("SRC", "GENE"),
        ("bombesin", "CHEMICAL"),
    ]
    assert caption.curated.keywords[1].words == ("Etk", "ETK")
    assert caption.curated.keywords[1].identifiers == ("NCBIGene:660",)
    assert caption.curated.keywords[-1].identifiers == ("MESH:D001839",)
