"""The examples: pages in PFOCR's form, their tables, and gold mentions and relations for some of them."""

from __future__ import annotations

import csv
import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from nlp.errors import InputError
from nlp.formats.records import from_record, to_record
from nlp.formats.sources import read_sources
from nlp.schema import MENTION_TYPES, RELATION_TYPES
from nlp.types import SIGNS, Caption, Document

EXAMPLES = Path(__file__).resolve().parent.parent / "corpora" / "examples"
PAGES = sorted((EXAMPLES / "_figures").glob("*.md"))
TABLES = sorted((EXAMPLES / "_data").glob("*.tsv"))
KEYS = {
    "figid", "figtitle", "organisms", "pmcid", "filename", "figlink", "number", "caption", "papertitle", "reftext",
    "year", "figid_alias", "figtype", "redirect_from", "ndex", "seo", "schema-jsonld",
}  # fmt: skip
NEWER_KEYS = {"organisms_ner", "doi", "journal_title", "journal_nlm_ta", "publisher_name", "keywords", "automl_pathway"}
OLDER_KEYS = {"genes", "chemicals", "diseases", "annotations", "pathway_score", "pmc_ranked_result_index"}


def front_matter(page: Path) -> dict[str, Any]:
    before, text, after = page.read_text(encoding="utf-8").split("---\n")
    assert before == ""
    assert after == ""
    fields = yaml.load(text, Loader=yaml.CSafeLoader)
    assert isinstance(fields, dict)
    return fields


def read(*sources: Path) -> dict[str, Caption]:
    errors: list[InputError] = []
    captions = {caption.id: caption for caption in read_sources(sources, errors.append)}
    assert errors == []
    return captions


@pytest.fixture(scope="module")
def pages() -> dict[str, dict[str, Any]]:
    return {page.stem: front_matter(page) for page in PAGES}


@pytest.fixture(scope="module")
def gold() -> list[Document]:
    lines = (EXAMPLES / "gold.jsonl").read_text(encoding="utf-8").splitlines()
    return [from_record(json.loads(line)) for line in lines]


def test_pages_have_the_keys_of_their_generation(pages: dict[str, dict[str, Any]]) -> None:
    older = {id for id, fields in pages.items() if "genes" in fields}
    assert len(pages) >= 20
    assert len(older) == 2
    for id, fields in pages.items():
        assert set(fields) == KEYS | (OLDER_KEYS if id in older else NEWER_KEYS), id
        assert isinstance(fields["organisms"], str if id in older else list), id


def test_pages_are_named_by_their_ids_and_say_the_same_twice(pages: dict[str, dict[str, Any]]) -> None:
    for id, fields in pages.items():
        assert fields["figid"] == id
        assert fields["filename"] == f"{id}.jpg"
        assert id.startswith(f"{fields['pmcid']}__")
        assert "PMC" not in id
        assert fields["schema-jsonld"]["description"] == fields["caption"]
    assert len({fields["pmcid"] for fields in pages.values()}) == len(pages)


def test_captions_are_of_the_usual_length_and_differ(pages: dict[str, dict[str, Any]]) -> None:
    captions = [fields["caption"] for fields in pages.values()]
    assert all(200 <= len(caption) <= 2000 for caption in captions)
    assert len(set(captions)) == len(captions)


def test_keywords_are_listed_once_and_only_some_are_in_the_caption(pages: dict[str, dict[str, Any]]) -> None:
    for id, fields in pages.items():
        keywords = fields["schema-jsonld"]["keywords"]
        assert len(set(keywords)) == len(keywords), id
        caption = fields["caption"].lower()
        named = [keyword for keyword in keywords if str(keyword).lower() in caption]
        assert 0 < len(named) < len(keywords), id


def test_keywords_hold_the_traps_of_yaml(pages: dict[str, dict[str, Any]]) -> None:
    plain = [keyword for fields in pages.values() for keyword in fields["schema-jsonld"]["keywords"]]
    assert [keyword for keyword in plain if not isinstance(keyword, str)] == [False, False, 20 * 60 + 4]
    assert "NO" in plain
    assert "18:1" in plain


