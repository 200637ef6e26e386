"""The site as a clinic runs it, with the pages it is compared with beside it."""

from config.settings.base import *  # noqa: F403
from config.settings.base import BASE_DIR, MIDDLEWARE, TEMPLATES

SECRET_KEY = AUDIT_KEY = "bench-only"
FIELD_KEYS = ["bench-only"]
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
ROOT_URLCONF = "bench.urls"
TEMPLATES = [{**TEMPLATES[0], "DIRS": [BASE_DIR / "templates", BASE_DIR / "bench" / "templates"]}]
MIDDLEWARE = ["bench.counting.CountingMiddleware", *MIDDLEWARE]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
