"""Tests: a real PostgreSQL as a non-superuser role, a real broker, cheap password hashes."""

from .base import *
from .base import DATABASES, INSTALLED_APPS, LOCAL_DIR, MIDDLEWARE, OWNER_DATABASE, env

INSTALLED_APPS = ["demo", *INSTALLED_APPS, "django_linear_migrations", "zeal"]

SECRET_KEY = "tests-only"
AUDIT_KEY = "tests-only-audit-key"
FIELD_KEYS = ["tests-only-field-key"]
BACKUP_KEY = "tests-only-backup-key-of-more-than-fifty-characters-in-all"
AUDIT_HEADS_DIR = str(LOCAL_DIR / "test-audit")
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
# The test database is made by its owner; tests/conftest.py then takes the application's role.
DATABASES["default"] |= {name: OWNER_DATABASE[name] for name in ("USER", "PASSWORD") if OWNER_DATABASE}
# `make test` migrates once, and each of its processes starts from a copy.
DATABASES["default"]["TEST"] = {"TEMPLATE": env.str("TEST_DATABASE_TEMPLATE", default=None)}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# whitenoise indexes every static file at start: half the time of a view test, for nothing
MIDDLEWARE = ["zeal.middleware.zeal_middleware", *(each for each in MIDDLEWARE if "whitenoise" not in each)]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
REMINDER_CHANNELS_THAT_DROP_DOUBLES = ["email", "inbox"]  # the mailbox names its files by Message-ID
MAILBOX_DIR = str(LOCAL_DIR / "test-mailbox")
AXES_ENABLED = False  # switched on by the tests of sign-in, as are the limits
ACCOUNT_RATE_LIMITS = False

# A page that asks the database once for each row is an error in every test that opens it (docs/dependencies.md).
ZEAL_RAISE = True
# Let pass, for each of these models alone and for no relation of theirs: a row looked up by its number and then locked,
# two of a kind (mentor and mentee, the record kept and the one absorbed), or each note of several, locked and signed
# for itself.
ZEAL_ALLOWLIST = [
    {"model": model, "field": "get()"}
    for model in (
        "account.EmailAddress",  # allauth looks it up twice for one letter
        "cases.Client",
        "cases.Inquiry",
        "cases.Relapse",
        "cases.TreatmentEpisode",
        "cases.Trigger",
        "counseling.MeasureRule",
        "counseling.SessionKindRule",
        "counseling.SessionNote",
        "groups.Membership",
        "reminders.Reminder",
        "staff.StaffMember",
    )
]
