"""Small words that the relation rules go by: auxiliaries, determiners, prepositions, hedges, degrees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

BE: Final = frozenset("is are was were be been being become becomes became get gets".split())
HAVE: Final = frozenset("has have had".split())
DETERMINERS: Final = frozenset(
    "a an the its their this these those that both either each all some several many other various such any his".split()
)
RELATIVES: Final = frozenset("which that who it they this these whose".split())
NEGATIONS: Final = frozenset(
    "not cannot no never neither nor without fails fail failed failing failure unable inability incapable unlikely n't "
    "doesn't didn't don't".split()
)
HEDGES: Final = frozenset(
    "may might could would possibly potentially presumably perhaps seems seem appears appear thought proposed "
    "hypothesized hypothesised putative putatively likely suggested suggest suggests believed probably speculate "
    "hypothetical hypothetically should unlikely possible conceivable plausible".split()
)
# Words before "that" which tell what is thought of the clause behind: "It is unlikely that …", "no evidence that …".
STANCES: Final = frozenset(
    "unlikely likely possible conceivable plausible thought proposed hypothesized hypothesised suggested believed "
    "speculate evidence indication proof sign".split()
)
# Words before "to" whose own subject is that of the verb behind: "is known to inhibit".
RAISING: Final = frozenset(
    "known thought shown able found reported believed considered proposed likely unlikely seem seems appear appears "
    "suggested tends need needs hypothesized act acts acting fail fails failed failing unable help helps serve serves "
    "demonstrated assumed cooperate cooperates cooperatively ability capable".split()
)
# Words that begin a clause before its subject: "Upon A, B …".
OPENINGS: Final = frozenset("in upon under during after following by through via with on at when as using for".split())
ADVERBS: Final = frozenset("also then further thus thereby turn well not only either directly indirectly both".split())
MEANS: Final = frozenset("via through by".split())
PREPOSITIONS: Final = frozenset(
    "of in on at from with within into to for by via through upon after during under following between against across "
    "without including as towards toward onto".split()
)
# Types whose names mostly say where, in what.
ADJUNCT_TYPES: Final = frozenset({"COMPONENT", "CELL", "ANATOMY", "ORGANISM"})
COMPOUND_HEADS: Final = frozenset("axis axes cascade cascades complex complexes heterodimer heterodimers".split())
# What names that bind form: "A and B form a complex".
JOINED_FORMS: Final = frozenset("complex complexes dimer dimers heterodimer heterodimers".split())
# "in turn", "in vivo": no place, no time.
ASIDES: Final = frozenset("turn vitro vivo part addition particular contrast general brief short fact".split())
# Adjectives that say that there is more or less of a thing.
DEGREES: Final[Mapping[str, int]] = {
    **dict.fromkeys(
        "increased elevated enhanced upregulated augmented higher increasing ↑ up-regulated raised improved "
        "excessive overexpressed greater enhancing".split(),
        1,
    ),
    **dict.fromkeys(
        "decreased reduced impaired downregulated diminished lower decreasing ↓ lowered attenuated defective "
        "suppressed blocked inhibited loss deficient less abolished insufficient".split(),
        -1,
    ),
}
POLARITY: Final[Mapping[str, int]] = {"negatively": -1, "negative": -1, "positively": 1, "positive": 1}
STOPS: Final = frozenset(". ; : ? !".split())
BOUNDS: Final = (
    STOPS | {"(", ")", "[", "]", ",", "and", "or", "but", "whereas", "while"} | (RELATIVES - DETERMINERS) | BE | HAVE
)
