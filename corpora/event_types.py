"""What the types of the BioNLP event corpora mean in captions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Effect:
    """What an event does to its theme: a relation type, and whether it makes it more (1) or less (-1)."""

    type: str
    sign: int = 1


def _each(words: str, value: str) -> dict[str, str]:
    return dict.fromkeys(words.split(), value)


def _effects(words: str, type: str, sign: int = 1) -> dict[str, Effect]:
    return dict.fromkeys(words.split(), Effect(type, sign))


ENTITIES: Final[Mapping[str, str]] = MappingProxyType(
    _each(
        # GE, EPI, ID, CG, PC, then GRO
        "Protein Two-component-system Regulon-operon Gene_or_gene_product Complex "
        "Gene TranscriptionFactor Enzyme ProteinSubunit ProteinComplex MessengerRNA Transcript TranscriptionRegulator "
        "TranscriptionActivator TranscriptionRepressor HomeoboxTF bHLHTF RNA MicroRNA MutantProtein "
        "MutatedProtein Peptide",
        "GENE",
    )
    | _each("Chemical Simple_chemical Amino_acid Ion OrganicChemical AminoAcid Nucleotide Drug Lipid", "CHEMICAL")
    | _each("Cancer Pathological_formation", "DISEASE")
    | _each("Cell", "CELL")
    | _each("Cellular_component CellComponent Nucleus", "COMPONENT")
    | _each("Organism Eukaryote Virus Prokaryote Bacterium", "ORGANISM")
    | _each(
        "Organ Tissue Multi-tissue_structure Organism_substance Organism_subdivision Anatomical_system "
        "Developing_anatomical_structure Immaterial_anatomical_entity",
        "ANATOMY",
    )
)
"""Caption types of entities; the rest are no mentions."""

GROUPS: Final = frozenset({"Two-component-system", "Regulon-operon"})
"""Entities that give way to those inside them: what holds of the group holds of each."""

REGULATION: Final[Mapping[str, int]] = MappingProxyType(
    dict.fromkeys("Positive_regulation Catalysis PositiveRegulation Increase ActivationOfProcess".split(), 1)
    | dict.fromkeys("Negative_regulation NegativeRegulation Decrease Silencing".split(), -1)
    | dict.fromkeys("Regulation RegulatoryProcess Affecting RegulationOfProcess RegulationOfPathway".split(), 0)
)
"""Events that change other events or entities, with their sign."""

EFFECTS: Final[Mapping[str, Effect]] = MappingProxyType(
    _effects(
        "Gene_expression Transcription Translation Synthesis "
        "GeneExpression TranscriptionOfGene ProteinBiosynthesis RNABiosynthesis Producing Stabilization",
        "expression",
    )
    | _effects(
        "Degradation Protein_catabolism Catabolism Breakdown Amino_acid_catabolism ProteinCatabolism GeneSilencing",
        "expression",
        -1,
    )
    | _effects("Activation", "activation")
    | _effects("Inactivation", "activation", -1)
    | _effects(
        "Phosphorylation Acetylation Methylation DNA_methylation Ubiquitination Glycosylation Hydroxylation "
        "Protein_modification Protein_processing Cleavage ModificationOfMolecularEntity Modification "
        "PosttranslationalModification ProteinModification",
        "modification",
    )
    | _effects(
        "Dephosphorylation Deacetylation Demethylation DNA_demethylation Deubiquitination Deglycosylation "
        "Dehydroxylation",
        "modification",
        -1,
    )
    | _effects("Localization Transport ProteinTransport ProteinTargeting IntraCellularTransport", "transport")
)
"""Events that happen to a gene or chemical."""

REGULATED_EFFECTS: Final[Mapping[str, tuple[int, Effect]]] = MappingProxyType(
    {
        f"{prefix}Of{word}": (sign, Effect("expression"))
        for prefix, sign in (("PositiveRegulation", 1), ("NegativeRegulation", -1), ("Regulation", 0))
        for word in ("GeneExpression", "Transcription", "TranscriptionOfGene")
    }
)
"""GRO's events that are a regulation and what it regulates in one."""

BINDING: Final = frozenset(
    "Binding BindingToProtein BindingToMolecularEntity BindingOfMolecularEntity Heterodimerization Dimerization".split()
)

PROCESSES: Final = frozenset(
    # CG, then GRO
    "Cell_death Cell_proliferation Blood_vessel_development Metastasis Growth Development Cell_differentiation "
    "Carcinogenesis Cell_transformation Glycolysis Metabolism Cell_division Death Remodeling Reproduction "
    "CellDeath CellDifferentiation CellGrowth CellCycle CellAdhesion CellAging CellHomeostasis CellularProcess "
    "CellularDevelopmentalProcess CellularMetabolicProcess DevelopmentalProcess MetabolicPathway CatabolicPathway "
    "ResponseProcess ResponseToChemicalStimulus OrganismalProcess Mitosis RNASplicing".split()
)
"""Events whose trigger names a process."""

PATHWAYS: Final = frozenset({"Pathway", "SignalingPathway"})
"""Named by their participants; by their trigger if there are none."""

LOCATIONS: Final = frozenset({"Localization"})
"""The trigger names a process where what moves is a cell or more."""

MOVING: Final = frozenset({"CELL", "DISEASE", "ANATOMY", "ORGANISM"})

BARE: Final = re.compile(
    r"(?:(?:intracellular|cellular|down-?stream|metabolic|signall?ing|signal|transduction|pathway|cascade|network|system|"
    r"mechanism|process|response)(?:e?s)?[\s-]*)+",
    re.IGNORECASE,
)
"""Triggers that name no particular process."""

ABILITY: Final = re.compile(r"(?:virulence|resistance|tolerance)$", re.IGNORECASE)
"""Of ID's Process events, which are adjectives and infections else, the triggers that name a process."""

AMOUNT: Final = re.compile(
    r"(?:up|down)-?\s?regulat|over-?express|over-?produc|increas|decreas|reduc|diminish|elevat|rais|\blower|level|amount|"
    r"abundan|accumul|deplet|produc|generat|synthes|express|degrad|stabili",
    re.IGNORECASE,
)
"""Triggers by which a gene or chemical itself changes in amount, not in activity."""

NEEDED: Final = re.compile(
    r"mediat|requir|essential|indispensab|necess|\bneed|(?<!in)depend|downstream|\bvia\b|through", re.IGNORECASE
)
"""Triggers by which a Regulation is positive after all: "required for", "mediates"."""

LOSS: Final = re.compile(
    r"knock|silenc|deplet|delet|ablat|disrupt|\bnull|-/-|deficien|\bloss|\black|absence|interference|siRNA|shRNA|inactivat",
    re.IGNORECASE,
)
"""Triggers of mutations and experiments that take their theme away."""

GAIN: Final = re.compile(r"over-?express|transfect|transduc|ectopic|introduc|transgen", re.IGNORECASE)
"""Triggers of experiments that add their theme."""

GIVEN: Final = re.compile(
    r"treat|therap|inject|expos|administ|addition|supplement|incubat|stimulat|added|appli|deliver|vaccin", re.IGNORECASE
)
"""Triggers of experiments that add their instrument."""

BY_HAND: Final = frozenset({"Planned_process", "ExperimentalIntervention"})
MUTATIONS: Final = frozenset({"Mutation", "GeneMutation"})
