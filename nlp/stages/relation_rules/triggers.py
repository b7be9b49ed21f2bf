"""The trigger words of the relation rules, and what each says about its target.

A row of ``VERBS`` is ``verb noun agent`` (``-`` where there is none), under a heading with the type of relation it
states, its sign and its patterns. ``*`` as a type leaves it to the target: a change of amount for what can be more or
less, of activity for what happens. The inflected forms are made from the verb.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

Form = Literal["base", "s", "ing", "ed", "noun", "agent"]


@dataclass(frozen=True, slots=True)
class Effect:
    """What a trigger says of its target.

    Attributes:
        type: a relation type; ``*`` for amount or activity by the target's type; empty where the target's own nouns
            tell, else activity; ``yield`` where the target is what comes out, after "to" ("converts A to B").
        sign: +1, -1 or 0.
        particles: words that must stand right after a verb ("lead to"); empty if none must.
        optional: whether the particle may be left out ("bind to", "bind").
        reversed: whether source and target stand the other way round ("depends on").
    """

    type: str
    sign: int
    particles: frozenset[str] = frozenset()
    optional: bool = False
    reversed: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A form of a trigger word."""

    lemma: str
    form: Form
    effect: Effect


# A heading is a type, a sign and a pattern: "+to,in" for words of which one must follow, "~to" for those that may,
# "reversed". A row may end in a pattern of its own.
VERBS: Final = """
[activation +]
activate activation activator / reactivate reactivation - / stimulate stimulation stimulator / trigger - -
promote promotion - / initiate initiation initiator / enable - - / facilitate facilitation facilitator / support - -
drive - driver / cause - - / evoke - - / elicit - - / provoke - - / mediate - mediator / accelerate acceleration -
aggravate aggravation - / exacerbate exacerbation - / potentiate potentiation potentiator / strengthen - -
sensitize sensitization - / agonize agonism agonist / favor - - / favour - - / allow - - / prolong - - / rescue - -
restore restoration - / improve improvement - / coactivate coactivation coactivator
transactivate transactivation - / preserve - - / maintain - - / sustain - - / encourage - -
hyperactivate hyperactivation - / underlie - - / ensure - - / engage - - / couple - - / excite - - / worsen - -
amplify amplification - / propagate - - / execute - - / permit - - / reinforce - - / enforce - - / transduce - -
[+]
induce induction inducer / enhance enhancement enhancer
[* +]
increase increase - / upregulate upregulation - / elevate elevation - / raise - - / augment augmentation -
boost - -
[activation -]
inhibit inhibition inhibitor / block blockade blocker / suppress suppression suppressor
repress repression repressor / prevent prevention - / antagonize antagonism antagonist / inactivate inactivation -
abolish abolition - / attenuate attenuation - / impair impairment - / ameliorate amelioration -
disrupt disruption disruptor / counteract - - / hinder - - / hamper - - / limit - - / restrict - - / oppose - -
impede - - / interfere interference - +with / deactivate deactivation - / protect protection - ~from,against
mitigate - - / alleviate alleviation - / abrogate abrogation - / restrain - - / halt - - / weaken - - / disturb - -
relieve - - / delay - - / compromise - - / neutralize neutralization - / dampen - - / quench - -
eliminate elimination - / desensitize desensitization - / sequester sequestration - / kill killing -
target targeting - / cripple - - / damage - - / ablate ablation - / perturb perturbation -
terminate termination terminator / curb - - / diminish - - / retard - - / lessen - - / destroy - -
[* -]
decrease decrease - / reduce reduction - / downregulate downregulation - / lower - - / deplete depletion -
silence silencing silencer
[expression +]
produce production producer / generate generation - / synthesize synthesis - / synthesise biosynthesis -
form formation - / stabilize stabilization - / overexpress overexpression - / transcribe transcription -
encode - - / catalyze - - / accumulate accumulation - / translate translation -
[expression -]
degrade degradation - / destabilize destabilization - / scavenge scavenging scavenger / metabolize - -
catabolize catabolism - / detoxify detoxification - / consume consumption -
[activation 0]
regulate regulation regulator / modulate modulation modulator / affect - - / control control controller
influence - - / alter alteration - / govern - - / coordinate - - / orchestrate - - / dysregulate dysregulation -
deregulate deregulation - / determine - - / impact - - / participate participation - +in / reprogram reprogramming -
involve involvement - +in / implicate implication - +in / tune - - / shape - -
[modification +]
phosphorylate phosphorylation - / autophosphorylate autophosphorylation - / ubiquitinate ubiquitination -
ubiquitylate ubiquitylation - / acetylate acetylation - / methylate methylation - / cleave cleavage -
sumoylate sumoylation - / glycosylate glycosylation - / hydroxylate hydroxylation - / oxidize oxidation -
hyperphosphorylate hyperphosphorylation - / transphosphorylate transphosphorylation -
palmitoylate palmitoylation - / nitrosylate nitrosylation - / modify modification - / process processing -
hydrolyze hydrolysis - / ribosylate ribosylation -
[modification -]
dephosphorylate dephosphorylation - / deacetylate deacetylation - / demethylate demethylation -
deubiquitinate deubiquitination -
[binding 0 ~to,with]
bind binding -
[binding 0 +to,with]
interact interaction - / heterodimerize heterodimerization - / dimerize dimerization -
[transport +]
secrete secretion - / release release - / recruit recruitment - / translocate translocation - / import import -
export export - / transport transport transporter / mobilize mobilization - / internalize internalization -
- uptake - / excrete excretion - / - efflux - / - influx - / relocate relocation - / deliver delivery -
attract - - / shuttle - - / relocalize relocalization - / - localization - / - trafficking -
exocytose exocytosis - / endocytose endocytosis -
[transport -]
retain retention -
[+ +to]
lead - - / contribute contribution -
[+ +in]
result - -
[activation + +through,via]
signal - - / act - -
[activation + +on,upon reversed]
depend - - / rely - -
[yield +]
convert conversion - / transform transformation - / metabolise - -
"""

