"""From captions to documents: a model folder's stages, run in order over batches."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeVar

from nlp.config import ModelConfig, StageConfig, default_model, read_model_config, read_yaml
from nlp.errors import ConfigError, Location, PathcapError, PipelineError
from nlp.formats.base import check_unicode
from nlp.lexicon import Lexicon
from nlp.networks.edge_scores import EDGES_FILE, OnnxEdges
from nlp.networks.reader import Reader, Reading
from nlp.stages.abbreviations import Abbreviations
from nlp.stages.base import Draft, Stage
from nlp.stages.edge_decoding import LABELS
from nlp.stages.grounding import Grounding
from nlp.stages.keywords import Keywords
from nlp.stages.mentions import LexiconMentions
from nlp.stages.merging import MergedMentions
from nlp.stages.model_mentions import ModelMentions
from nlp.stages.model_relations import ModelRelations
from nlp.stages.relations import RelationRules
from nlp.stages.sentences import Sentences
from nlp.tokens import Tokenizer
from nlp.types import Caption, Document, Mention

BATCH_SIZE: Final = 32

Outcome = TypeVar("Outcome")


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
        Keywords.name: lambda resources, options: Keywords(resources.lexicon, **options),
    }
)


class Pipeline:
    """Annotates captions.

        pipeline = Pipeline.load()
        document = pipeline("Esketamine activates ERK.")
        for document in pipeline.stream(captions): ...

    Attributes:
        stages: in the order they run.
        lexicon: the compiled lexicon that the stages share.
        threads: batches that ``stream`` annotates at the same time.
    """

    def __init__(self, stages: Sequence[Stage[Any]], lexicon: Lexicon, *, threads: int = 1) -> None:
        check_stages(stages)
        self.stages = tuple(stages)
        self.lexicon = lexicon
        self.threads = threads

    @classmethod
    def load(
        cls,
        path: str | Path | None = None,
        *,
        profile: str | None = None,
        device: str = "cpu",
        threads: int | None = None,
    ) -> Pipeline:
        """Load a model folder, by default the one that comes with pathcap. Nothing is fetched.

        Args:
            path: the folder, with its ``config.yaml``.
            profile: ``precise`` or ``pfocr``, how keywords are made of mentions; by default what the model says.
            device: what networks run on: ``cpu``, in int8 by ONNX Runtime; ``cuda``, by torch; or ``auto`` for a GPU
                where torch finds one.
            threads: batches that ``stream`` annotates at the same time; by default as many as this process may use
                cores.

        Raises:
            ModelError: if a file is missing or is not the one the configuration names by its hash.
            ConfigError: if the configuration is not understood, or there is no such device.
            PipelineError: if its stages do not fit together.
        """
        config = read_model_config(Path(path) if path is not None else default_model())
        config.verify()
        resources = Resources(config, Lexicon.open(config.file("lexicon.bin")), Tokenizer(), device)
        overrides = {Keywords.name: {"profile": profile}} if profile is not None else {}
        return cls(
            [_make(stage, resources, overrides.get(stage.name, {})) for stage in config.stages],
            resources.lexicon,
            threads=threads or _cores(),
        )

    def __call__(self, caption: str | Caption) -> Document:
        """Annotate one caption, given as its text or as it was read.

        Raises:
            InputError: if it holds lone surrogates, which no encoding can carry.
            AnnotationError: if stages contradict each other over it.
        """
        (document,) = self._run([_caption(caption, "caption")])
        return document

    def stream(
        self,
        captions: Iterable[str | Caption],
        *,
        batch_size: int = BATCH_SIZE,
        on_error: Callable[[Caption, PathcapError], None] | None = None,
    ) -> Iterator[Document]:
        """Annotate captions in batches: in input order, and with no more batches in memory than there are threads.

        The networks run outside of Python's lock, so two threads keep two cores busy.

        Args:
            captions: texts, which are numbered from 1 for their ids, or captions as they were read.
            batch_size: captions in a batch. The documents do not depend on it.
            on_error: called with a caption that cannot be annotated, which is then left out. Without it the error is
                raised.
        """
        numbered = (_caption(caption, str(number)) for number, caption in enumerate(captions, start=1))
        batches = iter(lambda: list(islice(numbered, batch_size)), [])
        for outcomes in _in_order(self._run if on_error is None else self._attempt, batches, self.threads):
            for outcome in outcomes:
                if isinstance(outcome, Document):
                    yield outcome
                elif on_error is not None:
                    on_error(*outcome)

    def given_mentions(self) -> Pipeline:
        """This pipeline with the mentions of each caption's ``gold`` in place of its own."""
        needed = frozenset().union(*(stage.requires for stage in self.stages))
        return Pipeline(
            [
                _GivenMentions(stage, needed)
                if "mentions" in stage.provides and not stage.requires & stage.provides
                else stage
                for stage in self.stages
            ],
            self.lexicon,
            threads=self.threads,
        )

    def keywords(self, profile: str) -> Keywords:
        """This pipeline's stage for keywords, in the profile named: with it documents get others without a new run.

        Raises:
            ConfigError: if there is no such profile.
            PipelineError: if the pipeline makes no keywords.
        """
        for stage in self.stages:
            if isinstance(stage, Keywords):
                return stage.with_profile(profile)
        raise PipelineError("the pipeline makes no keywords", expected=f"a stage {Keywords.name!r}")

    def _run(self, captions: Sequence[Caption]) -> list[Document]:
        drafts = [Draft(_checked(caption)) for caption in captions]
        for stage in self.stages:
            stage(drafts)
        return [draft.finish() for draft in drafts]

    def _attempt(self, captions: Sequence[Caption]) -> list[Document | tuple[Caption, PathcapError]]:
        """Their documents, or what keeps a caption from one."""
        try:
            return [*self._run(captions)]
        except PathcapError as error:
            if len(captions) == 1:
                return [(captions[0], error)]
        return [outcome for caption in captions for outcome in self._attempt([caption])]


