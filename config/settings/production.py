"""A clinic's installation. Refuses to start half-configured: a wrong setting here shows records to the wrong person."""

import re

from django.core.exceptions import ImproperlyConfigured

from config.logs import configuration
from reminders.revealing import revealing_in_address

from .base import *
from .base import CACHES, TWILIO_API_URL, env

if env.bool("DEBUG", default=False):
    raise ImproperlyConfigured("Production never runs with DEBUG: remove it from the environment.")

SECRET_KEY = env.str("SECRET_KEY", default="")
if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5 or "development-only" in SECRET_KEY:
    raise ImproperlyConfigured("Set SECRET_KEY to at least 50 random characters of your own.")

# Whoever has it can forge the audit log: a key of its own, kept nowhere in the database nor in its backups.
AUDIT_KEY = env.str("AUDIT_KEY", default="")
if len(AUDIT_KEY) < 50 or len(set(AUDIT_KEY)) < 5 or AUDIT_KEY == SECRET_KEY:
    raise ImproperlyConfigured("Set AUDIT_KEY to at least 50 random characters of its own, not those of SECRET_KEY.")

# Without them what is encrypted can't be read, and with them anybody can: kept apart from the database and its backups.
FIELD_KEYS = [key.strip() for key in env.list("FIELD_KEYS", default=[]) if key.strip()]
if not FIELD_KEYS or any(len(key) < 50 or len(set(key)) < 5 or key in (SECRET_KEY, AUDIT_KEY) for key in FIELD_KEYS):
    raise ImproperlyConfigured(
        "Set FIELD_KEYS to keys of at least 50 random characters of their own, newest first, separated by commas."
    )

ALLOWED_HOSTS = [host for host in env.list("ALLOWED_HOSTS", default=[]) if host]
if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("Set ALLOWED_HOSTS to the names under which this clinic reaches Onward; '*' is refused.")

for needed in ("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "DEFAULT_FROM_EMAIL", "AUDIT_HEADS_DIR"):
    if not env.str(needed, default=""):
        raise ImproperlyConfigured(f"Set {needed}: production has no default for it.")

# Every message says “Reply STOP”: somebody has to read the replies (47 CFR 64.1200(a)(10)).
REMINDER_REPLY_TO = env.str("REMINDER_REPLY_TO", default="")
if not re.fullmatch(r"[A-Za-z0-9._-]{1,24}@[A-Za-z0-9.-]+", REMINDER_REPLY_TO):
    raise ImproperlyConfigured(
        "Set REMINDER_REPLY_TO to the mailbox whose mail goes into `manage.py receive_reply`: an address of at most 24 "
        "letters before the @, whose mail server keeps what follows a plus sign."
    )
for name in ("DEFAULT_FROM_EMAIL", "REMINDER_REPLY_TO"):
    if found := revealing_in_address(env.str(name)):
        raise ImproperlyConfigured(
            f"{name} shows on locked phones, and “{found[0]}” reveals what the clinic does. Use a neutral address."
        )

# Texts and calls: all of it or nothing.
_phone = {name: env.str(name, default="") for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "PUBLIC_URL")}
if env.str("TWILIO_ACCOUNT_SID", default="") or env.str("TWILIO_AUTH_TOKEN", default=""):
    if missing := [name for name, value in _phone.items() if not value]:
        raise ImproperlyConfigured(f"Texts and calls are half configured: set {' and '.join(missing)}, too, or none.")
    if not re.fullmatch(r"https://[A-Za-z0-9.-]+(:[0-9]+)?/?", _phone["PUBLIC_URL"]):
        raise ImproperlyConfigured(
            "Set PUBLIC_URL to where the provider reaches Onward: https://onward.example, no path."
        )
    if not TWILIO_API_URL.startswith("https://"):
        raise ImproperlyConfigured("TWILIO_API_URL must begin with https://: messages and the password go there.")

DEBUG = False
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[f"https://{host}" for host in ALLOWED_HOSTS])
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
# Only people are led on to HTTPS. The provider’s webhooks refuse what comes without it (reminders/views/webhooks.py).
SECURE_REDIRECT_EXEMPT = [r"^health/$", r"^messages/(incoming|status)/$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

vars().update(env.email_url("EMAIL_URL"))
LOGGING = configuration(env.str("LOG_LEVEL", default="WARNING"))
CELERY_WORKER_HIJACK_ROOT_LOGGER = False  # or Celery would write its own lines, with what tasks were given

# Shared by all workers.
CACHES = {
    **CACHES,
    "brief": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": env.str("REDIS_URL")},
}

PROXY_COUNT = env.int("PROXY_COUNT", default=1)
if not 0 <= PROXY_COUNT <= 9:
    raise ImproperlyConfigured("Set PROXY_COUNT to the number of proxies in front of Onward, from 0 to 9.")
BACKUPS_EXPECTED = env.bool("BACKUPS_EXPECTED", default=True)
if env.int("BACKUPS_KEPT", default=14) < 1:
    raise ImproperlyConfigured("Set BACKUPS_KEPT to 1 or more: the last good backup is never deleted.")
REQUIRE_SECOND_FACTOR = env.bool("REQUIRE_SECOND_FACTOR", default=True)
