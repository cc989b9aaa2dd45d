"""The setup portal: an organization's IT admin connects their provider, a module for each part."""

from app.pages.setup import connect, domains, home, policy, trial, way_in
from app.pages.setup.door import blueprint

__all__ = ["blueprint", "connect", "domains", "home", "policy", "trial", "way_in"]
