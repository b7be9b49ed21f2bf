"""A trained tagger as a model folder: its graph, tokenizer and description beside the lexicon of another folder."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from nlp.config import CONFIG_FILE, fingerprint, read_model_config, read_yaml
from nlp.errors import ConfigError, Location, ModelError
from nlp.networks.reader import DESCRIPTION_FILE, GRAPH_FILE, TOKENIZER_FILE
from nlp.networks.tagger import MentionTagger
from nlp.networks.tags import TagSet
from nlp.stages.mentions import LexiconMentions
from nlp.stages.merging import MergedMentions
from nlp.training.export import export, quantise


def write_folder(
    folder: Path,
    base: Path,
    model: MentionTagger,
    heads: Mapping[str, TagSet],
    tokenizer: Path,
    *,
    version: str,
    int8: bool = True,
) -> None:
    """Write a model folder.

    Args:
        folder: to write; must not exist.
        base: the model folder whose files and stages it takes over, with the tagger joined to its lexicon stage.
        model: the tagger.
        heads: tags of each of its heads.
        tokenizer: ``tokenizer.json`` of its encoder.
        version: of the new model.
        int8: whether products are computed in int8, else in float32.

    Raises:
        ModelError: if ``folder`` exists.
        ConfigError: if ``base`` has no stage that marks names by the lexicon.
    """
    if folder.exists():
        raise ModelError("a model folder is not written over", found=str(folder))
    read_model_config(base)
    config = read_yaml(base / CONFIG_FILE)
    stages = [_joined(stage) for stage in config["stages"]]
    if stages == config["stages"]:
        raise ConfigError(
            "a tagger is joined to the lexicon", expected=f"the stage {LexiconMentions.name}", where=Location(str(base))
        )
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    shutil.copytree(base, partial)
    with TemporaryDirectory() as temporary:
        full = Path(temporary) / GRAPH_FILE
        export(model, list(heads), full)
        if int8:
            quantise(full, partial / GRAPH_FILE)
        else:
            shutil.copyfile(full, partial / GRAPH_FILE)
    shutil.copyfile(tokenizer, partial / TOKENIZER_FILE)
    labels = {name: list(tags.labels) for name, tags in heads.items()}
    _write(partial / DESCRIPTION_FILE, {"limit": model.encoder.config.positions, "heads": labels}, flow=None)
    hashes = {name: fingerprint(partial / name) for name in (GRAPH_FILE, DESCRIPTION_FILE, TOKENIZER_FILE)}
    files = {**config["files"], **hashes}
    _write(partial / CONFIG_FILE, {**config, "version": version, "files": files, "stages": stages})
    partial.rename(folder)


def set_options(folder: Path, stage: str, **options: Any) -> None:
    """Change options of a stage in a model folder's configuration."""
    config = read_yaml(folder / CONFIG_FILE)
    for index, item in enumerate(config["stages"]):
        name, own = next(iter(item.items())) if isinstance(item, dict) else (item, {})
        if name == stage:
            config["stages"][index] = {name: {**own, **options}}
    _write(folder / CONFIG_FILE, config)


def _joined(stage: Any) -> Any:
    if stage == LexiconMentions.name:
        return MergedMentions.name
    if isinstance(stage, dict) and LexiconMentions.name in stage:
        return {MergedMentions.name: stage[LexiconMentions.name]}
    return stage


def _write(path: Path, document: Any, *, flow: bool | None = False) -> None:
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(document, file, Dumper=yaml.CSafeDumper, sort_keys=False, default_flow_style=flow, width=120)
