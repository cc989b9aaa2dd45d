"""Which commands there are, where each is defined, and its line in `authpage --help`.

A module is imported when its command is used, so that a command costs what it needs and no more.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Command:
    """Where a command is defined, and what it is for."""

    module: str
    name: str
    help: str


COMMANDS: dict[str, Command] = {
    "run": Command("app.cli.run", "run", "Start AuthPage, its worker and the demo app."),
    "migrate": Command("app.cli.database", "migrate", "Bring the database up to date."),
    "seed": Command("app.cli.seed", "group", "Fill the database with example data."),
    "doctor": Command("app.cli.doctor", "doctor", "Check the installation and say what to do."),
    "settings": Command("app.cli.settings", "settings", "List every setting and its value."),
    "worker": Command("app.cli.worker", "worker", "Deliver mail until stopped."),
    "tenant": Command("app.cli.tenants", "group", "Tenants and their settings."),
    "host": Command("app.cli.hosts", "group", "Hosts of a tenant's own, proven by DNS."),
    "apply": Command("app.cli.apply", "apply", "Make a tenant what a file says."),
    "admin": Command("app.cli.admins", "group", "Admins, who work in the console."),
    "client": Command("app.cli.clients", "group", "Client applications."),
    "user": Command("app.cli.users", "group", "People."),
    "org": Command("app.cli.organizations", "group", "Organizations, members and roles."),
    "invitation": Command("app.cli.invitations", "group", "Invitations to organizations."),
    "connection": Command(
        "app.cli.connections", "group", "Identity providers that people sign in by."
    ),
    "domain": Command("app.cli.domains", "group", "Mail domains of organizations, by DNS."),
    "setup-link": Command(
        "app.cli.setup_links", "group", "Let a customer's IT admin connect their own provider."
    ),
    "policy": Command("app.cli.policy", "group", "How strongly people must be proven, and why."),
    "key": Command("app.cli.keys", "group", "Signing keys and root keys."),
    "session": Command("app.cli.sessions", "group", "Who is signed in where."),
    "mail": Command("app.cli.mail", "group", "Mails and text messages that were sent or wait."),
    "sms": Command("app.cli.sms", "group", "Text messages by the tenant's own Twilio."),
    "audit": Command("app.cli.audit", "group", "What happened."),
    "preview": Command("app.cli.preview", "preview", "Write every page and mail into a folder."),
    "realm": Command("app.cli.realm", "group", "Where an address signs in."),
}
