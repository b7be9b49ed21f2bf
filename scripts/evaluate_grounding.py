"""How well mentions are grounded: given spans, end to end, calibrated, and how fast, as tables.

    evaluate_grounding.py --data DIR [--model FOLDER] [--split test|train] [--limit N]
                          [--wheels DIR] [--end-to-end] [--speed]

On the captions of BioID: accuracy@1 of the best reference of each annotated mention, with its span and type given. In
scope are mentions whose identifiers lead to an entry of the lexicon, by its own or by cross references: of genes, the
human ones. With --wheels, the packages that the lexicon is compiled from, the names come from there again for plain
exact match and, if gilda is installed, for gilda's matcher (Gyori et al. 2022), which are told the type as well. Each
is measured without and with the tables of usage, which pathcap alone would have otherwise.
--speed grounds the same mentions again, with all names in the cache. Intervals are 95 %, by bootstrap over articles.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from corpora.concepts import article_of, read_bioid
from nlp import Pipeline
from nlp.config import default_model
from nlp.evaluation.bootstrap import Bootstrap
from nlp.evaluation.counts import Estimate
from nlp.evaluation.grounding import ReferenceScores, reference_counts, reference_scores, scores_by_type
from nlp.evaluation.references import ErrorKind, Judge, Judgement
from nlp.lexicon import Lexicon, NameKind
from nlp.lexicon.store import TYPE_OF_KIND
from nlp.lexicon.usage import SHORT_FORMS, USAGE, read_counts
from nlp.stages.abbreviations import Abbreviations
from nlp.stages.base import Draft
from nlp.stages.grounding import Grounding
from nlp.stages.sentences import Sentences
from nlp.tokens import Tokenizer
from nlp.types import Caption, Document, Mention, Reference

PUBLISHED: Final = 66.8
"""F1 of mentions and identifiers together, genes of all species, on BioID's test captions, in percent."""
STATUS: Final = {NameKind.TEXT_FORM: "curated", NameKind.PREVIOUS: "former_name"}
REPEATS: Final = 5
BOOTSTRAP: Final = Bootstrap()

Matcher = Callable[[str, str], str | None]


@dataclass(frozen=True, slots=True)
class Term:
    """A name of an entry."""

    name: str
    how: NameKind
    curie: str
    preferred: str
    type: str


def read_drafts(documents: Sequence[Document]) -> list[Draft]:
    """The captions with their abbreviations, and mentions without references."""
    tokenizer = Tokenizer()
    stages = (Sentences(tokenizer), Abbreviations(tokenizer.language))
    drafts = []
    for document in documents:
        draft = Draft(Caption(document.id, document.text))
        for stage in stages:
            stage([draft])
        mentions = tuple(replace(mention, references=()) for mention in document.mentions)
        drafts.append(Draft(draft.caption, abbreviations=draft.abbreviations, mentions=mentions))
    return drafts


def read_terms(wheels: Path, model: Path) -> Iterator[Term]:
    """All names of the lexicon as its sources and tables spell them."""
    sys.path.insert(0, str(Path(__file__).parent))
    from build_lexicon import collect
    from lexicon_build.wheels import Sources

    for item in collect(Sources(wheels)).items.values():
        for name, how in item.names.items():
            yield Term(name, how, item.curie, item.name, TYPE_OF_KIND[item.kind])
    for path in sorted((model / "names").glob("*.tsv")):
        with path.open(encoding="utf-8") as lines:
            for row in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
                if len(row) == 5 and row[2] in TYPE_OF_KIND:
                    curie, preferred, kind, synonyms, others = row
                    forms = [(preferred, NameKind.NAME)]
                    forms += [(name, NameKind.SYMBOL) for name in filter(None, synonyms.split("|"))]
                    forms += [(name, NameKind.TEXT_FORM) for name in filter(None, others.split("|"))]
                    yield from (Term(name, how, curie, preferred, TYPE_OF_KIND[kind]) for name, how in forms)


