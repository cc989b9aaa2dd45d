"""Which part of app/ stands on which: DESIGN's diagram, as a table.

A module may import its own layer and the ones below it. The longest prefix decides, and may name
a class: then that class alone stands lower than its module.
"""

TOP, FLOW, METHODS, DIRECTORY, SERVICES, MODELS, FOUNDATION = range(7)
NAMES = ("edges", "flow", "methods", "directory", "services", "models", "foundation")

LAYERS = {
    # The edges: they alone know requests, responses and cookies.
    "app": TOP,
    "app.pages": TOP,
    "app.headless": TOP,
    "app.console": TOP,
    "app.api": TOP,
    "app.scim": TOP,
    "app.cli": TOP,
    "app.oidc.routes": TOP,
    "app.federation.routes": TOP,
    "app.federation.saml_routes": TOP,
    "app.completion": TOP,
    "app.bodies": TOP,
    "app.cross_origin": TOP,
    "app.errors": TOP,
    "app.headers": TOP,
    "app.health": TOP,
    "app.json_body": TOP,
    "app.language": TOP,
    "app.log": TOP,
    "app.migration": TOP,
    "app.tenancy": TOP,
    "app.tls": TOP,
    "app.visitor": TOP,
    "app.worker": TOP,
    "app.purge": TOP,
    "app.clock_offset": TOP,
    "app.account": FLOW,
    "app.setup": FLOW,
    "app.flow": FLOW,
    "app.oidc": FLOW,
    "app.methods": METHODS,
    "app.directory": DIRECTORY,
    "app.federation": DIRECTORY,
    "app.branding": SERVICES,
    "app.delivery": SERVICES,
    "app.keys": SERVICES,
    "app.audit": SERVICES,
    "app.single_use": SERVICES,
    # What every service must know of its tenant: the snapshot, the documents in it, who may what.
    "app.directory.tenants.Tenant": SERVICES,
    "app.directory.settings": SERVICES,
    "app.directory.audit_settings": SERVICES,
    "app.directory.brand_settings": SERVICES,
    "app.directory.section": SERVICES,
    "app.directory.mail_settings": SERVICES,
    "app.directory.names": SERVICES,
    "app.directory.errors": SERVICES,
    "app.directory.permissions": SERVICES,
    "app.directory.secrets": SERVICES,
    "app.models": MODELS,
    # The words in which methods speak to the flow; they import nothing of it.
    "app.flow.screen": FOUNDATION,
    "app.actor": FOUNDATION,
    "app.addresses": FOUNDATION,
    "app.breaches": FOUNDATION,
    "app.changes": FOUNDATION,
    "app.clock": FOUNDATION,
    "app.config": FOUNDATION,
    "app.database": FOUNDATION,
    "app.extensions": FOUNDATION,
    "app.hashing": FOUNDATION,
    "app.identifiers": FOUNDATION,
    "app.ids": FOUNDATION,
    "app.limits": FOUNDATION,
    "app.metrics": FOUNDATION,
    "app.name_server": FOUNDATION,
    "app.outgoing": FOUNDATION,
    "app.patterns": FOUNDATION,
    "app.phones": FOUNDATION,
    "app.public_addresses": FOUNDATION,
    "app.security": FOUNDATION,
    "app.support_codes": FOUNDATION,
    "app.tenant_guard": FOUNDATION,
    "app.text": FOUNDATION,
    "app.whereabouts": FOUNDATION,
}


def layer_of(module: str) -> int | None:
    """The layer of a dotted name inside app; None where the table does not know it.

    The entry for `app` is the package itself, create_app: not a home for all that is unknown.
    """
    parts = module.split(".")
    for length in range(len(parts), 1, -1):
        layer = LAYERS.get(".".join(parts[:length]))
        if layer is not None:
            return layer
    return TOP if module == "app" else None


def upward(importer: str, target: str) -> str | None:
    """Why `importer` may not import `target`; None when it may."""
    below, above = layer_of(importer), layer_of(target)
    if below is None or above is None:
        unknown = importer if below is None else target
        return f"{unknown} stands in no layer: give it one in tests/house/layers.py"
    if above < below:
        return (
            f"{importer} ({NAMES[below]}) imports {target} ({NAMES[above]}), which stands above it:"
            " pass the value in, return a result, or move the shared part down"
        )
    return None
