"""What a corpus' tags say about caption tags.

A corpus that annotates only some types says nothing of the others: its O means "none of the types I cover". So each of
its tags allows a set of caption tags, and the loss asks only that the set be likely.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.errors import ConfigError, Location
from nlp.networks.tags import TagSet

NONE = "O"


@dataclass(frozen=True, slots=True)
class LabelMap:
    """How a corpus' labels read in caption types.

    Attributes:
        types: for each label the caption types it may stand for; ``O`` among them if it may be no mention at all.
        covers: caption types that the corpus annotates wherever they occur.
    """

    types: Mapping[str, Sequence[str]]
    covers: frozenset[str]


def allowed_tags(corpus: TagSet, caption: TagSet, labels: LabelMap, *, where: str) -> NDArray[np.bool_]:
    """The caption tags that each tag of a corpus leaves possible.

    Returns:
        (corpus tags, caption tags)

    Raises:
        ConfigError: if a label of the corpus is not mapped, or a type is unknown.
    """
    known = {NONE, *caption.labels}
    unknown = ({type for types in labels.types.values() for type in types} | labels.covers) - known
    missing = set(corpus.labels) ^ set(labels.types)
    if unknown or missing:
        raise ConfigError(
            "a label map does not fit",
            expected=f"labels {sorted(corpus.labels)}, types {sorted(known)}",
            found=f"differs in {sorted(unknown | missing)}",
            where=Location(where),
        )
    allowed = np.zeros((len(corpus), len(caption)), np.bool_)
    allowed[0, 0] = True
    for type in set(caption.labels) - labels.covers:
        allowed[0, caption.begin(type) : caption.begin(type) + 2] = True
    for label in corpus.labels:
        for type in labels.types[label]:
            for position in (0, 1):
                row = corpus.begin(label) + position
                allowed[row, 0 if type == NONE else caption.begin(type) + position] = True
    return allowed
