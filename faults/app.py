"""The Celery application of the workers under fault: the clinic's, which can publish every task twice."""

from __future__ import annotations

import os
from typing import Any

from config.celery import app

if os.environ.get("FAULTS_TWICE"):
    publish = app.amqp.send_task_message

    def _twice(*args: Any, **options: Any) -> Any:
        publish(*args, **options)
        return publish(*args, **options)

    app.amqp.send_task_message = _twice

__all__ = ["app"]
