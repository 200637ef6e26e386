"""The faults, one story each: promise, break, mend where a person would, and see what became of the promises."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.utils import timezone

from faults.promises import Promised, promise
from faults.provider import DROPS_DOUBLES, EMAIL, TEXT
from faults.rig import Lost, Rig
from faults.verdict import Row, judge, must_go
from reminders import heartbeats
from reminders.models import Reminder

MINUTE = datetime.timedelta(minutes=1)
HOUR = 60 * MINUTE
SLOW = datetime.timedelta(seconds=15)


@dataclass(frozen=True)
class Fault:
    """One story, told once for each of its channels."""

    name: str
    words: str
    tell: Callable[[Scene], None]
    channels: tuple[str, ...] = (EMAIL,)

    def run(self, rig: Rig, channel: str) -> Row:
        """Tell it, and fill in its row. What stays away for too long is what is wrong with it."""
        row = Row(self.words, channel)
        scene = Scene(rig, row, channel)
        try:
            self.tell(scene)
        except Lost as error:
            row.wrong.append(str(error))
        scene.judged()
        return row


class Scene:
    """A morning at the clinic."""

    def __init__(self, rig: Rig, row: Row, channel: str) -> None:
        rig.new_morning()
        self.rig, self.row, self.channel = rig, row, channel
        self.began, self.before, self.ended = time.monotonic(), len(rig.taken()), rig.ended_by_themselves
        self.unanswered = rig.unanswered(channel)
        self.promised = Promised()
        self.in_doubt = self.but = 0

    @property
    def keeps_keys(self) -> bool:
        """Whether the provider drops a second message with the same key."""
        return DROPS_DOUBLES[self.channel]

    def promise(self, *, clients: int = 30, staff: int = 10, **more: datetime.timedelta) -> None:
        """More promises; the time of the row runs from the first."""
        if not self.promised.ids:
            self.began = time.monotonic()
        made = promise(self.rig.house, channel=self.channel, clients=clients, staff=staff, **more)
        self.promised.ids += made.ids
        self.promised.not_to_go += made.not_to_go

    def judged(self) -> None:
        """What became of them."""
        self.row.seconds = time.monotonic() - self.began
        if not self.keeps_keys:  # each that the provider left without an answer may have arrived: a person is told
            self.in_doubt += self.rig.unanswered(self.channel) - self.unanswered
        judge(self.row, self.promised, self.rig.taken()[self.before :], may_be_in_doubt=self.in_doubt)
        must_go(self.row, self.promised, but=self.but + self.in_doubt)
        if ended := self.rig.ended_by_themselves - self.ended:
            self.row.remark += f"{ended} of the worker processes ended by themselves and were started again"


def nothing_breaks(scene: Scene) -> None:
    """The measure of all others."""
    scene.rig.staff_everything()
    scene.promise()
    scene.rig.settled(scene.promised)


def killed_before_it_was_accepted(scene: Scene) -> None:
    """A sender dies while it waits for the provider, which has taken nothing."""
    scene.rig.staff_everything()
    scene.rig.behave(scene.channel, silent_before=True)
    scene.promise()
    _kill_while_it_hangs(scene)


def killed_between_accept_and_commit(scene: Scene) -> None:
    """A sender dies after the provider took a message and before that is on record."""
    scene.rig.staff_everything()
    scene.rig.behave(scene.channel, silent_after=1)
    scene.promise()
    _kill_while_it_hangs(scene)


def _kill_while_it_hangs(scene: Scene) -> None:
    rig = scene.rig
    rig.until(lambda: rig.hanging(scene.channel), "a sender to reach the provider")
    rig.kill_senders()
    rig.behave(scene.channel)
    rig.staff_everything()
    rig.settled(scene.promised)


def pool_child_killed(scene: Scene) -> None:
    """The system kills one process of a sender's pool, in the middle of a message that the provider has taken."""
    rig = scene.rig
    rig.staff_everything()
    rig.behave(scene.channel, silent_after=1)
    scene.promise()
    rig.until(lambda: rig.hanging(scene.channel), "a sender to reach the provider")
    rig.kill_a_child()
    rig.behave(scene.channel)
    rig.settled(scene.promised)


def broker_killed_and_emptied(scene: Scene) -> None:
    """All that the broker held is gone, and every connection to it, while messages leave."""
    rig = scene.rig
    rig.staff_everything()
    rig.behave(scene.channel, delay=0.1)
    scene.promise()
    rig.sent(scene.promised, 10)
    rig.empty_the_broker()
    rig.settled(scene.promised)
    scene.promise()  # and everything goes on
    rig.settled(scene.promised)


def database_restarted(scene: Scene) -> None:
    """The database goes away under everyone who uses it, and comes back."""
    rig = scene.rig
    rig.staff_everything()
    rig.behave(scene.channel, delay=0.1)
    scene.promise()
    rig.sent(scene.promised, 10)
    if not scene.keeps_keys:
        scene.in_doubt = 2  # one for each process: taken, and the database was not there to hear of it
    rig.restart_the_database()
    rig.settled(scene.promised)
    scene.promise()
    rig.settled(scene.promised)


def two_beats(scene: Scene) -> None:
    """Somebody started beat twice, and two senders."""
    scene.rig.staff_everything(senders=2, beats=2)
    scene.promise()
    scene.promise(due_in=2 * MINUTE)
    scene.rig.settled(scene.promised)


