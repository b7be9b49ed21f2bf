"""Stand-off annotation and texts come together."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from corpora.annotated import CAPTIONS, EVIDENCE, caption_text, digest, evidence_text, records
from nlp.errors import FormatError
from nlp.schema import MENTION_TYPES, RELATION_TYPES

TEXT = "Aspirin may inhibit COX-2."


def annotation(tmp_path: Path, **changes: Any) -> Path:
    line = {
        "id": "fig1",
        "sha256": digest(TEXT),
        "mentions": [["CHEMICAL", 0, 7], ["GENE", 20, 25]],
        "relations": [[0, 1, "activation", -1, [12, 19], ["speculative"]]],
    }
    path = tmp_path / "annotation.jsonl"
    path.write_text(json.dumps({**line, **changes}) + "\n", encoding="utf-8")
    return path


def texts(tmp_path: Path, *records: dict[str, str]) -> Path:
    path = tmp_path / "texts.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def test_an_annotated_caption_is_a_gold_record(tmp_path: Path) -> None:
    source = texts(tmp_path, {"figid": "other", "caption": "Nothing."}, *[{"figid": "fig1", "caption": TEXT}] * 2)
    (record,) = records(annotation(tmp_path), source, caption_text)
    assert [mention["text"] for mention in record["mentions"]] == ["Aspirin", "COX-2"]
    (relation,) = record["relations"]
    assert (relation["source"], relation["target"], relation["sign"]) == ("T0", "T1", -1)
    assert (relation["negated"], relation["speculative"]) == (False, True)
    assert TEXT[relation["trigger"]["start"] : relation["trigger"]["end"]] == "inhibit"


def test_evidence_is_known_by_its_text(tmp_path: Path) -> None:
    source = texts(tmp_path, {"evidence": TEXT}, {"evidence": ""})
    own = annotation(tmp_path, id=f"kg__{digest(TEXT)}")
    assert [record["text"] for record in records(own, source, evidence_text, "kg__")] == [TEXT]
    assert list(records(own, source, evidence_text, "another__")) == []


@pytest.mark.parametrize(
    ("changes", "caption", "message"),
    [
        ({}, TEXT + " ", "has changed"),
        ({"mentions": [["CHEMICAL", 0]]}, TEXT, "not an annotation"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, changes: dict[str, Any], caption: str, message: str) -> None:
    source = texts(tmp_path, {"figid": "fig1", "caption": caption})
    with pytest.raises(FormatError, match=message):
        list(records(annotation(tmp_path, **changes), source, caption_text))


def test_a_text_that_is_not_there_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    source = texts(tmp_path, {"figid": "fig2", "caption": TEXT})
    assert list(records(annotation(tmp_path), source, caption_text)) == []
    assert "1 annotated texts are not there, such as fig1" in caplog.text


@pytest.mark.parametrize("path", [CAPTIONS, EVIDENCE])
def test_the_files_that_come_along_hold_together(path: Path) -> None:
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        starts = [start for _, start, _ in record["mentions"]]
        assert starts == sorted(starts)
        assert {type for type, _, _ in record["mentions"]} <= set(MENTION_TYPES)
        for source, target, type, sign, _, flags in record["relations"]:
            assert source != target
            assert max(source, target) < len(starts)
            assert type in RELATION_TYPES
            assert sign in (-1, 0, 1)
            assert set(flags) <= {"negated", "speculative"}
