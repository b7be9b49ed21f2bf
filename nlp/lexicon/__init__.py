"""Names of genes, chemicals and the rest, compiled into one file."""

from nlp.lexicon.entries import Candidate, Entry, Match, NameKind
from nlp.lexicon.lexicon import Lexicon
from nlp.lexicon.shapes import expand
from nlp.lexicon.store import fingerprint

__all__ = ["Candidate", "Entry", "Lexicon", "Match", "NameKind", "expand", "fingerprint"]
