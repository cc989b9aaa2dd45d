"""Roles to choose from, as far as whoever chooses may give them."""

from typing import Any

import wtforms
from wtforms import SelectMultipleField
from wtforms.validators import ValidationError

from app.console.door import Admin
from app.console.form import choices
from app.database import read
from app.directory import reach, roles


def roles_field(label: str, description: str = "") -> Any:
    """Some roles, as boxes to tick, once they were offered."""
    return SelectMultipleField(
        label,
        description=description,
        widget=wtforms.widgets.ListWidget(prefix_label=False),
        option_widget=wtforms.widgets.CheckboxInput(),
        validate_choice=False,
        validators=[_demand_offered],
    )


def offer(admin: Admin, field: Any) -> None:
    """Let the field offer the tenant's roles, but none beyond the admin's reach."""
    with read(admin.tenant.id) as session:
        beyond = reach.beyond(admin.actor, session)
        known = roles.list_roles(session)
    field.choices = choices((each.key, each.name) for each in known if each.key != beyond)


def _demand_offered(_form: wtforms.Form, field: Any) -> None:
    offered = {each.value for each in field.iter_choices()}
    if not offered.issuperset(field.data or ()):
        raise ValidationError("console.form.not_offered")
