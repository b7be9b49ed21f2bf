"""Who "it" is at the beginning of a sentence: the subject that the text carries on with.

"BDNF activates TrkB. Additionally, it …" goes on about BDNF. Only a pronoun that is the subject of its sentence counts,
with at most an introductory phrase before it, and not the "it" of "it is thought that". What it stands for is the first
gene, chemical, process or disease of the sentence before, or what the "it" of that sentence stands for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from nlp.types import Mention, Span

_SUBJECT: Final = re.compile(
    r"(?:\W*(?:Additionally|Moreover|Furthermore|Also|Besides|Then|Next|Thus|Therefore|Hence|Consequently|Subsequently"
    r"|Finally|However|Alternatively|Conversely|Similarly|Likewise|Interestingly|Importantly|Notably|First|Second|Third"
    r"|Secondly|Here|In|At|On|By|Through|Via|Upon|Under|During|With|Within|From|For|Together|Like|Unlike)\b"
    r"(?:[^,.;:]{0,60},)?\s*)?\s*\b([Ii]t)\b(?!\s+(?:\w+\s+){0,2}?"
    r"(?:known|shown|thought|likely|possible|suggested|proposed|hypothesi[sz]ed|believed|clear|unclear|unknown|reported"
    r"|noted|concluded|assumed|speculated|expected|demonstrated|found|remains|seems|appears|suggests|worth|important"
    r"|interesting|intriguing|noteworthy|yet)\b)"
)
_ACTORS: Final = frozenset({"GENE", "CHEMICAL", "PROCESS", "DISEASE"})


def subjects(text: str, sentences: Sequence[Span], mentions: Sequence[Mention]) -> list[tuple[Span, Mention]]:
    """Pronouns that stand for a mention, and which.

    Args:
        text: of the caption.
        sentences: of it, in order.
        mentions: in any order.
    """
    ordered = sorted(mentions, key=lambda mention: mention.start)
    found: list[tuple[Span, Mention]] = []
    before: Mention | None = None
    for sentence in sentences:
        own = [item for item in ordered if sentence.start <= item.start < sentence.end and item.type in _ACTORS]
        pronoun = _SUBJECT.match(text, sentence.start, sentence.end)
        taken = pronoun is not None and any(item.start < pronoun.end(1) and pronoun.start(1) < item.end for item in own)
        if pronoun is not None and before is not None and not taken:
            found.append((Span(*pronoun.span(1)), before))
        elif own:
            before = own[0]
        else:
            before = None
    return found