IRREGULAR: Final = {
    "bind": ("bound",),
    "lead": ("led",),
    "drive": ("drove", "driven"),
    "underlie": ("underlay", "underlies", "underlying"),
}
DOUBLED: Final = frozenset({"program", "reprogram", "control"})

# Fixed phrases, read as if they were one verb.
PHRASES: Final[Mapping[str, Effect]] = {
    "involved in": Effect("activation", 0),
    "implicated in": Effect("activation", 0),
    "important for": Effect("activation", 0),
    "important in": Effect("activation", 0),
    "role in": Effect("activation", 0),
    "roles in": Effect("activation", 0),
    "effect on": Effect("activation", 0),
    "effects on": Effect("activation", 0),
    "acts on": Effect("activation", 0),
    "act on": Effect("activation", 0),
    "acting on": Effect("activation", 0),
    "acts upstream of": Effect("activation", 0),
    "upstream of": Effect("activation", 0),
    "required for": Effect("activation", 1),
    "required to": Effect("activation", 1),
    "needed for": Effect("activation", 1),
    "essential for": Effect("activation", 1),
    "necessary for": Effect("activation", 1),
    "critical for": Effect("activation", 1),
    "crucial for": Effect("activation", 1),
    "indispensable for": Effect("activation", 1),
    "responsible for": Effect("activation", 1),
    "gives rise to": Effect("expression", 1),
    "give rise to": Effect("expression", 1),
    "giving rise to": Effect("expression", 1),
    "gave rise to": Effect("expression", 1),
    "target for": Effect("activation", 0, reversed=True),
    "target of": Effect("activation", 0, reversed=True),
    "targets of": Effect("activation", 0, reversed=True),
    "downstream of": Effect("activation", 1, reversed=True),
    "in response to": Effect("activation", 1, reversed=True),
    "dependent on": Effect("activation", 1, reversed=True),
    "as a result of": Effect("activation", 1, reversed=True),
    "as a consequence of": Effect("activation", 1, reversed=True),
    "due to": Effect("activation", 1, reversed=True),
    "interacts with": Effect("binding", 0),
    "associates with": Effect("binding", 0),
    "associate with": Effect("binding", 0),
    "followed by": Effect("activation", 1),
    "in complex with": Effect("binding", 0),
    "complex with": Effect("binding", 0),
    "complexes with": Effect("binding", 0),
    "complexed with": Effect("binding", 0),
}

# What follows a name with a hyphen or a blank and makes it the source of the noun phrase behind: "A-induced B".
SUFFIXES: Final[Mapping[str, Effect]] = {
    **dict.fromkeys(
        ("induced", "mediated", "dependent", "driven", "stimulated", "triggered", "activated", "evoked", "elicited",
         "promoted", "initiated", "inducible", "responsive", "enhanced"),
        Effect("", 1),
    ),
    **dict.fromkeys(("inhibited", "suppressed", "repressed", "blocked", "attenuated"), Effect("", -1)),
    **dict.fromkeys(("regulated", "modulated", "controlled", "sensitive"), Effect("", 0)),
}  # fmt: skip
PRODUCING: Final[Mapping[str, Effect]] = {
    "producing": Effect("expression", 1),
    "secreting": Effect("transport", 1),
    "releasing": Effect("transport", 1),
    "overexpressing": Effect("expression", 1),
}

