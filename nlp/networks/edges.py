"""Edges between mentions from one pass over a text.

The encoder has read the text once, for the mentions. Here its words are read on with the mentions marked, by a few
layers more, and each ordered pair of mentions is judged by what the two ends say and by the words that they, together,
attend to. No pair is encoded by itself: beside a product of small matrices, a pair costs one row of attention.

Two heads of this attention point at the first and the last word of the trigger, and learn from triggers where these are
known: what states a relation also tells its type and sign.

Pairs come in groups of one text, so that texts of many and of few pairs may stand in one batch with little padding. For
a single text one group holds all.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from nlp.networks.encoder import MASKED, EncoderConfig, Layer

NO_EDGE: Final = 0
"""The column of every head that stands for no relation."""
_WORD_STEPS: Final = (1, 2, 3, 4, 5, 7, 10, 14, 19, 26, 36, 50, 70, 100)
_MENTION_STEPS: Final = (1, 2, 3, 4, 6, 9, 13, 20)
_SENTENCE_STEPS: Final = (1, 2, 3)
TRIGGER_HEADS: Final = 2
"""Heads of the attention that point at triggers: at the first word, at the last."""
_REGIONS: Final = ("between", "after the first", "before the second", "before both", "after both")
_FALL: Final = 0.3
"""Of what attention begins with, from a bucket of distances to the next."""
_NEAR: Final = 3
_AROUND: Final = 5
"""Words of these regions."""
_POOLED: Final = 12
"""Words of a mention that are pooled, from its first; its last is looked at anyway."""


@dataclass(frozen=True, slots=True)
class EdgeConfig:
    """Sizes of an edge network.

    Attributes:
        tags: codes of the words' marks, e.g. O and B and I of each mention type.
        width: of word vectors in the network.
        inner: of the layers over words.
        layers: over words; 0 to judge the encoder's words as they are.
        heads: of these layers.
        pair: width of mentions and pairs.
        context: heads of a pair's attention to words, of which the first two find triggers.
        inputs: width of the word vectors that it is given; 0 for the same.
        reads: layers of the encoder whose vectors of a word, joined, these are; 0 for what the first layer reads, which
            tells best what word it is.
        word_cues: codes of what a list says of words; 0 for no list.
        pair_cues: codes of what rules say of pairs; 0 for no rules.
        near_cues: width of what is made of the codes that stand beside and between the two ends; 0 to leave it out.
    """

    tags: int
    width: int = 384
    inner: int = 768
    layers: int = 2
    heads: int = 12
    pair: int = 256
    context: int = 8
    dropout: float = 0.1
    norm_epsilon: float = 1e-12
    inputs: int = 0
    reads: tuple[int, ...] = ()
    word_cues: int = 0
    pair_cues: int = 0
    near_cues: int = 0


class Pairs(NamedTuple):
    """What is asked of a batch of texts.

    Attributes:
        firsts: (mentions,) int64, first words in the flattened (texts, words), mentions of a text in order.
        lasts: (mentions,) int64, last words likewise.
        sources: (groups, pairs) int64, mentions.
        targets: (groups, pairs) int64, mentions.
        rows: (groups,) int64, the text of each group.
        cues: (groups, pairs) int64, codes of what rules say.
    """

    firsts: Tensor
    lasts: Tensor
    sources: Tensor
    targets: Tensor
    rows: Tensor
    cues: Tensor | None = None


def take(table: Tensor, indices: Tensor) -> Tensor:
    """(…, width) rows of ``table`` (rows, width) by ``indices`` (…).

    As an embedding, since the gradient of plain indexing adds up the uses of a row one by one.
    """
    return functional.embedding(indices, table)


class Buckets(nn.Module):
    """Embeddings of signed distances: each of a few by itself, larger ones in ranges.

    Args:
        steps: smallest distance of each bucket, without that of 0.
        width: of the embeddings.
    """

    table: Tensor

    def __init__(self, steps: tuple[int, ...], width: int) -> None:
        super().__init__()
        self.largest = steps[-1]
        sizes = torch.arange(self.largest + 1)
        codes = torch.bucketize(sizes, torch.tensor(steps), right=True)
        self.register_buffer("table", torch.cat([-codes.flip(0)[:-1], codes]) + len(steps), persistent=False)
        """(2 · largest + 1,) bucket of each distance"""
        self.weight = nn.Parameter(torch.zeros(2 * len(steps) + 1, width))
        """(buckets, width)"""

    def prefer_near(self) -> None:
        """Begin with values that fall with the distance."""
        with torch.no_grad():
            self.weight.sub_(_FALL * (torch.arange(len(self.weight)) - len(self.weight) // 2).abs()[:, None])

    def forward(self, distances: Tensor) -> Tensor:
        """(…, width) for ``distances`` (…) int64."""
        return take(self.weight, self.table[distances.clamp(-self.largest, self.largest) + self.largest])


class Context(nn.Module):
    """Attention of pairs to the words of their text: a query from each end, summed, and a bias by distance from each.

    The scores of a pair are the sum of the scores of its ends, so that they are products of mentions and words.
    """

    def __init__(self, config: EdgeConfig) -> None:
        super().__init__()
        self.heads = config.context
        self.scale = 1.0 / math.sqrt(config.pair // config.context)
        self.source = nn.Linear(config.pair, config.pair)
        self.target = nn.Linear(config.pair, config.pair, bias=False)
        self.keys = nn.Linear(config.width, config.pair, bias=False)
        self.values = nn.Linear(config.width, config.pair)
        """each (pair, its input)"""
        self.from_source = Buckets(_WORD_STEPS, config.context)
        self.from_target = Buckets(_WORD_STEPS, config.context)

    def forward(self, mentions: Tensor, hidden: Tensor, mask: Tensor | None, pairs: Pairs) -> tuple[Tensor, Tensor]:
        """What each pair finds, and where.

        Args:
            mentions: (mentions, pair)
            hidden: (texts, words, width)
            mask: (texts, words), True for words; None where there is no padding.
            pairs: which.

        Returns:
            (groups, pairs, pair), and scores (groups, heads, pairs, words) in float32.
        """
        score = self._of_mentions if torch.onnx.is_in_onnx_export() else self._of_pairs
        scores = score(mentions, hidden, pairs)
        if mask is not None:
            scores = scores.masked_fill(~mask[pairs.rows][:, None, None], MASKED)
        value = self._split(self.values(hidden).index_select(0, pairs.rows))
        found = torch.matmul(torch.softmax(scores, dim=-1).to(value.dtype), value)
        return found.transpose(1, 2).flatten(2), scores

    def _of_pairs(self, mentions: Tensor, hidden: Tensor, pairs: Pairs) -> Tensor:
        """(groups, heads, pairs, words) scores in float32, each pair's query by the words of its text."""
        words = hidden.shape[1]
        query = take(self.source(mentions), pairs.sources) + take(self.target(mentions), pairs.targets)
        query = self._split(query * self.scale)
        key = self._split(self.keys(hidden).index_select(0, pairs.rows))
        distances = self._distances(pairs, words)
        bias = take(self.from_source(distances).flatten(1), pairs.sources)
        bias = bias + take(self.from_target(distances).flatten(1), pairs.targets)
        bias = bias.view(*pairs.sources.shape, words, self.heads).permute(0, 3, 1, 2)
        return torch.matmul(query, key.transpose(-1, -2)).float() + bias

    def _of_mentions(self, mentions: Tensor, hidden: Tensor, pairs: Pairs) -> Tensor:
        """The same for a single text, as exported: scores of all mentions, which are far fewer, and their sums."""
        key = self._split(self.keys(hidden))[0].transpose(-1, -2)
        distances = self._distances(pairs, hidden.shape[1])
        parts = []
        for side, near, chosen in (
            (self.source, self.from_source, pairs.sources),
            (self.target, self.from_target, pairs.targets),
        ):
            query = self._split((side(mentions) * self.scale)[None])[0]
            own = torch.matmul(query, key).float() + near(distances).permute(2, 0, 1)
            parts.append(own.index_select(1, chosen.flatten()))
        both: Tensor = parts[0] + parts[1]
        return both.view(self.heads, *pairs.sources.shape, -1).transpose(0, 1)

    def _split(self, vectors: Tensor) -> Tensor:
        """(groups, heads, pairs, ·) of (groups, pairs, ·), or the same for texts and words."""
        return vectors.view(*vectors.shape[:-1], self.heads, -1).transpose(1, 2)

    @staticmethod
    def _distances(pairs: Pairs, words: int) -> Tensor:
        """(mentions, words) from each mention's near end to each word of its text; 0 inside."""
        places = torch.arange(words, device=pairs.firsts.device)
        before = places - (pairs.firsts % words)[:, None]
        after = places - (pairs.lasts % words)[:, None]
        return before.clamp(max=0) + after.clamp(min=0)


