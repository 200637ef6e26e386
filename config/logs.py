"""The production log: one JSON object per line, without anything a record says about a person.

More people read a log than a chart, and it is kept longer and copied further. So a line says which code failed and how,
never with which values: database errors quote the row (“Key (email)=(…) already exists”), task failures quote
arguments, and URLs quote what was searched for.
"""

from __future__ import annotations

import copy
import logging
import re
import traceback
from types import TracebackType
from typing import Any

import structlog

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]
FRAMES = 30


class WithoutValues(logging.Filter):
    """Takes the values out of Celery's lines about tasks, which name the exception, its text and the arguments."""

    kept = ("name", "id", "description", "runtime", "hostname", "internal")

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite a task's line in place; every line passes."""
        if record.name.startswith("celery.") and isinstance(record.args, dict):
            record.args = {key: value if key in self.kept else "…" for key, value in record.args.items()}
        return True


# Pages that whoever knows their address may use: what follows is a key to an account, or to a client's private page.
KEYS_IN_PATHS = re.compile(r"(/account/(?:password/reset/key|unlock)/|/q/+)[^\s/?#\"']+", re.IGNORECASE)


class WithoutKeys(logging.Filter):
    """Takes the keys out of paths, in the access log and wherever else a path is logged (“Gone: /account/…”)."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite what will be written; every line passes."""
        record.msg = _without_keys(record.msg)
        if isinstance(record.args, dict):
            told = copy.copy(record.args)  # gunicorn's own kind of dictionary stays one
            told.update({name: _without_keys(value) for name, value in record.args.items()})
            record.args = told
        elif isinstance(record.args, tuple):
            record.args = tuple(_without_keys(value) for value in record.args)
        return True


def _without_keys(value: Any) -> Any:
    return KEYS_IN_PATHS.sub(r"\1…", value) if isinstance(value, str) else value


def where_it_failed(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Replace an exception by its type and the places it went through."""
    error = event.pop("exc_info", None)
    event.pop("stack_info", None)
    if isinstance(error, tuple) and error[0] is not None:
        kind, _value, trace = error
        event["exception"] = f"{kind.__module__}.{kind.__qualname__}"
        frames = traceback.extract_tb(trace)[-FRAMES:]
        event["where"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return event


def configuration(level: str = "WARNING") -> dict[str, Any]:
    """For logging.config.dictConfig: everything to standard error, ours from INFO on and the rest from `level` on."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"without values": {"()": WithoutValues}, "without keys": {"()": WithoutKeys}},
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": [
                    structlog.stdlib.add_log_level,
                    structlog.stdlib.add_logger_name,
                    structlog.processors.TimeStamper(fmt="iso", utc=True),
                ],
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    where_it_failed,
                    structlog.processors.JSONRenderer(sort_keys=True),
                ],
            }
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "json",
                "filters": ["without values", "without keys"],
            }
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "onward": {"level": "INFO"},
            "axes": {"level": "ERROR"},  # names people; its tables keep what is needed
            "django.server": {"handlers": [], "propagate": True},
            "gunicorn.error": {"level": "INFO", "handlers": ["stderr"], "propagate": False},
            "gunicorn.access": {"level": "INFO", "handlers": ["stderr"], "propagate": False},
        },
    }
