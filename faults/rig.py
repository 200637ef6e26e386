"""The machinery of a row: a broker and a database to break, worker processes and beat to kill, a provider, a clock.

And a web server, as each clinic has one that sends texts: it is where the provider reports what became of them.
"""

from __future__ import annotations

import contextlib
import datetime
import http.client
import json
import os
import shutil
import signal
import sys
import time
import zoneinfo
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from django.db import OperationalError, connection
from django.db.models import Q

from faults.clock import Clock
from faults.promises import House, Promised, make_house
from faults.provider import ACCOUNT, EMAIL, TEXT, TOKEN, Behavior, Taken
from launcher import jobs
from launcher.child import Child
from launcher.paths import ROOT
from launcher.ports import any_free
from launcher.postgres import Postgres
from launcher.valkey import Valkey
from reminders.models import ChannelPause, DeliveryAttempt, DeliveryReceipt, Reminder

T = TypeVar("T")
WEB = "The web server"
RATE = 20.0  # seconds of the clock in a real one
PATIENCE = 90.0  # real seconds, on a busy machine
FIRST_MORNING = datetime.datetime(2026, 3, 3, 9, 0, tzinfo=zoneinfo.ZoneInfo("America/New_York"))


class Lost(Exception):
    """What was waited for did not come."""


class Settings(NamedTuple):
    """What running processes were started with. `mail`: which of the two mail servers they use."""

    rate: float = 0.0
    is_doubled: bool = False
    mail: str = EMAIL


