"""Settings of the processes under fault: a clinic's, with the counting providers and the clock of the table.

How email and texts leave is the product's own: faults/rig.py names the providers in the environment, as a clinic does.
All of the product's own times (knocks, lease, retries, pauses) stay: the clock runs faster. What goes by real time is
divided by the same rate.
"""

from pathlib import Path

from config.settings.base import *  # noqa: F403
from config.settings.base import (
    CELERY_TASK_SOFT_TIME_LIMIT,
    CELERY_TASK_TIME_LIMIT,
    EMAIL_TIMEOUT,
    TWILIO_TIMEOUT,
    env,
)
from faults.clock import Clock, follow

SECRET_KEY = AUDIT_KEY = "faults-only"
FIELD_KEYS = ["faults-only"]
ALLOWED_HOSTS = ["testserver", "127.0.0.1"]  # the provider reports to the latter
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

CELERY_BEAT_MAX_LOOP_INTERVAL = 0.05  # beat sleeps by real time: it looks often at a clock that runs fast
FAULTS_RATE = env.float("FAULTS_RATE", default=1.0)
CELERY_TASK_SOFT_TIME_LIMIT = CELERY_TASK_SOFT_TIME_LIMIT / FAULTS_RATE
CELERY_TASK_TIME_LIMIT = CELERY_TASK_TIME_LIMIT / FAULTS_RATE

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = "127.0.0.1"
EMAIL_PORT = env.int("FAULTS_SMTP_PORT", default=0)
EMAIL_TIMEOUT = EMAIL_TIMEOUT / FAULTS_RATE
TWILIO_TIMEOUT = TWILIO_TIMEOUT / FAULTS_RATE

if path := env.str("FAULTS_CLOCK", default=""):
    follow(Clock(Path(path)))
