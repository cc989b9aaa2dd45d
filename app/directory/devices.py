"""What a device list says of a browser: its name and system, read from the User-Agent header."""

from dataclasses import dataclass
from functools import lru_cache

from ua_parser import parse_os, parse_user_agent

from app.directory import names

_READ = 512
"""Characters of the header that are looked at: a longer one is no browser's."""
_SHOWN = 60


@dataclass(frozen=True)
class Device:
    """A browser and its system as people call them; None when the header does not tell."""

    software: str | None
    system: str | None

    def __str__(self) -> str:
        return ", ".join(part for part in (self.software, self.system) if part) or "?"


UNKNOWN = Device(None, None)


def of_user_agent(header: str | None) -> Device:
    """The device that a User-Agent header claims; the text is short and has no control or
    direction marks, but is still the visitor's own."""
    return _parsed(header[:_READ]) if header else UNKNOWN


@lru_cache(maxsize=1_024)
def _parsed(header: str) -> Device:
    software, system = parse_user_agent(header), parse_os(header)
    return Device(
        _shown(software.family, software.major) if software else None,
        _shown(system.family, system.major) if system else None,
    )


def _shown(family: str, version: str | None) -> str | None:
    return names.clean(f"{family} {version or ''}", most=_SHOWN) or None
