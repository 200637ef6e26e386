"""How long Onward takes to start: for someone who has just cloned it, and each time after that.

Wall time is what a person waits, and CPU time (user and system, of all child processes) is what the code costs: on a
machine that does other things too, only the second can be compared.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import psycopg

from launcher.paths import ROOT, compiled_once

NAME = "bench_onward_start"
ONE_TEST = "tests/house/test_schema.py::test_tests_connect_as_an_ordinary_role"


def run(address: str) -> Iterator[str]:
    """A line for each figure. `address` names a server on which databases may be made."""
    environment = compiled_once({**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test"})
    environment |= {"DATABASE_URL": urlunsplit(urlsplit(environment["DATABASE_URL"])._replace(path=f"/{NAME}"))}
    environment.pop("TEST_DATABASE_TEMPLATE", None)
    python = [sys.executable]
    yield measured("manage.py check", [*python, "manage.py", "check"], environment)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {NAME}")
        try:
            yield measured("migrate, from nothing", [*python, "manage.py", "migrate", "--verbosity=0"], environment)
            yield measured("migrate, nothing to do", [*python, "manage.py", "migrate", "--verbosity=0"], environment)
        finally:
            connection.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        try:
            pytest = [*python, "-m", "pytest", "--create-db", "-n", "0", "-q", ONE_TEST]
            yield measured("one test, migrated first", pytest, environment)
        finally:
            connection.execute(f"DROP DATABASE IF EXISTS test_{NAME} WITH (FORCE)")
    yield first_page()


def measured(what: str, command: list[str], environment: dict[str, str]) -> str:
    """Run it to its end."""
    before, began = _cpu(), time.monotonic()
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return f"  {what:<26} failed: {(done.stdout + done.stderr).strip().splitlines()[-1:]}"
    return _line(what, time.monotonic() - began, _cpu() - before)


def first_page() -> str:
    """`make run` in this checkout, until it prints its address. The first start of a checkout creates the demo, too."""
    what = "make run, to its address" if (ROOT / ".local" / "demo-logins.txt").exists() else "make run, the very first"
    own = {name: value for name, value in os.environ.items() if not name.endswith(("DATABASE_URL", "REDIS_URL"))}
    before, began = _cpu(), time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-m", "launcher", "run"], cwd=ROOT, env=own, stdout=subprocess.PIPE, text=True
    ) as started:
        assert started.stdout is not None
        said = []
        for line in started.stdout:
            said.append(line)
            if "Onward is at" in line:
                break
        took = time.monotonic() - began
        started.send_signal(signal.SIGINT)
        started.communicate()
    if not said or "Onward is at" not in said[-1]:
        return f"  {what:<26} failed: {''.join(said[-2:]).strip()}"
    return _line(what, took, _cpu() - before)


def _cpu() -> float:
    """Of all that was started here and has ended."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def _line(what: str, wall: float, cpu: float) -> str:
    return f"  {what:<26} {wall:7.1f} s   {cpu:6.1f} s of CPU time"
