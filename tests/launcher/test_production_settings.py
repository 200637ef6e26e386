"""Production refuses to start half-configured."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys

import pytest
from django.conf import settings

from launcher.paths import ROOT, compiled_once
from tests.reminders.test_webhooks import EXEMPT

GOOD = {
    "DJANGO_SETTINGS_MODULE": "config.settings.production",
    "SECRET_KEY": secrets.token_urlsafe(64),
    "AUDIT_KEY": secrets.token_urlsafe(64),
    "AUDIT_HEADS_DIR": "/audit",
    "FIELD_KEYS": f"{secrets.token_urlsafe(64)},{secrets.token_urlsafe(64)}",
    "ALLOWED_HOSTS": "onward.example",
    "DATABASE_URL": "postgres://onward:x@127.0.0.1:1/onward",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "EMAIL_URL": "smtp://127.0.0.1:1",
    "DEFAULT_FROM_EMAIL": "appointments@onward.example",
    "REMINDER_REPLY_TO": "replies@onward.example",
}
TEXTS = {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "secret", "PUBLIC_URL": "https://onward.example"}


def start(asking: str = "", **changes: str | None) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], **GOOD, **changes}
    environment = compiled_once({name: value for name, value in environment.items() if value is not None})
    command = [sys.executable, "-c", f"import django; django.setup()\n{asking}"]
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_whole_configuration_starts() -> None:
    done = start()
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"DEBUG": "true"}, "never runs with DEBUG"),
        ({"SECRET_KEY": None}, "Set SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "Set SECRET_KEY"),
        ({"SECRET_KEY": "development-only-and-refused-by-production-settings"}, "Set SECRET_KEY"),
        ({"AUDIT_KEY": None}, "Set AUDIT_KEY"),
        ({"AUDIT_KEY": "short"}, "Set AUDIT_KEY"),
        ({"AUDIT_KEY": GOOD["SECRET_KEY"]}, "not those of SECRET_KEY"),
        ({"AUDIT_HEADS_DIR": None}, "Set AUDIT_HEADS_DIR"),
        ({"FIELD_KEYS": None}, "Set FIELD_KEYS"),
        ({"FIELD_KEYS": ","}, "Set FIELD_KEYS"),
        ({"FIELD_KEYS": f"{GOOD['FIELD_KEYS']},short"}, "Set FIELD_KEYS"),
        ({"FIELD_KEYS": GOOD["AUDIT_KEY"]}, "of their own"),
        ({"BACKUPS_KEPT": "0"}, "Set BACKUPS_KEPT"),
        ({"ALLOWED_HOSTS": None}, "Set ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": "*"}, "'*' is refused"),
        ({"DATABASE_URL": None}, "Set DATABASE_URL"),
        ({"REDIS_URL": None}, "Set REDIS_URL"),
        ({"EMAIL_URL": None}, "Set EMAIL_URL"),
        ({"DEFAULT_FROM_EMAIL": None}, "Set DEFAULT_FROM_EMAIL"),
        ({"DEFAULT_FROM_EMAIL": "Appointments <desk@bridgeway-recovery.example>"}, "“recovery” reveals"),
        ({"REMINDER_REPLY_TO": None}, "Set REMINDER_REPLY_TO"),
        ({"REMINDER_REPLY_TO": "replies"}, "Set REMINDER_REPLY_TO"),
        ({"REMINDER_REPLY_TO": "replies+more@onward.example"}, "Set REMINDER_REPLY_TO"),
        ({"REMINDER_REPLY_TO": "replies@detox.example"}, "“detox” reveals"),
        ({"PROXY_COUNT": "12"}, "Set PROXY_COUNT"),
        ({**TEXTS, "TWILIO_AUTH_TOKEN": None}, "set TWILIO_AUTH_TOKEN, too"),
        ({**TEXTS, "TWILIO_ACCOUNT_SID": None, "PUBLIC_URL": None}, "set TWILIO_ACCOUNT_SID and PUBLIC_URL, too"),
        ({**TEXTS, "PUBLIC_URL": "http://onward.example"}, "Set PUBLIC_URL"),
        ({**TEXTS, "PUBLIC_URL": "https://onward.example/here"}, "Set PUBLIC_URL"),
        ({**TEXTS, "TWILIO_API_URL": "http://onward.example"}, "must begin with https://"),
    ],
)
def test_it_refuses_and_says_why(changes: dict[str, str | None], says: str) -> None:
    done = start(**changes)
    assert done.returncode != 0
    assert says in done.stderr


def test_texts_and_calls_are_there_once_they_are_set() -> None:
    asking = "from django.conf import settings; print(*sorted(settings.REMINDER_CHANNELS))"
    assert start(asking).stdout.split() == ["email", "inbox"]
    assert start(asking, **TEXTS).stdout.split() == ["email", "inbox", "sms", "voice"]


def test_email_is_repeated_only_where_the_clinic_says_that_doubles_are_dropped() -> None:
    asking = "from django.conf import settings; print(*settings.REMINDER_CHANNELS_THAT_DROP_DOUBLES)"
    assert start(asking).stdout.split() == ["inbox"]
    assert start(asking, EMAIL_DROPS_DOUBLES="true").stdout.split() == ["email", "inbox"]


def test_production_has_no_demo() -> None:
    done = start("from django.core.management import get_commands; print('seed_demo' in get_commands())")
    assert done.stdout.strip() == "False", done.stderr
    there = start(
        "from django.core.management import get_commands; print('seed_demo' in get_commands())",
        DJANGO_SETTINGS_MODULE="config.settings.dev",
    )
    assert there.stdout.strip() == "True", there.stderr
    assert not any("demo" in line for line in (ROOT / ".dockerignore").read_text().splitlines())  # allows what it names


def test_the_image_has_every_app() -> None:
    allowed = (ROOT / ".dockerignore").read_text().splitlines()
    own = [name for name in settings.INSTALLED_APPS if (ROOT / name).is_dir()]
    assert "appointments" in own
    assert [name for name in own if f"!{name}/" not in allowed and name != "demo"] == []


def test_the_number_of_proxies_and_the_limits_of_sign_in_reach_those_who_ask() -> None:
    asking = "from django.conf import settings; print(settings.PROXY_COUNT, settings.CACHES['default']['BACKEND'])"
    assert start(asking).stdout.split() == ["1", "django.core.cache.backends.db.DatabaseCache"]
    assert start(asking, PROXY_COUNT="2").stdout.split()[0] == "2"


def test_backups_are_expected_unless_the_clinic_says_otherwise() -> None:
    asking = "from django.conf import settings; print(settings.BACKUPS_EXPECTED, settings.BACKUPS_KEPT)"
    assert start(asking).stdout.split() == ["True", "14"]
    assert start(asking, BACKUPS_EXPECTED="false", BACKUPS_KEPT="30").stdout.split() == ["False", "30"]


def test_webhooks_are_not_led_on_to_https() -> None:
    """They refuse it instead: tests/reminders/test_webhooks.py."""
    asking = "from django.conf import settings; print(*settings.SECURE_REDIRECT_EXEMPT)"
    assert start(asking).stdout.split() == EXEMPT
