"""DATA_DIR/demo.env: what the demo app is told, and the only place where its secrets are kept."""

import os
from collections.abc import Mapping
from pathlib import Path

from app.config import Settings


def path_of(settings: Settings) -> Path:
    """Where the file lies."""
    return settings.data_dir / "demo.env"


def load(settings: Settings) -> dict[str, str]:
    """The variables in the file; empty when there is none."""
    try:
        lines = path_of(settings).read_text().splitlines()
    except FileNotFoundError:
        return {}
    pairs = (line.partition("=") for line in lines if "=" in line)
    return {name: value for name, _, value in pairs}


def save(settings: Settings, variables: Mapping[str, str]) -> None:
    """Replace the file by one with these variables, readable by its owner alone."""
    path = path_of(settings)
    part = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.writelines(f"{name}={value}\n" for name, value in variables.items())
    part.replace(path)
