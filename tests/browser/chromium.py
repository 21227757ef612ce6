"""The browser that the tests look through: Debian's Chromium, as it is installed."""

from __future__ import annotations

import os
import shutil

ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def installed() -> str | None:
    """The path of Chromium; None if there is none on this machine."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def is_needed() -> bool:
    """Where a missing browser is a failure: no test may go missing in the gate."""
    return os.environ.get("CI") == "true"