class _GivenMentions(Stage[tuple[tuple[Mention, ...], Reading | None]]):
    """Takes the mentions that the caption came with.

    Args:
        stage: whose place it takes.
        needed: what any stage requires; if a tagger's reading is among it, the stage's tagger reads.
    """

    name = "given-mentions"

    def __init__(self, stage: Stage[Any], needed: frozenset[str]) -> None:
        self._stage = stage if isinstance(stage, ModelMentions) and "reading" in needed else None
        # Those of a class are of all its objects; these depend on whose place is taken.
        self.requires = stage.requires if self._stage else frozenset()  # type: ignore[misc]
        self.provides = stage.provides if self._stage else frozenset({"mentions"})  # type: ignore[misc]

    def predict(self, drafts: Sequence[Draft]) -> list[tuple[tuple[Mention, ...], Reading | None]]:
        golds = (draft.caption.gold for draft in drafts)
        mentions = [gold.mentions if gold is not None else () for gold in golds]
        readings = self._stage.readings(drafts) if self._stage else [None] * len(drafts)
        return list(zip(mentions, readings, strict=True))

    def write(self, draft: Draft, prediction: tuple[tuple[Mention, ...], Reading | None]) -> None:
        draft.mentions, draft.reading = prediction


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _in_order(
    work: Callable[[Sequence[Caption]], Sequence[Outcome]], batches: Iterable[Sequence[Caption]], threads: int
) -> Iterator[Sequence[Outcome]]:
    """What ``work`` makes of each batch, in order, with ``threads`` batches under work at the same time."""
    if threads == 1:
        yield from map(work, batches)
        return
    pool = ThreadPoolExecutor(threads)
    try:
        ahead: deque[Future[Sequence[Outcome]]] = deque()
        for batch in batches:
            ahead.append(pool.submit(work, batch))
            if len(ahead) > threads:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def check_stages(stages: Iterable[Stage[Any]]) -> None:
    """Check that each stage finds what it requires.

    Raises:
        PipelineError: naming the first stage that does not.
    """
    provided: set[str] = set()
    for stage in stages:
        if lacking := stage.requires - provided:
            raise PipelineError(
                f"stage {stage.name!r} lacks what it works on",
                expected=f"an earlier stage that provides {', '.join(sorted(lacking))}",
                found=", ".join(sorted(provided)) or "nothing provided before it",
            )
        provided |= stage.provides


def _make(stage: StageConfig, resources: Resources, overrides: Mapping[str, Any]) -> Stage[Any]:
    make = STAGES.get(stage.name)
    if make is None:
        raise ConfigError("unknown stage", expected=" | ".join(STAGES), found=repr(stage.name))
    try:
        return make(resources, {**stage.options, **overrides})
    except TypeError as error:
        raise ConfigError(f"stage {stage.name!r} does not take these options", found=str(error)) from error


def _caption(caption: str | Caption, id: str) -> Caption:
    return Caption(id=id, text=caption) if isinstance(caption, str) else caption


def _checked(caption: Caption) -> Caption:
    where = caption.where if caption.where.id is not None else Location(id=caption.id)
    for text in (caption.id, caption.text, caption.title, caption.paper_title):
        check_unicode(text, where)
    return caption
