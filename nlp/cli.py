"""The ``pathcap`` command.

Exit status: 0 if all went well, 1 if something was set aside (the rest is done), 2 if nothing could be done.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from nlp.config import PROFILES
from nlp.errors import ConfigError, InputError, PathcapError
from nlp.evaluation.gold import evaluate
from nlp.evaluation.keywords import score_keywords
from nlp.evaluation.report import print_report, write_report
from nlp.formats.jsonlines import read_documents
from nlp.formats.sources import read_sources
from nlp.formats.writers import STANDARD_OUTPUT, WRITERS, ErrorLog, open_writer
from nlp.lexicon import Lexicon
from nlp.pipeline import Pipeline
from nlp.stages.keywords import Keywords
from nlp.types import Caption, Document, Keyword

DONE: Final = 0
SET_ASIDE: Final = 1
FAILED: Final = 2
_SHOWN_ERRORS: Final = 20


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with ``arguments``, by default those of the process, and return its exit status."""
    options = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace, _Errors], int] = options.run
    try:
        with ErrorLog(_error_file(options)) as log:
            return run(options, _Errors(log))
    except PathcapError as error:
        print(f"pathcap: {error}", file=sys.stderr)
        return FAILED
    except BrokenPipeError:
        # Whoever read the output has seen enough; Python must not try to flush it again at exit.
        with suppress(OSError):
            sys.stdout.close()
        return FAILED
    except KeyboardInterrupt:
        print("pathcap: interrupted", file=sys.stderr)
        return FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="pathcap", description="Text mining of pathway figure captions.")
    parser.add_argument("--version", action="version", version=f"pathcap {version('pathcap')}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--model", type=Path, metavar="DIR", help="model folder (default: the one that is installed)")
    common.add_argument("--errors", type=Path, metavar="FILE", help="where to list what could not be read")

    sources = argparse.ArgumentParser(add_help=False)
    sources.add_argument(
        "sources",
        nargs="+",
        metavar="SOURCE",
        help="file or folder: PFOCR pages (.md), JSON Lines, CSV, TSV, Parquet, plain text; - for JSON Lines on "
        "standard input",
    )
    sources.add_argument("--profile", choices=PROFILES, help="how keywords are made of mentions")

    scored = argparse.ArgumentParser(add_help=False)
    scored.add_argument("--predictions", type=Path, metavar="FILE", help="score these documents instead of annotating")
    scored.add_argument("--report", type=Path, metavar="DIR", help="also write all figures, misses and extras there")

    command = commands.add_parser("annotate", parents=[sources, common], help="annotate captions")
    command.add_argument("-o", "--output", required=True, metavar="OUT", help="output file; - for standard output")
    command.add_argument("--format", choices=[*WRITERS], default="jsonl", help="form of the output (default: jsonl)")
    command.set_defaults(run=_annotate)

    command = commands.add_parser("score", parents=[sources, common, scored], help="score against curated keywords")
    command.set_defaults(run=_score)

    command = commands.add_parser("evaluate", parents=[common, scored], help="score mentions and edges against gold")
    command.add_argument("gold", type=Path, metavar="GOLD.jsonl", help="gold documents")
    command.add_argument(
        "--given-mentions", action="store_true", help="predict edges between the gold mentions, to judge them alone"
    )
    command.set_defaults(run=_evaluate)
    return parser


def _error_file(options: argparse.Namespace) -> Path | None:
    """Where errors are listed: beside the output, unless said otherwise."""
    output: str | None = getattr(options, "output", None)
    if options.errors is not None or output is None or output == STANDARD_OUTPUT:
        named: Path | None = options.errors
        return named
    return Path(output).with_suffix(".errors.jsonl")


