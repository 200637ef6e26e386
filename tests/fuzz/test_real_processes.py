"""Real processes: a web worker lives through what panics below Python, and an import that is killed left nothing."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import psycopg
import pytest
import zipcodes
from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.test import Client as Browser
from django.test import RequestFactory

from referrals.models import Meeting, MeetingFeed
from staff.middleware import CompiledCodeFailed, PanicMiddleware
from staff.models import Clinic, StaffMember
from tests.ownership import application
from tests.referrals.test_import import AT, rows
from tests.reminders.test_faults import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

ODD_PLACES = ("1234²", "１２３４５", "1234५", "²²²²²", "12345²", "\ud7ff1234", "1,²", "nan,nan", "9" * 5000, "1e400,1")


def test_a_panic_is_an_error_like_any_other(rf: RequestFactory) -> None:
    """The compiled table of ZIP areas, asked what it cannot answer, as no code of ours asks it."""

    def view(_: HttpRequest) -> Any:
        return zipcodes.matching("1234²")

    with pytest.raises(CompiledCodeFailed):
        PanicMiddleware(view)(rf.get("/"))


@pytest.fixture
def server(settings: Any, tmp_path: Path) -> Iterator[tuple[int, int]]:
    """gunicorn as a clinic runs it, with one worker: its port and the worker's process id."""
    settings.SECRET_KEY = secrets.token_urlsafe(64)  # sessions are made here and read there
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "tests.fuzz.server_settings",
        "SECRET_KEY": settings.SECRET_KEY,
        "AUDIT_KEY": secrets.token_urlsafe(64),
        "AUDIT_HEADS_DIR": str(tmp_path),
        "FIELD_KEYS": secrets.token_urlsafe(64),
        "ALLOWED_HOSTS": "127.0.0.1",
        "DATABASE_URL": database(),
        "REDIS_URL": settings.CELERY_BROKER_URL,
        "EMAIL_URL": "consolemail://",
        "DEFAULT_FROM_EMAIL": "appointments@onward.example",
        "REMINDER_REPLY_TO": "replies@onward.example",
        "SECURE_SSL_REDIRECT": "false",
        "REQUIRE_SECOND_FACTOR": "false",
        "WEB_CONCURRENCY": "1",
    }
    command = [sys.executable, "-m", "gunicorn", "-c", "python:config.gunicorn", "-b", f"127.0.0.1:{port}"]
    with (tmp_path / "log").open("wb") as log:
        master = subprocess.Popen(
            [*command, "config.wsgi"], env=environment, cwd=settings.BASE_DIR, stdout=log, stderr=log
        )
    try:
        wait_for(lambda: answers(port), f"gunicorn: {(tmp_path / 'log').read_text()[-2000:]}")
        [worker] = psutil.Process(master.pid).children()
        yield port, worker.pid
        [after] = psutil.Process(master.pid).children()
        assert after.pid == worker.pid, f"the worker died: {(tmp_path / 'log').read_text()[-2000:]}"
    finally:
        master.terminate()
        master.wait(30)


def database() -> str:
    return application()["DATABASE_URL"]


def answers(port: int) -> bool:
    try:
        return get(port, "/health/") == 200
    except OSError:
        return False


def get(port: int, address: str, cookie: str = "") -> int:
    asking = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        asking.request("GET", address, headers={"Cookie": cookie} if cookie else {})
        return asking.getresponse().status
    finally:
        asking.close()


def test_the_access_log_has_no_key_to_an_account(server: tuple[int, int], tmp_path: Path) -> None:
    port, _ = server
    key = "3f-d5bq0x-0123456789abcdef0123456789abcdef"
    statuses = [get(port, f"/account/{page}/{key}/") for page in ("password/reset/key", "unlock")]
    assert statuses == [200, 410]
    log = tmp_path / "log"
    wait_for(lambda: "/account/unlock/" in log.read_text(), "the access log")
    assert "/account/password/reset/key/" in log.read_text()
    assert "0123456789abcdef" not in log.read_text()


def test_a_worker_lives_through_any_place_that_is_asked_for(
    server: tuple[int, int], counselor: StaffMember, feed: MeetingFeed
) -> None:
    """The one place that asks the table of ZIP areas is `referrals.locations`."""
    port, worker = server
    browser = Browser()
    browser.force_login(counselor, backend="django.contrib.auth.backends.ModelBackend")
    cookie = f"__Host-session={browser.cookies[settings.SESSION_COOKIE_NAME].value}"
    assert get(port, "/meetings/?near=12207", cookie) == 200
    for place in ODD_PLACES:
        address = f"/meetings/?near={quote(place)}&within=5"
        status = get(port, address, cookie) if len(address) < 4000 else 200
        assert status == 200, place
        assert psutil.pid_exists(worker), place
    assert get(port, "/meetings/?near=%ff%fe%00", cookie) == 400
    assert get(port, "/meetings/?near=%ed%a0%80", cookie) == 200
    assert get(port, "/meetings/?near=12207", cookie) == 200


@pytest.fixture
def feed(clinic: Clinic) -> MeetingFeed:
    return MeetingFeed.objects.create(clinic=clinic, name="Example Intergroup", fellowship="aa")


def test_an_import_that_is_killed_in_the_middle_left_nothing_and_the_next_one_goes_on(
    feed: MeetingFeed, tmp_path: Path
) -> None:
    from referrals import feeds

    feeds.import_feed(feed=feed, payload=rows(30), at=AT)
    before = list(Meeting.objects.order_by("pk").values())
    source = tmp_path / "list.json"
    source.write_text(json.dumps([*rows(25, notes="changed"), *rows(3, slug="new")]))
    command = [sys.executable, "manage.py", "import_meetings", str(source), "--feed", feed.name]
    environment = application()
    with psycopg.connect(database(), options="-c onward.clinic=*") as other:
        # The rows are written; retiring what is missing has to wait for somebody who holds one of them.
        other.execute("SELECT 1 FROM referrals_meeting WHERE external_id = 'e29' FOR UPDATE")
        importing = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment)
        wait_for(is_waiting, "the import to wait in its last statement")
        os.kill(importing.pid, signal.SIGKILL)
        importing.wait()
        other.rollback()
    wait_for(lambda: not is_waiting(), "the server to see that nobody is there")
    assert list(Meeting.objects.order_by("pk").values()) == before
    assert feed.runs.count() == 1
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False)
    assert "3 created, 25 updated, 0 unchanged, 5 retired" in done.stdout, done.stderr


def is_waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            """ AND query LIKE '%UPDATE "referrals_meeting"%' AND state <> 'idle'"""
        )
        return bool(cursor.fetchone()[0])
