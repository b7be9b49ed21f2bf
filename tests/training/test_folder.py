from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from nlp.config import default_model, read_model_config
from nlp.errors import ConfigError, ModelError
from nlp.networks.reader import Reader, read_description
from nlp.training.folder import set_options, write_folder
from tests.taggers import HEADS, LIMIT, random_tagger


def test_a_folder_says_what_it_holds(model_folder: Path) -> None:
    config = read_model_config(model_folder)
    config.verify()
    base = read_model_config(default_model())
    assert config.version == "test"
    kept = {name for name in base.files if name.startswith(("names/", "grounding/"))} | {"lexicon.bin", "mentions.yaml"}
    assert {name for name, hash in config.files.items() if base.files.get(name) == hash} == kept
    stages = [stage.name.replace("model-relations", "relation-rules") for stage in base.stages]
    assert [stage.name for stage in config.stages] == stages
    description = read_description(model_folder / "tagger.yaml")
    assert description.limit == LIMIT
    assert {name: tags.labels for name, tags in description.heads.items()} == {
        name: tags.labels for name, tags in HEADS.items()
    }
    assert description.encoder["width"] == 32


def test_weights_stand_in_one_file_only(model_folder: Path, tmp_path: Path) -> None:
    graph = onnx.load(model_folder / "tagger.onnx", load_external_data=False).graph
    inside = [item for item in graph.initializer if not item.external_data]
    assert max(len(numpy_helper.to_array(item).tobytes()) for item in inside) < 100
    outside = {entry.value for item in graph.initializer for entry in item.external_data if entry.key == "location"}
    assert outside == {"tagger.safetensors"}
    folder = tmp_path / "model"
    shutil.copytree(model_folder, folder)
    weights = folder / "tagger.safetensors"
    content = weights.read_bytes()
    weights.write_bytes(content[:2000] + bytes(len(content) - 2000))
    ours, theirs = (
        Reader.open(read_model_config(path))(["ERK1 binds"], [[]], [None])[0] for path in (model_folder, folder)
    )
    assert not np.allclose(ours.scores, theirs.scores)


def test_a_folder_is_not_written_over(model_folder: Path, tokenizer_file: Path) -> None:
    with pytest.raises(ModelError, match="not written over"):
        write_folder(model_folder, default_model(), random_tagger(), HEADS, tokenizer_file, version="test")


def test_a_tagger_is_joined_to_the_lexicon_alone(tokenizer_file: Path, tmp_path: Path) -> None:
    base = tmp_path / "base"
    base.mkdir()
    for stages in ("[sentences, {lexicon-mentions: {}}]", "[sentences, keywords]"):
        config = f"name: m\nversion: '1'\nfiles: {{}}\nstages: {stages}\n"
        (base / "config.yaml").write_text(config, encoding="utf-8")
        if "lexicon" in stages:
            write_folder(tmp_path / "new", base, random_tagger(), HEADS, tokenizer_file, version="2")
            names = [stage.name for stage in read_model_config(tmp_path / "new").stages]
            assert names == ["sentences", "merged-mentions"]
        else:
            with pytest.raises(ConfigError, match="lexicon-mentions"):
                write_folder(tmp_path / "other", base, random_tagger(), HEADS, tokenizer_file, version="2")
            assert not (tmp_path / "other").exists()


def test_nothing_of_another_tagger_is_taken_over(tokenizer_file: Path, tmp_path: Path) -> None:
    base, new = tmp_path / "base", tmp_path / "new"
    base.mkdir()
    for name in ("README.md", "training.json", "edges.onnx", "mentions.yaml"):
        (base / name).touch()
    config = (
        "name: m\nversion: '1'\nfiles: {edges.onnx: '0', mentions.yaml: '1'}\n"
        "stages: [merged-mentions, {model-relations: {threshold: 0.4}}]\n"
    )
    (base / "config.yaml").write_text(config, encoding="utf-8")
    write_folder(new, base, random_tagger(), HEADS, tokenizer_file, version="2")
    found = read_model_config(new)
    assert [(stage.name, dict(stage.options)) for stage in found.stages] == [
        ("merged-mentions", {}),
        ("relation-rules", {}),
    ]
    assert {path.name for path in new.iterdir()} == {*found.files, "config.yaml"}
    assert "edges.onnx" not in found.files


def test_options_of_a_stage_change(tmp_path: Path) -> None:
    config = "name: m\nversion: '1'\nfiles: {}\nstages: [sentences, {keywords: {profile: precise}}]\n"
    (tmp_path / "config.yaml").write_text(config, encoding="utf-8")
    set_options(tmp_path, "keywords", max_members=3)
    set_options(tmp_path, "sentences", language="en")
    first, second = read_model_config(tmp_path).stages
    assert dict(first.options) == {"language": "en"}
    assert dict(second.options) == {"profile": "precise", "max_members": 3}
