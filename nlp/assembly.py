"""The stages that a model's configuration names, made from what they share and their options."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from nlp.config import ModelConfig, StageConfig, read_yaml
from nlp.errors import ConfigError
from nlp.lexicon import Lexicon
from nlp.networks.edge_scores import EDGES_FILE, OnnxEdges
from nlp.networks.reader import Reader
from nlp.stages.abbreviations import Abbreviations
from nlp.stages.base import Stage
from nlp.stages.edge_decoding import LABELS
from nlp.stages.grounding import Grounding
from nlp.stages.keywords import Keywords
from nlp.stages.mentions import LexiconMentions
from nlp.stages.merging import MergedMentions
from nlp.stages.model_mentions import ModelMentions
from nlp.stages.model_relations import ModelRelations
from nlp.stages.relations import RelationRules
from nlp.stages.sentences import Sentences
from nlp.stages.sure_mentions import SureMentions
from nlp.tokens import Tokenizer


@dataclass(frozen=True, slots=True)
class Resources:
    """What stages are made with, opened once and shared by all of them."""

    config: ModelConfig
    lexicon: Lexicon
    tokenizer: Tokenizer
    device: str = "cpu"

    def reader(self) -> Reader:
        """The model's tagger."""
        return Reader.open(self.config, device=self.device)


def _make_lexicon_mentions(resources: Resources, options: Mapping[str, Any]) -> LexiconMentions:
    table = read_yaml(resources.config.file(options["table"])) if "table" in options else {}
    return LexiconMentions(resources.lexicon, **table)


def _make_model_mentions(resources: Resources, options: Mapping[str, Any]) -> ModelMentions:
    return ModelMentions(resources.reader(), **options)


def _make_merged_mentions(resources: Resources, options: Mapping[str, Any]) -> MergedMentions:
    own = dict(options)
    lexicon = _make_lexicon_mentions(resources, {"table": own.pop("table")} if "table" in own else {})
    return MergedMentions(resources.reader(), lexicon, **own)


def _make_model_relations(resources: Resources, options: Mapping[str, Any]) -> ModelRelations:
    return ModelRelations(OnnxEdges(resources.config.file(EDGES_FILE), len(LABELS)), **options)


#: Every stage that a model's configuration may name, and how it is made from shared resources and its options.
STAGES: Mapping[str, Callable[[Resources, Mapping[str, Any]], Stage[Any]]] = MappingProxyType(
    {
        Sentences.name: lambda resources, _: Sentences(resources.tokenizer),
        Abbreviations.name: lambda resources, _: Abbreviations(resources.tokenizer.language),
        LexiconMentions.name: _make_lexicon_mentions,
        ModelMentions.name: _make_model_mentions,
        MergedMentions.name: _make_merged_mentions,
        Grounding.name: lambda resources, options: Grounding(resources.lexicon, **options),
        ModelRelations.name: _make_model_relations,
        RelationRules.name: lambda _, options: RelationRules(**options),
        SureMentions.name: lambda _, options: SureMentions(**options),
        Keywords.name: lambda resources, options: Keywords(resources.lexicon, **options),
    }
)


def make_stage(stage: StageConfig, resources: Resources) -> Stage[Any]:
    """The stage that a model's configuration names.

    Raises:
        ConfigError: if there is no such stage, or it does not take these options.
    """
    make = STAGES.get(stage.name)
    if make is None:
        raise ConfigError("unknown stage", expected=" | ".join(STAGES), found=repr(stage.name))
    try:
        return make(resources, stage.options)
    except TypeError as error:
        raise ConfigError(f"stage {stage.name!r} does not take these options", found=str(error)) from error
