"""Names to entries, exactly and cheaply: no vectors, no approximate index."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

import marisa_trie

from nlp.lexicon import spelling
from nlp.lexicon.affixes import Affix
from nlp.lexicon.entries import Candidate, Entry, Match, NameKind
from nlp.lexicon.overlay import Overlay, OverlayName, read_overlay
from nlp.lexicon.shapes import expand, find_shapes
from nlp.lexicon.store import Store
from nlp.lexicon.usage import Usage, read_usage
from nlp.schema import MENTION_TYPES
from nlp.text import CAPITALISED, LOWER, Folded, case_code, fold, key

_LONGEST_KEY: Final = 80
_GREEK_LETTERS: Final = {"a": "alpha", "b": "beta", "g": "gamma", "d": "delta", "e": "epsilon", "k": "kappa"}
_GREEK_GUESS: Final = re.compile(r"(?<![^\W_])[A-Za-z][A-Za-z0-9‐‑–-]*[A-Z0-9](?:[-‐‑–]?[abg])(?:\d{0,2})(?![^\W_])")
_GREEK_TAIL: Final = re.compile(r"^(.*[A-Z0-9])[-‐‑–]?([abgdek])(\d{0,2})$")
# Heads that guidelines and ontologies do not agree upon: "HeLa cells", "lung tissue".
_HEADED: Final = re.compile(r"(.*\S)[ -](cells?|cell lines?|tissues?)")
_TYPE_OF_HEAD: Final = {"cell": "CELL", "tiss": "ANATOMY"}
_NUMERAL: Final = re.compile(r"[IVX]+")
_PANEL: Final = re.compile(r"\d{1,2}[a-z]")
_RUN_START: Final = re.compile(r"(?<![^\W_])[^\W_]|[(\[]")
_PARENT: Final = re.compile(r"\S+?(?=\(\d*[+-]\)| )")
_GOOD: Final = 0.25
_CACHE: Final = 1 << 16
_TYPES: Final = tuple(MENTION_TYPES)


class _Name(NamedTuple):
    """A name of an entry, as far as it is kept: its kind, whether it has separators, its case, and whose it is."""

    entry: Entry
    how: NameKind
    separated: bool
    case: int
    own: bool


class Lexicon:
    """A compiled lexicon and the name tables beside it.

    Thread-safe for reading. A pickled lexicon is its path: it is opened again where it arrives.
    """

    def __init__(self, store: Store, overlay: Overlay, usage: Usage = Usage()) -> None:  # noqa: B008 — frozen
        self._store = store
        self._overlay = overlay
        self._usage = usage
        self._overlay_trie = marisa_trie.Trie(sorted(overlay.names))
        self._entry_at: Callable[[int], Entry] = lru_cache(maxsize=_CACHE)(self._read_entry)
        self._entry_of: Callable[[str], Entry | None] = lru_cache(maxsize=_CACHE)(self._find_entry)
        self._judge: Callable[[str, str], tuple[Candidate, ...]] = lru_cache(maxsize=_CACHE)(self._judge_surface)
        self._lookup: Callable[[str], tuple[Candidate, ...]] = lru_cache(maxsize=_CACHE)(self._look_up)
        self._members: dict[str, tuple[int, ...]] | None = None

    @classmethod
    def open(cls, path: Path | str) -> Lexicon:
        """Open the compiled lexicon ``path`` with the folders ``names`` and ``grounding`` beside it.

        Raises:
            LexiconError: if something is missing, damaged, or made for another version.
        """
        path = Path(path)
        return cls(Store(path), read_overlay(path.parent / "names"), read_usage(path.parent / "grounding"))

    def __reduce__(self) -> tuple[object, ...]:
        return (Lexicon.open, (self._store.path,))

    def lookup(self, name: str) -> tuple[Candidate, ...]:
        """What ``name`` may mean, best first; empty if nothing.

        The name as a whole is tried first, then without plural ending, with Latin letters read as Greek, without
        affixes, and as a coordinated name (``ERK1/2``), for which the candidates of all its parts are given.
        """
        return self._lookup(name.strip())

    def find_all(self, text: str) -> list[Match]:
        """All places where names stand in ``text``, overlapping ones too, ordered by start, longest first."""
        found = sorted(self._found(text).items(), key=lambda item: (item[0][0], -item[0][1]))
        return [Match(*span, candidates) for span, candidates in found if not _is_cut(text, span[1])]

    def entry(self, curie: str) -> Entry | None:
        """The entry with this identifier; None if there is none."""
        return self._entry_of(curie)

    def members(self, curie: str) -> tuple[Entry, ...]:
        """The genes of a family or complex, at all levels; empty for anything else."""
        if self._members is None:
            self._members = self._store.members()
        named = (self.entry(member) for member in self._usage.members.get(curie, ()))
        return tuple(map(self._entry_at, self._members.get(curie, ()))) or tuple(filter(None, named))

    def usage(self, name: str, type: str) -> Mapping[str, int]:
        """In how many annotated articles a mention of this type means each CURIE by ``name``; empty if unknown."""
        return self._usage.articles.get((key(name), type), {})

    def entries(self) -> Iterator[Entry]:
        """All entries of the compiled lexicon, then those that only the tables beside it have."""
        yield from map(self._read_entry, range(self._store.count))
        yield from (entry for curie, entry in self._overlay.entries.items() if self._store.index(curie) is None)

    def has_name(self, name: str) -> bool:
        """Whether any entry has this name, whatever its case."""
        folded = key(name)
        own = folded in self._overlay.names or folded in self._overlay.lookup_only
        return own or folded in self._store.trie

    def _read_entry(self, index: int) -> Entry:
        entry = self._store.entry(index)
        own = self._overlay.entries.get(entry.curie)
        return entry if own is None else replace(entry, kind=own.kind, type=own.type)

    def _find_entry(self, curie: str) -> Entry | None:
        index = self._store.index(curie)
        return self._overlay.entries.get(curie) if index is None else self._entry_at(index)

    # -- one surface --------------------------------------------------------------------------------------------------

    def _names(self, folded: str) -> Iterator[_Name]:
        yield from self._own_names(self._overlay.names.get(folded, ()))
        for posting in self._store.postings(folded):
            yield _Name(self._entry_at(posting.entry), posting.how, posting.separated, posting.case, own=False)

    def _lookup_only_names(self, folded: str) -> Iterator[_Name]:
        return self._own_names(self._overlay.lookup_only.get(folded, ()))

    def _own_names(self, names: Iterable[OverlayName]) -> Iterator[_Name]:
        for name in names:
            entry = self.entry(name.curie)
            if entry is not None:
                yield _Name(entry, name.how, name.separated, name.case, own=True)

    def _judge_surface(self, surface: str, folded: str) -> tuple[Candidate, ...]:
        return self._judge_names(surface, folded, self._names(folded))

    def _judge_names(
        self, surface: str, folded: str, names: Iterable[_Name], relaxed: bool = False
    ) -> tuple[Candidate, ...]:
        """The entries of ``names``, which fold to ``folded``, as far as ``surface`` is spelled near enough to them."""
        letters = len(folded)
        if letters < 2 or len(surface) < 2 or _NUMERAL.fullmatch(surface):
            return ()
        code = case_code(surface)
        guarded = folded in self._overlay.words
        has_gap = any(character.isspace() for character in surface)
        bridged = has_gap and not spelling.bridges_words(surface)
        panels = letters <= 3 and folded.isalpha() and _is_joined(surface)  # A–D is no AD
        is_number = not any(character.isalpha() for character in folded)
        best: dict[str, tuple[Candidate, bool]] = {}
        for entry, how, separated, case, own in names:
            if not separated and (bridged or panels):
                continue
            if is_number and not (own and separated and _is_joined(surface)):
                continue
            if not own and _PANEL.fullmatch(folded) and not (separated and _is_joined(surface)):
                continue
            edits = spelling.case_edits(code, case, letters)
            if edits and not relaxed and (guarded or spelling.is_too_weak(code, case, letters)):
                continue
            if guarded and not own and code in (LOWER, CAPITALISED):
                if not relaxed:
                    continue
                edits = max(edits, spelling.CASE)
            candidate = Candidate(entry, how, edits + (spelling.RELAXED if relaxed else 0.0))
            known = best.get(entry.curie)
            if known is None or candidate.rank < known[0].rank:
                best[entry.curie] = (candidate, own)
        _settle(best, folded)
        return tuple(candidate for candidate, _ in sorted(best.values(), key=lambda pair: _order(*pair)))

    def _look_up(self, name: str) -> tuple[Candidate, ...]:
        found = self._whole(name)
        if not found or found[0].edits > _GOOD:
            found = _merged((*found, *self._without_affix(name)))
        if found:
            return found
        names = expand(name)
        if names:
            parts = [self._whole(part) or self._without_affix(part) for part in names]
            if all(parts):
                return _merged(candidate for part in parts for candidate in part)
        if (headed := _HEADED.fullmatch(name)) is not None:
            type = _TYPE_OF_HEAD[headed[2][:4]]
            found = tuple(c for c in self._whole(headed[1]) if c.entry.type == type)
        folded = key(name)
        return _cost(found, spelling.HEAD) or self._judge_names(name, folded, self._names(folded), relaxed=True)

    def _whole(self, name: str) -> tuple[Candidate, ...]:
        """Without taking affixes off."""
        folded = key(name)
        found = self._judge(name, folded)
        if folded in self._overlay.lookup_only:
            found = _merged((*found, *self._judge_names(name, folded, self._lookup_only_names(folded))))
        if found:
            return found
        for stem in () if folded in self._overlay.words else _singulars(name):
            found = self._judge(stem, key(stem))
            if found:
                return _cost(found, spelling.PLURAL)
        guess = _greek_guess(name)
        if guess is not None:
            return _cost(self._judge(guess, key(guess)), spelling.GREEK_GUESS)
        return ()

    def _without_affix(self, name: str, depth: int = 2) -> tuple[Candidate, ...]:
        for rest, affix in self._overlay.affixes.strip(name):
            found = _genes(self._whole(rest)) or (self._without_affix(rest, depth - 1) if depth > 1 else ())
            if found and _is_set_off(affix, found[0]):
                return _cost(found, affix.cost)
        return ()

    # -- a text -------------------------------------------------------------------------------------------------------

    def _found(self, text: str) -> dict[tuple[int, int], tuple[Candidate, ...]]:
        """Candidates by the start and end of what they are named by."""
        folded = fold(text)
        found: dict[tuple[int, int], tuple[Candidate, ...]] = {}
        index_of = {offset: index for index, offset in reversed([*enumerate(folded.starts)])}
        for start in (run.start() for run in _RUN_START.finditer(text)):
            index = index_of.get(start)
            if index is not None:
                for end, candidates in self._from(folded, index):
                    # "cells" is the plural of one name and may be another: both are meant.
                    known = found.get((start, end))
                    found[start, end] = _merged((*known, *candidates)) if known else candidates
        self._add_affixed(folded, index_of, found)
        for match in _GREEK_GUESS.finditer(text):
            if match.span() not in found:
                candidates = _genes(self._whole(match.group()))
                if candidates:
                    found[match.span()] = candidates
        for start, end, names in find_shapes(text):
            if (start, end) not in found:
                parts = [_of_one_type(self._whole(name) or self._without_affix(name)) for name in names]
                if all(parts):
                    found[start, end] = _merged(candidate for part in parts for candidate in part)
        return found

    def _from(self, folded: Folded, index: int) -> Iterator[tuple[int, tuple[Candidate, ...]]]:
        """Ends and candidates of the names that begin at ``index`` of the folded text."""
        text, window = folded.source, folded.key[index : index + _LONGEST_KEY]
        start = folded.starts[index]
        prefixes = self._store.trie.prefixes(window)
        own = self._overlay_trie.prefixes(window)
        for prefix in sorted({*prefixes, *own}) if own else prefixes:
            last = index + len(prefix) - 1
            end = folded.ends[last]
            if last + 1 < len(folded.starts) and folded.starts[last + 1] < end:
                continue  # inside the spelled-out name of one character
            plural = _plural_length(text, end)
            if plural is None or (plural and key(text[start : end + plural]) in self._overlay.words):
                continue
            candidates = self._judge(text[start:end], prefix)
            if plural and candidates:
                candidates = _cost(tuple(c for c in candidates if len(prefix) > 2), spelling.PLURAL)
            if candidates:
                yield end + plural, candidates

    def _add_affixed(
        self, folded: Folded, index_of: Mapping[int, int], found: dict[tuple[int, int], tuple[Candidate, ...]]
    ) -> None:
        for start, inner, affix in self._overlay.affixes.starts(folded.source):
            index = index_of.get(inner)
            if index is None:
                continue
            for end, candidates in self._from(folded, index):
                genes = _genes(candidates)
                if not genes or not _is_set_off(affix, genes[0]):
                    continue
                known = found.get((start, end), ())
                if not known or known[0].edits > _GOOD:
                    found[start, end] = _merged((*known, *_cost(genes, affix.cost)))


def _is_cut(text: str, end: int) -> bool:
    """Whether a name that ended at ``end`` would cut a decimal number, or take the accent off a letter."""
    rest = text[end : end + 2]
    is_decimal = rest[:1] == "." and rest[1:].isdigit() and text[end - 1].isdigit()
    return is_decimal or unicodedata.category(rest[:1] or " ") == "Mn"


def _plural_length(text: str, end: int) -> int | None:
    """0 if a name may end at ``end``, the length of the plural ending if one stands there, None if it may not."""
    rest = text[end : end + 3]
    if not rest or not rest[0].isalnum():
        return None if rest[:1] in ("+", "⁺") and not rest[1:2].isalnum() else 0
    if rest[0] == "s" and not rest[1:2].isalnum():
        return 1
    if rest[:2] == "es" and not rest[2:].isalnum() and text[end - 1] in "sxzh":
        return 2
    return None


def _singulars(name: str) -> Iterator[str]:
    if len(name) > 3 and name.endswith("s"):
        yield name[:-1]
        if name.endswith("ies"):
            yield name[:-3] + "y"
        if name.endswith("es") and name[-3] in "sxzh":
            yield name[:-2]


def _greek_guess(name: str) -> str | None:
    """``name`` with a Latin letter at its end read as a Greek one: ``TNF-a``, ``IL-1b``, ``PGC1a``."""
    match = _GREEK_TAIL.match(name)
    return f"{match[1]}-{_GREEK_LETTERS[match[2]]}{match[3]}" if match else None


def _is_joined(surface: str) -> bool:
    return any(not character.isalnum() for character in surface)


def _is_set_off(affix: Affix, candidate: Candidate) -> bool:
    """A glued affix (``pERK``) is one only if what follows is spelled as a name is."""
    return not affix.is_glued or candidate.edits <= _GOOD


def _genes(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    return tuple(candidate for candidate in candidates if candidate.entry.type == "GENE")


def _of_one_type(candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    return _genes(candidates) or tuple(c for c in candidates if c.entry.type == "CHEMICAL")


def _cost(candidates: tuple[Candidate, ...], cost: float) -> tuple[Candidate, ...]:
    return tuple(Candidate(c.entry, c.how, c.edits + cost) for c in candidates)


def _settle(best: dict[str, tuple[Candidate, bool]], folded: str) -> None:
    """Decide between entries that different sources call by the same preferred name.

    A thesaurus heading that no ontology's entry was folded into yields to that entry; a salt or hydrate that is called
    by the name of its parent yields to the parent.
    """
    for one, own in [*best.values()]:
        if not own and one.how is NameKind.NAME and one.entry.curie.startswith("MESH:"):
            others = [other for other, _ in best.values() if _is_known_elsewhere(other, folded)]
            if any(other.entry.type == one.entry.type or _is_medicine(other, one) for other in others):
                yielding = Candidate(one.entry, NameKind.SYNONYM, max(one.edits, spelling.INITIAL))
                best[one.entry.curie] = (yielding, own)
    named = [pair for pair in best.values() if pair[0].entry.type == "CHEMICAL" and pair[0].how is NameKind.NAME]
    salts = [one for one, own in named if not own and key(one.entry.name) != folded]
    if len(salts) < len(named):
        best |= {one.entry.curie: (replace(one, how=NameKind.SYNONYM), False) for one in salts}


def _is_known_elsewhere(candidate: Candidate, folded: str) -> bool:
    """Whether this is an ontology's entry, and no salt or ion that is only called by the name of its parent."""
    entry = candidate.entry
    parent = _PARENT.match(entry.name)
    is_salt = parent is not None and key(parent.group()) == folded
    is_vague = entry.curie.startswith("MESH:") or entry.kind == "protein_class"
    return not is_vague and candidate.how <= NameKind.SYNONYM and not is_salt


def _is_medicine(candidate: Candidate, protein: Candidate) -> bool:
    """Whether a protein of the thesaurus is meant as a chemical: an antibody, a peptide hormone, an antibiotic.

    ChEBI writes the names of proteins that it took from elsewhere with a capital, those of chemicals without.
    """
    entry = candidate.entry
    is_chemical = entry.curie.startswith("DRUGBANK:") or (entry.type == "CHEMICAL" and entry.name[:1].islower())
    return is_chemical and protein.entry.kind == "protein_class"


def _order(candidate: Candidate, own: bool) -> tuple[float, int, float, bool, int, bool, str]:
    entry = candidate.entry
    # TNF is both a gene and a FamPlex family around it; the approved symbol is meant.
    approved = entry.kind == "gene" and candidate.how is NameKind.SYMBOL
    return (*candidate.rank, not own, _TYPES.index(entry.type), not approved, entry.curie)


def _merged(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    best: dict[str, Candidate] = {}
    for candidate in candidates:
        known = best.get(candidate.entry.curie)
        if known is None or candidate.rank < known.rank:
            best[candidate.entry.curie] = candidate
    return tuple(sorted(best.values(), key=lambda candidate: candidate.rank))
