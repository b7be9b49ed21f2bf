"""Fixtures for all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nlp import Pipeline
from nlp.config import default_model
from nlp.networks.pieces import PieceTokenizer
from nlp.stages.sure_mentions import SureMentions
from nlp.training.folder import set_options, write_folder
from tests.taggers import HEADS, random_tagger, write_tokenizer

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
    """The pipeline that comes with pathcap, on a CPU, where it always says the same."""
    return Pipeline.load(device="cpu")


@pytest.fixture(scope="session")
def tokenizer_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``tokenizer.json`` of the tagger in ``tests/taggers.py``."""
    return write_tokenizer(tmp_path_factory.mktemp("tokenizer") / "tokenizer.json")


@pytest.fixture(scope="session")
def tokenizer(tokenizer_file: Path) -> PieceTokenizer:
    return PieceTokenizer(tokenizer_file)


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory, tokenizer_file: Path) -> Path:
    """The model that comes with pathcap, with a tagger of random weights in int8."""
    pytest.importorskip("onnx")
    folder = tmp_path_factory.mktemp("models") / "int8"
    write_folder(folder, default_model(), random_tagger(), HEADS, tokenizer_file, version="test")
    set_options(folder, SureMentions.name, threshold=0.0)  # random weights are sure of nothing
    return folder
