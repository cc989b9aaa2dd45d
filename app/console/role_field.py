"""Roles to choose from, as far as whoever chooses may give them."""

from collections.abc import Sequence

import wtforms
from wtforms import SelectMultipleField
from wtforms.form import BaseForm
from wtforms.validators import ValidationError

from app.console.door import Admin
from app.console.form import choices
from app.database import read
from app.directory import reach, roles
from app.directory.roles import Role


class RolesField(SelectMultipleField):
    """Some roles, as boxes to tick. What is none of the choices is refused."""

    widget = wtforms.widgets.ListWidget(prefix_label=False)
    option_widget = wtforms.widgets.CheckboxInput()
    offered: Sequence[Role] = ()

    def pre_validate(self, form: BaseForm) -> None:
        """Raise `ValidationError` for a role that is not offered."""
        offered = {each.key for each in self.offered}
        if not offered.issuperset(self.data or ()):
            raise ValidationError("console.form.not_offered")


def offer(admin: Admin, field: RolesField) -> None:
    """Let the field offer the tenant's roles, but none beyond the admin's reach."""
    with read(admin.tenant.id) as session:
        beyond = reach.beyond(admin.actor, session)
        known = roles.list_roles(session)
    field.offered = [each for each in known if each.key != beyond]
    field.choices = choices((each.key, each.name) for each in field.offered)
