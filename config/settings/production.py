"""A clinic's installation. Refuses to start half-configured: a wrong setting here shows records to the wrong person."""

from django.core.exceptions import ImproperlyConfigured

from config.logs import configuration

from .base import *
from .base import env

if env.bool("DEBUG", default=False):
    raise ImproperlyConfigured("Production never runs with DEBUG: remove it from the environment.")

SECRET_KEY = env.str("SECRET_KEY", default="")
if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5 or "development-only" in SECRET_KEY:
    raise ImproperlyConfigured("Set SECRET_KEY to at least 50 random characters of your own.")

ALLOWED_HOSTS = [host for host in env.list("ALLOWED_HOSTS", default=[]) if host]
if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("Set ALLOWED_HOSTS to the names under which this clinic reaches Onward; '*' is refused.")

for needed in ("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "DEFAULT_FROM_EMAIL"):
    if not env.str(needed, default=""):
        raise ImproperlyConfigured(f"Set {needed}: production has no default for it.")

DEBUG = False
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[f"https://{host}" for host in ALLOWED_HOSTS])
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^health/$"]
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

# Shared by all workers: it counts wrong codes of the second factor.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": env.str("REDIS_URL")}}

AXES_IPWARE_PROXY_COUNT = env.int("PROXY_COUNT", default=1)
REQUIRE_SECOND_FACTOR = env.bool("REQUIRE_SECOND_FACTOR", default=True)