def read_usage_terms(lexicon: Lexicon, model: Path) -> Iterator[Term]:
    """The names of the tables of usage, which stand for their type alone."""
    counts = read_counts(model / "grounding" / USAGE, model / "grounding" / SHORT_FORMS)
    for (name, type), entries in counts.items():
        for curie in entries:
            entry = lexicon.entry(curie)
            if entry is not None:
                yield Term(name, NameKind.TEXT_FORM, curie, entry.name, type)


def exact_matcher(terms: Iterable[Term]) -> Matcher:
    """The entry that has just this name, by the best kind of name."""
    entries: dict[tuple[str, str], tuple[NameKind, str]] = {}
    for term in terms:
        known = entries.get((term.name, term.type))
        if known is None or (term.how, term.curie) < known:
            entries[term.name, term.type] = (term.how, term.curie)

    def match(surface: str, type: str) -> str | None:
        found = entries.get((surface, type))
        return found[1] if found else None

    return match


def gilda_matcher(terms: Iterable[Term]) -> Matcher:
    """The best match of gilda's grounder, which knows the same names; types are its namespaces.

    Raises:
        ImportError: if gilda is not installed.
    """
    from gilda.grounder import Grounder
    from gilda.process import normalize
    from gilda.term import Term as GildaTerm

    def made(term: Term) -> Any:
        status = "name" if term.how <= NameKind.NAME else STATUS.get(term.how, "synonym")
        return GildaTerm(normalize(term.name), term.name, term.type, term.curie, term.preferred, status, "lexicon")

    grounder = Grounder([made(term) for term in terms])

    @cache
    def match(surface: str, type: str) -> str | None:
        found = grounder.ground(surface, namespaces=[type])
        return found[0].term.id if found else None

    return match


def match_all(documents: Iterable[Document], matcher: Matcher) -> Iterator[list[Mention]]:
    """The mentions of each document, as another matcher grounds them."""
    for document in documents:
        found = [(mention, matcher(mention.text, mention.type)) for mention in document.mentions]
        yield [replace(one, references=(Reference(curie, ""),) if curie else ()) for one, curie in found]


def by_article(
    documents: Iterable[Document], predicted: Iterable[Sequence[Mention]], judge: Judge, *, overlap: bool = False
) -> list[list[Judgement]]:
    """What became of the mentions in scope, article by article."""
    articles: dict[str, list[Judgement]] = {}
    for document, mentions in zip(documents, predicted, strict=True):
        judgement = judge.judge(document.mentions, mentions, overlap=overlap)
        articles.setdefault(article_of(document.id), []).append(judgement)
    return [*articles.values()]


def percent(estimate: Estimate) -> str:
    return f"{100 * estimate.value:.1f} ({100 * estimate.low:.1f}–{100 * estimate.high:.1f})"


def print_accuracy(results: Mapping[str, Mapping[str, ReferenceScores]]) -> None:
    """A row for each type and matcher."""
    print("| type | in scope | matcher | coverage | accuracy@1 | with families |")
    print("| --- | ---: | --- | ---: | ---: | ---: |")
    for type in next(iter(results.values())):
        for name, own in results.items():
            one = own[type]
            shares = (one.coverage, one.accuracy, one.accuracy_with_families)
            print(f"| {' | '.join((type, f'{one.found:,}', name, *map(percent, shares)))} |")


def print_calibration(results: Mapping[str, ReferenceScores]) -> None:
    """How often references of each score are right, a family being right for its members."""
    print(
        "| type | references | calibration error |" + "".join(f" .{low}–.{low + 1} |" for low in range(9)) + " .9–1 |"
    )
    print("| --- | ---: | ---: |" + " ---: |" * 10)
    for type, scores in results.items():
        diagram = scores.reliability_with_families
        print(f"| {type} | {diagram.items:,} | {diagram.error:.3f} |", end="")
        cells = (f"{one.share_right.value:.2f} of {one.count:,}" if one.count else "" for one in diagram.bins)
        print("".join(f" {cell} |" for cell in cells))


