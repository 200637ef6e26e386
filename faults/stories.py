"""The faults, one story each: promise, break, mend where a person would, and see what became of the promises."""

from __future__ import annotations

import datetime
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from django.utils import timezone

from faults.promises import Promised, promise, take_back_consent
from faults.provider import EMAIL, PLAIN, TEXT, Taken
from faults.rig import PATIENCE, Lost, Rig
from faults.verdict import IN_DOUBT, Row, heard, judge, must_go
from reminders import heartbeats
from reminders.models import ChannelPause, DeliveryAttempt, Reminder

MINUTE = datetime.timedelta(minutes=1)
HOUR = 60 * MINUTE
SLOW = datetime.timedelta(seconds=15)
TOO_SLOW = datetime.timedelta(seconds=25)  # longer than TWILIO_TIMEOUT


@dataclass(frozen=True)
class Fault:
    """One story, told once for each of its providers."""

    name: str
    words: str
    tell: Callable[[Scene], None]
    channels: tuple[str, ...] = (EMAIL,)
    reports: bool = False  # the provider of texts reports what became of them

    def has_reports(self, channel: str) -> bool:
        """Whether this provider reports what became of its messages in this story."""
        return self.reports and channel == TEXT

    def run(self, rig: Rig, channel: str) -> Row:
        """Tell it, and fill in its row. What stays away for too long is what is wrong with it."""
        row = Row(self.words, channel, reports=self.has_reports(channel))
        scene = Scene(rig, row, channel)
        try:
            self.tell(scene)
            scene.all_told()
        except Lost as error:
            row.wrong.append(str(error))
        scene.judged()
        return row


class Scene:
    """A morning at the clinic."""

    def __init__(self, rig: Rig, row: Row, channel: str) -> None:
        rig.new_morning(mail=PLAIN if channel == PLAIN else EMAIL, reports=row.reports)
        self.rig, self.row, self.channel = rig, row, channel
        self.began, self.before, self.ended = time.monotonic(), len(rig.taken()), rig.ended_by_themselves
        self.reported = rig.reports()
        self.promised = Promised()
        self.in_doubt = self.but = 0

    @property
    def way(self) -> str:
        """The product's own name for the channel."""
        return EMAIL if self.channel == PLAIN else self.channel

    def promise(self, *, clients: int = 30, staff: int = 10, **more: datetime.timedelta) -> None:
        """More promises; the time of the row runs from the first."""
        if not self.promised.ids:
            self.began = time.monotonic()
        made = promise(self.rig.house, channel=self.way, clients=clients, staff=staff, **more)
        self.promised.ids += made.ids
        self.promised.to |= made.to
        self.promised.not_to_go += made.not_to_go

    def until_one_hangs(self) -> None:
        """Wait until the provider holds a promised message: it may hold an email to staff, which is none, as well."""
        self.rig.until(
            lambda: any(to in self.promised.to for to in self.rig.hanging(self.channel)),
            "a sender to reach the provider",
        )

    def unanswered(self) -> list[str]:
        """To whom those of the promised messages were that the provider never answered."""
        return [to for to in self.rig.unanswered(self.channel) if to in self.promised.to]

    def killed_on_the_way(self) -> None:
        """Senders were killed: a try that had begun may not have got as far as the provider, which nobody can know."""
        if self.channel == PLAIN:
            begun = DeliveryAttempt.objects.filter(
                reminder__in=self.promised.ids, channel=self.way, outcome=DeliveryAttempt.Outcome.STARTED
            )
            self.in_doubt += begun.exclude(contact_value__in=self.unanswered()).count()

    def taken(self) -> list[Taken]:
        """What the provider took in this scene."""
        return self.rig.taken()[self.before :]

    def all_told(self) -> None:
        """The story is at its end, but for the last reports. Raises Lost."""
        self.row.seconds = time.monotonic() - self.began
        if self.row.reports:
            self.rig.all_reported(self.promised)

    def judged(self) -> None:
        """What became of them."""
        self.row.seconds = self.row.seconds or time.monotonic() - self.began
        if self.channel == PLAIN:  # it drops nothing and can't be asked: a person is told of each it never answered
            self.in_doubt += len(self.unanswered())
        taken = self.taken()
        judge(self.row, self.promised, taken, may_be_in_doubt=self.in_doubt)
        if self.row.reports:
            heard(self.row, self.promised, taken, self.rig.reports() - self.reported)
        must_go(self.row, self.promised, but=self.but + self.in_doubt)
        if ended := self.rig.ended_by_themselves - self.ended:
            self.row.remark += "; " * bool(self.row.remark)
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
    scene.until_one_hangs()
    rig.kill_senders()
    scene.killed_on_the_way()
    rig.behave(scene.channel)
    rig.staff_everything()
    rig.settled(scene.promised)