def _annotate(options: argparse.Namespace, errors: _Errors) -> int:
    pipeline = Pipeline.load(options.model, profile=options.profile)
    started, done, characters = time.perf_counter(), 0, 0
    with open_writer(options.output, options.format) as writer:
        for document in _progress(pipeline.stream(read_sources(options.sources, errors), on_error=errors.of_caption)):
            writer.write(document)
            done += 1
            characters += len(document.text)
    seconds = time.perf_counter() - started
    print(
        f"pathcap: {done:,} captions annotated in {seconds:.1f} s ({done / seconds:,.0f} captions/s, "
        f"{characters / seconds:,.0f} characters/s) -> {options.output}",
        file=sys.stderr,
    )
    return errors.finish(done)


def _score(options: argparse.Namespace, errors: _Errors) -> int:
    captions = [caption for caption in read_sources(options.sources, errors) if caption.curated is not None]
    if not captions:
        raise InputError("nothing to score", expected="captions with curated keywords", found="none")
    lexicon, documents = _documents(captions, options, errors)
    if options.predictions is not None and options.profile is None:
        profiles = {"the predictions' own keywords": documents}
    else:
        profiles = {
            profile: _with_keywords(documents, Keywords(lexicon, profile))
            for profile in ([options.profile] if options.profile else PROFILES)
        }
    for profile, predicted in profiles.items():
        result = score_keywords(captions, predicted, identifiers=_identifiers(lexicon))
        print(f"\nProfile {profile}\n" if profile in PROFILES else f"\nProfile: {profile}\n")
        print_report(result)
        if options.report is not None:
            write_report(options.report / profile if profile in PROFILES else options.report, result)
    return errors.finish(len(captions))


def _evaluate(options: argparse.Namespace, errors: _Errors) -> int:
    gold = list(read_documents(options.gold, errors))
    if not gold:
        raise InputError("nothing to evaluate", expected="gold documents", found="none")
    captions = [Caption(id=document.id, text=document.text, gold=document) for document in gold]
    _, documents = _documents(captions, options, errors, given_mentions=options.given_mentions)
    result = evaluate(gold, documents)
    print_report(result)
    if options.report is not None:
        write_report(options.report, result)
    return errors.finish(len(gold))


def _documents(
    captions: Sequence[Caption], options: argparse.Namespace, errors: _Errors, *, given_mentions: bool = False
) -> tuple[Lexicon, dict[str, Document]]:
    """The lexicon, and the predictions for these captions: read from a file if one is named, else made."""
    pipeline = Pipeline.load(options.model)
    if options.predictions is not None:
        if given_mentions:
            raise ConfigError("predictions from a file have their own mentions", found="--given-mentions")
        predicted: Iterable[Document] = read_documents(options.predictions, errors)
    else:
        chosen = pipeline.given_mentions() if given_mentions else pipeline
        predicted = _progress(chosen.stream(captions, on_error=errors.of_caption), len(captions))
    wanted = {caption.id for caption in captions}
    return pipeline.lexicon, {document.id: document for document in predicted if document.id in wanted}


def _with_keywords(documents: dict[str, Document], keywords: Keywords) -> dict[str, Document]:
    return {
        id: replace(document, keywords=keywords.of(document.text, document.mentions))
        for id, document in documents.items()
    }


def _identifiers(lexicon: Lexicon) -> Callable[[Keyword], Collection[str]]:
    """What else a keyword's identifier is called: a gene's NCBI Gene id, a chemical's MeSH descriptor."""

    def identifiers(keyword: Keyword) -> Collection[str]:
        if keyword.curie is None:
            return ()
        entry = lexicon.entry(keyword.curie)
        return (keyword.curie, *(entry.xrefs if entry else ()))

    return identifiers


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

    def finish(self, done: int) -> int:
        """Say how many there were, and return the exit status of a run that did ``done`` captions."""
        if not self._log.count:
            return DONE
        listed = f", listed in {self._log.path}" if self._log.path else ""
        print(f"pathcap: {self._log.count:,} inputs set aside{listed}", file=sys.stderr)
        return SET_ASIDE if done else FAILED


def _progress(documents: Iterable[Document], total: int | None = None) -> Iterator[Document]:
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
