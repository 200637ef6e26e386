"""Production's log lines tell where it failed, never about whom."""

from __future__ import annotations

import io
import json
import logging
import logging.config
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import DatabaseError

from config.logs import configuration

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """What a logger that is configured as production's writes, line by line."""
    written = io.StringIO()
    settings = configuration()
    settings["handlers"]["stderr"]["stream"] = written
    handler = logging.config.DictConfigurator(settings)
    for kind in ("filters", "formatters"):
        for name, each in settings[kind].items():
            handler.config[kind][name] = (
                handler.configure_filter(each) if kind == "filters" else handler.configure_formatter(each)
            )
    stream = handler.configure_handler(settings["handlers"]["stderr"])
    loggers = [logging.getLogger(name) for name in ("onward.test", "celery.app.trace")]
    before = [(logger.handlers[:], logger.propagate, logger.level) for logger in loggers]
    for logger in loggers:
        logger.handlers, logger.propagate, logger.level = [stream], False, logging.INFO
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    for logger, (handlers, propagate, level) in zip(loggers, before, strict=True):
        logger.handlers, logger.propagate, logger.level = handlers, propagate, level


def fail_with_a_row() -> None:
    raise DatabaseError("duplicate key\nDETAIL:  Key (family_name)=(Samplwood) already exists.")


def test_a_database_error_does_not_quote_the_row(lines: Lines) -> None:
    try:
        fail_with_a_row()
    except DatabaseError:
        logging.getLogger("onward.test").exception("Signing failed")
    [line] = lines()
    assert line["event"] == "Signing failed"
    assert line["exception"] == "django.db.utils.DatabaseError"
    assert line["where"][-1].endswith("fail_with_a_row")
    assert "Samplwood" not in json.dumps(line)


def test_a_failed_task_does_not_quote_what_it_was_given(lines: Lines) -> None:
    told = {"name": "reminders.tasks.empty_outbox", "id": "7f", "description": "raised unexpected"}
    told |= {"exc": "ValueError('Samplwood')", "args": "['Samplwood']", "kwargs": "{}", "traceback": "Samplwood"}
    try:
        fail_with_a_row()
    except DatabaseError as error:
        logging.getLogger("celery.app.trace").error(
            "Task %(name)s[%(id)s] %(description)s: %(exc)s",
            told,
            exc_info=(type(error), error, error.__traceback__),
        )
    [line] = lines()
    assert line["event"].startswith("Task reminders.tasks.empty_outbox[7f] raised unexpected")
    assert "Samplwood" not in json.dumps(line)


def test_a_line_carries_time_level_and_logger(lines: Lines) -> None:
    logging.getLogger("onward.test").info("Ready")
    [line] = lines()
    assert (line["event"], line["level"], line["logger"]) == ("Ready", "info", "onward.test")
    assert line["timestamp"].endswith("Z")


KEY = "3f-d5bq0x-0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize("path", [f"/account/password/reset/key/{KEY}/", f"/account/unlock/{KEY}:1vQx:s1gn-ed_/"])
def test_a_key_to_an_account_is_in_no_line(lines: Lines, path: str) -> None:
    """Whoever read the access log could set a colleague's password before they did."""
    log = logging.getLogger("onward.test")
    log.info("%(m)s %(U)s %(s)s", {"m": "GET", "U": path, "s": 302})
    log.warning("Gone: %s", path)
    log.warning(f"Error handling request {path}?x=1")
    shown = [line["event"] for line in lines()]
    kept = path.split(KEY)[0] + "…"
    assert shown == [f"GET {kept}/ 302", f"Gone: {kept}/", f"Error handling request {kept}/?x=1"]
