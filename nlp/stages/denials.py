"""Relations that a caption denies in so many words."""

from __future__ import annotations

import re
from typing import Final

from nlp.types import Trigger

_BEFORE: Final = 40
"""Characters that are looked at before a trigger."""
_CLAUSE: Final = re.compile(r"[.;:]\s")
_AUXILIARIES: Final = "does|do|did|is|are|was|were|can|could|has|have|had|may|might|will|would"
_INSIDE: Final = re.compile(
    r"\b(?:not|cannot|unable to|fails? to|failed to|no effect|no longer|neither|without affecting|"
    r"independent(?:ly)?(?: of| from)?|rather than|except(?: for)?)\b",
    re.IGNORECASE,
)
# Of these another name may stand before the trigger, which alone is denied: "A but not B activates C".
_AHEAD: Final = re.compile(
    rf"\b(?:(?:(?:{_AUXILIARIES}) ?not|cannot|unable to|fails? to|failed to|no longer)(?: \w+){{0,2}}|"
    r"but not|neither|nor)\s*$",
    re.IGNORECASE,
)
_NO_DENIAL: Final = re.compile(
    r"\bnot (?:only|exclusively|necessarily|just|merely|solely|likely)\b|\bmay or may not\b", re.IGNORECASE
)


def is_denied(text: str, trigger: Trigger) -> bool:
    """Whether the words of a trigger, or those that lead up to it, say that a relation does not hold."""
    ahead = _CLAUSE.split(text[max(0, trigger.start - _BEFORE) : trigger.start])[-1]
    if _NO_DENIAL.search(ahead + trigger.text):
        return False
    return bool(_INSIDE.search(trigger.text) or _AHEAD.search(ahead))