def pool_child_killed(scene: Scene) -> None:
    """The system kills one process of a sender's pool, in the middle of a message that the provider has taken."""
    rig = scene.rig
    rig.staff_everything()
    rig.behave(scene.channel, silent_after=1)
    scene.promise()
    scene.until_one_hangs()
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
    """The provider takes every third message and does not say so in time. One that can be asked says it has them."""
    scene.rig.staff_everything()
    scene.rig.behave(scene.channel, silent_after=3)
    scene.promise(clients=12, staff=4)
    scene.rig.settled(scene.promised)


def revoked_in_doubt(scene: Scene) -> None:
    """As before, and whose text it was takes back their consent before the provider is asked: it may not be.

    A person is told that it may have arrived. The reports come later, and say that it did.
    """
    rig = scene.rig
    rig.staff_everything()
    rig.behave(scene.channel, silent_after=3, holds_reports=True)
    scene.promise(clients=12, staff=0)
    tries = DeliveryAttempt.objects.filter(reminder__in=scene.promised.ids)
    known = tries.exclude(outcome=DeliveryAttempt.Outcome.STARTED)
    rig.until(lambda: known.count() == 12, "12 tries to end")
    in_doubt = {scene.promised.to[to] for to in scene.unanswered()}
    take_back_consent(rig.house, in_doubt)
    rig.settled(scene.promised)
    meanwhile = Row(scene.row.fault, scene.channel)
    judge(meanwhile, scene.promised, scene.taken(), may_be_in_doubt=len(in_doubt))
    scene.row.wrong += meanwhile.wrong
    if not in_doubt or meanwhile.reasons[IN_DOUBT] != len(in_doubt):
        scene.row.wrong.append(f"{meanwhile.reasons[IN_DOUBT]} were left in doubt, and it had to be {len(in_doubt)}")
    rig.behave(scene.channel)
    scene.row.remark = f"until the reports came, {len(in_doubt)} were explained: they may have arrived"


def failed_later(scene: Scene) -> None:
    """It takes every other text and does not deliver it: at first found by asking, where no answer came; then reported.

    Half of those to whom it was may be reached by email, for the others a person has a task.
    """
    rig = scene.rig
    rig.staff_everything()
    rig.behave(scene.channel, silent_after=3, fails_every=2, holds_reports=True)
    scene.promise(clients=12, staff=0, by_email_too=6)
    rig.settled(scene.promised)
    asked = DeliveryAttempt.objects.filter(
        reminder__in=scene.promised.ids, outcome=DeliveryAttempt.Outcome.ASKED, detail__startswith="not delivered"
    ).count()
    rig.behave(scene.channel, fails_every=2)
    scene.promise(clients=12, staff=0, by_email_too=6)
    rig.settled(scene.promised)
    rig.all_reported(scene.promised)
    failed = [each.to for each in scene.taken() if each.is_failed]
    reached = Counter(scene.promised.to.values())  # twice: by email, too
    scene.but = sum(reached[scene.promised.to[to]] == 1 for to in failed)
    scene.row.remark = f"{len(failed)} were taken and not delivered: {asked} found by asking, the others reported"
    if not asked or asked == len(failed) or not 0 < scene.but < len(failed):
        scene.row.wrong.append("not every kind of failure came up")


def slow_provider(scene: Scene) -> None:
    """15 seconds for each message, of the same clock that the lease goes by."""
    scene.rig.staff_everything(senders=2)
    scene.rig.behave(scene.channel, delay=SLOW.total_seconds() / scene.rig.clock.rate)
    scene.promise()
    scene.rig.settled(scene.promised)


def slower_than_anyone_waits(scene: Scene) -> None:
    """25 seconds for each: every try is given up, its message is taken a little later, and found by asking."""
    scene.rig.staff_everything()
    scene.rig.behave(scene.channel, delay=TOO_SLOW.total_seconds() / scene.rig.clock.rate)
    scene.promise(clients=8, staff=0)
    scene.rig.settled(scene.promised, patience=2 * PATIENCE)