@dataclass
class Rig:
    """Everything a fault may break. `postgres` is None where the server is not ours."""

    folder: Path
    database_url: str
    broker: Valkey
    postgres: Postgres | None = None
    is_quick: bool = False
    rate: float = RATE
    clock: Clock = field(init=False)
    house: House = field(init=False)
    provider: Child = field(init=False)
    ports: dict[str, int] = field(init=False)
    senders: list[Child] = field(default_factory=list)
    workers: list[Child] = field(default_factory=list)
    beats: list[Child] = field(default_factory=list)
    webs: list[Child] = field(default_factory=list)
    started: int = 0
    mornings: int = 0
    ended_by_themselves: int = 0
    mail: str = EMAIL
    with_reports: bool = False
    of_settings: Settings = field(default_factory=Settings)

    def __post_init__(self) -> None:
        """Make what is needed before a clinic can promise anything."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for left in (self.folder / "clock", self.folder / "ports.json", *self.folder.glob("beat-*")):
            left.unlink(missing_ok=True)
        self.clock = Clock(self.folder / "clock")
        self.clock.set(FIRST_MORNING, rate=self.rate)
        self.provider = Child(
            "Provider",
            [sys.executable, "-m", "faults.provider", str(self.folder)],
            self.folder / "provider.log",
            folder=ROOT,
        ).start()
        note = self.folder / "ports.json"
        self.until(note.exists, "the provider to start")
        self.ports = {**json.loads(note.read_text()), "web": any_free()}

    # --- the scene ---

    def new_morning(self, *, mail: str = EMAIL, reports: bool = False) -> None:
        """Nine o'clock of another day, providers in order, an empty outbox: a row does not spoil the next.

        `mail`: the mail server of those that are started from now on. `reports`: of texts.
        """
        self.mail, self.with_reports = mail, reports
        Reminder.objects.waiting().update(
            state=Reminder.State.CANCELLED,
            reason="left by an earlier row",
            ended_at=datetime.datetime.now(datetime.UTC),
            claim=None,
            claimed_at=None,
        )
        ChannelPause.objects.all().delete()
        for channel in (mail, TEXT):
            self.behave(channel)
        if not hasattr(self, "house"):
            self.house = make_house()
        self.mornings += 1
        self.clock.set(FIRST_MORNING + datetime.timedelta(days=self.mornings), rate=self.clock.rate)

    def staff_everything(
        self, *, senders: int = 1, beats: int = 1, rate: float | None = None, is_doubled: bool = False
    ) -> None:
        """A web server, a jobs' worker, so many senders and beats, all alive, at this rate or the rig's own."""
        settings = Settings(rate or self.rate, is_doubled, self.mail)
        if self.of_settings != settings:
            self.dismiss()
            self.of_settings = settings
        self.clock.set(rate=settings.rate)
        for group, name, number in (
            (self.webs, WEB, 1),
            (self.workers, jobs.JOBS, 1),
            (self.senders, jobs.SENDER, senders),
            (self.beats, jobs.BEAT, beats),
        ):
            group[:] = [each for each in group if each.ended() is None]
            while len(group) > number:
                group.pop().stop()
            while len(group) < number:
                group.append(self.start(name))
        self.until(self._is_served, "the web server to answer")

    def start(self, name: str, *, schedule: Path | None = None) -> Child:
        """One more process of this kind; beat with a schedule of its own, or this one.

        As in production (config/settings/production.py), each knows where the provider reaches the web server.
        """
        self.started += 1
        rate, is_doubled, mail = self.of_settings
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "faults.settings",
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.broker.url,
            "FAULTS_CLOCK": str(self.clock.path),
            "FAULTS_RATE": str(rate),
            "FAULTS_SMTP_PORT": str(self.ports[mail]),
            "EMAIL_DROPS_DOUBLES": str(mail == EMAIL),
            "TWILIO_API_URL": f"http://127.0.0.1:{self.ports[TEXT]}",
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "PUBLIC_URL": f"http://127.0.0.1:{self.ports['web']}",
            "FAULTS_TWICE": "1" if is_doubled else "",
        }
        if name == WEB:
            command = self._gunicorn()
        else:
            own = schedule or self.folder / f"beat-{self.started}"
            command = jobs.command(name, schedule=own, app="faults.app", suffix=str(self.started))
            command += [] if name == jobs.BEAT else ["--without-mingle"]
        log = self.folder / "log" / f"{name.removeprefix('The ').lower().replace(' ', '-')}-{self.started}.log"
        return Child(name, command, log, environment=environment, folder=ROOT).start()

    def _gunicorn(self) -> list[str]:
        """A smaller one than a clinic's: nobody reads pages here."""
        at = f"127.0.0.1:{self.ports['web']}"
        options = ["--bind", at, "--worker-class", "gthread", "--threads", "4", "--graceful-timeout", "2"]
        return [sys.executable, "-m", "gunicorn", "config.wsgi", *options, "--no-control-socket"]

    def _is_served(self) -> bool:
        line = http.client.HTTPConnection("127.0.0.1", self.ports["web"], timeout=10)
        try:
            line.request("GET", "/health/")
            return bool(line.getresponse().status)  # 503 is an answer: it may be without its broker
        except OSError:
            return False
        finally:
            line.close()

    def start_again(self) -> None:
        """Start what ended by itself, as the `restart: unless-stopped` of docker-compose.yml does."""
        for group, name in (
            (self.webs, WEB),
            (self.workers, jobs.JOBS),
            (self.senders, jobs.SENDER),
            (self.beats, jobs.BEAT),
        ):
            for place, each in enumerate(group):
                if each.ended() is not None:
                    self.ended_by_themselves += 1
                    group[place] = self.start(name)

    def dismiss(self) -> None:
        """End workers and beats in order."""
        everyone = [*self.beats, *self.workers, *self.senders]
        for each in everyone:
            each.ask_to_stop()
        for each in everyone:
            each.stop(patience=5)
        self.beats.clear()
        self.workers.clear()
        self.senders.clear()

    def close(self) -> None:
        """End everything that this rig started, but the servers it was given."""
        self.dismiss()
        for each in self.webs:
            each.stop(patience=5)
        self.provider.stop()

    # --- breaking ---

    def kill_senders(self) -> None:
        """Without warning, with all their children."""
        for each in self.senders:
            kill(each)
        self.senders.clear()

    def kill_a_child(self) -> None:
        """One process of a sender's pool, as an out-of-memory killer would."""
        os.kill(children_of(self.senders[0].process.pid)[0], signal.SIGKILL)

    def empty_the_broker(self) -> None:
        """Kill it, lose all it had, start it again."""
        kill(self.broker.child)
        for left in ("appendonlydir", "dump.rdb"):
            path = self.broker.folder / left
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        self.broker.start()

    def restart_the_database(self) -> None:
        """Kill it, with every connection, and start it again: it recovers what was committed.

        Where the server is not ours, only every connection to this database is cut off.
        """
        if self.postgres is None:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            return
        connection.close()
        os.kill(self.postgres.child.process.pid, signal.SIGQUIT)
        self.postgres.child.process.wait()
        time.sleep(0.5)
        self.postgres.start()

    def behave(self, channel: str, **how: Any) -> None:
        """From now on the provider of this channel behaves so; it reports if it is such a morning."""
        reports = {"reports": self.with_reports} if channel == TEXT else {}
        self._ask("PUT", f"/{channel}", json.dumps(asdict(Behavior(**reports, **how))))

    # --- looking ---

    def state(self) -> dict[str, Any]:
        """All that the provider counts."""
        return self._ask("GET", "/")

    def hanging(self, channel: str) -> list[str]:
        """To whom the tries are that the provider holds without an answer."""
        return [*self.state()["hanging"][channel]]

    def unanswered(self, channel: str) -> list[str]:
        """To whom the tries were that the provider never answered."""
        return [*self.state()["unanswered"][channel]]

    def tries(self, channel: str) -> int:
        """How often the provider was asked."""
        return int(self.state()["tries"].get(channel, 0))

    def reports(self) -> Counter[str]:
        """How the reports of texts were answered: how many of them in which way; 0 is by nobody."""
        return Counter(self.state()["reports"])

    def taken(self) -> list[Taken]:
        """All that the provider took, in its order."""
        return [Taken(**each) for each in self._ask("GET", "/taken")["taken"]]

    def until(self, what: Callable[[], T], why: str, patience: float = PATIENCE) -> T:
        """Wait for something. Raises Lost."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            with contextlib.suppress(OperationalError):  # a database that is just being started
                if found := what():
                    return found
            if not connection.in_atomic_block:  # a test's
                connection.close_if_unusable_or_obsolete()
            self.start_again()
            time.sleep(0.05)
        raise Lost(f"waited {patience:.0f} s for {why}")

    def settled(self, promised: Promised, patience: float = PATIENCE) -> None:
        """Wait until nothing of it waits or is in a worker's hands, and no try is open. Raises Lost.

        What was called off while it was leaving is told as sent when its try ends.
        """
        waiting = Reminder.objects.filter(pk__in=promised.ids).waiting()
        leaving = DeliveryAttempt.objects.filter(reminder__in=promised.ids, outcome=DeliveryAttempt.Outcome.STARTED)
        self.until(lambda: not waiting.exists() and not leaving.exists(), "all to be sent or explained", patience)

    def all_reported(self, promised: Promised, patience: float = PATIENCE) -> None:
        """Wait until the provider has nothing more to report, and all that it did is read. Raises Lost."""
        unread = DeliveryReceipt.objects.filter(handled_at=None)
        self.until(lambda: not self.state()["under_way"] and not unread.exists(), "all reports to be read", patience)
        self.settled(promised, patience)  # one that was not delivered goes on

    def sent(self, promised: Promised, number: int) -> None:
        """Wait until so many of it are sent. Raises Lost."""
        done = Reminder.objects.filter(Q(pk__in=promised.ids), state=Reminder.State.SENT)
        self.until(lambda: done.count() >= number, f"{number} to be sent")

    def let_pass(self, span: datetime.timedelta, *, rate: float | None = None) -> None:
        """Wait until the clock has gone on so far, at another rate if given."""
        before, goal = self.clock.rate, self.clock.now() + span
        self.clock.set(rate=rate or before)
        while self.clock.now() < goal:
            self.start_again()
            time.sleep(0.02)
        self.clock.set(rate=before)

    def _ask(self, method: str, path: str, body: str = "") -> dict[str, Any]:
        line = http.client.HTTPConnection("127.0.0.1", self.ports["control"], timeout=30)
        try:
            line.request(method, path, body)
            return dict(json.loads(line.getresponse().read()))
        finally:
            line.close()


def kill(child: Child) -> None:
    """A process and all that it started, at once."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.process.pid, signal.SIGKILL)
    child.process.wait()
    child.note.unlink(missing_ok=True)


def children_of(pid: int) -> list[int]:
    """The processes that this one forked."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # ended meanwhile
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(stat.parent.name))
    return sorted(found)


@contextlib.contextmanager
def rig(folder: Path, **parts: Any) -> Iterator[Rig]:
    """A rig that is taken down again, whatever happens."""
    made = Rig(folder, **parts)
    try:
        yield made
    finally:
        made.close()
