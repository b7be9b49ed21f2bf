"""A trained model as a folder: graphs, weights, tokenizer and description beside the lexicon of another one."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import yaml

from nlp.config import CONFIG_FILE, fingerprint, read_model_config, read_yaml
from nlp.errors import ConfigError, Location, ModelError
from nlp.networks.edge_scores import EDGES_FILE
from nlp.networks.edges import EdgeNetwork
from nlp.networks.reader import CAPTION_HEAD, DESCRIPTION_FILE, GRAPH_FILE, TOKENIZER_FILE, WEIGHTS_FILE
from nlp.networks.tagger import MentionTagger
from nlp.networks.tags import TagSet
from nlp.stages.mentions import LexiconMentions
from nlp.stages.merging import MergedMentions
from nlp.stages.model_relations import ModelRelations
from nlp.stages.relations import RelationRules
from nlp.training.edge_export import export_edges
from nlp.training.export import all_heads, export_int8, quantise

_FILES: Final = (GRAPH_FILE, WEIGHTS_FILE, DESCRIPTION_FILE, TOKENIZER_FILE)
_OF_THE_BASE: Final = ("README.md", "training.json", EDGES_FILE)
"""What tells of another tagger, or reads its vectors."""


def write_folder(
    folder: Path,
    base: Path,
    model: MentionTagger,
    heads: Mapping[str, TagSet],
    tokenizer: Path,
    *,
    version: str,
    edges: EdgeNetwork | None = None,
) -> None:
    """Write a model folder, with the networks in int8.

    Args:
        folder: to write; must not exist.
        base: the model folder whose files and stages it takes over, with the tagger joined to its lexicon stage, or in
            place of the one that is joined to it; but not what it says of its training, nor its network for relations.
        model: the tagger.
        heads: tags of each of its heads.
        tokenizer: ``tokenizer.json`` of its encoder.
        version: of the new model.
        edges: the network that reads the tagger's words for relations; without one, rules find them.

    Raises:
        ModelError: if ``folder`` exists.
        ConfigError: if ``base`` has no stage that marks names by the lexicon, or none for relations that a network
            could take the place of.
    """
    if folder.exists():
        raise ModelError("a model folder is not written over", found=str(folder))
    read_model_config(base)
    config = read_yaml(base / CONFIG_FILE)
    stages = [_joined(stage) for stage in config["stages"]]
    if MergedMentions.name not in map(_name, stages):
        raise ConfigError(
            "a tagger is joined to the lexicon", expected=f"the stage {LexiconMentions.name}", where=Location(str(base))
        )
    if edges is not None:
        if RelationRules.name not in map(_name, stages):
            raise ConfigError(
                "a network for relations takes the place of rules",
                expected=f"the stage {RelationRules.name}",
                where=Location(str(base)),
            )
        options = {"rules": ["arrow"]}
        stages = [{ModelRelations.name: options} if _name(stage) == RelationRules.name else stage for stage in stages]
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    shutil.copytree(base, partial)
    for name in _OF_THE_BASE:
        (partial / name).unlink(missing_ok=True)
    layers = edges.config.reads if edges is not None else ()
    export_int8(all_heads(model, list(heads), layers), partial / GRAPH_FILE, partial / WEIGHTS_FILE)
    shutil.copyfile(tokenizer, partial / TOKENIZER_FILE)
    labels = {name: list(tags.labels) for name, tags in heads.items()}
    sizes = asdict(model.encoder.config)
    description = {
        "limit": sizes["positions"],
        **({"layers": list(layers)} if layers else {}),
        "encoder": {**sizes, "shapes": list(sizes["shapes"])},
        "heads": labels,
    }
    _write(partial / DESCRIPTION_FILE, description, flow=None)
    written = list(_FILES)
    if edges is not None:
        with TemporaryDirectory() as temporary:
            export_edges(edges, CAPTION_HEAD, Path(temporary) / EDGES_FILE)
            quantise(Path(temporary) / EDGES_FILE, partial / EDGES_FILE)
        written.append(EDGES_FILE)
    hashes = {name: fingerprint(partial / name) for name in written}
    files = {name: value for name, value in config["files"].items() if name not in _OF_THE_BASE} | hashes
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
    if _name(stage) == ModelRelations.name:
        return RelationRules.name
    if _name(stage) != LexiconMentions.name:
        return stage
    return {MergedMentions.name: stage[LexiconMentions.name]} if isinstance(stage, dict) else MergedMentions.name


def _name(stage: Any) -> str:
    return next(iter(stage)) if isinstance(stage, dict) else str(stage)


def _write(path: Path, document: Any, *, flow: bool | None = False) -> None:
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(document, file, Dumper=yaml.CSafeDumper, sort_keys=False, default_flow_style=flow, width=120)
