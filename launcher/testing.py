"""`make test`: every test, on a real PostgreSQL as an ordinary role and on a real broker."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from launcher.child import die_with_parent
from launcher.console import Problem, step
from launcher.paths import LOCAL, LOCKS, ROOT, compiled_once
from launcher.servers import only_one, servers
from launcher.supervisor import Stopped, stop_on_signals

# A migrated, empty database: each test process starts from a copy of it. A server may serve several checkouts.
TEMPLATE = f"onward_template_{hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]}"
NOTE = LOCAL / "test" / "template.json"  # what the template was made of
MOST_PROCESSES = 4


def run_tests(arguments: list[str]) -> int:
    """Run pytest with these arguments, alongside any `make run`. Returns its exit code."""
    stop_on_signals()
    with (
        only_one("test"),
        servers(LOCAL / "test", durable=False, first_ports=(5540, 6490), database="onward") as found,
    ):
        environment = compiled_once({**found.environment, "DJANGO_SETTINGS_MODULE": "config.settings.test"})
        ensure_template(environment)
        environment["TEST_DATABASE_TEMPLATE"] = TEMPLATE
        if not any(argument.startswith(("-n", "--numprocesses")) for argument in arguments):
            # One more than there are cores: many tests wait, for a browser, a worker or a server that was broken.
            # A process with nothing left to do takes over from another: by number alone, one got all browser tests.
            arguments = ["-n", str(min(MOST_PROCESSES, _cores() + 1)), "--dist", "worksteal", *arguments]
        command = [sys.executable, "-m", "pytest", "--create-db", *arguments]
        with subprocess.Popen(
            command, cwd=ROOT, env=environment, start_new_session=True, preexec_fn=die_with_parent
        ) as pytest:
            try:
                return pytest.wait()
            except Stopped:
                end(pytest, within=15)  # with its browsers and workers; it still says what it has found
                raise


def end(leader: subprocess.Popen[bytes], *, within: float) -> None:
    """Ask the process and its group to end, and kill them after so many seconds. Fine if they have already ended."""
    with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
        os.killpg(leader.pid, signal.SIGINT)
        leader.wait(within)
    with contextlib.suppress(ProcessLookupError):  # as a rule, nothing of it is left
        os.killpg(leader.pid, signal.SIGKILL)
    leader.wait()


def ensure_template(environment: dict[str, str], note: Path = NOTE) -> None:
    """Migrate a database once for all test processes; new migrations are added, a changed one starts over."""
    import psycopg

    address = environment.get("OWNER_DATABASE_URL") or environment["DATABASE_URL"]
    base, migrations, derived = base_digest(address), migration_digests(), derived_digest()
    known = _noted(note)
    with psycopg.connect(address, autocommit=True, connect_timeout=10) as connection:
        there = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE]).fetchone()
        usable = bool(there) and known.get("base") == base and known["migrations"].items() <= migrations.items()
        if usable and known["migrations"] == migrations and known.get("derived") == derived:
            return
        with step("Bringing the tests' database up to date" if usable else "Making the tests' database"):
            note.unlink(missing_ok=True)
            if not usable:
                connection.execute(f"DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)")
                connection.execute(f"CREATE DATABASE {TEMPLATE}")
            migrated = subprocess.run(
                [sys.executable, "manage.py", "migrate", "--verbosity=0", "--skip-checks"],
                cwd=ROOT,
                env={
                    **environment,
                    "DATABASE_URL": urlunsplit(urlsplit(environment["DATABASE_URL"])._replace(path=f"/{TEMPLATE}")),
                },
                capture_output=True,
                text=True,
                check=False,
            )
            if migrated.returncode != 0:
                raise Problem(f"The migrations failed:\n{migrated.stderr}")
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(json.dumps({"base": base, "migrations": migrations, "derived": derived}))


def base_digest(address: str, locks: Path = LOCKS) -> str:
    """Changes with the server and with the packages, whose migrations run too."""
    return hashlib.sha256(address.encode() + (locks / "dev.txt").read_bytes()).hexdigest()


def migration_digests(root: Path = ROOT) -> dict[str, str]:
    """Each of our own migrations with a digest of its text."""
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.glob("*/migrations/*.py"))
    }


def derived_digest(root: Path = ROOT) -> str:
    """Of the code by which `migrate` binds each table to a clinic and gives the application its rights."""
    files = (root / "staff" / "row_security.py", root / "staff" / "table_rights.py", *sorted(root.glob("*/apps.py")))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def _noted(note: Path) -> dict[str, Any]:
    try:
        known = json.loads(note.read_text())
    except (OSError, ValueError):  # none yet, or half written
        return {}
    return known if isinstance(known, dict) and isinstance(known.get("migrations"), dict) else {}


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
