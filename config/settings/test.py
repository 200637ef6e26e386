"""Tests: a real PostgreSQL as a non-superuser role, a real broker, cheap password hashes."""

from .base import *
from .base import DATABASES, INSTALLED_APPS, LOCAL_DIR, MIDDLEWARE, env

INSTALLED_APPS = ["demo", *INSTALLED_APPS, "django_linear_migrations"]

SECRET_KEY = "tests-only"
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
# `make test` migrates once, and each of its processes starts from a copy.
DATABASES["default"]["TEST"] = {"TEMPLATE": env.str("TEST_DATABASE_TEMPLATE", default=None)}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# whitenoise indexes every static file at start: half the time of a view test, for nothing
MIDDLEWARE = [each for each in MIDDLEWARE if "whitenoise" not in each]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
MAILBOX_DIR = str(LOCAL_DIR / "test-mailbox")
AXES_ENABLED = False  # switched on by the tests of sign-in, as are the limits
ACCOUNT_RATE_LIMITS = False
