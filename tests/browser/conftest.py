"""A headless Chromium, where there is one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from importlib import import_module
from typing import Any, NoReturn

import pytest


def _do_without(what: str) -> NoReturn:
    """Skip; but fail where ``$CI`` is set, since there all that was asked for is installed."""
    if os.environ.get("CI"):
        pytest.fail(f"CI needs {what}", pytrace=False)
    pytest.skip(f"needs {what}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A ``playwright.sync_api.Browser``: of ``$PATHCAP_CHROMIUM``, or of ``chromium`` on the path."""
    try:
        sync_api = import_module("playwright.sync_api")
    except ImportError:
        _do_without("the package playwright")
    names = (os.environ.get("PATHCAP_CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if name and (found := shutil.which(name))), None)
    if path is None:
        _do_without("Chromium (set PATHCAP_CHROMIUM)")
    # Chromium's sandbox refuses to run as root, as containers do.
    arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    # Its loop must have ended before other tests begin their own, so it lasts no longer than a module.
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=arguments)
        yield started
        started.close()