# Nouns beside a name that say which side of it changes, and those that mean there is less of it.
ASPECTS: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("expression", "transcription", "translation", "production", "synthesis", "biosynthesis", "generation",
         "formation", "level", "levels", "mrna", "mrnas", "promoter", "transcript", "transcripts", "abundance",
         "accumulation", "stability", "content", "concentration", "concentrations", "amount", "amounts", "availability",
         "gene", "genes", "transcriptional", "overexpression", "turnover", "number", "numbers", "half-life"),
        "expression",
    ),
    **dict.fromkeys(
        ("activity", "activities", "signaling", "signalling", "pathway", "pathways", "function", "functions", "cascade",
         "signal", "signals", "axis", "development", "progression", "process", "onset", "response",
         "responses", "survival", "differentiation", "proliferation", "growth", "migration", "death", "phenotype"),
        "activation",
    ),
    **dict.fromkeys(
        ("role", "roles", "effect", "effects", "action", "actions", "involvement", "importance", "impact", "influence",
         "contribution"),
        "role",
    ),
}  # fmt: skip
LOSS: Final = frozenset(
    "deficiency deficient loss lack absence knockdown knockout knock-down knock-out deletion silencing depletion "
    "ablation sirna shrna blockade null deprivation withdrawal disruption inactivation haploinsufficiency "
    "antibody antibodies -/- −/− –/– failure".split()
)
NEUTRAL_NOUNS: Final = frozenset(
    "protein proteins receptor receptors kinase kinases complex complexes family molecule molecules factor "
    "factors channel channels subunit subunits ligand ligands isoform isoforms stimulation treatment binding "
    "enzyme enzymes cell cells monomer dimer dimers target targets member members peptide "
    "peptides exposure administration".split()
)
# What follows "transcription" or "transcriptional" in words for what a protein is.
REGULATORS: Final = frozenset(
    "factor factors regulator regulators activator activators repressor repressors coactivator coactivators "
    "corepressor corepressors cofactor cofactors".split()
)


def inflections(verb: str) -> Iterator[tuple[str, Form]]:
    """The forms of a regular English verb, and what each is."""
    yield verb, "base"
    if verb.endswith("y") and verb[-2] not in "aeiou":
        yield verb[:-1] + "ies", "s"
        yield verb[:-1] + "ied", "ed"
        yield verb + "ing", "ing"
        return
    yield verb + ("es" if verb.endswith(("s", "sh", "ch", "x")) else "s"), "s"
    stem = verb[:-1] if verb.endswith("e") else verb
    stems = (stem, stem + stem[-1]) if verb in DOUBLED else (stem,)
    for each in stems:
        yield each + "ed", "ed"
        yield each + "ing", "ing"


def _heading(line: str) -> Effect:
    words = line.strip("[]").split()
    type = words.pop(0) if words[0] not in {"+", "-", "0"} else ""
    sign = {"+": 1, "-": -1, "0": 0}[words.pop(0)]
    particles = next((word[1:].split(",") for word in words if word[0] in "+~"), [])
    return Effect(
        type,
        sign,
        frozenset(particles),
        optional=any(word[0] == "~" for word in words),
        reversed="reversed" in words,
    )


def read_table() -> dict[str, Entry]:
    """Form → entry. A form that is both a verb and a noun ("increase") is entered as the verb's base form."""
    entries: dict[str, Entry] = {}
    effect = Effect("", 0)
    for line in VERBS.strip().splitlines():
        if line.startswith("["):
            effect = _heading(line)
            continue
        for row in line.split(" / "):
            verb, noun, agent, *pattern = row.split()
            own = effect
            if pattern:
                own = Effect(
                    effect.type, effect.sign, frozenset(pattern[0][1:].split(",")), optional=pattern[0].startswith("~")
                )
            if noun not in {"-", verb}:
                entries.setdefault(noun, Entry(verb, "noun", own))
            if agent != "-":
                entries.setdefault(agent, Entry(verb, "agent", own))
                entries.setdefault(agent + "s", Entry(verb, "agent", own))
            if verb != "-":
                for form, kind in inflections(verb):
                    entries.setdefault(form, Entry(verb, kind, own))
                for form in IRREGULAR.get(verb, ()):
                    entries.setdefault(form, Entry(verb, "ed", own))
    return entries