def test_annotations_of_older_pages_stand_behind_their_keywords(pages: dict[str, dict[str, Any]]) -> None:
    for id, fields in pages.items():
        if "genes" in fields:
            words = [row["hgnc_symbol"] for row in fields["genes"]]
            words += [row["word"] for field in ("chemicals", "diseases") for row in fields[field]]
            assert set(words) == set(fields["schema-jsonld"]["keywords"]), id
            assert all(row["entrez"].isdecimal() for row in fields["genes"])


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.stem)
def test_tables_stand_behind_the_keywords_of_their_page(table: Path) -> None:
    id, _, kind = table.stem.rpartition("-")
    curated = read(EXAMPLES / "_figures" / f"{id}.md")[id].curated
    assert curated is not None
    assert all(item.type is not None for item in curated.keywords)
    with table.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", strict=True))
    column = {"genes": "ncbigene_symbol", "chemicals": "word", "diseases": "word"}[kind]
    type = {"genes": "GENE", "chemicals": "CHEMICAL", "diseases": "DISEASE"}[kind]
    assert {row[column] for row in rows} == {item.keyword for item in curated.keywords if item.type == type}
    assert all(None not in row and all(row.values()) for row in rows)


def test_the_reader_takes_every_page_with_its_keywords_as_strings(pages: dict[str, dict[str, Any]]) -> None:
    captions = read(EXAMPLES / "_figures")
    assert set(captions) == set(pages)
    for id, caption in captions.items():
        assert caption.text == pages[id]["caption"]
        assert caption.curated is not None
        assert len(caption.curated.keywords) == len(pages[id]["schema-jsonld"]["keywords"])
    ferroptosis = captions["EX0023__ferroptosis"].curated
    assert ferroptosis is not None
    assert {"20:4", "18:1"} <= {item.keyword for item in ferroptosis.keywords}


def test_gold_is_of_the_pages_texts(gold: list[Document], pages: dict[str, dict[str, Any]]) -> None:
    assert len({document.id for document in gold}) == len(gold) >= 12
    for document in gold:
        assert document.text == pages[document.id]["caption"]
        assert from_record(to_record(document)) == document


def test_gold_mentions_are_flat_and_complete(gold: list[Document]) -> None:
    for document in gold:
        spans = sorted((mention.span for mention in document.mentions), key=lambda span: span.start)
        assert all(not left.overlaps(right) for left, right in pairwise(spans)), document.id
        # Every further place of a marked name is marked too; shorter names may lie inside longer ones.
        marked = {place for span in spans for place in range(span.start, span.end)}
        for name in {mention.text for mention in document.mentions}:
            for place in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", document.text):
                assert place.start() in marked, f"{document.id}: {name!r} at {place.start()}"


def test_gold_relations_have_types_signs_and_triggers(gold: list[Document]) -> None:
    for document in gold:
        assert document.relations, document.id
        for relation in document.relations:
            where = f"{document.id} {relation.id}"
            assert relation.source != relation.target, where
            assert relation.sign in SIGNS, where
            assert relation.type in RELATION_TYPES, where
            assert relation.trigger is not None, where
            assert relation.trigger.span.of(document.text) == relation.trigger.text, where
            assert relation.type != "binding" or relation.sign == 0, where
        keys = [(r.source, r.target, r.type, r.sign) for r in document.relations]
        assert len(set(keys)) == len(keys), document.id


def test_gold_shows_every_type_and_habit(gold: list[Document]) -> None:
    relations = [relation for document in gold for relation in document.relations]
    assert {mention.type for document in gold for mention in document.mentions} == set(MENTION_TYPES)
    assert {relation.type for relation in relations} == set(RELATION_TYPES)
    assert {relation.sign for relation in relations} == set(SIGNS)
    assert any(relation.negated for relation in relations)
    assert any(relation.speculative for relation in relations)
