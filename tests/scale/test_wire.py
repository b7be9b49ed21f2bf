"""What goes to another process and comes back."""

from __future__ import annotations

import json

import pytest

from nlp import errors
from nlp.errors import ConfigError, FormatError, InputError, LexiconError, Location, PathcapError, ServerError
from nlp.formats.base import OtherKindError
from nlp.scale.wire import as_sent, error_from_json, error_to_json

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, PathcapError)]


class OwnError(LexiconError):
    """A kind that the other side does not know."""


class DeeperError(OwnError):
    """And one below it."""


# Of the same name as one that it does know.
Named = type("ConfigError", (FormatError,), {})


@pytest.mark.parametrize("kind", KINDS)
def test_errors_arrive_as_they_were(kind: type[PathcapError]) -> None:
    error = kind("bad", expected="good", found="\udce9", where=Location("a.jsonl", 3, "x"))
    again = error_from_json(error_to_json(error))
    assert type(again) is kind
    assert (again.message, again.expected, again.found, again.where) == (
        error.message,
        error.expected,
        error.found,
        error.where,
    )


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OwnError("bad"), LexiconError),
        (DeeperError("bad"), LexiconError),
        (OtherKindError("bad"), FormatError),
        (Named("bad"), FormatError),
    ],
)
def test_an_error_of_another_kind_becomes_its_nearest_base(error: PathcapError, kind: type[PathcapError]) -> None:
    text = error_to_json(error)
    assert json.loads(text)[0] == kind.__name__
    assert type(error_from_json(text)) is kind


@pytest.mark.parametrize("status", [None, 429])
def test_the_status_of_a_server_goes_along(status: int | None) -> None:
    class BusyError(ServerError):
        pass

    for made in (ServerError, BusyError):
        again = error_from_json(error_to_json(made("too much", status=status)))
        assert type(again) is ServerError
        assert again.status == status


def test_an_error_is_the_same_whether_it_is_sent_or_not() -> None:
    plain = InputError("bad")
    assert as_sent(plain) is plain
    assert type(as_sent(OtherKindError("bad"))) is FormatError
    assert type(error_from_json(error_to_json(ConfigError("bad")))) is ConfigError
