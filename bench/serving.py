"""The site on a free port, by gunicorn, as in a clinic; and sessions of those who work there."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.test import Client as Signer

from bench.kept import address
from launcher.paths import ROOT
from staff.models import StaffMember

BACKEND = "django.contrib.auth.backends.ModelBackend"


@contextmanager
def served(database: str) -> Iterator[int]:
    """The port on which this database's clinic is."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "-c", "python:config.gunicorn", "--bind", f"127.0.0.1:{port}"]
    command += ["--access-logfile", os.devnull, "config.wsgi"]
    environment = {"WEB_CONCURRENCY": "2", **os.environ, "DJANGO_SETTINGS_MODULE": "bench.settings"}
    environment["DATABASE_URL"] = address(database)
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL) as server:
        try:
            _wait_for(port, server)
            yield port
        finally:
            server.terminate()


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/account/login/", timeout=30):
                return
        except (urllib.error.URLError, ConnectionError):
            if server.poll() is not None:
                raise RuntimeError("gunicorn did not start") from None
            time.sleep(0.2)
    raise RuntimeError("gunicorn did not answer")


def session_of(staff_member: StaffMember) -> dict[str, str]:
    """The cookie of someone who has just signed in."""
    signer = Signer()
    signer.force_login(staff_member, backend=BACKEND)
    return {settings.SESSION_COOKIE_NAME: signer.cookies[settings.SESSION_COOKIE_NAME].value}
