"""Gunicorn settings for a clinic: `gunicorn -c python:config.gunicorn config.wsgi`. Not used by `make run`."""

import gc
import os
from importlib import import_module
from typing import Any

from config.logs import configuration

bind = "0.0.0.0:8000"
worker_class = "gthread"
preload_app = True  # workers share what was loaded once, and start at once; nothing connects before the fork
workers = int(os.environ.get("WEB_CONCURRENCY", "3"))
# A page is work for the processor: more threads than two a worker wait for each other (20 counselors at once on two
# cores: p95 626 ms with four, 442 ms with two). A thread holds a database connection: workers × threads in all.
threads = int(os.environ.get("WEB_THREADS", "2"))
timeout = 60
graceful_timeout = 30
max_requests, max_requests_jitter = 5000, 500
worker_tmp_dir = "/dev/shm"  # noqa: S108  heartbeats in memory: on a slow disk a worker would be taken for dead
control_socket_disable = True
accesslog = "-"
access_log_format = "%(m)s %(U)s %(s)s %(M)sms"  # without the query, which has search text
logconfig_dict = configuration()


def when_ready(server: Any) -> None:  # noqa: ARG001  the name gunicorn requires
    """Load every page's code once, before the fork. Otherwise each worker does it while a user waits.

    What is loaded by then stays as long as the process: looking through it for cycles finds nothing, and writes on
    memory that the workers share.
    """
    import_module("config.urls")
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
