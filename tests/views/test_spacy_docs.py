"""A document in a spaCy ``Doc``."""

import pickle

import pytest
import spacy
from hypothesis import given, settings
from spacy.tokens import Doc, DocBin
from spacy.tokens import Span as SpacySpan

from nlp import AnnotationError, ConfigError, Document, Mention, Reference
from nlp.formats.records import from_record, to_record
from nlp.views import spacy_docs
from tests.any_document import documents
from tests.markup import parse

BLANK = spacy.blank("en")


def example() -> Document:
    document = parse(
        """
        ⟦T1:CHEMICAL|Drug A⟧ may lower ⟦T2:GENE|PI3K⟧/⟦T3:GENE|AKT⟧-dependent ⟦T4:PROCESS|cell  growth⟧.
        R T1 T3 activation - "lower" spec
        R T3 T4 activation +
        """
    )
    akt = (Reference("FPLX:AKT", "AKT", 0.9), Reference("HGNC:391", "AKT1", 0.05))
    mentions = [
        Mention(one.id, one.type, one.start, one.end, one.text, references=akt if one.text == "AKT" else ())
        for one in document.mentions
    ]
    return Document(document.id, document.text, tuple(mentions), document.relations)


def test_by_default_tokens_end_where_mentions_do() -> None:
    document = example()
    doc = document.to_spacy()
    assert doc.text == document.text
    assert [(ent.text, ent.label_, ent.start_char, ent.id_) for ent in doc.ents] == [
        (mention.text, mention.type, mention.start, mention.id) for mention in document.mentions
    ]
    assert [ent.kb_id_ for ent in doc.ents] == ["", "", "FPLX:AKT", ""]
    assert [ent._.references for ent in doc.ents] == [mention.references for mention in document.mentions]
    assert doc[0:1]._.references == ()
    assert doc._.pathcap == from_record(to_record(document))


def test_relations_join_spans() -> None:
    lowers, raises = example().to_spacy()._.relations
    assert (lowers.source.text, lowers.target.text, lowers.type, lowers.sign) == ("Drug A", "AKT", "activation", -1)
    assert (lowers.trigger.text, lowers.negated, lowers.speculative, lowers.id) == ("lower", False, True, "R1")
    assert (lowers.source.label_, lowers.target._.references[0].curie) == ("CHEMICAL", "FPLX:AKT")
    assert (raises.source.text, raises.target.text, raises.trigger) == ("AKT", "cell  growth", None)


def test_tokens_of_a_language_are_kept_and_mentions_have_all_of_theirs() -> None:
    language = spacy.blank("en")
    language.tokenizer = spacy.tokenizer.Tokenizer(language.vocab)  # at white space alone
    document = example()
    doc = document.to_spacy(language)
    assert doc.vocab is language.vocab
    assert [token.text for token in doc] == [token.text for token in language.make_doc(document.text)]
    assert [ent.text for ent in doc.ents] == ["Drug A", "PI3K/AKT-dependent", "cell  growth."]
    assert [span.text for span in doc.spans["pathcap"]] == [
        "Drug A",
        "PI3K/AKT-dependent",
        "PI3K/AKT-dependent",
        "cell  growth.",
    ]
    # Both stand in one token, and each still says what it refers to.
    assert [bool(span._.references) for span in doc.spans["pathcap"]] == [False, False, True, False]
    assert doc._.pathcap == document


def test_of_mentions_that_overlap_the_longest_is_an_entity() -> None:
    outer, inner = Mention("T1", "GENE", 0, 12, "TNF receptor"), Mention("T2", "GENE", 0, 3, "TNF")
    doc = Document("1", "TNF receptor", (inner, outer)).to_spacy()
    assert [ent.text for ent in doc.ents] == ["TNF receptor"]
    assert [span.text for span in doc.spans["pathcap"]] == ["TNF", "TNF receptor"]