def print_end_to_end(results: Mapping[str, ReferenceScores]) -> None:
    """Scores, then the kinds of errors."""
    print("| spans | gold | precision | recall | F1 | F1 with families | published |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, result in results.items():
        scores = result.end_to_end
        cells = (f"{scores.counts.gold:,}", *map(percent, (scores.precision, scores.recall, scores.f1)))
        print(f"| {name} | {' | '.join(cells)} | {percent(result.end_to_end_with_families.f1)} | {PUBLISHED} |")
    print("\n| error |" + "".join(f" {name} |" for name in results))
    print("| --- |" + " ---: |" * len(results))
    for kind in ErrorKind:
        print(f"| {kind.value} |" + "".join(f" {result.errors[kind]:,} |" for result in results.values()))


def speed(stage: Grounding, drafts: Sequence[Draft]) -> float:
    """Mentions a second on one core, with all names in the cache."""
    stage.predict(drafts)
    start = time.process_time()
    for _ in range(REPEATS):
        stage.predict(drafts)
    return REPEATS * sum(len(draft.mentions) for draft in drafts) / (time.process_time() - start)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with the corpora")
    parser.add_argument("--model", type=Path, default=default_model())
    parser.add_argument("--split", choices=["test", "train"], default="test")
    parser.add_argument("--limit", type=int, help="read at most so many captions")
    parser.add_argument("--wheels", type=Path, metavar="DIR", help="for exact match and gilda")
    parser.add_argument("--end-to-end", action="store_true", help="run the whole pipeline too")
    parser.add_argument("--speed", action="store_true")
    options = parser.parse_args(arguments)
    if options.split == "train":
        print("warning: names and weights were learned from the training captions", file=sys.stderr)
    pipeline = Pipeline.load(options.model, device="cpu")
    (stage,) = (stage for stage in pipeline.stages if isinstance(stage, Grounding))
    lexicon: Lexicon = pipeline.lexicon
    judge = Judge(lexicon)
    path = options.data / "corpora" / "standoff" / "BioID" / f"{options.split}.jsonl.gz"
    documents = list(itertools.islice(read_bioid(path), options.limit))
    drafts = read_drafts(documents)
    found: dict[str, Iterable[Sequence[Mention]]] = {"pathcap": stage.predict(drafts)}
    if options.wheels:
        terms = list(read_terms(options.wheels, options.model))
        known_terms = {"": terms, ", with usage": [*terms, *read_usage_terms(lexicon, options.model)]}
        for name, own in known_terms.items():
            found[f"exact match{name}"] = match_all(documents, exact_matcher(own))
            try:
                found[f"gilda{name}"] = match_all(documents, gilda_matcher(own))
            except ImportError:
                print("gilda is not installed", file=sys.stderr)
    genes = [mention for document in documents for mention in document.mentions if mention.type == "GENE"]
    known = sum(bool(mention.references) for mention in genes)
    human = sum(bool(judge.meant(mention)) for mention in genes)
    print(f"{len(genes):,} mentions of genes, {known:,} with identifiers, {human:,} in scope\n")
    results = {
        name: scores_by_type(by_article(documents, predicted, judge), BOOTSTRAP) for name, predicted in found.items()
    }
    print_accuracy(results)
    print()
    print_calibration(results["pathcap"])
    if options.end_to_end:
        captions = (Caption(document.id, document.text) for document in documents)
        predicted = [document.mentions for document in pipeline.stream(captions)]
        print()
        print_end_to_end(
            {
                name: reference_scores(
                    [
                        reference_counts(judgements, ("GENE",))
                        for judgements in by_article(documents, predicted, judge, overlap=overlap)
                    ],
                    BOOTSTRAP,
                )
                for name, overlap in (("same", False), ("overlapping", True))
            }
        )
    if options.speed:
        print(f"\n{speed(stage, drafts):,.0f} mentions/s on one core, names in the cache")


if __name__ == "__main__":
    main(sys.argv[1:])
