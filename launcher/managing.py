"""`make shell`, `make manage`, `make bench`, `make faults` and `make servers`: one command with the servers it needs.

`shell` and `manage` work on the demo clinic: on the servers of a running `make run`, otherwise on the same servers,
started for as long as the command runs.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

from launcher import testing
from launcher.child import die_with_parent
from launcher.console import Problem, say, use
from launcher.demo import LOGINS, make_ready, own_database
from launcher.paths import COMPILED, LOCAL, ROOT, compiled_once
from launcher.postgres import OWNER, Postgres
from launcher.servers import only_one, servers
from launcher.supervisor import Stopped, Watch, stop_on_signals
from launcher.valkey import Valkey

ENVIRONMENT = LOCAL / "test" / "environment"

# These come before there is a demo clinic, or without one.
NEED_NO_CLINIC = {"", "help", "--help", "check", "makemigrations", "migrate", "showmigrations", "seed_demo"}


def shell(arguments: list[str]) -> int:
    """A Python shell with the demo clinic's records."""
    return manage(["shell", *arguments])


def manage(arguments: list[str]) -> int:
    """Run manage.py on the demo clinic's database. Returns its exit code."""
    stop_on_signals()
    wanted = arguments[0] if arguments else ""
    with _demo_servers() as (environment, own):
        environment = compiled_once({**environment, "DJANGO_SETTINGS_MODULE": "config.settings.dev"})
        if wanted not in NEED_NO_CLINIC and own and not LOGINS.exists():
            make_ready(environment, own)
        return _attended([sys.executable, "manage.py", *arguments], environment)


def bench(arguments: list[str]) -> int:
    """Run the benchmarks on the tests' servers. Returns the exit code."""
    stop_on_signals()
    with (
        only_one("test"),
        servers(LOCAL / "test", durable=False, first_ports=(5540, 6490), database="onward") as found,
    ):
        environment = {**found.environment, "DJANGO_SETTINGS_MODULE": "config.settings.test"}
        return _attended([sys.executable, "-m", "bench", *arguments], environment)


def faults(arguments: list[str]) -> int:
    """Break things while messages are promised, on servers of their own (docs/faults.md). Returns the exit code."""
    stop_on_signals()
    with only_one("faults"):
        own = {name: value for name, value in os.environ.items() if not name.endswith(("DATABASE_URL", "REDIS_URL"))}
        return _attended([sys.executable, "-m", "faults", *arguments], compiled_once(own))


def keep_servers(_arguments: list[str]) -> int:
    """Hold the tests' servers until Ctrl-C, for tests that start at once in another terminal."""
    stop_on_signals()
    use(sys.stdout)
    try:
        with (
            only_one("test") as note,
            servers(LOCAL / "test", durable=False, first_ports=(5540, 6490), database="onward") as found,
        ):
            testing.ensure_template(compiled_once(found.environment))
            note.write_text("`make servers` holds the tests' servers; `make test` starts its own")
            lines = {
                "DATABASE_URL": found.database_url,
                "OWNER_DATABASE_URL": found.owner_url,
                "REDIS_URL": found.redis_url,
                "TEST_DATABASE_TEMPLATE": testing.TEMPLATE,
                "PYTHONPYCACHEPREFIX": str(COMPILED),
            }
            ENVIRONMENT.touch(mode=0o600)
            ENVIRONMENT.write_text("".join(f"export {name}='{value}'\n" for name, value in lines.items()))
            say(f"\n  In another terminal:\n    . {ENVIRONMENT.relative_to(ROOT)}")
            say("    .venv/bin/pytest -n 0 tests/cases/recovery/test_sobriety.py\n\n  Ctrl-C stops the servers.")
            Watch(found.started).forever()
    except Stopped:
        say("\nStopped.")
    finally:
        ENVIRONMENT.unlink(missing_ok=True)
    return 0


@contextlib.contextmanager
def _demo_servers() -> Iterator[tuple[dict[str, str], Postgres | None]]:
    """The environment with the demo's servers, and its database server if this command started it."""
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(only_one("run"))
        except Problem:  # `make run` is at work: its servers are there
            yield {**os.environ, **_addresses_of_the_running()}, None
            return
        found = stack.enter_context(servers(LOCAL, durable=True, first_ports=(5440, 6390), database="onward"))
        yield found.environment, own_database(found)


def _addresses_of_the_running() -> dict[str, str]:
    names = ("DATABASE_URL", "REDIS_URL", "OWNER_DATABASE_URL")
    given = {name: os.environ[name] for name in names if os.environ.get(name)}
    try:
        ports = json.loads((LOCAL / "ports.json").read_text())
        embedded = {
            "DATABASE_URL": (postgres := Postgres(LOCAL / "postgres", ports["postgres"])).url("onward"),
            "OWNER_DATABASE_URL": postgres.url("onward", OWNER),
            "REDIS_URL": Valkey(LOCAL / "valkey", ports["valkey"]).url,
        }
    except (OSError, ValueError, KeyError):
        embedded = {}
    if len(found := {**embedded, **given}) < 2:
        raise Problem("The demo is just being started. Try again in a moment.")
    return found


def _attended(command: list[str], environment: dict[str, str]) -> int:
    """Run a command that the person at the keyboard talks to: Ctrl-C is for it, not for us."""
    signal.signal(signal.SIGINT, lambda *_: None)
    with subprocess.Popen(command, cwd=ROOT, env=environment, preexec_fn=die_with_parent) as process:
        try:
            return process.wait()
        except Stopped:
            process.terminate()
            say("Stopped.")
            raise
