"""A run: documents and errors come out in the order of the inputs, however far the engine reads ahead."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from nlp import Caption, ConfigError, Document, InputError, Pipeline, PipelineError
from nlp.scale import run as run_module
from nlp.scale.outcomes import Engine, Failed, Outcome, annotate_here
from nlp.scale.run import Input, annotate_sources
from nlp.stages.base import Draft, Stage
from tests.scale.toy_engines import Silent, engine, outcome_of, reading_engine, write_source


class Listing:
    """A sink that keeps all it is given."""

    def __init__(self, skip: int = 0) -> None:
        self.skip = skip
        self.taken: list[tuple[Input, Document | InputError]] = []

    def seen(self, _: Input) -> bool:
        self.skip -= 1
        return self.skip >= 0

    def add(self, input: Input, outcome: Document | InputError) -> None:
        self.taken.append((input, outcome))

    def names(self) -> list[str]:
        """The id of each document, and the place and reason of each error."""
        return [
            outcome.id
            if isinstance(outcome, Document)
            else f"{outcome.where.line if outcome.where else None} {outcome.message}"
            for _, outcome in self.taken
        ]


def names(source: Path, made: Engine, skip: int = 0) -> list[str]:
    sink, watch = Listing(skip), Silent()
    annotate_sources([source], made, sink, watch)
    assert watch.done_inputs == len(sink.taken)
    assert watch.passed_inputs == skip
    return sink.names()


def test_documents_and_errors_stand_in_the_order_of_the_inputs(tmp_path: Path) -> None:
    source = write_source(tmp_path / "in.jsonl", 9)
    assert names(source, engine()) == [
        "c0",
        "c1",
        "4 the line is not JSON",
        "c2",
        "6 the caption cannot be annotated",
        "c4",
        "c5",
        "c6",
        "10 the line is not JSON",
        "c7",
        "c8",
        "14 no caption",
        "15 the line is not a record",
    ]


@pytest.mark.parametrize("ahead", [2, 3, 7, 100])
@pytest.mark.parametrize("kind", [engine, reading_engine])
def test_the_order_does_not_depend_on_how_far_an_engine_reads_ahead(tmp_path: Path, ahead: int, kind: type) -> None:
    source = write_source(tmp_path / "in.jsonl", 60)
    assert names(source, kind(ahead)) == names(source, engine())


@pytest.mark.parametrize("skip", [1, 2, 3, 5, 13])
def test_inputs_that_were_seen_are_passed_over(tmp_path: Path, skip: int) -> None:
    source = write_source(tmp_path / "in.jsonl", 9)
    assert names(source, engine(4), skip) == names(source, engine())[skip:]


def test_errors_before_and_behind_all_captions(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text('x\ny\n{"id": "a", "text": "ERK"}\nz\n')
    for ahead in (1, 10):
        assert names(source, engine(ahead)) == [
            "1 the line is not JSON",
            "2 the line is not JSON",
            "a",
            "4 the line is not JSON",
        ]


def test_many_errors_wait_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_module, "_ERRORS_IN_MEMORY", 1000)
    source = tmp_path / "in.jsonl"
    lines = ['{"id": "a", "text": "ERK"}', *["x"] * 300, '{"id": "b", "text": "ERK"}', *["y"] * 5]
    source.write_text("\n".join([*lines, *(line.replace('"a"', '"c"') for line in lines[:-5])]))
    found = names(source, engine(100))
    assert found == names(source, engine())
    assert [name for name in found if " " not in name] == ["a", "b", "c"]
    assert len(found) == 608


def test_standard_input() -> None:
    sink = Listing()
    stdin = io.BytesIO(b'{"id": "a", "text": "ERK"}\nno\n')
    annotate_sources(["-"], engine(), sink, Silent(), stdin=stdin)
    assert sink.names() == ["a", "2 the line is not JSON"]


def test_a_caption_goes_with_its_document(tmp_path: Path) -> None:
    sink = Listing()
    annotate_sources([write_source(tmp_path / "in.jsonl")], engine(5), sink, Silent())
    for input, outcome in sink.taken:
        if isinstance(outcome, Document):
            assert isinstance(input, Caption)
            assert (input.id, input.text) == (outcome.id, outcome.text)
        elif isinstance(input, Caption):
            assert outcome.where == input.where
            assert str(outcome).endswith("the caption cannot be annotated; found loud")
        else:
            assert outcome is input


def reverse(captions: Iterator[Caption]) -> Iterator[Outcome]:
    yield from map(outcome_of, reversed([*captions]))


def forget(captions: Iterator[Caption]) -> Iterator[Outcome]:
    everything = [*captions]
    yield outcome_of(everything[0])


def repeat(captions: Iterator[Caption]) -> Iterator[Outcome]:
    for caption in [*captions]:
        yield outcome_of(caption)
    yield outcome_of(caption)


@pytest.mark.parametrize(
    ("broken", "message"), [(reverse, "next caption"), (forget, "without an outcome"), (repeat, "no more outcomes")]
)
def test_an_engine_that_loses_its_place_is_noticed(tmp_path: Path, broken: Engine, message: str) -> None:
    with pytest.raises(PipelineError, match=message):
        annotate_sources([write_source(tmp_path / "in.jsonl")], broken, Listing(), Silent())


class Loud(Stage[None]):
    """Fails on captions that hold an exclamation mark."""

    name = "loud"
    requires = frozenset[str]()
    provides = frozenset({"mentions"})

    def predict(self, drafts: Sequence[Draft]) -> list[None]:
        if any("!" in draft.text for draft in drafts):
            raise ConfigError("loud")
        return [None] * len(drafts)

    def write(self, draft: Draft, prediction: None) -> None: ...


@pytest.mark.parametrize("batch_size", [1, 2, 3, 64])
def test_the_local_engine_gives_one_outcome_a_caption_in_order(batch_size: int) -> None:
    pipeline = Pipeline([Loud()], None)  # type: ignore[arg-type]
    texts = ["a", "b!", "c!", "d", "e", "f!"]
    captions = [Caption(text[0], text) for text in texts]
    outcomes = [*annotate_here(captions, pipeline=pipeline, batch_size=batch_size)]
    assert [
        f"{outcome.caption.text} {outcome.error}" if isinstance(outcome, Failed) else outcome.text
        for outcome in outcomes
    ] == ["a", "b! loud", "c! loud", "d", "e", "f! loud"]
