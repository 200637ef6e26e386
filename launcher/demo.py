"""`make run`: the demo clinic with web server, worker and beat, until Ctrl-C."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request

from launcher import jobs
from launcher.child import Child, die_with_parent
from launcher.console import Problem, say, step
from launcher.paths import LOCAL, ROOT, compiled_once
from launcher.ports import PortTaken, choose, is_free
from launcher.postgres import Postgres
from launcher.servers import Servers, only_one, servers
from launcher.supervisor import Stopped, Watch, stop_on_signals
from launcher.testing import base_digest, derived_digest, migration_digests

WEB_PORT = 8000
PHONE_PORT = 8900
DATABASE = "onward"
OF_ANOTHER_VERSION = 3  # launcher.prepare's exit code: the database has migrations that are gone
LOGINS = LOCAL / "demo-logins.txt"


def run() -> int:
    """Start everything, print the addresses, and stop everything in order. Returns the exit code."""
    stop_on_signals()
    say("Onward")
    try:
        with (
            only_one("run") as note,
            servers(LOCAL, durable=True, first_ports=(5440, 6390), database=DATABASE) as found,
            contextlib.ExitStack() as stack,
        ):
            environment = compiled_once({"DJANGO_SETTINGS_MODULE": "config.settings.dev", **found.environment})
            children: list[Child] = []
            stack.callback(_stop, children)
            environment |= _serve_phones(environment, children)
            make_ready(environment, own_database(found))
            address = _serve(environment, children)
            note.write_text(address)
            say(f"\n  Onward is at {address}\n")
            say(LOGINS.read_text() if LOGINS.exists() else "  There is no demo clinic in this version.")
            say("  Ctrl-C stops everything.")
            Watch([*found.started, *children]).forever()
    except Stopped:
        say("\nStopped. Your data stays in .local for the next start.")
    return 0


def own_database(found: Servers) -> Postgres | None:
    """The demo database's server if this command started it; None if DATABASE_URL names another."""
    return next((each for each in found.started if isinstance(each, Postgres)), None)


def make_ready(environment: dict[str, str], own: Postgres | None) -> None:
    """Prepare the database, unless its note says this was done for the same migrations."""
    version = base_digest(json.dumps([migration_digests(), derived_digest()]))
    if own and LOGINS.exists() and own.remark(DATABASE) == version:
        return
    prepare(environment, own)
    if own:
        own.note(DATABASE, version)


def prepare(environment: dict[str, str], own: Postgres | None) -> None:
    """Update the database and create the demo clinic if it is not there. Raises Problem.

    A database from another version's migrations is rebuilt if it is the demo's own: everything in it is made up.
    """
    code = _prepared(environment)
    if code == OF_ANOTHER_VERSION and own:
        say("  The demo's database was made by another version of Onward, so the demo clinic is made anew.")
        own.make_anew(DATABASE)
        code = _prepared(environment)
    if code == OF_ANOTHER_VERSION:
        raise Problem(
            "The database in DATABASE_URL was made by another version of Onward, with migrations that are gone here.\n"
            "Nothing in it was changed. Name an empty database, or leave DATABASE_URL out: the demo brings its own."
        )
    if code != 0:
        raise Problem("Could not prepare the database. See the reason above.")


def _prepared(environment: dict[str, str]) -> int:
    with subprocess.Popen(
        [sys.executable, "-m", "launcher.prepare", str(LOGINS)],
        env=environment,
        cwd=ROOT,
        start_new_session=True,  # Ctrl-C is for us: a half-made clinic is rolled back without a traceback
        preexec_fn=die_with_parent,
    ) as process:
        try:
            return process.wait()
        except BaseException:
            process.kill()
            raise


def _serve(environment: dict[str, str], children: list[Child]) -> str:
    """Start web server, worker and beat, each appended to `children`. Returns the site's address.

    The web server starts first and alone: someone is waiting for its first page, but not for the other two.
    """
    with step("Starting web server, worker and beat"):
        port = _serve_pages(environment, children)
        environment = {**environment, "PUBLIC_URL": f"http://127.0.0.1:{port}"}  # where the phone company reports
        for name in (jobs.JOBS, jobs.SENDER, jobs.BEAT):
            children.append(_child(name, jobs.command(name, schedule=LOCAL / "beat-schedule"), environment))
            children[-1].start()
    return f"http://127.0.0.1:{port}/"


def _serve_phones(environment: dict[str, str], children: list[Child]) -> dict[str, str]:
    """Start the demo's phone company, which keeps its texts in the demo's mailbox. Returns where it is."""
    port = choose("phone", PHONE_PORT, LOCAL / "ports.json")
    command = [sys.executable, "-m", "demo.phone_company", "--port", str(port), "--folder", str(LOCAL / "mailbox")]
    children.append(_child("The phone company", command, environment))
    children[-1].start()
    return {"PHONE_COMPANY_URL": f"http://127.0.0.1:{port}"}


def _serve_pages(environment: dict[str, str], children: list[Child]) -> int:
    for _ in range(5):
        port = _web_port()
        web = _child("The web server", [sys.executable, "-m", "gunicorn", *_gunicorn(port)], environment)
        children.append(web)
        web.start()
        try:
            _wait_for(f"http://127.0.0.1:{port}/health/", children)
        except PortTaken:
            children.remove(web)
        else:
            return port
    raise Problem("No free port found for the web server: other programs took each one first.")


def _child(name: str, command: list[str], environment: dict[str, str]) -> Child:
    file = name.removeprefix("The ").lower().replace(" ", "-")
    return Child(name, command, LOCAL / "log" / f"{file}.log", environment=environment, folder=ROOT)


def _web_port() -> int:
    wanted = os.environ.get("PORT", "")
    if not wanted:
        return choose("web", WEB_PORT, LOCAL / "ports.json")
    if not wanted.isdecimal() or not is_free(int(wanted)):
        raise Problem(f"Port {wanted} is not free. Leave out PORT to use a free one.")
    return int(wanted)


def _gunicorn(port: int) -> list[str]:
    options = ["config.wsgi", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread", "--workers", "2"]
    # Its heartbeat files in memory: on a slow disk a worker would be taken for dead.
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else str(LOCAL)
    return [
        *options,
        "--threads",
        "4",
        "--worker-tmp-dir",
        memory,
        "--graceful-timeout",
        "5",
        "--no-control-socket",
        "--preload",
    ]


def _wait_for(address: str, children: list[Child]) -> None:
    watch = Watch(children)
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        if children[-1].ended() is not None and "Connection in use" in children[-1].last_words():
            raise PortTaken
        watch.look()
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:  # nosec B310 - our own address
                answer.read()
        except urllib.error.HTTPError as refusal:
            words = refusal.read().decode(errors="replace")[:300]
            if refusal.code != 503:  # 503: up, but without its database or its broker
                raise Problem(f"The web server answers {refusal.code}: {words}\n{children[-1].last_words()}") from None
            time.sleep(0.2)
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise Problem(f"The web server does not answer:\n{children[-1].last_words()}")


def _stop(children: list[Child]) -> None:
    """All at once: none of them needs another to end."""
    for child in children:
        child.ask_to_stop()
    for child in reversed(children):
        child.stop()
