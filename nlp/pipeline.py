"""From captions to documents: a model folder's stages, run in order over batches."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final, overload

from nlp.assembly import Resources, make_stage
from nlp.config import CONFIG_FILE, default_model, read_model_config
from nlp.errors import ConfigError, Location, PathcapError, PipelineError
from nlp.formats.base import as_caption, check_unicode
from nlp.lexicon import Lexicon
from nlp.networks.devices import gpu_may_be_there
from nlp.networks.reader import DEVICES
from nlp.options import Options
from nlp.stages.base import Draft, Stage, check_stages
from nlp.stages.given_mentions import GivenMentions
from nlp.stages.keywords import Keywords
from nlp.stages.narrowing import narrowed
from nlp.threads import cores, in_order
from nlp.tokens import Tokenizer
from nlp.types import Caption, Document

BATCH_SIZE: Final = 8
"""Captions in a batch on a CPU, where a network reads one window at a time: few, so that threads take turns often."""
GPU_BATCH_SIZE: Final = 128
"""And on a GPU, which reads many windows together."""
_PROBE: Final = Caption("probe", "AKT activates mTOR.")
"""What a pipeline that works annotates."""
_LONGEST: Final = 500
"""Characters that are told of a fault, which may quote any length of a caption."""


@dataclass(frozen=True, slots=True)
class _Source:
    """What a pipeline was loaded from, as ``Pipeline.load`` takes it, so that it can be loaded elsewhere."""

    model: str | Path | None
    device: str
    threads: int | None

    def load(self, options: Options) -> Pipeline:
        pipeline = Pipeline.load(self.model, device=self.device, threads=self.threads)
        return pipeline._with(options)


class Pipeline:
    """Annotates captions.

        >>> from nlp import Pipeline
        >>> pipeline = Pipeline.load()
        >>> document = pipeline("Esketamine activates ERK.")
        >>> [(mention.text, mention.type) for mention in document.mentions]
        [('Esketamine', 'CHEMICAL'), ('ERK', 'GENE')]
        >>> [document.id for document in pipeline.stream(["AKT inhibits GSK3B.", "Rapamycin blocks mTOR."])]
        ['1', '2']

    A pipeline never changes, and may be called from many threads at the same time. One that was loaded is pickled as
    the model's path and its options, and loaded anew where it arrives, as worker processes and Ray need it; one made of
    stages is pickled with them.

    Attributes:
        stages: in the order they run, before anything is left out for ``options``.
        lexicon: the compiled lexicon that the stages share.
        threads: batches that ``stream`` annotates at the same time.
        options: what is wanted of the documents.
    """

    def __init__(
        self,
        stages: Sequence[Stage[Any]],
        lexicon: Lexicon,
        *,
        threads: int = 1,
        options: Options = Options(),  # noqa: B008 — frozen
    ) -> None:
        check_stages(stages)
        self.stages = tuple(stages)
        self.lexicon = lexicon
        self.threads = threads
        self.options = options
        self._planned = narrowed(self.stages, options)
        self._source: _Source | None = None

    @classmethod
    def load(
        cls,
        name_or_path: str | Path | None = None,
        device: str = "auto",
        threads: int | None = None,
        *,
        profile: str | None = None,
    ) -> Pipeline:
        """Load a model, by default the one that comes with pathcap. Nothing is fetched.

        Args:
            name_or_path: the name of a model that comes with pathcap (``caption``), or a model folder, with its
                ``config.yaml``. A name goes before a folder of the same name.
            device: what networks run on: ``cpu``, in int8 by ONNX Runtime; ``cuda``, by torch; or ``auto`` for a GPU
                where torch finds one. Torch is not imported where the system has no driver for one.
            threads: batches that ``stream`` annotates at the same time; by default as many as this process may use
                cores.
            profile: ``precise`` or ``pfocr``, how keywords are made of mentions; by default what the model says.

        Raises:
            ModelError: if a file is missing or is not the one the configuration names by its hash.
            ConfigError: if the configuration is not understood, or there is no such device or profile.
            PipelineError: if its stages do not fit together.
        """
        if threads is not None and threads < 1:
            raise ConfigError("no batch can be annotated", expected="threads from 1", found=str(threads))
        if device not in DEVICES:
            raise ConfigError("unknown device", expected=" | ".join(DEVICES), found=repr(device))
        config = read_model_config(_folder(name_or_path))
        config.verify()
        used = "cpu" if device == "auto" and not gpu_may_be_there() else device
        resources = Resources(config, Lexicon.open(config.file("lexicon.bin")), Tokenizer(), used)
        pipeline = cls(
            [make_stage(stage, resources) for stage in config.stages],
            resources.lexicon,
            threads=threads or cores(),
            options=Options(profile),
        )
        given = name_or_path if name_or_path is None or _is_name(name_or_path) else Path(name_or_path).absolute()
        pipeline._source = _Source(given, device, threads)
        return pipeline

    def __reduce__(self) -> tuple[object, ...]:
        if self._source is not None:
            return (_Source.load, (self._source, self.options))
        return (_of_parts, (self.stages, self.lexicon, self.threads, self.options))

    # A text is an iterable of texts too, but the first that fits holds.
    @overload
    def __call__(self, captions: str | Caption) -> Document: ...  # type: ignore[overload-overlap]

    @overload
    def __call__(self, captions: Iterable[str | Caption]) -> list[Document]: ...

    def __call__(self, captions: str | Caption | Iterable[str | Caption]) -> Document | list[Document]:
        """Annotate one caption, or many, given as texts or as they were read.

        Args:
            captions: one, whose text gets the id ``caption``; or many, whose texts are numbered from 1 for their ids.

        Returns:
            The document of one caption; of many a list, in their order.

        Raises:
            InputError: if one is neither text nor ``Caption``, or holds lone surrogates, which no encoding can carry.
            AnnotationError: if stages contradict each other over it.
        """
        if isinstance(captions, str | Caption) or not isinstance(captions, Iterable):
            (document,) = self._run([as_caption(captions, "caption")])
            return document
        return list(self.stream(captions))

    def stream(
        self,
        captions: Iterable[str | Caption],
        *,
        batch_size: int | None = None,
        on_error: Callable[[Caption, PathcapError], None] | None = None,
    ) -> Iterator[Document]:
        """Annotate captions in batches: in input order, and with no more batches in memory than there are threads.

        The networks run outside of Python's lock, so two threads keep two cores busy.

        Args:
            captions: texts, which are numbered from 1 for their ids, or captions as they were read.
            batch_size: captions in a batch, by default what suits the device. The documents do not depend on it.
            on_error: called with a caption that cannot be annotated, which is then left out; also if a stage fails over
                it in a way that nobody foresaw (``PipelineError``). Without it the error is raised, as what it is.

        Raises:
            ConfigError: if a batch would hold nothing.
            InputError: as for a call.
            AnnotationError: as for a call.
            PipelineError: with ``on_error``, if nothing can be annotated any more, whatever the caption.
        """
        size = self._batch_size() if batch_size is None else batch_size
        if size < 1:
            raise ConfigError("no caption fits into a batch", expected="batch_size from 1", found=str(size))
        numbered = (as_caption(caption, str(number)) for number, caption in enumerate(captions, start=1))
        batches = iter(lambda: list(islice(numbered, size)), [])
        for outcomes in in_order(self._run if on_error is None else self._attempt, batches, self.threads):
            for outcome in outcomes:
                if isinstance(outcome, Document):
                    yield outcome
                elif on_error is not None:
                    on_error(*outcome)

    def with_options(
        self,
        options: Options | None = None,
        *,
        profile: str | None = None,
        types: Collection[str] | None = None,
        relation_types: Collection[str] | None = None,
        min_mention_score: float | None = None,
        min_relation_score: float | None = None,
        min_reference_score: float | None = None,
    ) -> Pipeline:
        """This pipeline with other options; it shares all else with it, so that it is made at once.

            >>> from nlp import Pipeline
            >>> genes = Pipeline.load().with_options(types={"GENE"}, min_mention_score=0.5)
            >>> [mention.text for mention in genes("Esketamine activates ERK.").mentions]
            ['ERK']

        Args:
            options: in place of this pipeline's, before those that follow.
            profile: as all that follow it is told in ``Options``. None leaves an option as it is.
            types: of mentions and keywords.
            relation_types: of relations; with none the pipeline does not look for them, which is faster. Then unsure
                mentions that only relations speak for are not told either.
            min_mention_score: from 0 to 1.
            min_relation_score: from 0 to 1.
            min_reference_score: from 0 to 1.

        Raises:
            ConfigError: if there is no such profile or type, or a score is not a number from 0 to 1.
            PipelineError: if there is a profile but the pipeline makes no keywords.
        """
        return self._with(
            (self.options if options is None else options).changed(
                profile=profile,
                types=types,
                relation_types=relation_types,
                min_mention_score=min_mention_score,
                min_relation_score=min_relation_score,
                min_reference_score=min_reference_score,
            )
        )

    @contextmanager
    def using(self, **options: Any) -> Iterator[Pipeline]:
        """``with_options`` for the length of a block. This pipeline stays as it is, for other threads too.

            >>> from nlp import Pipeline
            >>> with Pipeline.load().using(profile="pfocr", relation_types=()) as narrowed:
            ...     narrowed("Esketamine activates ERK.").relations
            ()

        Args:
            options: as ``with_options`` takes them.

        Raises:
            ConfigError: as ``with_options`` does.
        """
        yield self.with_options(**options)

    def given_mentions(self) -> Pipeline:
        """This pipeline with the mentions of each caption's ``gold`` in place of its own."""
        needed = frozenset().union(*(stage.requires for stage in self.stages))
        return Pipeline(
            [
                GivenMentions(stage, needed)
                if "mentions" in stage.provides and not stage.requires & stage.provides
                else stage
                for stage in self.stages
            ],
            self.lexicon,
            threads=self.threads,
            options=self.options,
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

    def _with(self, options: Options) -> Pipeline:
        other = Pipeline(self.stages, self.lexicon, threads=self.threads, options=options)
        other._source = self._source
        return other

    def _batch_size(self) -> int:
        on_gpu = self._source is not None and self._source.device != "cpu" and gpu_may_be_there()
        return GPU_BATCH_SIZE if on_gpu else BATCH_SIZE

    def _run(self, captions: Sequence[Caption]) -> list[Document]:
        drafts = [Draft(_checked(caption)) for caption in captions]
        for stage in self._planned:
            stage(drafts)
        return [draft.finish() for draft in drafts]

    def _attempt(self, captions: Sequence[Caption]) -> list[Document | tuple[Caption, PathcapError]]:
        """Their documents, or what keeps a caption from one."""
        try:
            return [*self._run(captions)]
        except PathcapError as error:
            if len(captions) == 1:
                return [(captions[0], error)]
        except Exception as fault:  # noqa: BLE001 - a fault is one caption's, not the run's
            if len(captions) == 1:
                return [(captions[0], self._one_captions(fault))]
        return [outcome for caption in captions for outcome in self._attempt([caption])]

    def _one_captions(self, fault: Exception) -> PathcapError:
        """What nobody foresaw, as an error of the caption at hand; raised if it is no caption's but the pipeline's.

        Of a long run one strange caption must not be the end; nor may it go on, and set all captions aside, when the
        disk, the memory or the GPU is gone.
        """
        where = traceback.walk_tb(fault.__traceback__)
        *_, place = (f"{frame.f_globals.get('__name__')}:{line}" for frame, line in where)
        found = f"{type(fault).__name__} at {place}: {fault}"[:_LONGEST]
        try:
            self._run([_PROBE])
        except Exception:  # noqa: BLE001 - whatever it is, the pipeline is broken
            raise PipelineError("the pipeline fails, whatever the caption", found=found) from fault
        error = PipelineError("a stage fails over it", found=found)
        error.__cause__ = fault
        return error


def _of_parts(stages: Sequence[Stage[Any]], lexicon: Lexicon, threads: int, options: Options) -> Pipeline:
    return Pipeline(stages, lexicon, threads=threads, options=options)


def _folder(name_or_path: str | Path | None) -> Path:
    """The folder of a model."""
    if name_or_path is None:
        return default_model()
    return default_model().parent / name_or_path if _is_name(name_or_path) else Path(name_or_path)


def _is_name(name_or_path: str | Path) -> bool:
    """Whether it is the name of a model that comes with pathcap."""
    if not isinstance(name_or_path, str) or Path(name_or_path).name != name_or_path:
        return False
    return (default_model().parent / name_or_path / CONFIG_FILE).is_file()


def _checked(caption: Caption) -> Caption:
    where = caption.where if caption.where.id is not None else Location(id=caption.id)
    for text in (caption.id, caption.text, caption.title, caption.paper_title):
        check_unicode(text, where)
    return caption
