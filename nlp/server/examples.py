"""Examples of requests and answers, as OpenAPI shows them. Tests send them."""

from __future__ import annotations

from typing import Any, Final

_TEXT: Final = "Esketamine activates ERK."

#: What ``ANNOTATE_EXAMPLES["one"]`` is answered.
DOCUMENT: Final[dict[str, Any]] = {
    "id": "caption",
    "text": _TEXT,
    "mentions": [
        {
            "id": "T1",
            "type": "CHEMICAL",
            "start": 0,
            "end": 10,
            "text": "Esketamine",
            "score": 0.97,
            "references": [{"curie": "CHEBI:60799", "name": "esketamine", "score": 0.98}],
        },
        {
            "id": "T2",
            "type": "GENE",
            "start": 21,
            "end": 24,
            "text": "ERK",
            "score": 0.96,
            "references": [{"curie": "FPLX:ERK", "name": "ERK", "score": 0.96}],
        },
    ],
    "relations": [
        {
            "id": "R1",
            "source": "T1",
            "target": "T2",
            "type": "activation",
            "sign": 1,
            "score": 0.87,
            "trigger": {"start": 11, "end": 20, "text": "activates"},
            "negated": False,
            "speculative": False,
        }
    ],
    "abbreviations": [],
    "keywords": [
        {"keyword": "MAPK1", "type": "GENE", "curie": "HGNC:6871", "mentions": ["T2"]},
        {"keyword": "MAPK3", "type": "GENE", "curie": "HGNC:6877", "mentions": ["T2"]},
        {"keyword": "Esketamine", "type": "CHEMICAL", "curie": "CHEBI:60799", "mentions": ["T1"]},
    ],
}

ANNOTATE_EXAMPLES: Final[dict[str, Any]] = {
    "one": {"summary": "One caption", "value": {"text": _TEXT}},
    "many": {
        "summary": "Many captions, of which genes and what activates them are wanted",
        "value": {
            "captions": [{"id": "a", "text": "AKT inhibits GSK3B."}, {"id": "b", "text": "MEK activates ERK."}],
            "options": {
                "profile": "precise",
                "types": ["GENE"],
                "relation_types": ["activation"],
                "thresholds": {"mentions": 0.5, "relations": 0.5},
            },
        },
    },
}

SCORE_EXAMPLES: Final[dict[str, Any]] = {
    "keywords": {
        "summary": "A caption with its curated list",
        "value": {"captions": [{"id": "a", "text": _TEXT, "keywords": ["MAPK1", "MAPK3", "esketamine"]}]},
    }
}

CONVERT_EXAMPLES: Final[dict[str, Any]] = {
    "bel": {"summary": "A document as a BEL script", "value": {"documents": [DOCUMENT], "format": "bel"}}
}
