from __future__ import annotations

from pathlib import Path

import pytest

from nlp.config import default_model, read_model_config
from nlp.errors import ConfigError, ModelError
from nlp.networks.reader import read_description
from nlp.training.folder import set_options, write_folder
from tests.taggers import HEADS, LIMIT, random_tagger


def test_a_folder_says_what_it_holds(model_folder: Path) -> None:
    config = read_model_config(model_folder)
    config.verify()
    base = read_model_config(default_model())
    assert config.version == "test"
    assert {**config.files, **base.files} == dict(config.files)
    ours, theirs = ([stage.name for stage in item.stages] for item in (config, base))
    assert ours == [name.replace("lexicon-mentions", "merged-mentions") for name in theirs]
    description = read_description(model_folder / "tagger.yaml")
    assert description.limit == LIMIT
    assert {name: tags.labels for name, tags in description.heads.items()} == {
        name: tags.labels for name, tags in HEADS.items()
    }
    assert (model_folder / "tagger.onnx").stat().st_size < 100_000


def test_a_folder_is_not_written_over(model_folder: Path, tokenizer_file: Path) -> None:
    with pytest.raises(ModelError, match="not written over"):
        write_folder(model_folder, default_model(), random_tagger(), HEADS, tokenizer_file, version="test")


def test_a_tagger_is_not_joined_twice(model_folder: Path, tokenizer_file: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="lexicon-mentions"):
        write_folder(tmp_path / "new", model_folder, random_tagger(), HEADS, tokenizer_file, version="test")
    assert not list(tmp_path.iterdir())


def test_options_of_a_stage_change(tmp_path: Path) -> None:
    config = "name: m\nversion: '1'\nfiles: {}\nstages: [sentences, {keywords: {profile: precise}}]\n"
    (tmp_path / "config.yaml").write_text(config, encoding="utf-8")
    set_options(tmp_path, "keywords", max_members=3)
    set_options(tmp_path, "sentences", language="en")
    first, second = read_model_config(tmp_path).stages
    assert dict(first.options) == {"language": "en"}
    assert dict(second.options) == {"profile": "precise", "max_members": 3}
