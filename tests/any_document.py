"""Documents of all kinds, for tests of formats: any Unicode, any spans."""

from __future__ import annotations

from hypothesis import strategies as st

from nlp.schema import MENTION_TYPES, RELATION_TYPES
from nlp.types import Document, Mention, Reference, Relation, Trigger

AWKWARD = "\n\r\t\u2028\x85 |;:,%&<>\"'\\/é\u0301𝛼\U0001f9ec\u200d\ufeffΑ"
"""Line breaks, separators, markup, a combining character, letters beyond the first plane, invisible ones."""


def strings(*, control: bool = True, min_size: int = 1) -> st.SearchStrategy[str]:
    """Any text without lone surrogates; without what XML cannot hold, if ``control`` is off."""
    kept = st.characters(exclude_categories=["Cs"] if control else ["Cs", "Cc", "Cn"])
    # As an alphabet of st.text, the two would be mixed into one, in which the first is lost.
    return st.lists(st.sampled_from(f"ab {AWKWARD}") | kept, min_size=min_size, max_size=30).map("".join)


def caption_texts(*, control: bool = True) -> st.SearchStrategy[str]:
    return strings(control=control).filter(lambda text: bool(text.strip()))


@st.composite
def documents(draw: st.DrawFn, *, control: bool = True) -> Document:
    text = draw(caption_texts(control=control))
    names = strings(control=control)

    def span() -> tuple[int, int]:
        start = draw(st.integers(0, len(text) - 1))
        return start, draw(st.integers(start + 1, len(text)))

    def reference() -> Reference:
        return Reference(f"X:{draw(names)}", draw(strings(control=control, min_size=0)), draw(scores))

    scores = st.integers(0, 10_000).map(lambda number: number / 10_000)
    mentions = []
    for number in range(draw(st.integers(0, 3))):
        start, end = span()
        references = tuple(reference() for _ in range(draw(st.integers(0, 2))))
        type = draw(st.sampled_from([*MENTION_TYPES]))
        mentions.append(Mention(f"T{number}", type, start, end, text[start:end], draw(scores), references))
    relations = []
    for number in range(draw(st.integers(0, 2)) if mentions else 0):
        trigger = None
        if draw(st.booleans()):
            start, end = span()
            trigger = Trigger(start, end, text[start:end])
        ends = [draw(st.sampled_from(mentions)).id for _ in "st"]
        type, sign = draw(st.sampled_from([*RELATION_TYPES])), draw(st.sampled_from([1, -1, 0]))
        said = draw(st.booleans()), draw(st.booleans())
        relations.append(Relation(f"R{number}", *ends, type, sign, draw(scores), trigger, *said))
    return Document(draw(names.filter(bool)), text, tuple(mentions), tuple(relations))
