"""The dispatcher: batches over requests, turns, bounds, and what happens to faults."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

import pytest

from nlp.options import Options
from nlp.server.batching import Closed, Dispatcher, Full, Limits, Ticket, annotate_with
from nlp.types import Caption, Document
from tests.server.servers import CONTRADICTION, FAULT, Marks, toy
from tests.timing import until

ALL = Options()


def limits(**changes: int) -> Limits:
    given = {"captions": 100, "characters": 10_000, "batch_captions": 4, "batch_characters": 1000, "workers": 1}
    return Limits(**{**given, **changes})


def captions(*texts: str) -> list[Caption]:
    return [Caption(str(number), text) for number, text in enumerate(texts)]


def texts(documents: Sequence[object]) -> list[str]:
    return [document.text if isinstance(document, Document) else repr(document) for document in documents]


def same(document: Document) -> Document:
    return document


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    gate = threading.Event()
    yield gate
    gate.set()


def held_up(marks: Marks, **changes: int) -> tuple[Dispatcher, Ticket[Document]]:
    """A dispatcher whose one worker is kept by a first caption until the stage's gate is opened."""
    dispatcher = Dispatcher(annotate_with(toy(marks)), limits(**changes))
    dispatcher.start()
    first = dispatcher.submit(captions("first"), ALL, same)
    until(lambda: marks.batches)
    return dispatcher, first


def test_requests_are_annotated_together_and_each_gets_its_own_in_order(gate: threading.Event) -> None:
    marks = Marks(gate=gate)
    dispatcher, first = held_up(marks)
    one = dispatcher.submit(captions("a1", "a2"), ALL, same)
    other = dispatcher.submit(captions("b1", "b2"), ALL, same)
    gate.set()
    assert texts(one.answers.result(5)) == ["a1", "a2"]
    assert texts(other.answers.result(5)) == ["b1", "b2"]
    assert texts(first.answers.result(5)) == ["first"]
    assert marks.batches == [["first"], ["a1", "b1", "a2", "b2"]]


def test_a_long_request_does_not_keep_a_short_one_waiting(gate: threading.Event) -> None:
    marks = Marks(gate=gate)
    dispatcher, _ = held_up(marks, batch_captions=2)
    long = dispatcher.submit(captions("l1", "l2", "l3", "l4", "l5"), ALL, same)
    short = dispatcher.submit(captions("s"), ALL, same)
    gate.set()
    assert texts(short.answers.result(5)) == ["s"]
    assert texts(long.answers.result(5)) == ["l1", "l2", "l3", "l4", "l5"]
    assert marks.batches[1] == ["l1", "s"]


def test_only_captions_with_the_same_options_are_annotated_together(gate: threading.Event) -> None:
    marks = Marks(gate=gate)
    dispatcher, _ = held_up(marks)
    sure = Options(min_mention_score=0.8)
    tickets = [
        dispatcher.submit(captions(text), options, same)
        for text, options in (("a", ALL), ("b", sure), ("c", ALL), ("d", Options(min_mention_score=0.8)))
    ]
    gate.set()
    found = [ticket.answers.result(5)[0] for ticket in tickets]
    assert [len(document.mentions) for document in found if isinstance(document, Document)] == [1, 0, 1, 0]
    assert marks.batches[1:] == [["a", "c"], ["b", "d"]]


def test_waiting_captions_are_shared_among_the_workers(gate: threading.Event) -> None:
    marks = Marks(gate=gate)
    dispatcher = Dispatcher(annotate_with(toy(marks)), limits(workers=2, batch_captions=8))
    ticket = dispatcher.submit(captions(*"abcdef"), ALL, same)
    dispatcher.start()
    until(lambda: len(marks.batches) == 2)
    assert sorted(map(len, marks.batches)) == [2, 3] or sorted(map(len, marks.batches)) == [3, 3]
    gate.set()
    assert texts(ticket.answers.result(5)) == [*"abcdef"]
    assert marks.most_at_once == 2


def test_batches_are_bounded_in_characters_but_hold_one_at_least(gate: threading.Event) -> None:
    marks = Marks(gate=gate)
    dispatcher, _ = held_up(marks, batch_characters=10)
    ticket = dispatcher.submit(captions("x" * 30, "a" * 6, "b" * 4, "c"), ALL, same)
    gate.set()
    ticket.answers.result(5)
    assert [len(batch) for batch in marks.batches[1:]] == [1, 2, 1]


