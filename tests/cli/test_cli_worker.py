"""`authpage worker`: a process that delivers mail until it is told to stop."""

import os
import signal
import subprocess
import sys

from app.config import Settings
from app.database import write
from app.delivery import outbox
from app.directory import tenants
from tests.cli.conftest import CommandLine


def test_a_worker_delivers_and_stops_when_told(acme: CommandLine, settings: Settings) -> None:
    with acme.app.app_context():
        tenant = tenants.default()
        assert tenant is not None
        with write(tenant.id) as session:
            outbox.queue_mail(
                session,
                tenant,
                "sign_in_code",
                to="jane@example.com",
                values={"code": "123456", "minutes": "10"},
                locale="en",
                carries_secret=True,
                lives=600,
            )
    environment = {
        **os.environ,
        "DATA_DIR": str(settings.data_dir),
        "DATABASE_URL": settings.database_url,
        "WORKER": "separate",
    }
    command = [sys.executable, "-m", "app.cli", "worker"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as worker:
        shown = acme("mail", "show", "--to", "jane@example.com", "--last", "--wait", "30", "--json")
        worker.send_signal(signal.SIGTERM)
        _, said = worker.communicate()
    assert shown.code == 0, said
    assert shown.document["code"] == "123456"
    assert worker.returncode == 0
    assert "123456" not in said
    assert "Traceback" not in said
    assert [each["state"] for each in acme.json("mail", "list")["items"]] == ["sent"]
