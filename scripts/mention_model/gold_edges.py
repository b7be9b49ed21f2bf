"""Gold captions with their mentions given, as an edge network reads them, and how what it finds compares."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mention_model.names import Names
from nlp import Caption, Document
from nlp.evaluation.counts import Counts
from nlp.evaluation.edges import asserted_edges
from nlp.evaluation.gold import score_caption
from nlp.formats.documents import read_documents
from nlp.networks.edge_scores import EdgeGraph, EdgeInputs, EdgeScores, judge
from nlp.networks.inputs import Window, windows
from nlp.networks.names import TAGS, with_names
from nlp.networks.pieces import PieceTokenizer
from nlp.networks.tags import LabelledSpan
from nlp.networks.windows import merge
from nlp.stages.abbreviations import Abbreviations
from nlp.stages.base import Draft
from nlp.stages.edge_cues import pair_cues, word_cues
from nlp.stages.edge_decoding import Decoding, as_relations, name_keys
from nlp.stages.relations import rule_edges
from nlp.tokens import Tokenizer

Vectors = Callable[[Sequence[Window]], list[NDArray[np.float32]]]
"""A tagger: for each window the (words, width) vectors of its words."""
THRESHOLDS: Final = tuple(step / 40 for step in range(4, 38))


@dataclass(slots=True, eq=False)
class GoldCaption:
    """A gold caption.

    Attributes:
        document: with its mentions and relations.
        words: (words, 2) offsets.
        names: of its mentions, the same for mentions of the same thing.
        inputs: all that an edge network is given, but for vectors.
        windows: ranges of words, and what a tagger reads of them.
        vectors: (words, width), once it has been read.
    """

    document: Document
    words: NDArray[np.int32]
    names: Sequence[str]
    inputs: EdgeInputs
    windows: Sequence[tuple[tuple[int, int], Window]]
    vectors: NDArray[np.float32]


class GoldCaptions:
    """Captions of a gold file, as they would be read with their mentions given.

    Args:
        path: of the file.
        tokenizer: of the tagger.
        names: of the lexicon.
        limit: most pieces in a window.
    """

    def __init__(self, path: Path, tokenizer: PieceTokenizer, names: Names, limit: int) -> None:
        documents = list(read_documents(path))
        names.look_up(document.text for document in documents)
        cut = Tokenizer()
        abbreviations = Abbreviations(cut.language)
        self.items = []
        for document, pieces in zip(documents, tokenizer([document.text for document in documents]), strict=True):
            tokens, sentences = cut(document.text)
            draft = Draft(Caption(document.id, document.text), tokens=tokens, sentences=tuple(sentences))
            (draft.abbreviations,) = abbreviations.predict([draft])
            draft.mentions = document.mentions
            spans = [LabelledSpan(mention.start, mention.end, mention.type) for mention in document.mentions]
            cues = word_cues(document.text, pieces.spans)
            ruled = pair_cues((edge for edge, _ in rule_edges(draft)), [mention.id for mention in document.mentions])
            inputs = EdgeInputs.of(document.text, pieces.spans, spans, TAGS, cues, ruled)
            ends = np.searchsorted(pieces.spans[:, 0], [span.end for span in sentences], side="left").tolist()
            parts = windows(with_names(pieces, names(document.text)), tokenizer, ends=ends, limit=limit)
            keys = name_keys(document.text, document.mentions, draft.abbreviations)
            self.items.append(GoldCaption(document, pieces.spans, keys, inputs, parts, np.zeros((0, 0), np.float32)))

    def part(self, chosen: slice) -> GoldCaptions:
        """Some of them."""
        other = object.__new__(type(self))
        other.items = self.items[chosen]
        return other

    def read(self, vectors: Vectors) -> None:
        """Let a tagger read all of them."""
        rows = iter(vectors([window for item in self.items for _, window in item.windows]))
        for item in self.items:
            item.vectors = merge([words for words, _ in item.windows], [next(rows) for _ in item.windows])

    def asked(self, edges: EdgeGraph) -> list[EdgeScores | None]:
        """What a network says of each; None where there are no pairs."""
        return [judge(edges, item.inputs, item.vectors) if len(item.inputs.pairs) else None for item in self.items]

    def score(self, said: Iterable[EdgeScores | None], decoding: Decoding) -> dict[str, float]:
        """Precision, recall and F1 of edges with type and sign, F1 of pairs, and how many labels of pairs are right."""
        edges, pairs = Counts(), Counts()
        signs: list[bool] = []
        types: list[bool] = []
        for item, own in zip(self.items, said, strict=True):
            gold = item.document
            found = (
                as_relations(gold.text, item.words, gold.mentions, own, decoding(own, item.names))
                if own is not None
                else ()
            )
            scored = score_caption(gold, Document(gold.id, gold.text, gold.mentions, found))
            edges, pairs = edges + scored.edges.counts(), pairs + scored.pairs.counts()
            signs += [label.gold.sign == label.predicted.sign for label in scored.labels]
            types += [label.gold.type == label.predicted.type for label in scored.labels]
        return {
            "f1": round(edges.f1, 4),
            "precision": round(edges.precision, 4),
            "recall": round(edges.recall, 4),
            "pairs": round(pairs.f1, 4),
            "sign": round(float(np.mean(signs or [0])), 4),
            "type": round(float(np.mean(types or [0])), 4),
        }

    def outcomes(self, said: Iterable[EdgeScores | None], decoding: Decoding) -> list[tuple[float, bool]]:
        """Scores of the edges found, and whether they are right."""
        found = []
        for item, own in zip(self.items, said, strict=True):
            if own is None:
                continue
            document = item.document
            gold = asserted_edges(document, labelled=True)
            for relation in as_relations(document.text, item.words, document.mentions, own, decoding(own, item.names)):
                stated = asserted_edges(replace(document, relations=(relation,)), labelled=True)
                found += [(relation.score, any(edge.agrees(other) for other in gold)) for edge in stated]
        return found

    def best(self, said: Sequence[EdgeScores | None]) -> tuple[float, dict[str, float]]:
        """The threshold with the best F1, and the scores with it."""
        scores = {threshold: self.score(said, Decoding(threshold=threshold)) for threshold in THRESHOLDS}
        threshold = max(scores, key=lambda value: scores[value]["f1"])
        return threshold, scores[threshold]