@pytest.mark.parametrize(("changes", "fits"), [({"captions": 3}, ["a", "b"]), ({"characters": 7}, ["ab"])])
def test_what_does_not_fit_is_refused_until_there_is_room(
    gate: threading.Event, changes: dict[str, int], fits: list[str]
) -> None:
    dispatcher, first = held_up(Marks(gate=gate), **changes)
    held = dispatcher.submit(captions(*fits), ALL, same)
    with pytest.raises(Full) as full:
        dispatcher.submit(captions("d"), ALL, same)
    assert full.value.retry_after == 1
    assert dispatcher.held == (1 + len(fits), 5 + sum(map(len, fits)))
    gate.set()
    held.answers.result(5)
    # Answered, but the answers are not sent yet.
    with pytest.raises(Full):
        dispatcher.submit(captions("d"), ALL, same)
    dispatcher.release(first)
    dispatcher.release(first)
    assert dispatcher.held == (len(fits), sum(map(len, fits)))
    dispatcher.release(held)
    assert dispatcher.held == (0, 0)
    assert dispatcher.waiting == 0


def test_the_wait_is_by_the_rate_that_was_measured(gate: threading.Event) -> None:
    marks = Marks(seconds=0.2)
    dispatcher = Dispatcher(annotate_with(toy(marks)), limits(captions=20, batch_captions=1))
    dispatcher.start()
    ticket = dispatcher.submit(captions("a"), ALL, same)
    ticket.answers.result(5)
    dispatcher.release(ticket)
    assert 2 < dispatcher.rate < 5.1
    marks.gate = gate
    ticket = dispatcher.submit(captions(*["a"] * 20), ALL, same)
    with pytest.raises(Full) as full:
        dispatcher.submit(captions(*["a"] * 12), ALL, same)
    # Twelve too many, at almost five a second.
    assert 3 <= full.value.retry_after <= 6
    dispatcher.release(ticket)


def test_what_was_let_go_before_it_began_is_not_done(gate: threading.Event) -> None:
    marks = Marks(gate=gate)
    dispatcher, first = held_up(marks)
    ticket = dispatcher.submit(captions("a", "b"), ALL, same)
    dispatcher.release(ticket)
    dispatcher.release(first)
    # What is in work takes room until it is done.
    assert dispatcher.held == (1, 5)
    assert ticket.answers.cancelled()
    gate.set()
    until(lambda: dispatcher.held == (0, 0))
    assert marks.batches == [["first"]]


@pytest.mark.parametrize("text", [FAULT, CONTRADICTION])
def test_a_fault_is_one_captions_and_the_worker_goes_on(gate: threading.Event, text: str) -> None:
    dispatcher, _ = held_up(Marks(gate=gate))
    tickets = [dispatcher.submit(captions(one), ALL, same) for one in ("a", text, "b")]
    gate.set()
    good, bad, other = (ticket.answers.result(5) for ticket in tickets)
    assert texts(good) + texts(other) == ["a", "b"]
    assert isinstance(bad[0], Exception)
    assert dispatcher.alive
    assert texts(dispatcher.submit(captions("c"), ALL, same).answers.result(5)) == ["c"]


def test_a_fault_in_making_the_answer_is_the_requests_own() -> None:
    dispatcher = Dispatcher(annotate_with(toy(Marks())), limits())
    dispatcher.start()
    (answer,) = dispatcher.submit(captions("a"), ALL, lambda _: 1 // 0).answers.result(5)
    assert isinstance(answer, ZeroDivisionError)
    assert texts(dispatcher.submit(captions("b"), ALL, same).answers.result(5)) == ["b"]


def test_closing_finishes_what_was_taken_and_takes_no_more(gate: threading.Event) -> None:
    dispatcher, first = held_up(Marks(gate=gate), batch_captions=1)
    waiting = dispatcher.submit(captions("a", "b"), ALL, same)
    dispatcher.close()
    with pytest.raises(Closed):
        dispatcher.submit(captions("c"), ALL, same)
    assert not dispatcher.join(0.05)
    gate.set()
    assert texts(waiting.answers.result(5)) == ["a", "b"]
    assert texts(first.answers.result(5)) == ["first"]
    assert dispatcher.join(5)
    assert not dispatcher.alive


def test_no_captions_are_answered_at_once() -> None:
    dispatcher = Dispatcher(annotate_with(toy(Marks())), limits())
    assert dispatcher.submit([], ALL, same).answers.result(0) == []
