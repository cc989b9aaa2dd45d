"""SECURITY Z01 for mail: a worker process that is killed while it sends loses nothing."""

import os
import signal
import subprocess
import sys
import time

from flask import current_app

from app import clock, worker
from app.config import PROJECT, Settings
from app.database import write
from app.delivery import leases
from app.delivery.outbox import queue_mail
from app.directory.tenants import Tenant
from tests.doubles.smtp_server import SmtpServer


def test_a_mail_is_sent_again_after_the_lease_of_a_killed_worker(
    settings: Settings, tenant: Tenant
) -> None:
    with SmtpServer() as server:
        server.silent_at = {"content"}
        for number in range(3):
            _queue(tenant, f"person{number}@example.com")
        process = _start_worker(settings, server)
        try:
            while not server.tried:
                assert process.poll() is None
                time.sleep(0.02)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
        server.silent_at = set()
        assert server.received == []
        _deliver_after_the_lease(settings, server)
        assert sorted(server.recipients) == [f"person{number}@example.com" for number in range(3)]


def test_a_worker_that_is_asked_to_stop_ends_well(settings: Settings, tenant: Tenant) -> None:
    with SmtpServer() as server:
        _queue(tenant, "jane@example.com")
        process = _start_worker(settings, server)
        try:
            while not server.received:
                assert process.poll() is None
                time.sleep(0.02)
            process.send_signal(signal.SIGTERM)
            assert process.wait() == 0
        finally:
            process.kill()
            process.wait()
        assert server.recipients == ["jane@example.com"]


def _queue(tenant: Tenant, to: str) -> None:
    with write(tenant.id) as session:
        queue_mail(
            session,
            tenant,
            "sign_in_code",
            to=to,
            values={"code": "042917", "minutes": "10"},
            locale="en",
            carries_secret=True,
            lives=900,
        )


def _start_worker(settings: Settings, server: SmtpServer) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "ENVIRONMENT": "test",
        "DATABASE_URL": settings.database_url,
        "DATA_DIR": str(settings.data_dir),
        "SMTP_URL": server.url,
    }
    command = [sys.executable, "-c", "from app.cli import main; main()", "worker"]
    return subprocess.Popen(command, cwd=PROJECT, env=environment)


def _deliver_after_the_lease(settings: Settings, server: SmtpServer) -> None:
    current_app.config["AUTHPAGE"] = settings.model_copy(update={"smtp_url": server.url})
    clock.move(leases.LEASE / clock.SECOND + 1)
    while worker.run_once():
        pass
