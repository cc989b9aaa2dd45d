"""The console: tenant admins brand the pages and run their tenant, a module for each part."""

from app.console import admins, first_admin, gallery, home, preview, preview_share
from app.console.door import blueprint

__all__ = ["admins", "blueprint", "first_admin", "gallery", "home", "preview", "preview_share"]
