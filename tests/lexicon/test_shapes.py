"""Names that share a part."""

from __future__ import annotations

import pytest

from nlp.lexicon import expand
from nlp.lexicon.shapes import find_shapes


@pytest.mark.parametrize(
    ("surface", "names"),
    [
        ("ERK1/2", ("ERK1", "ERK2")),
        ("SMAD2/3", ("SMAD2", "SMAD3")),
        ("Smad 2/3/4", ("Smad 2", "Smad 3", "Smad 4")),
        ("MMP-2/-9", ("MMP-2", "MMP-9")),
        ("MMP-2 and -9", ("MMP-2", "MMP-9")),
        ("IL-1α/β", ("IL-1α", "IL-1β")),
        ("IKKα/β", ("IKKα", "IKKβ")),
        ("caspases 3 and 9", ("caspase 3", "caspase 9")),
        ("caspase-3/9", ("caspase-3", "caspase-9")),
        ("ADAMs 9, 10, and 17", ("ADAM 9", "ADAM 10", "ADAM 17")),
        ("HDAC1–3", ("HDAC1", "HDAC2", "HDAC3")),
        ("HDAC1 to 3", ("HDAC1", "HDAC2", "HDAC3")),
        ("PRDX2A/B", ("PRDX2A", "PRDX2B")),
        ("IL-6 and 8", ("IL-6", "IL-8")),
    ],
)
def test_expand(surface: str, names: tuple[str, ...]) -> None:
    assert expand(surface) == names


@pytest.mark.parametrize(
    "surface",
    [
        "ERK",
        "ERK1",
        "PI3K/AKT",
        "IL-1β and IL-6",
        "HDAC1-3",
        "HDAC3–1",
        "14-3-3",
        "1/2",
        "IL-1–999",
        "",
        "A and B",
        "2–4",
    ],
)
def test_not_a_shape(surface: str) -> None:
    assert expand(surface) == ()


def test_shapes_in_a_text_give_their_shorter_readings_too() -> None:
    text = "by SMAD2, 3 and 4."
    assert [(text[start:end], names) for start, end, names in find_shapes(text)] == [
        ("SMAD2, 3 and 4", ("SMAD2", "SMAD3", "SMAD4")),
        ("SMAD2, 3", ("SMAD2", "SMAD3")),
    ]
