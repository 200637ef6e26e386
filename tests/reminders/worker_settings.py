"""Settings of the worker processes that the fault tests start and kill."""

from config.settings.base import env
from config.settings.test import *  # noqa: F403

EMAIL_BACKEND = "tests.reminders.provider.Provider"
MAILBOX_DIR = env.str("MAILBOX_DIR")
CELERY_TASK_DEFAULT_QUEUE = env.str("TEST_QUEUE")
CELERY_TASK_ROUTES: dict[str, object] = {}  # one queue for all of a test
REMINDER_LEASE_SECONDS = 1
