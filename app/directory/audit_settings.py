"""How long a tenant keeps what happened."""

from typing import Annotated

from pydantic import Field

from app.audit.events import Family
from app.directory.section import Section


class Audit(Section):
    """The audit log, family by family."""

    kept: dict[Family, Annotated[int, Field(ge=30, le=3_650)]] = {}
    """Family of events -> days; the server's `AUDIT_KEPT` for a family that is not named."""