class NearCues(nn.Module):
    """Which codes stand between the two ends of a pair, near each of them, before and after, whatever their order.

    Args:
        codes: of words, 0 for none.
        width: of hidden units.
        pair: width of pairs.
    """

    def __init__(self, codes: int, width: int, pair: int) -> None:
        super().__init__()
        self.codes = codes
        self.inside = nn.Linear(2 * len(_REGIONS) * (codes - 1), width)
        self.outside = nn.Linear(width, pair)

    def forward(self, cues: Tensor, pairs: Pairs) -> Tensor:
        """(groups, pairs, pair) for ``cues`` (texts, words) int64."""
        words = cues.shape[1]
        each = (cues[..., None] == torch.arange(1, self.codes, device=cues.device)).float()
        before = torch.cat([torch.zeros_like(each[:, :1]), each.cumsum(1)], dim=1).flatten(0, 1)
        """(texts · (words + 1), codes - 1): how many stand before a word"""
        firsts, lasts = pairs.firsts % words, pairs.lasts % words + 1
        forward = (firsts[pairs.sources] <= firsts[pairs.targets])[..., None].float()
        left = torch.where(forward[..., 0] > 0, pairs.sources, pairs.targets)
        right = torch.where(forward[..., 0] > 0, pairs.targets, pairs.sources)
        start, end = lasts[left], torch.maximum(firsts[right], lasts[left])
        bounds = (
            (start, end),
            (start, torch.minimum(start + _NEAR, end)),
            (torch.maximum(end - _NEAR, start), end),
            ((firsts[left] - _AROUND).clamp(min=0), firsts[left]),
            (lasts[right], (lasts[right] + _AROUND).clamp(max=words)),
        )
        rows = pairs.rows[:, None] * (words + 1)
        found = torch.cat([take(before, rows + high) - take(before, rows + low) for low, high in bounds], dim=-1)
        found = found.clamp(0, 1)
        both = torch.cat([found * forward, found * (1 - forward)], dim=-1)
        return self.outside(functional.gelu(self.inside(both)))  # type: ignore[no-any-return]


