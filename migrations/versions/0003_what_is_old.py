"""What the worker looks for when it deletes old sessions, browsers, trust and audit events."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_index("ix_session_idle", "session", ["idle_until"])
    op.create_index("ix_session_ended", "session", ["ended_at"])
    op.create_index("ix_browser_last_seen", "browser", ["last_seen_at"])
    op.create_index("ix_trusted_device_expiry", "trusted_device", ["expires_at"])
    op.create_index("ix_audit_event_age", "audit_event", ["created_at"])