@given(documents())
@settings(max_examples=100, deadline=None)
def test_any_document_fits(document: Document) -> None:
    exact, cut = document.to_spacy(), document.to_spacy(BLANK)
    visible = [mention for mention in document.mentions if mention.text.strip()]
    for doc in (exact, cut):
        assert doc.text == document.text
        assert doc._.pathcap == document
        assert [span.id_ for span in doc.spans["pathcap"]] == [mention.id for mention in visible]
        for span, mention in zip(doc.spans["pathcap"], visible, strict=True):
            assert mention.text.strip() in span.text
            assert span._.references == mention.references
        shown = {mention.id for mention in visible}
        assert [one.id for one in doc._.relations] == [
            one.id for one in document.relations if {one.source, one.target} <= shown
        ]
    assert [span.text for span in exact.spans["pathcap"]] == [mention.text.strip() for mention in visible]


def stored() -> list[tuple[str, Doc]]:
    """The example's ``Doc`` after it was stored in each of the ways that spaCy has."""
    doc = example().to_spacy()
    bin_ = DocBin(store_user_data=True, docs=[doc])
    (binned,) = DocBin(store_user_data=True).from_bytes(bin_.to_bytes()).get_docs(BLANK.vocab)
    return [
        ("bytes", Doc(BLANK.vocab).from_bytes(doc.to_bytes())),
        ("bin", binned),
        ("pickle", pickle.loads(pickle.dumps(doc))),  # noqa: S301 — our own
        ("copy", doc.copy()),
    ]


@pytest.mark.parametrize("way", range(4))
def test_a_document_outlives_how_docs_are_stored(way: int) -> None:
    before = example().to_spacy()
    _, doc = stored()[way]
    assert doc._.pathcap == example()
    assert [ent._.references for ent in doc.ents] == [ent._.references for ent in before.ents]
    assert [ent.kb_id_ for ent in doc.ents] == [ent.kb_id_ for ent in before.ents]
    assert [one.target.text for one in doc._.relations] == ["AKT", "cell  growth"]
    assert [span._.references for span in doc.spans["pathcap"]] == [ent._.references for ent in before.ents]


def test_a_doc_without_a_document() -> None:
    spacy_docs.register()
    doc = BLANK("ERK acts.")
    assert doc._.pathcap is None
    assert doc._.relations == ()
    assert doc[0:1]._.references == ()


def test_entities_may_be_kept() -> None:
    document = parse("⟦T1:GENE|ERK⟧ of ⟦T2:CELL|T cells⟧ acts")
    doc = BLANK.make_doc(document.text)
    doc.ents = [SpacySpan(doc, 2, 3, label="LETTER"), SpacySpan(doc, 4, 5, label="VERB")]
    kept = spacy_docs.write(doc.copy(), document, keep_ents=True)
    assert [(ent.text, ent.label_) for ent in kept.ents] == [("ERK", "GENE"), ("T", "LETTER"), ("acts", "VERB")]
    assert len(kept.spans["pathcap"]) == 2
    replaced = spacy_docs.write(doc, document)
    assert [(ent.text, ent.label_) for ent in replaced.ents] == [("ERK", "GENE"), ("T cells", "CELL")]


def test_a_document_of_another_text_is_refused() -> None:
    with pytest.raises(AnnotationError, match="a document of another text"):
        spacy_docs.write(BLANK.make_doc("ERK acts"), Document("1", "ERK acts."))


def test_names_that_another_package_has_taken_are_told() -> None:
    spacy_docs.register()
    ours = Doc.remove_extension("relations")
    try:
        Doc.set_extension("relations", default=[])
        with pytest.raises(ConfigError, match="extension 'relations' of spaCy's Doc is another package's"):
            Document("1", "ERK").to_spacy()
    finally:
        Doc.set_extension("relations", getter=ours[2], force=True)
    assert Document("1", "ERK").to_spacy()._.relations == ()
