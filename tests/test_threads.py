"""Batches on threads: in order, and with the same errors after the same outcomes, however many threads there are."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

import pytest

from nlp import Caption, ConfigError, Pipeline
from nlp.scale.outcomes import Failed, annotate_here
from nlp.stages.base import Draft, Stage
from nlp.threads import in_order

THREADS = [1, 2, 4, 9]


class BrokenError(Exception):
    """What a source raises in its midst."""


def double(batch: int) -> Sequence[int]:
    if batch == 7:
        raise ValueError(batch)
    return [2 * batch]


def broken_after(count: int, error: type[BaseException] = BrokenError) -> Iterator[int]:
    yield from range(count)
    raise error


def outcomes(batches: Iterator[int], threads: int) -> tuple[list[int], type[BaseException] | None]:
    """What comes out, and what ends it."""
    out: list[int] = []
    try:
        for done in in_order(double, batches, threads):
            out += done
    except (BrokenError, ValueError) as error:
        return out, type(error)
    return out, None


@pytest.mark.parametrize("threads", THREADS)
@pytest.mark.parametrize("count", [0, 1, 3, 7])
def test_what_came_before_an_error_of_the_source_is_not_lost(threads: int, count: int) -> None:
    assert outcomes(iter(range(count)), threads) == ([*range(0, 2 * count, 2)], None)
    assert outcomes(broken_after(count), threads) == ([*range(0, 2 * count, 2)], BrokenError)


@pytest.mark.parametrize("threads", THREADS)
@pytest.mark.parametrize("count", [8, 9, 30])
def test_the_first_error_is_the_one_that_is_raised(threads: int, count: int) -> None:
    assert outcomes(broken_after(count), threads) == ([*range(0, 14, 2)], ValueError)


@pytest.mark.parametrize("threads", THREADS)
def test_an_interruption_is_not_held_up(threads: int) -> None:
    with pytest.raises(KeyboardInterrupt):
        list(in_order(double, broken_after(3, KeyboardInterrupt), threads))


def test_threads_end_with_the_iterator() -> None:
    before = threading.active_count()
    stream = in_order(double, iter(range(6)), 3)
    next(stream)
    assert threading.active_count() > before
    stream.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before


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


@pytest.mark.parametrize("threads", THREADS)
def test_captions_before_an_error_of_the_source_are_all_settled(threads: int) -> None:
    def captions() -> Iterator[Caption]:
        for text in ("a", "b!", "c", "d!", "e!", "f!"):
            yield Caption(text, text)
        raise BrokenError

    pipeline = Pipeline([Loud()], None, threads=threads)  # type: ignore[arg-type]
    settled: list[str] = []
    stream = annotate_here(captions(), pipeline=pipeline, batch_size=2)
    with pytest.raises(BrokenError):
        settled.extend(one.caption.id if isinstance(one, Failed) else one.id for one in stream)
    assert settled == ["a", "b!", "c", "d!", "e!", "f!"]
