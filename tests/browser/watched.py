"""A page in a browser, and all that it does unasked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

Page = TypeVar("Page", bound="Watched")


class Watched:
    """A page, with what it asked for and what went wrong on it."""

    def __init__(self, context: Any, address: str) -> None:
        self.asked: list[str] = []
        self.trouble: list[str] = []
        self.page = context.new_page()
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.trouble.append(message.text))
        self.page.on("pageerror", lambda error: self.trouble.append(str(error)))
        self.page.goto(address)


@contextmanager
def opening(browser: Any, kind: type[Page]) -> Iterator[Callable[..., Page]]:
    """What opens pages, each in a context of its own: by address and width, with settings as Playwright takes them."""
    contexts = []

    def opened(address: str, width: int = 1280, **settings: Any) -> Page:
        contexts.append(browser.new_context(viewport={"width": width, "height": 800}, **settings))
        return kind(contexts[-1], address)

    yield opened
    for context in contexts:
        context.close()
