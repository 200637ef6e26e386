"""`make run`: the demo clinic with web server, worker and beat, until Ctrl-C."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from launcher.child import Child
from launcher.console import Problem, say, step
from launcher.places import LOCAL, ROOT, VENV
from launcher.ports import choose
from launcher.servers import only_one, servers

WEB_PORT = 8000


class Terminated(KeyboardInterrupt):
    """Somebody sent SIGTERM or closed the terminal: stop like on Ctrl-C."""


def run() -> int:
    """Start everything, say where it is, and stop everything in order. Returns the exit code."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _terminate)
    say("Onward")
    try:
        with (
            only_one("run") as note,
            servers(LOCAL, durable=True, first_ports=(5440, 6390), database="onward") as found,
        ):
            environment = {**found.environment, "DJANGO_SETTINGS_MODULE": "config.settings.dev"}
            _prepare(environment)
            port = choose("web", int(os.environ.get("PORT", WEB_PORT)), LOCAL / "ports.json")
            with contextlib.ExitStack() as stack:
                children = [stack.enter_context(_stopping(child)) for child in _children(environment, port)]
                _wait_for(f"http://127.0.0.1:{port}/health/", children)
                address = f"http://127.0.0.1:{port}/"
                note.write_text(address)
                _welcome(address, environment)
                _watch(children)
    except KeyboardInterrupt:
        say("\nStopped. The demo's data stay in .local for the next start.")
    return 0


def _prepare(environment: dict[str, str]) -> None:
    with step("Bringing the database up to date"):
        _manage(environment, "migrate", "--verbosity=0")
    if _manage(environment, "seed_demo", "--check", quiet=True).returncode != 0:
        say("  Making the demo clinic:")
        _manage(environment, "seed_demo", show=True)


def _children(environment: dict[str, str], port: int) -> list[Child]:
    """Web server, worker and beat; a clinic runs the same three, each on its own."""
    binaries, logs = VENV / "bin", LOCAL / "log"
    # Where the environment names the interpreter (tests do), its neighbours are the programs.
    binaries = binaries if binaries.exists() else Path(sys.executable).parent
    gunicorn = [str(binaries / "gunicorn"), "config.wsgi", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread"]
    gunicorn += ["--threads", "4", "--workers", "2", "--worker-tmp-dir", "/tmp", "--graceful-timeout", "5"]
    celery = [str(binaries / "celery"), "-A", "config"]
    worker = [*celery, "worker", "--loglevel", "WARNING", "--concurrency", "2"]
    beat = [*celery, "beat", "--loglevel", "WARNING", "--schedule", str(LOCAL / "beat-schedule"), "--pidfile="]
    started = []
    for name, command in (("web server", gunicorn), ("worker", worker), ("beat", beat)):
        log = logs / f"{name.replace(' ', '-')}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text("")
        started.append(Child(name, command, log, environment=environment, folder=ROOT))
    return started


@contextlib.contextmanager
def _stopping(child: Child):  # type: ignore[no-untyped-def]
    try:
        yield child
    finally:
        child.stop()


def _wait_for(address: str, children: list[Child]) -> None:
    with step("Starting web server, worker and beat"):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            _complain_if_ended(children)
            try:
                urllib.request.urlopen(address, timeout=2)
            except urllib.error.HTTPError:
                return  # it answers; what it says is the page's business
            except OSError:
                time.sleep(0.1)
            else:
                return
    raise Problem(f"The web server does not answer:\n{children[0].last_words()}")


def _watch(children: list[Child]) -> None:
    while True:
        _complain_if_ended(children)
        time.sleep(0.5)


def _complain_if_ended(children: list[Child]) -> None:
    for child in children:
        if child.ended() is not None:
            raise Problem(f"The {child.name} ended by itself ({child.log}):\n{child.last_words()}")


def _welcome(address: str, environment: dict[str, str]) -> None:
    logins = _manage(environment, "seed_demo", "--logins", quiet=True).stdout
    say(f"\n  Onward is at {address}\n\n{logins}\n  Ctrl-C stops everything.")


def _manage(
    environment: dict[str, str], *arguments: str, quiet: bool = False, show: bool = False
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=not show, text=True, check=False)
    if done.returncode != 0 and not quiet:
        raise Problem(f"manage.py {' '.join(arguments)} failed:\n{(done.stdout or '') + (done.stderr or '')}")
    return done


def _terminate(*_: object) -> None:
    raise Terminated
