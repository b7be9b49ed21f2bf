"""Names of genes, chemicals and the rest, compiled into one file."""

from nlp.lexicon.entries import Candidate, Entry, Match, NameKind
from nlp.lexicon.lexicon import Lexicon
from nlp.lexicon.shapes import expand

__all__ = ["Candidate", "Entry", "Lexicon", "Match", "NameKind", "expand"]
