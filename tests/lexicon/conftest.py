"""The lexicon that comes with pathcap."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlp.lexicon import Lexicon

MODEL = Path(__file__).resolve().parents[2] / "models" / "caption"


@pytest.fixture(scope="session")
def lexicon() -> Lexicon:
    return Lexicon.open(MODEL / "lexicon.bin")
