"""A headless Chromium, where there is one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A ``playwright.sync_api.Browser``: of ``$PATHCAP_CHROMIUM``, or of ``chromium`` on the path."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs the package playwright")
    names = (os.environ.get("PATHCAP_CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if name and (found := shutil.which(name))), None)
    if path is None:
        pytest.skip("needs Chromium (set PATHCAP_CHROMIUM)")
    # Chromium's sandbox refuses to run as root, as containers do.
    arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    # Its loop must have ended before other tests begin their own, so it lasts no longer than a module.
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=arguments)
        yield started
        started.close()