def provider_down(scene: Scene) -> None:
    """Nobody listens for three hours. What is of use for an hour only is told to a person."""
    rig = scene.rig
    rig.staff_everything()
    rig.behave(scene.channel, is_down=True)
    scene.promise(clients=20, staff=10 if scene.channel == EMAIL else 0)
    scene.promise(clients=8, staff=0, of_use=HOUR)
    scene.but = 8
    rig.let_pass(3 * HOUR, rate=240)
    _comes_back(scene)


def packets_dropped(scene: Scene) -> None:
    """Packets to the provider vanish for half an hour: no try gets as far as a connection, and none is refused.

    What never left is in doubt nowhere, not even where nobody could be asked: all goes out.
    """
    rig = scene.rig
    rig.staff_everything()
    rig.behave(scene.channel, swallows=True)
    before = rig.tries(scene.channel)
    scene.promise(clients=12, staff=4)
    rests = ChannelPause.objects.filter(channel=scene.way)
    rig.until(lambda: rests.filter(until__gt=timezone.now()).exists(), "the channel to rest")
    rig.let_pass(HOUR / 2, rate=240)
    if got_through := rig.tries(scene.channel) - before:
        scene.row.wrong.append(f"{got_through} tries reached a provider that nobody could reach")
    _comes_back(scene)


def _comes_back(scene: Scene) -> None:
    """The provider is in order again. By then tries are up to an hour apart: the clock runs still faster."""
    rig = scene.rig
    rig.behave(scene.channel)
    rig.clock.set(rate=120)
    try:
        rig.settled(scene.promised)
    finally:
        rig.clock.set(rate=rig.of_settings.rate)


def busy_and_broken(scene: Scene) -> None:
    """429 with Retry-After: 120 at first, then 500 at every third try (421 and 451 by SMTP, which knows no wait).

    By Twilio's own words a text may have been taken at a 500: every other was.
    """
    rig = scene.rig
    rig.staff_everything()
    is_text = scene.channel == TEXT
    rig.behave(scene.channel, answers=[429] * 3, retry_after=120, refuse_every=3, takes_some_refused=is_text)
    scene.promise(clients=12, staff=4)
    rig.until(lambda: rig.tries(scene.channel) > 0, "the provider to be asked")
    rig.let_pass(5 * MINUTE)
    rig.clock.set(rate=60)  # the retries of a retry are 10 and 30 minutes later
    try:
        rig.settled(scene.promised)
    finally:
        rig.clock.set(rate=rig.of_settings.rate)


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
    Fault("nothing", "Nothing breaks", nothing_breaks, (EMAIL, TEXT), reports=True),
    Fault(
        "kill-before-accept", "Sender killed before the provider accepts", killed_before_it_was_accepted, (EMAIL, TEXT)
    ),
    Fault(
        "kill-after-accept",
        "Sender killed between accept and commit",
        killed_between_accept_and_commit,
        (EMAIL, TEXT, PLAIN),
        reports=True,
    ),
    Fault("pool-child", "Process of a sender's pool killed after accept", pool_child_killed, (EMAIL, TEXT)),
    Fault("broker", "Broker killed and emptied", broker_killed_and_emptied),
    Fault("database", "Database restarted under the workers", database_restarted, (EMAIL, TEXT), reports=True),
    Fault("two-beats", "Two beats, two senders", two_beats, (EMAIL, TEXT)),
    Fault("twice", "Every task delivered twice", every_task_twice, (EMAIL, TEXT)),
    Fault(
        "time-out",
        "Time-out after the provider accepted",
        time_out_after_accept,
        (EMAIL, TEXT, PLAIN),
        reports=True,
    ),
    Fault(
        "revoked-in-doubt",
        "Time-out after accept, and the consent revoked before the provider is asked",
        revoked_in_doubt,
        (TEXT,),
        reports=True,
    ),
    Fault("failed-later", "The provider takes it and fails it later", failed_later, (TEXT,), reports=True),
    Fault("slow", "Provider takes 15 s for each", slow_provider, (EMAIL, TEXT)),
    Fault("too-slow", "Provider takes 25 s, and nobody waits so long", slower_than_anyone_waits, (TEXT,), reports=True),
    Fault("down", "Provider down for 3 hours", provider_down, (EMAIL, TEXT)),
    Fault("dropped-packets", "Packets to the provider dropped", packets_dropped, (PLAIN, TEXT)),
    Fault("busy", "429 with Retry-After, then 500 now and then", busy_and_broken, (TEXT, EMAIL)),
    Fault("clock", "Clock set forward 3 hours, and back", clock_forward_and_back),
    Fault("backlog", "Backlog of 20,000", backlog),
]
