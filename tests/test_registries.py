"""The registries are what outside programs rely on: a golden file pins them, so that a change is made on purpose."""

import json
from dataclasses import asdict
from pathlib import Path

import nlp
from nlp.assembly import STAGES
from nlp.config import PROFILES
from nlp.formats.sources import FORMATS
from nlp.formats.writers import PARQUET_SCHEMA, WRITERS
from nlp.schema import MENTION_TYPES, RELATION_TYPES

GOLDEN = Path(__file__).parent / "golden" / "registries.json"


def registries() -> dict[str, object]:
    return {
        "mention_types": [asdict(record) for record in MENTION_TYPES.values()],
        "relation_types": [asdict(record) for record in RELATION_TYPES.values()],
        "profiles": [*PROFILES],
        "stages": [*STAGES],
        "readers": {format.name: [*format.suffixes] for format in FORMATS},
        "writers": [*WRITERS],
        "parquet": {field.name: str(field.type) for field in PARQUET_SCHEMA},
        "public": sorted(nlp.__all__),
    }


def test_registries_are_as_recorded() -> None:
    assert registries() == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_public_names_are_there_and_no_others() -> None:
    assert all(hasattr(nlp, name) for name in nlp.__all__)
    assert nlp.__all__ == sorted(nlp.__all__, key=lambda name: (name.startswith("_"), name))
