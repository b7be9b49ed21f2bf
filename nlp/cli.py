"""The ``pathcap`` command.

Exit status: 0 if all went well, 1 if something was set aside (the rest is done), 2 if nothing could be done; 130 or 143
if it was stopped by a signal.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
import traceback
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from functools import partial
from importlib.metadata import version
from itertools import chain, tee
from pathlib import Path
from typing import Final, NoReturn, TypeVar

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from nlp.config import PROFILES, default_model, read_model_config
from nlp.errors import ConfigError, InputError, Location, PathcapError
from nlp.evaluation.comparison import compare
from nlp.evaluation.gold import evaluate, of_same_text
from nlp.evaluation.references import Judge
from nlp.evaluation.report import KeywordReport, print_report, write_report
from nlp.formats.compression import COMPRESSED
from nlp.formats.document_store import DocumentStore
from nlp.formats.documents import is_unfinished, read_documents
from nlp.formats.sources import FORMATS, is_read, read_sources
from nlp.formats.writers import WRITERS, ErrorLog
from nlp.lexicon import Lexicon
from nlp.networks.reader import DEVICES
from nlp.pipeline import Pipeline
from nlp.scale.command import Job, annotate
from nlp.scale.outcomes import Engine, Failed, annotate_here
from nlp.scale.parts import PART_SIZE
from nlp.scale.ray_engine import WorkerRange, annotate_with_ray
from nlp.scale.summary import counted
from nlp.scoring import OWN, ProfileScorer
from nlp.server.command import add_arguments
from nlp.server.command import run as serve
from nlp.types import Caption, Document

DONE: Final = 0
SET_ASIDE: Final = 1
FAILED: Final = 2
INTERRUPTED: Final = 130
_SHOWN_ERRORS: Final = 20
_ENGINES: Final = ("local", "ray")

Item = TypeVar("Item")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with ``arguments``, by default those of the process, and return its exit status."""
    options = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace, _Errors], int] = options.run
    # As an exception, so that a half-written output is removed when a batch system ends the run.
    signal.signal(signal.SIGTERM, _terminate)
    try:
        with ErrorLog(_error_file(options)) as log:
            errors = _Errors(log)
            try:
                return run(options, errors)
            except PathcapError:
                errors.tell()
                raise
    except PathcapError as error:
        print(f"pathcap: {error}", file=sys.stderr)
        return FAILED
    except BrokenPipeError:
        # Whoever read the output has seen enough; Python must not try to flush it again at exit.
        with suppress(OSError):
            sys.stdout.close()
        return FAILED
    except OSError as error:
        place = f"{error.filename}: " if error.filename is not None else ""
        print(f"pathcap: {place}{error.strerror or error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("pathcap: interrupted", file=sys.stderr)
        return INTERRUPTED
    except Exception:  # noqa: BLE001 — a fault; Python's own status would say that something was set aside
        traceback.print_exc()
        return FAILED


def _terminate(number: int, _: object) -> NoReturn:
    sys.exit(128 + number)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="pathcap", description="Text mining of pathway figure captions.")
    parser.add_argument("--version", action="version", version=f"pathcap {version('pathcap')}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    model = argparse.ArgumentParser(add_help=False)
    model.add_argument("--model", type=Path, metavar="DIR", help="model folder (default: the one that is installed)")
    model.add_argument("--device", choices=DEVICES, default="cpu", help="what networks run on (default: cpu, in int8)")

    common = argparse.ArgumentParser(add_help=False, parents=[model])
    common.add_argument("--errors", type=Path, metavar="FILE", help="where to list what could not be read")
    common.add_argument(
        "--threads", type=_positive, metavar="N", help="batches annotated at the same time (default: one a core)"
    )

    sources = argparse.ArgumentParser(add_help=False)
    sources.add_argument(
        "sources",
        nargs="+",
        type=_named,
        metavar="SOURCE",
        help=f"file or folder: {_formats()}; - for JSON Lines on standard input",
    )
    sources.add_argument("--profile", choices=PROFILES, help="how keywords are made of mentions")

    scored = argparse.ArgumentParser(add_help=False)
    scored.add_argument("--predictions", type=Path, metavar="FILE", help="documents to score instead of annotating")
    scored.add_argument("--report", type=Path, metavar="DIR", help="also write all figures, misses and extras there")

    command = commands.add_parser("annotate", parents=[sources, common], help="annotate captions")
    command.add_argument(
        "-o",
        "--output",
        required=True,
        type=_named,
        metavar="OUT",
        help="output file; FOLDER/ for many parts; - for standard output",
    )
    command.add_argument("--format", choices=[*WRITERS], help="form of the output (default: as its name tells)")
    command.add_argument(
        "--part-size",
        type=_positive,
        metavar="N",
        help=f"write a folder of parts of N captions each (default for a folder: {PART_SIZE:,})",
    )
    command.add_argument(
        "--resume", action="store_true", help="go on with the parts in OUT where an earlier run was cut off"
    )
    command.add_argument("--engine", choices=_ENGINES, default="local", help="this process, or a Ray cluster")
    command.add_argument("--workers", metavar="MIN:MAX", help="how many on the cluster (default: as it has room for)")
    command.add_argument("--address", metavar="HOST:PORT", help="of the cluster (default: one is started here)")
    command.set_defaults(run=_annotate)

    command = commands.add_parser("score", parents=[sources, common, scored], help="score against curated keywords")
    command.set_defaults(run=_score)

    command = commands.add_parser("evaluate", parents=[common, scored], help="score mentions and edges against gold")
    command.add_argument("gold", type=Path, metavar="GOLD.jsonl", help="gold documents")
    command.add_argument(
        "--compare", type=Path, metavar="FILE", help="other documents, to test whether the difference is chance"
    )
    command.add_argument(
        "--given-mentions", action="store_true", help="predict edges between the gold mentions, to judge them alone"
    )
    command.set_defaults(run=_evaluate)

    command = commands.add_parser("serve", parents=[model], help="annotate captions over HTTP, with a web page")
    add_arguments(command)
    command.set_defaults(run=_serve)
    return parser


def _formats() -> str:
    """The formats of sources, each with what its files' names end in, but for compression."""
    plain = {row.name: [suffix for suffix in row.suffixes if not suffix.endswith(COMPRESSED)] for row in FORMATS}
    return ", ".join(f"{name} ({', '.join(suffixes)})" for name, suffixes in plain.items())


def _named(text: str) -> str:
    # As a path it would be the current folder, as of a variable of the shell that is not set.
    if not text:
        raise argparse.ArgumentTypeError("expected a name, found an empty one")
    return text


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1, found {text!r}")
    return int(text)


def _error_file(options: argparse.Namespace) -> Path | None:
    """Where errors are listed.

    Raises:
        ConfigError: if that would take the place of a source, or the output cannot go where it should.
    """
    listed: Path | None = getattr(options, "errors", None)
    if options.run is _annotate:
        names = ("sources", "output", "model", "profile", "device", "format", "errors", "part_size", "resume")
        given = {name: getattr(options, name) for name in names}
        options.job = job = Job(**given, on_cluster=options.engine == "ray")
        return job.error_file
    if listed is not None:
        named = (getattr(options, name, None) for name in ("gold", "predictions", "compare"))
        for source in (*getattr(options, "sources", ()), *filter(None, named)):
            if is_read(listed, source):
                raise ConfigError("the list of errors would take the place of what is read", found=str(listed))
    return listed


def _annotate(options: argparse.Namespace, errors: _Errors) -> int:
    workers = None if options.workers is None else WorkerRange.parse(options.workers)
    if options.engine != "ray" and (workers or options.address):
        raise ConfigError("only a cluster has workers and an address", expected="--engine ray", found="--engine local")
    if options.engine == "ray" and options.threads:
        raise ConfigError("a worker of a cluster has one thread", expected="--workers", found="--threads")

    def make_engine() -> Engine:
        setting = {"profile": options.profile, "device": options.device}
        if options.engine == "ray":
            return partial(annotate_with_ray, model=options.model, workers=workers, address=options.address, **setting)
        return partial(annotate_here, pipeline=Pipeline.load(options.model, threads=options.threads, **setting))

    return SET_ASIDE if annotate(options.job, make_engine, errors).set_aside else DONE


def _score(options: argparse.Namespace, errors: _Errors) -> int:
    _prepare_report(options)
    captions = (caption for caption in read_sources(options.sources, errors) if caption.curated is not None)
    first = next(captions, None)
    if first is None:
        raise InputError("nothing to score", expected="captions with curated keywords", found="none")
    pipeline = Pipeline.load(options.model, device=options.device, threads=options.threads)
    own = options.predictions is not None and options.profile is None
    profiles = (OWN,) if own else PROFILES if options.profile is None else (options.profile,)
    with ExitStack() as stack:
        report = None if options.report is None else stack.enter_context(KeywordReport(profiles))
        scorer = ProfileScorer(pipeline, profiles, each=report.add if report else lambda *_: None)
        keywords = mentions = False
        predicted = _predictions(options, chain([first], captions), pipeline, errors)
        for caption, document in stack.enter_context(closing(predicted)):
            scorer.add(caption, document)
            if document is not None:
                keywords |= bool(document.keywords)
                mentions |= bool(document.mentions)
        if own and mentions and not keywords:
            raise InputError(
                "the predictions have no keywords",
                expected="keywords, or --profile to make them of the mentions",
                found="mentions alone",
                where=Location(str(options.predictions)),
            )
        results = scorer.results()
        # Of every profile the same ones.
        some = results[profiles[0]]
        if len(some.missing) == some.overall.figures:
            raise _nothing_predicted()
        for profile, result in results.items():
            print(f"\nKeywords of {options.predictions}\n" if profile == OWN else f"\nProfile {profile}\n")
            print_report(result)
        if report is not None:
            report.write(options.report, results)
    return errors.finish(missing=some.missing)


def _predictions(
    options: argparse.Namespace, captions: Iterable[Caption], pipeline: Pipeline, errors: _Errors
) -> Generator[tuple[Caption, Document | None], None, None]:
    """Captions, each with what is predicted of it, one after the other."""
    if options.predictions is not None:
        _tell_unfinished(options.predictions)
        with DocumentStore(read_documents(options.predictions, errors)) as documents:
            yield from ((caption, documents.get(caption.id)) for caption in captions)
        return
    captions, ahead = tee(captions)
    outcomes = _progress(annotate_here(ahead, pipeline=pipeline))
    for caption, outcome in zip(captions, outcomes, strict=True):
        if isinstance(outcome, Failed):
            errors.of_caption(caption, outcome.error)
        yield caption, outcome if isinstance(outcome, Document) else None


def _evaluate(options: argparse.Namespace, errors: _Errors) -> int:
    _prepare_report(options)
    gold = list(read_documents(options.gold, errors))
    if not gold:
        raise InputError("nothing to evaluate", expected="gold documents", found="none")
    captions = [Caption(id=document.id, text=document.text, gold=document) for document in gold]
    if options.predictions is not None and options.given_mentions:
        raise ConfigError("predictions from a file have their own mentions", found="--given-mentions")
    # Read first, so that work is not done in vain.
    others = None
    if options.compare is not None:
        others = of_same_text(gold, _read_predictions(options.compare, captions, errors), errors)
    if options.predictions is not None:
        documents = of_same_text(gold, _read_predictions(options.predictions, captions, errors), errors)
        lexicon = None
    else:
        pipeline = Pipeline.load(options.model, device=options.device, threads=options.threads)
        documents = _predict(pipeline.given_mentions() if options.given_mentions else pipeline, captions, errors)
        lexicon = pipeline.lexicon
    if any(mention.references for document in gold for mention in document.mentions):
        lexicon = lexicon or _open_lexicon(options.model)
        result = evaluate(gold, documents, judge=Judge(lexicon, beyond=True))
    else:
        result = evaluate(gold, documents)
    comparison = None if others is None else compare(result, gold, others, edges_only=options.given_mentions)
    print_report(result, edges_only=options.given_mentions, comparison=comparison)
    if options.report is not None:
        write_report(options.report, result, edges_only=options.given_mentions, comparison=comparison)
    return errors.finish(missing={*result.missing, *(comparison.missing if comparison else ())})


def _serve(options: argparse.Namespace, _: _Errors) -> int:
    load = partial(Pipeline.load, options.model, device=options.device, threads=options.workers)
    return DONE if serve(options, load) else SET_ASIDE


def _prepare_report(options: argparse.Namespace) -> None:
    """Make the folder of the report first, so that work is not done in vain."""
    if options.report is not None:
        options.report.mkdir(parents=True, exist_ok=True)


def _predict(pipeline: Pipeline, captions: Sequence[Caption], errors: _Errors) -> dict[str, Document]:
    """The pipeline's documents of these captions, by id."""
    stream = pipeline.stream(captions, on_error=errors.of_caption)
    return _some({document.id: document for document in _progress(stream, len(captions))})


def _read_predictions(path: Path, captions: Sequence[Caption], errors: _Errors) -> dict[str, Document]:
    """The documents in a file or folder of parts that have the ids of these captions, by id."""
    _tell_unfinished(path)
    wanted = {caption.id for caption in captions}
    return _some({document.id: document for document in read_documents(path, errors) if document.id in wanted})


def _tell_unfinished(path: Path) -> None:
    if is_unfinished(path):
        print(f"pathcap: {path}: the run is not complete; what is missing of it is not scored", file=sys.stderr)


def _some(documents: dict[str, Document]) -> dict[str, Document]:
    if not documents:
        raise _nothing_predicted()
    return documents


def _nothing_predicted() -> InputError:
    return InputError("nothing is predicted", expected="documents with the ids of the captions", found="none")


def _open_lexicon(model: Path | None) -> Lexicon:
    """The lexicon of a model folder, by default of the one that comes with pathcap."""
    return Lexicon.open(read_model_config(model or default_model()).file("lexicon.bin"))


class _Errors:
    """Takes what could not be read or annotated: shows the first of them, lists all in the error file."""

    def __init__(self, log: ErrorLog) -> None:
        self._log = log

    def __call__(self, error: InputError) -> None:
        self._log(error)
        if self._log.count <= _SHOWN_ERRORS:
            print(f"pathcap: {error}", file=sys.stderr)

    def of_caption(self, caption: Caption, error: PathcapError) -> None:
        """Take a caption that could be read but not annotated."""
        self(InputError("the caption cannot be annotated", found=str(error), where=caption.where))

    def finish(self, missing: Collection[str] = ()) -> int:
        """Say what was set aside, and return the exit status of a run that did something.

        Args:
            missing: ids of captions without a prediction.
        """
        if missing:
            lacking = counted(len(missing), "caption")
            print(f"pathcap: {lacking} without a prediction, such as {min(missing)}", file=sys.stderr)
        self.tell()
        return SET_ASIDE if missing or self._log.count else DONE

    def tell(self) -> None:
        """Say how much was set aside, and where it is listed."""
        if self._log.count:
            listed = f", listed in {self._log.path}" if self._log.path else ""
            print(f"pathcap: {counted(self._log.count, 'input')} set aside{listed}", file=sys.stderr)


def _progress(documents: Iterable[Item], total: int | None = None) -> Iterator[Item]:
    """Pass documents through, with a count and rate on standard error where a person looks at it."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield from documents
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.completed:,} captions, {task.fields[rate]:,.0f}/s"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task: TaskID = progress.add_task("annotate", total=total, rate=0.0)
        started = time.perf_counter()
        for done, document in enumerate(documents, start=1):
            progress.update(task, completed=done, rate=done / (time.perf_counter() - started))
            yield document


if __name__ == "__main__":
    sys.exit(main())
