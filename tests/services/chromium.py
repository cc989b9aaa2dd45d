"""The browser that Debian ships, driven through Playwright."""

from pathlib import Path

from tests.services.process import find_tool

# Root needs --no-sandbox; the rest keeps the browser from calling its maker.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find_chromium() -> Path:
    """The browser's program; raises `MissingTool` where there is none."""
    return find_tool("chromium", "chromium-browser", "google-chrome", package="chromium")
