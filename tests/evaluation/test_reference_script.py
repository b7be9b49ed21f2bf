"""Agreement with the project's own scoring script, on gold captions that were damaged at random."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from nlp.evaluation.bootstrap import Bootstrap
from nlp.evaluation.counts import Scores
from nlp.evaluation.gold import Evaluation, evaluate
from nlp.formats.records import from_record
from nlp.schema import MENTION_TYPES, RELATION_TYPES


@pytest.fixture(scope="module")
def gold(shared: Path) -> list[dict[str, Any]]:
    return read_lines(shared / "annotation" / "gold_dev.jsonl")


def read_lines(path: str | Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines() if line]


def damaged(record: Mapping[str, Any], chance: random.Random, rate: float) -> dict[str, Any]:
    """A record with mentions dropped, moved, doubled and retyped, and relations dropped, turned and relabelled."""
    text, mentions = record["text"], []
    for mention in record["mentions"]:
        if chance.random() < rate / 2:
            continue
        start, end, type = mention["start"], mention["end"], mention["type"]
        if chance.random() < rate:
            start, end = max(0, start - chance.randrange(4)), min(len(text), end + chance.randrange(4))
        if chance.random() < rate / 2:
            type = chance.choice([*MENTION_TYPES])
        mentions.append({"id": mention["id"], "type": type, "start": start, "end": end, "text": text[start:end]})
        if chance.random() < rate / 4:
            mentions.append({**mentions[-1], "id": mention["id"] + "b"})
    ids = [mention["id"] for mention in mentions]
    relations = []
    for relation in record["relations"]:
        if chance.random() < rate / 2 or not {relation["source"], relation["target"]} <= {*ids}:
            continue
        changed = {key: relation[key] for key in ("source", "target", "type", "sign", "negated")}
        if chance.random() < rate:
            changed["sign"] = chance.choice([1, -1, 0])
        if chance.random() < rate:
            changed["type"] = chance.choice([*RELATION_TYPES])
        if chance.random() < rate:
            changed["source"], changed["target"] = changed["target"], changed["source"]
        if chance.random() < rate / 2:
            changed["target"] = chance.choice(ids)
        if chance.random() < rate / 4:
            changed["negated"] = not changed["negated"]
        relations.append(changed)
    for number, relation in enumerate(relations):
        relation["id"] = f"R{number}"
    return {"id": record["id"], "text": text, "mentions": mentions, "relations": relations}


def as_script(scores: Scores) -> dict[str, float]:
    counts = scores.counts
    return {
        "P": round(scores.precision.value, 4),
        "R": round(scores.recall.value, 4),
        "F1": round(scores.f1.value, 4),
        "gold": counts.gold,
        "pred": counts.predicted,
    }


def summary(result: Evaluation) -> dict[str, Any]:
    return {
        "captions": len(result.captions),
        "missing": sorted(result.missing)[:5],
        "n_missing": len(result.missing),
        **({"text_changed": len(result.text_changed)} if result.text_changed else {}),
        "mentions_strict": as_script(result.mentions_strict),
        "mentions_overlap": as_script(result.mentions_overlap),
        "mentions_by_type": {type: as_script(scores) for type, scores in result.strict_by_type.items()},
        "edges": as_script(result.edges),
        "edges_untyped": as_script(result.edges_untyped),
        "edges_by_type": {type: as_script(scores) for type, scores in result.edges_by_type.items()},
    }


def write_lines(path: Path, records: Iterable[Mapping[str, Any]]) -> str:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(("seed", "rate"), [(0, 0.0), (1, 0.05), (2, 0.2), (3, 0.2), (4, 0.5), (5, 0.8)])
def test_equal_numbers(shared: Path, gold: list[dict[str, Any]], tmp_path: Path, seed: int, rate: float) -> None:
    chance = random.Random(seed)  # noqa: S311
    predicted = [damaged(record, chance, rate) for record in gold if chance.random() >= rate / 10]
    for record in predicted:
        if chance.random() < rate / 10:
            record["text"] += " more"
    paths = [write_lines(tmp_path / "gold.jsonl", gold), write_lines(tmp_path / "predicted.jsonl", predicted)]
    command = [sys.executable, str(shared / "tools" / "score_captions.py"), *paths, "--json"]
    script = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    documents = {record["id"]: from_record(record) for record in predicted}
    result = evaluate([from_record(record) for record in gold], documents, bootstrap=Bootstrap(resamples=10))
    assert summary(result) == json.loads(script.stdout)
    if rate == 0:
        assert result.edges.f1.value == 1
    else:
        assert 0 < result.edges.f1.value < 1
