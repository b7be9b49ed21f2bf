"""Learn what names mean in annotated texts, and what each piece of evidence for an entry weighs.

    train_grounding.py --data DIR [--model FOLDER] [--hold-out N | --write]

Reads the training parts of BioID, CRAFT5 and BioRED in DIR: figures with all their panels, and legends, paragraphs and
abstracts under their titles. With --hold-out one article in N is not learned from but scored on; with --write the
weights go to ``nlp/stages/disambiguation/weights.py`` and the names to ``grounding/usage.tsv`` of FOLDER, whose hash in
its config.yaml must then be renewed.

A name is kept that at least two articles use for one entry, and most of those that use it at all, where the lexicon
puts another entry first or none. Weights are learned by maximum likelihood, each name of an article once for what
speaks for its entries; what an article says of its own names is kept from it.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpora.concepts import READERS, article, article_of
from nlp.config import default_model, read_model_config
from nlp.evaluation.bootstrap import Bootstrap
from nlp.evaluation.grounding import scores_by_type
from nlp.evaluation.references import Judge, Judgement, Outcome
from nlp.lexicon import Candidate, Lexicon, NameKind
from nlp.lexicon.spelling import INITIAL
from nlp.lexicon.usage import SHORT_FORMS, USAGE, read_counts
from nlp.stages.abbreviations import Abbreviations
from nlp.stages.base import Draft
from nlp.stages.disambiguation.candidates import Finder, Option, is_chebi, sole
from nlp.stages.disambiguation.context import LongForms, Name, Surroundings, named_in, panel_of, panel_starts
from nlp.stages.disambiguation.evidence import KINDS, evidence
from nlp.stages.grounding import Grounding
from nlp.stages.sentences import Sentences
from nlp.text import key
from nlp.tokens import Tokenizer
from nlp.types import Abbreviation, Caption, Document, Mention

ROOT: Final = Path(__file__).resolve().parent.parent
FILES: Final = {
    "BioID": "corpora/standoff/BioID/train.jsonl.gz",
    "CRAFT5": "corpora/standoff/CRAFT5/train.jsonl.gz",
    "BioRED": "corpora/relations/BioRED/train.jsonl.gz",
}
TYPES: Final = frozenset({"GENE", "CHEMICAL", "COMPONENT", "CELL", "ANATOMY"})
"""Of which names are learned; of the others, corpora annotate what captions do not: "patients", "regulated"."""
GENERIC: Final = frozenset(
    "CHEBI:36357 CHEBI:60004 CHEBI:75958 CHEBI:33695 CHEBI:33694 CHEBI:24870 GO:0005575 UBERON:0000479 "
    "UBERON:0001062 UBERON:0007023 UBERON:0000468 UBERON:0000467".split()
)
"""Entries that annotators fall back upon: polyatomic entity, mixture, solution, tissue, organism."""
LEFT_OUT: Final = frozenset(
    "calcium oxygen statin statins taz nadh lipids complex complexes complexed nucleic is e1 x y m".split()
)
"""Keys of names that mean something else in most captions than in the few articles that use them."""
ARTICLES: Final = 2
MAJORITY: Final = 0.6
STEPS: Final = 600
RATE: Final = 0.05
DECAY: Final = 2.0

_PANEL_OF_FIGURE: Final = re.compile(r"(?<=\d)\.?-.*", re.DOTALL)  # of "140041 Figure_1-A"
_BREAK: Final = re.compile(r"\n\n+")
_FIGURE_LABEL: Final = re.compile(r"Fig(?:ure|\.)? \w+")

Usage = Mapping[tuple[str, str], Mapping[str, frozenset[str]]]
ByHand = Mapping[tuple[str, str], Mapping[str, int]]


class Text(NamedTuple):
    """A document with the abbreviations that it explains, and the titles that it stands under."""

    document: Document
    abbreviations: tuple[Abbreviation, ...]
    title: str = ""
    paper: str = ""

    @property
    def caption(self) -> Caption:
        return Caption(self.document.id, self.document.text, self.title, self.paper)


def read_texts(paths: Mapping[str, Path]) -> Iterator[Text]:
    """The documents of corpus files, by the corpus' name, as captions are: figures of all their panels, and passages.

    The title of an article is that of each passage's paper; the first sentence of a legend is its figure's title.
    """
    tokenizer = Tokenizer()
    abbreviations = Abbreviations(tokenizer.language)
    for corpus, path in paths.items():
        documents = READERS[corpus](path)
        for text in figures(documents) if corpus == "BioID" else passages(documents, tokenizer):
            draft = Draft(text.caption)
            for stage in (Sentences(tokenizer), abbreviations):
                stage([draft])
            yield text._replace(abbreviations=draft.abbreviations)


def figures(documents: Iterable[Document]) -> Iterator[Text]:
    """The figures of BioID, whose documents are of a panel each, in their order."""

    for name, group in groupby(documents, lambda document: _PANEL_OF_FIGURE.sub("", document.id)):
        panels = [*group]
        mentions: list[Mention] = []
        offset = 0
        for number, panel in enumerate(panels):
            mentions += (_moved(mention, offset, f"{number} {mention.id}") for mention in panel.mentions)
            offset += len(panel.text) + 1
        yield Text(Document(name, " ".join(panel.text for panel in panels), tuple(mentions)), ())


def passages(documents: Iterable[Document], tokenizer: Tokenizer) -> Iterator[Text]:
    """The paragraphs and legends of articles and abstracts, under their titles; then the titles themselves."""
    for document in documents:
        text = document.text
        head, *_ = tokenizer.sentences(text.partition("\n")[0])
        cuts = {0, head.end, *(match.end() for match in _BREAK.finditer(text)), len(text)}
        starts = sorted(cuts)
        paper, before = head.of(text), ""
        for start, end in pairwise(starts):
            piece = text[start:end]
            cut = start
            if start and _FIGURE_LABEL.fullmatch(before.strip()):
                cut += tokenizer.sentences(piece)[0].end
            title = text[start:cut].strip()
            yield _passage(document, cut, end, title, paper if start else "")
            if title:
                yield _passage(document, start, cut, "", paper)
            before = piece


def _passage(document: Document, start: int, end: int, title: str, paper: str) -> Text:
    mentions = (one for one in document.mentions if start <= one.start and one.end <= end)
    moved = tuple(_moved(one, -start, one.id) for one in mentions)
    return Text(Document(f"{document.id} {start}", document.text[start:end], moved), (), title, paper)


def _moved(mention: Mention, offset: int, id: str) -> Mention:
    return replace(mention, id=id, start=mention.start + offset, end=mention.end + offset)


def is_held_out(document: Document, every: int) -> bool:
    """Whether a document is from one of the articles that are kept for scoring."""
    return int(hashlib.md5(article(document).encode()).hexdigest(), 16) % every == 0


def usage_of(texts: Iterable[Text], judge: Judge, lexicon: Lexicon) -> Usage:
    """The articles that mean an entry by a name, by the name's key and the mention's type.

    Names that the lexicon puts the entry first for are left out, as are those of several genes together.
    """
    found: defaultdict[tuple[str, str], defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for text in texts:
        for mention in text.document.mentions:
            meant = judge.meant(mention)
            if mention.type in TYPES and (mention.type != "GENE" or len(meant) == 1):
                for curie in meant - GENERIC:
                    found[key(mention.text), mention.type][curie].add(article(text.document))
    usage: dict[tuple[str, str], dict[str, frozenset[str]]] = {}
    for (name, type), entries in found.items():
        if name in LEFT_OUT:
            continue
        first = next((one for one in lexicon.lookup(name) if one.entry.type == type), None)
        if first is None or (not _is_settled(first, type) and not _is_first(first.entry.curie, entries, judge)):
            usage[name, type] = {curie: frozenset(articles) for curie, articles in entries.items()}
    return usage


def _is_settled(first: Candidate, type: str) -> bool:
    """Whether corpora, each of its field, should not overrule the lexicon: by its best names, but of chemicals.

    Of those, annotators mean the same form (acid or salt, atom or ion) by a name again and again.
    """
    return type != "CHEMICAL" and first.how <= NameKind.TEXT_FORM and first.edits <= INITIAL


def _is_first(first: str, entries: Mapping[str, Collection[str]], judge: Judge) -> bool:
    """Whether what the lexicon puts first is meant by most articles, or is a family of what is meant."""
    most = max(map(len, entries.values()))
    best = [curie for curie, articles in entries.items() if len(articles) == most]
    return judge.outcome(first, best) in (Outcome.RIGHT, Outcome.FAMILY)


def merged(counts: Mapping[str, int], by_hand: Mapping[str, int]) -> Mapping[str, int]:
    """Usage as the lexicon gives it: what was counted, and what was written by hand."""
    return {curie: max(counts.get(curie, 0), by_hand.get(curie, 0)) for curie in {**counts, **by_hand}}


def kept(entries: Mapping[str, frozenset[str]], without: str = "") -> dict[str, int]:
    """In how many articles a name means each entry, of the entries that are worth keeping."""
    counts = {curie: len(articles - {without}) for curie, articles in entries.items()}
    total = len(frozenset[str]().union(*entries.values()) - {without})
    return {curie: count for curie, count in counts.items() if count >= max(ARTICLES, MAJORITY * total)}


@dataclass(frozen=True, slots=True)
class Example:
    """A name in a document: the evidence of each option, and which of them are meant."""

    options: tuple[Mapping[str, float], ...]
    meant: tuple[bool, ...]


def examples(texts: Iterable[Text], judge: Judge, lexicon: Lexicon, usage: Usage, by_hand: ByHand) -> Iterator[Example]:
    """Each name of each panel or passage, once an article for what speaks for its entries.

    Genes without identifier are passed over: many stand for tags and controls.
    """
    seen: set[tuple[object, ...]] = set()
    for text in texts:
        own = article(text.document)

        def used(surface: str, type: str, own: str = own) -> Mapping[str, int]:
            name = (key(surface), type)
            return merged(kept(usage.get(name, {}), own), by_hand.get(name, {}))

        finder = Finder(lexicon, used)
        starts = panel_starts(text.document.text)
        long_forms = LongForms(text.document.text, text.abbreviations, starts)
        found: dict[Name, tuple[Option, ...]] = {}
        meanings: dict[tuple[Name, frozenset[str]], None] = {}
        for mention in text.document.mentions:
            if finder.parts(mention.text, mention.type):
                continue
            name = Name(mention.text, mention.type, panel_of(starts, mention.start))
            if name not in found:
                found[name] = finder.options(name.surface, name.type, long_forms.of(name.surface, name.panel))
            meant = judge.meant(mention)
            if meant or (not mention.references and mention.type != "GENE"):
                meanings[name, meant] = None
        soles = {name: [curie for curie in (sole(options),) if curie is not None] for name, options in found.items()}
        around = Surroundings(soles.items(), named_in(lexicon, text.title) | named_in(lexicon, text.paper))
        for name, meant in meanings:
            options = found[name]
            right = right_of(options, meant, judge)
            told = [
                pair
                for pair in zip(options, right, strict=True)
                if not is_untold(pair[0], name.type, meant, any(right))
            ]
            is_beside = any(is_chebi(option.candidate.entry.curie) for option, _ in told)
            rows = []
            for option, _ in told:
                curie = option.candidate.entry.curie
                outside = dict.fromkeys(around.of(curie, name.panel, soles[name]), 1.0)
                rows.append(evidence(replace(option, beside=is_beside), name.surface, name.type) | outside)
            example = Example(tuple(rows), tuple(one for _, one in told))
            mark = (own, name.surface, name.type, meant, *(frozenset(row.items()) for row in rows))
            if mark not in seen and (told or not options):
                seen.add(mark)
                yield example


def is_untold(option: Option, type: str, meant: frozenset[str], found: bool) -> bool:
    """Whether nobody knows if this is wrong: an entry of a vocabulary that the annotators had no identifiers of.

    Where they meant another entry by a name, a MeSH heading of this name may be just what the name means. And where
    the heading that they meant was ``found``, an entry of ChEBI may be the same thing.
    """
    entry = option.candidate.entry
    own = {curie.partition(":")[0] for curie in meant}
    if found:
        return is_chebi(entry.curie) and "CHEBI" not in own
    return bool(meant) and entry.type == type and entry.curie.partition(":")[0] not in own


def right_of(options: Sequence[Option], meant: frozenset[str], judge: Judge) -> tuple[bool, ...]:
    """Which options are right: the annotated entries, or a family of theirs that is named as such.

    A family is, where the lexicon puts it before the genes: annotators had no identifiers for it.
    """
    outcomes = [judge.outcome(option.candidate.entry.curie, meant) for option in options]
    good = [pair for pair in zip(options, outcomes, strict=True) if pair[1] in (Outcome.RIGHT, Outcome.FAMILY)]
    first = min(good, key=lambda pair: pair[0].place)[1] if good else Outcome.RIGHT
    return tuple(outcome is first for outcome in outcomes)


def fit(found: Sequence[Example], decay: float = DECAY) -> dict[str, float]:
    """Weights of the evidence that make what is meant likeliest, by Adam (Kingma & Ba 2015) on all examples."""
    names = sorted({name for example in found for row in example.options for name in row})
    column = {name: place for place, name in enumerate(names)}
    cells = [
        (row, column[name], value)
        for row, evidence in enumerate(row for example in found for row in example.options)
        for name, value in evidence.items()
    ]
    rows = np.array([cell[0] for cell in cells])
    columns = np.array([cell[1] for cell in cells])
    values = np.array([cell[2] for cell in cells])
    group = np.repeat(np.arange(len(found)), [len(example.options) for example in found])
    meant = np.array([one for example in found for one in example.meant], dtype=bool)
    lost = np.bincount(group, meant, minlength=len(found)) == 0

    def gradient(weights: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
        odds = np.exp(np.clip(np.bincount(rows, values * weights[columns], minlength=len(group)), -30, 30))
        total = 1.0 + np.bincount(group, odds, minlength=len(found))
        right = np.where(lost, 1.0, np.bincount(group, odds * meant, minlength=len(found)))
        slope = odds / total[group] - odds * meant / right[group]
        loss = -np.log(right / total).sum()
        return np.bincount(columns, slope[rows] * values, minlength=len(names)) + decay * weights, float(loss)

    weights, first, second = np.zeros(len(names)), np.zeros(len(names)), np.zeros(len(names))
    loss = 0.0
    for step in range(1, STEPS + 1):
        slope, loss = gradient(weights)
        first, second = 0.9 * first + 0.1 * slope, 0.999 * second + 0.001 * slope**2
        rate = RATE * (1 - step / (STEPS + 1))
        weights = weights - rate * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    print(f"{len(found):,} names, {len(names)} weights, loss {loss / len(found):.4f}", file=sys.stderr)
    return {name: round(float(weight), 3) for name, weight in zip(names, weights, strict=True)}


def ground(texts: Iterable[Text], stage: Grounding, judge: Judge) -> Iterator[tuple[str, Judgement]]:
    """The id of each text, and what became of its mentions in scope, grounded by a stage."""
    for text in texts:
        document = text.document
        mentions = tuple(replace(mention, references=()) for mention in document.mentions)
        draft = Draft(text.caption, abbreviations=text.abbreviations, mentions=mentions)
        (grounded,) = stage.predict([draft])
        yield document.id, judge.judge(document.mentions, grounded)


def report(judged: Iterable[tuple[str, Judgement]]) -> None:
    """Print accuracy by type, and how well scores are calibrated."""
    articles: dict[str, list[Judgement]] = {}
    for id, judgement in judged:
        articles.setdefault(article_of(id), []).append(judgement)
    for type, scores in scores_by_type(articles.values(), Bootstrap()).items():
        print(
            f"{type:>10} {scores.found:6,d}  coverage {scores.coverage.value:.3f}  @1 {scores.accuracy.value:.3f} "
            f"({scores.accuracy.low:.3f}–{scores.accuracy.high:.3f})  "
            f"with families {scores.accuracy_with_families.value:.3f}  "
            f"calibration error {scores.reliability_with_families.error:.3f}"
        )


def write_usage(usage: Usage, path: Path) -> None:
    """Write the names worth keeping, by type and name."""
    lines = ["# What annotated articles mean by names, as scripts/train_grounding.py counts them."]
    lines.append("curie\tname\ttype\tarticles")
    rows = ((type, name, curie, count) for (name, type), own in usage.items() for curie, count in kept(own).items())
    lines += [f"{curie}\t{name}\t{type}\t{count}" for type, name, curie, count in sorted(rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_weights(weights: Mapping[str, float], path: Path) -> None:
    """Put the weights into their module."""
    head, _, _ = path.read_text(encoding="utf-8").partition("WEIGHTS: Final")
    rows = "".join(f'        "{name}": {weight},\n' for name, weight in sorted(weights.items()))
    path.write_text(
        f"{head}WEIGHTS: Final[Mapping[str, float]] = MappingProxyType(\n    {{\n{rows}    }}\n)\n", "utf-8"
    )


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with the corpora")
    parser.add_argument("--model", type=Path, default=default_model())
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--hold-out", type=int, metavar="N")
    what.add_argument("--write", action="store_true")
    options = parser.parse_args(arguments)
    lexicon = Lexicon.open(read_model_config(options.model).file("lexicon.bin"))
    judge = Judge(lexicon)
    texts = list(read_texts({corpus: options.data / file for corpus, file in FILES.items()}))
    held = [text for text in texts if options.hold_out and is_held_out(text.document, options.hold_out)]
    learned = [text for text in texts if not (options.hold_out and is_held_out(text.document, options.hold_out))]
    by_hand = read_counts(options.model / "grounding" / SHORT_FORMS)
    usage = usage_of(learned, judge, lexicon)
    weights = fit(list(examples(learned, judge, lexicon, usage, by_hand)))
    if unknown := KINDS - weights.keys():
        raise SystemExit(f"the texts have no example of {', '.join(sorted(unknown))}")
    if options.write:
        write_usage(usage, options.model / "grounding" / USAGE)
        write_weights(weights, ROOT / "nlp" / "stages" / "disambiguation" / "weights.py")
        return
    names = {name: merged(kept(usage.get(name, {})), by_hand.get(name, {})) for name in {**usage, **by_hand}}
    stage = Grounding(lexicon, weights=weights, usage=lambda name, label: names.get((key(name), label), {}))
    report(ground(held, stage, judge))


if __name__ == "__main__":
    main(sys.argv[1:])