class EdgeNetwork(nn.Module):
    """Pairs of mentions to vectors, and heads that read them.

    Args:
        labels: number of labels of each head, ``none`` not counted, by name.
    """

    def __init__(self, config: EdgeConfig, labels: Mapping[str, int]) -> None:
        super().__init__()
        self.config = config
        width, pair = config.width, config.pair
        layer = EncoderConfig(
            width=width,
            inner=config.inner,
            heads=config.heads,
            dropout=config.dropout,
            norm_epsilon=config.norm_epsilon,
        )
        self.taken = nn.Linear(config.inputs, width) if config.inputs else None
        """(width, inputs)"""
        self.word_cues = nn.Embedding(config.word_cues, width) if config.word_cues else None
        """(word cues, width)"""
        self.pair_cues = nn.Embedding(config.pair_cues, pair) if config.pair_cues else None
        """(pair cues, pair)"""
        self.near_cues = NearCues(config.word_cues, config.near_cues, pair) if config.near_cues else None
        self.marks = nn.Embedding(config.tags, width)
        """(tags, width)"""
        self.layers = nn.ModuleList(Layer(layer) for _ in range(config.layers))
        self.mention = nn.Linear(3 * width, pair)
        """(pair, 3 · width)"""
        self.context = Context(config)
        self.source = nn.Linear(pair, pair)
        self.target = nn.Linear(pair, pair, bias=False)
        self.product = nn.Linear(pair, pair, bias=False)
        self.found = nn.Linear(pair, pair, bias=False)
        """each (pair, pair)"""
        self.words_between = Buckets(_WORD_STEPS, pair)
        self.mentions_between = Buckets(_MENTION_STEPS, pair)
        self.sentences_between = Buckets(_SENTENCE_STEPS, pair)
        self.norm = nn.LayerNorm(pair)
        self.inner = nn.Linear(pair, pair)
        """(pair, pair)"""
        self.dropout = nn.Dropout(config.dropout)
        self.heads = nn.ModuleDict({name: nn.Linear(pair, 1 + size) for name, size in labels.items()})
        """each (1 + labels, pair)"""
        self.priors = nn.ModuleDict(
            {name: nn.Embedding(config.pair_cues, 1 + size) for name, size in labels.items() if config.pair_cues}
        )
        """each (pair cues, 1 + labels): what is added to a head's scores"""
        self.modality = nn.Linear(pair, 2)
        """(2, pair): negated, speculative"""
        self.apply(_begin)
        self.context.from_source.prefer_near()
        self.context.from_target.prefer_near()
        for prior in self.priors.values():
            nn.init.zeros_(prior.weight)  # type: ignore[arg-type]

    def forward(
        self,
        words: Tensor,
        mask: Tensor | None,
        marks: Tensor,
        sentences: Tensor,
        pairs: Pairs,
        cues: Tensor | None = None,
    ) -> EdgeStates:
        """Read texts and pairs.

        Args:
            words: (texts, words, inputs) vectors, e.g. of ``MentionTagger.words``.
            mask: (texts, words) bool, True for words, False for padding; None where there is no padding.
            marks: (texts, words) int64, tag of each word.
            sentences: (texts, words) int64, sentence of each word.
            pairs: which pairs of which mentions.
            cues: (texts, words) int64, codes of what a list says of each word.

        Returns:
            States, from which the heads read.
        """
        hidden = (words if self.taken is None else self.taken(words)) + self.dropout(self.marks(marks))
        if self.word_cues is not None and cues is not None:
            hidden = hidden + self.word_cues(cues)
        attend = None if mask is None else mask[:, None, None, :]
        for layer in self.layers:
            hidden = layer(hidden, attend)
        mentions = self.mentions(hidden, pairs)
        sources, targets = pairs.sources, pairs.targets
        vectors = take(self.source(mentions), sources) + take(self.target(mentions), targets)
        vectors = vectors + self.product(take(mentions, sources) * take(mentions, targets))
        found, scores = self.context(mentions, hidden, mask, pairs)
        vectors = vectors + self.found(found)
        vectors = vectors + self._between(sentences, pairs)
        if self.pair_cues is not None and pairs.cues is not None:
            vectors = vectors + self.pair_cues(pairs.cues)
        vectors = functional.gelu(self.norm(vectors))
        vectors = functional.gelu(self.inner(self.dropout(vectors)))
        if self.near_cues is not None and cues is not None:
            own = cues if mask is None else torch.where(mask, cues, torch.zeros_like(cues))
            vectors = vectors + self.near_cues(own, pairs)
        return EdgeStates(self.dropout(vectors), scores[:, :TRIGGER_HEADS])

    def mentions(self, hidden: Tensor, pairs: Pairs) -> Tensor:
        """(mentions, pair) of ``hidden`` (texts, words, width): first word, last word, and maximum over words."""
        flat = hidden.flatten(0, 1)
        steps = torch.arange(_POOLED, device=flat.device)
        # The last word again and again, where the mention is shorter, changes no maximum.
        inside = torch.minimum(pairs.firsts[:, None] + steps, pairs.lasts[:, None])
        largest = take(flat, inside).max(dim=1).values
        joined = torch.cat([take(flat, pairs.firsts), take(flat, pairs.lasts), largest], dim=-1)
        return functional.gelu(self.mention(self.dropout(joined)))

    def _between(self, sentences: Tensor, pairs: Pairs) -> Tensor:
        sources, targets = pairs.sources, pairs.targets
        flat = sentences.flatten()[pairs.firsts]
        ahead = (pairs.firsts[targets] - pairs.lasts[sources]).clamp(min=0)
        back = (pairs.firsts[sources] - pairs.lasts[targets]).clamp(min=0)
        return (  # type: ignore[no-any-return]
            self.words_between(ahead - back)
            + self.mentions_between(targets - sources)
            + self.sentences_between(flat[targets] - flat[sources])
        )

    def labels(self, name: str, vectors: Tensor, cues: Tensor | None = None) -> Tensor:
        """(…, 1 + labels) scores of one head; the first is that of no relation.

        Args:
            name: of the head.
            vectors: (…, pair)
            cues: (…) codes of what rules say.
        """
        scores = self.heads[name](vectors)
        return scores if cues is None or name not in self.priors else scores + self.priors[name](cues)  # type: ignore[no-any-return]


class EdgeStates(NamedTuple):
    """What an edge network has read.

    Attributes:
        vectors: (groups, pairs, pair), pairs in context.
        triggers: (groups, 2, pairs, words) scores of the first and of the last word of what states each relation.
    """

    vectors: Tensor
    triggers: Tensor


def _begin(module: nn.Module) -> None:
    """Small weights, as BERT begins with: a new layer hardly changes the words at first."""
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=0.02 if module.in_features > 256 else 0.04)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.Embedding):
        nn.init.normal_(module.weight, std=0.02)
