"""Settings of the workers that `bench.sending` starts: as a clinic runs them, with a provider that takes all."""

from config.settings.base import *  # noqa: F403
from config.settings.base import env

SECRET_KEY = AUDIT_KEY = "bench-only"
FIELD_KEYS = ["bench-only"]
REMINDER_CHANNELS = {"email": "bench.sending.take"}
DROPS_DOUBLES = env.bool("BENCH_DROPS_DOUBLES", default=True)
REMINDER_CHANNELS_THAT_DROP_DOUBLES = ["email", "inbox"] if DROPS_DOUBLES else ["inbox"]
CELERY_TASK_DEFAULT_QUEUE = env.str("BENCH_QUEUE", default="bench")
CELERY_TASK_ROUTES: dict[str, object] = {}  # one queue for all of a bench
CELERY_IMPORTS = ["bench.sending_tasks"]
