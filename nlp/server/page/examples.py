"""Captions to try the page with. All are written for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class ExampleCaption:
    """A caption, and what its button says."""

    title: str
    text: str


EXAMPLES: Final = (
    ExampleCaption(
        "Growth factor signalling",
        "EGF binds EGFR and activates the RAS-RAF-MEK-ERK cascade. ERK1/2 phosphorylates ELK1, which induces FOS "
        "expression. The MEK inhibitor trametinib suppresses ERK activation in melanoma cells.",
    ),
    ExampleCaption(
        "Inflammation",
        "LPS activates TLR4 on macrophages, leading to NF-κB translocation and increased TNF-α and IL-6 expression. "
        "Dexamethasone inhibits NF-κB, whereas IL-10 may reduce TNF-α. IL-6 does not affect TLR4.",
    ),
    ExampleCaption(
        "Liver metabolism",
        "Metformin inhibits complex I and thereby activates AMPK in hepatocytes. AMPK inhibits ACC and mTORC1, "
        "reducing lipogenesis and increasing fatty acid oxidation. Insulin promotes lipogenesis through SREBP-1c.",
    ),
    ExampleCaption(
        "Arrows in a caption",
        "Wnt → FZD/LRP6 → DVL ⊣ GSK-3β ⊣ β-catenin → TCF/LEF → MYC. In the absence of Wnt, the APC–AXIN–GSK-3β complex "
        "promotes degradation of β-catenin.",
    ),
)
