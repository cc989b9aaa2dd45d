"""Hosts of the tenant's own: added, proven by two DNS records, looked at again, taken away."""

from flask import request
from werkzeug.wrappers import Response
from wtforms import StringField

from app.console.door import Admin, blueprint, confirm, done, draw, for_admin
from app.console.form import AtMost, Form, Needed
from app.database import read, write
from app.directory import hosts
from app.directory.errors import BadValue, NotFound, Refused, Taken
from app.directory.hosts import Host
from app.flow.screen import Text
from app.public_addresses import is_address

_SECTION = "hosts"


class AddHost(Form):
    """The name of a host."""

    host = StringField(
        "console.hosts.host",
        description="console.hosts.host_hint",
        validators=[Needed(), AtMost(253)],
    )


@blueprint.get("/<tenant_slug>/hosts")
@for_admin("host.read")
def list_hosts(admin: Admin) -> Response:
    """The hosts on which the tenant answers or is to answer."""
    with read(admin.tenant.id) as session:
        found = hosts.list_all(session)
    return draw(admin, "hosts/list", section=_SECTION, hosts=found, targets=hosts.target())


@blueprint.route("/<tenant_slug>/hosts/new", methods=["GET", "POST"])
@for_admin("host.claim", fresh=True)
def add_host(admin: Admin) -> Response:
    """Take the name of a host, then show the records that prove it."""
    form = AddHost(request.form)
    if request.method == "POST" and form.validate():
        try:
            with write(admin.tenant.id) as session:
                made = hosts.claim(session, admin.actor, str(form.host.data))
            return done(admin, f"/hosts/{made.host}", "console.hosts.added")
        except BadValue as refusal:
            form.refuse_as(refusal)
    status = 422 if request.method == "POST" else 200
    return draw(admin, "hosts/new", section=_SECTION, form=form, status=status)


@blueprint.get("/<tenant_slug>/hosts/<host>")
@for_admin("host.read")
def host(admin: Admin, host: str) -> Response:
    """The records of a host, and what the last look found."""
    return _page(admin, _found(admin, host))


@blueprint.post("/<tenant_slug>/hosts/<host>/check")
@for_admin("host.verify")
def check_host(admin: Admin, host: str) -> Response:
    """Look at the records now."""
    found = _found(admin, host)
    try:
        hosts.verify(admin.tenant.id, admin.actor, host)
    except Taken:
        return _page(admin, found, problem="console.hosts.taken")
    except NotFound:
        raise
    except Refused as refusal:
        return _page(admin, found, problem=str(refusal))
    return done(admin, f"/hosts/{host}", "console.hosts.served")


@blueprint.route("/<tenant_slug>/hosts/<host>/remove", methods=["GET", "POST"])
@for_admin("host.remove", fresh=True)
def remove_host(admin: Admin, host: str) -> Response:
    """Ask once, then take the host off the tenant."""
    found = _found(admin, host)
    if found.is_of_operator:
        return _page(admin, found, problem="console.hosts.of_operator")
    if request.method == "POST":
        with write(admin.tenant.id) as session:
            hosts.remove(session, admin.actor, host)
        return done(admin, "/hosts", "console.hosts.removed")
    about = Text("console.hosts.remove", {"host": host})
    return confirm(admin, _SECTION, about, back=f"/hosts/{host}")


def _found(admin: Admin, host: str) -> Host:
    with read(admin.tenant.id) as session:
        found = hosts.find(session, host)
    if found is None:
        raise NotFound("host")
    return found


def _page(admin: Admin, found: Host, problem: str | None = None) -> Response:
    addresses = [each for each in hosts.target() if is_address(each)]
    names = [each for each in hosts.target() if not is_address(each)]
    return draw(
        admin,
        "hosts/one",
        section=_SECTION,
        title=Text("console.hosts.one.title", {"host": found.host}),
        status=422 if problem else 200,
        host=found,
        problem=problem,
        names=names,
        addresses=addresses,
    )
