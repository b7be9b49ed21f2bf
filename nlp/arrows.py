"""Arrows of captions: one table for whoever cuts text at them or reads what they state.

An arrow is read as it is drawn: the head or the bar stands at the target. What has its bar above or below (``⊥``,
``┴``) tells no side and is read like the text, from left to right.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Arrow:
    """What an arrow between two names states.

    Attributes:
        direction: +1 if it points right, -1 if left, 0 if both ways, so that neither name can be told to be the source.
        sign: +1 for an arrow with a head, -1 for one with a bar.
    """

    direction: int
    sign: int


# With a hyphen as shaft there are no more than three of it, as in "--->".
_SHAFTS: Final = tuple(shaft * times for shaft in "-–—─" for times in (1, 2, 3))

SPELLED_ARROWS: Final[Mapping[str, Arrow]] = {
    **{shaft + ">": Arrow(1, 1) for shaft in (*_SHAFTS, "=", "==")},
    **{shaft + bar: Arrow(1, -1) for shaft in _SHAFTS for bar in "|┤"},
    **{"<" + shaft: Arrow(-1, 1) for shaft in _SHAFTS},
    **{f"<{shaft}>": Arrow(0, 1) for shaft in (*_SHAFTS, "=", "==")},
}

ARROWS: Final[Mapping[str, Arrow]] = {
    **dict.fromkeys("→⟶➔➝➞➙➜⇒⇨⟹⇢↦", Arrow(1, 1)),
    **dict.fromkeys("←⟵⇐⇠⟸", Arrow(-1, 1)),
    **dict.fromkeys("↔⇄⇆⇌⇋⟷⇔⟺", Arrow(0, 1)),
    **dict.fromkeys("⊣⟞⫞┤┫⊥⟂┴┬⊤", Arrow(1, -1)),
    **dict.fromkeys("⊢⟝├┣", Arrow(-1, -1)),
    **SPELLED_ARROWS,
}

# They say that there is more or less of the name beside them.
LEVEL_MARKS: Final = "↑↓⇑⇓↗↘"

ARROW_PATTERN: Final = "|".join(re.escape(arrow) for arrow in sorted(ARROWS, key=len, reverse=True))
"""A regular expression, without groups, of all of ``ARROWS``: the longest that fits."""