def every_task_twice(scene: Scene) -> None:
    """The broker delivers each task twice."""
    scene.rig.staff_everything(senders=2, is_doubled=True)
    scene.promise()
    scene.promise(due_in=2 * MINUTE)
    scene.rig.settled(scene.promised)


def time_out_after_accept(scene: Scene) -> None:
    """The provider takes every third message and does not say so in time."""
    scene.rig.staff_everything()
    scene.rig.behave(scene.channel, silent_after=3)
    scene.promise(clients=12, staff=4)
    scene.rig.settled(scene.promised)


def slow_provider(scene: Scene) -> None:
    """15 seconds for each message, of the same clock that the lease goes by."""
    scene.rig.staff_everything(senders=2)
    scene.rig.behave(scene.channel, delay=SLOW.total_seconds() / scene.rig.clock.rate)
    scene.promise()
    scene.rig.settled(scene.promised)


def provider_down(scene: Scene) -> None:
    """Nobody listens for three hours. What is of use for an hour only is told to a person."""
    rig = scene.rig
    rig.staff_everything()
    rig.behave(scene.channel, is_down=True)
    scene.promise(clients=20, staff=10 if scene.channel == EMAIL else 0)
    scene.promise(clients=8, staff=0, of_use=HOUR)
    scene.but = 8
    rig.let_pass(3 * HOUR, rate=240)
    rig.behave(scene.channel)
    rig.clock.set(rate=120)
    try:
        rig.settled(scene.promised)
    finally:
        rig.clock.set(rate=rig.of_settings[0])


def busy_and_broken(scene: Scene) -> None:
    """429 with Retry-After: 120 at first, then 500 at every third try (421 and 451 by SMTP, which knows no wait)."""
    rig = scene.rig
    rig.staff_everything()
    rig.behave(scene.channel, answers=[429] * 3, retry_after=120, refuse_every=3)
    scene.promise(clients=12, staff=4)
    rig.until(lambda: rig.tries(scene.channel) > 0, "the provider to be asked")
    rig.let_pass(5 * MINUTE)
    rig.clock.set(rate=60)  # the retries of a retry are 10 and 30 minutes later
    try:
        rig.settled(scene.promised)
    finally:
        rig.clock.set(rate=rig.of_settings[0])


def clock_forward_and_back(scene: Scene) -> None:
    """Every clock jumps three hours ahead, and back; then messages are due as always."""
    rig = scene.rig
    rig.staff_everything()
    rig.behave(scene.channel, delay=0.1)
    scene.promise()
    rig.sent(scene.promised, 5)
    rig.clock.jump(3 * HOUR)
    rig.settled(scene.promised)
    rig.clock.jump(-3 * HOUR)
    scene.promise()
    rig.let_pass(8 * MINUTE)
    if late := Reminder.objects.filter(pk__in=scene.promised.ids).waiting().count():
        told = any(each.is_silent for each in heartbeats.pulses(timezone.now()))
        said = "says so" if told else "says all is well"
        scene.row.wrong.append(f"{late} wait 8 minutes later; /health/jobs/ {said}")
    rig.settled(scene.promised)


def backlog(scene: Scene) -> None:
    """20,000 are due at once, half of them to clients (2,000 with --quick). The clock runs as always."""
    rig = scene.rig
    number = 2_000 if rig.is_quick else 20_000
    rig.staff_everything(senders=1, rate=1.0)
    rig.until(lambda: not any(each.is_silent for each in heartbeats.pulses(timezone.now())), "everyone to be there")
    scene.promise(clients=number // 2, staff=number - number // 2)
    rig.settled(scene.promised, patience=1800)
    scene.row.remark = f"{number / (time.monotonic() - scene.began):.0f} a second"


FAULTS = [
    Fault("nothing", "Nothing breaks", nothing_breaks, (EMAIL, TEXT)),
    Fault(
        "kill-before-accept", "Sender killed before the provider accepts", killed_before_it_was_accepted, (EMAIL, TEXT)
    ),
    Fault(
        "kill-after-accept", "Sender killed between accept and commit", killed_between_accept_and_commit, (EMAIL, TEXT)
    ),
    Fault("pool-child", "Process of a sender's pool killed after accept", pool_child_killed, (EMAIL, TEXT)),
    Fault("broker", "Broker killed and emptied", broker_killed_and_emptied),
    Fault("database", "Database restarted under the workers", database_restarted, (EMAIL, TEXT)),
    Fault("two-beats", "Two beats, two senders", two_beats),
    Fault("twice", "Every task delivered twice", every_task_twice),
    Fault("time-out", "Time-out after the provider accepted", time_out_after_accept, (EMAIL, TEXT)),
    Fault("slow", "Provider takes 15 s for each", slow_provider, (EMAIL, TEXT)),
    Fault("down", "Provider down for 3 hours", provider_down, (EMAIL, TEXT)),
    Fault("busy", "429 with Retry-After, then 500 now and then", busy_and_broken, (TEXT, EMAIL)),
    Fault("clock", "Clock set forward 3 hours, and back", clock_forward_and_back),
    Fault("backlog", "Backlog of 20,000", backlog),
]
