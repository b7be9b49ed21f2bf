"""Fixtures for all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nlp import Pipeline
from nlp.networks.pieces import PieceTokenizer
from tests.taggers import write_tokenizer

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared data: ``$PATHCAP_SHARED``, or ``shared`` beside the repository."""
    path = Path(os.environ.get("PATHCAP_SHARED") or REPOSITORY.parent / "shared")
    if not path.is_dir():
        pytest.skip(f"needs the shared data, which are not at {path} (set PATHCAP_SHARED)")
    return path


@pytest.fixture(scope="session")
def pipeline() -> Pipeline:
    """The pipeline that comes with pathcap."""
    return Pipeline.load()


@pytest.fixture(scope="session")
def tokenizer_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``tokenizer.json`` of the tagger in ``tests/taggers.py``."""
    return write_tokenizer(tmp_path_factory.mktemp("tokenizer") / "tokenizer.json")


@pytest.fixture(scope="session")
def tokenizer(tokenizer_file: Path) -> PieceTokenizer:
    return PieceTokenizer(tokenizer_file)
